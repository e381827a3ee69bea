"""What goes on after a re-reading: backups and their restoring, the report, articles that go, come back and change."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from sabah.storage.ledger import Ledger
from tests.rereading.crawled import DATE, PAGES, TEXT, URLS, made, output, records, reparse
from tests.rereading.older import key, newest, scrapy
from tests.running import Crawl, Page, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["made", "output"]

NOW: dict[str, Page] = {
    **PAGES,
    "/world/two/news": article("Two, corrected", DATE, body=TEXT),
    "/world/gone/news": 410,
}
FIFTH, SIXTH = "2021-09-20T12:00:00+03:00", "2021-09-25T12:00:00+03:00"


def revisit(output: Path, at: str, **pages: Page) -> Crawl:
    """The site as it was crawled last, but for these pages."""
    with SmallSite({**NOW, **{f"/world/{name}/news": page for name, page in pages.items()}}) as site:
        done = crawl("revisit", output=output, origin=site.origin, SABAH_NOW=at)
    assert done.code == 0, done.err
    return done


def of(output: Path, name: str) -> list[dict[str, Any]]:
    return sorted((one for one in records(output) if one["url"] == URLS[name]), key=key)


def test_a_backup_holds_the_readings_and_is_read_again_itself(output: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert scrapy(output, "backup", str(copy)).returncode == 0
    reparse(output)
    done = scrapy(output, "backup", str(copy))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(records(copy), key=key) == sorted(records(output), key=key)
    assert reparse(copy).startswith("reparse: no_new: 0 readings written, 6 unchanged")
    assert scrapy(copy, "diff", URLS["two"]).stdout == scrapy(output, "diff", URLS["two"]).stdout != ""
    assert scrapy(copy, "status").stdout.splitlines()[0] == scrapy(output, "status").stdout.splitlines()[0]


def test_a_backup_from_before_gives_the_same_readings(output: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert scrapy(output, "backup", str(copy)).returncode == 0
    for folder in (output, copy):
        reparse(folder)
    same = [[{**one, "crawl_id": None} for one in sorted(records(folder), key=key)] for folder in (output, copy)]
    assert same[0] == same[1]


def test_a_report_counts_readings_as_no_articles(output: Path) -> None:
    before = scrapy(output, "report")
    assert before.returncode == 0, before.stderr
    reparse(output)
    done = scrapy(output, "report")
    assert (done.returncode, done.stderr) == (0, "")
    page = (output / "report.html").read_text("utf-8")
    assert 'id="total-articles" data-number="5"' in page
    assert 'id="total-lines" data-number="7"' in page
    assert 'id="total-withdrawn" data-number="1"' in page


def test_what_goes_after_a_reading_is_withdrawn_as_it_was_read_last(output: Path) -> None:
    reparse(output)
    revisit(output, FIFTH, one=410)
    revisit(output, SIXTH, one=410)
    first, second, withdrawn = of(output, "one")
    assert [key(one)[1:] for one in (first, second, withdrawn)] == [(1, 1), (1, 2), (2, 1)]
    assert withdrawn["withdrawn_at"].startswith("2021-09-25")
    assert withdrawn["body"] == second["body"] != first["body"]
    assert reparse(output, SABAH_NOW=SIXTH).startswith("reparse: no_new: 0 readings written")


def test_what_was_withdrawn_and_read_again_comes_back_as_a_revision(output: Path) -> None:
    reparse(output)
    assert [key(one)[1:] for one in of(output, "gone")] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    with SmallSite({**NOW, "/world/gone/news": article("Gone", DATE, body=TEXT)}) as site:
        line = URLS["gone"] + "\n"
        done = crawl("addresses", "-a", "file=-", stdin=line, output=output, origin=site.origin, SABAH_NOW=FIFTH)
    assert done.code == 0, done.err
    back = of(output, "gone")
    assert [key(one)[1:] for one in back] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
    assert (back[-1]["withdrawn_at"], back[-1]["body"]) == (None, back[1]["body"])
    assert reparse(output, SABAH_NOW=SIXTH).startswith("reparse: no_new: 0 readings written")


def test_an_article_of_a_page_once_refused_is_crawled_on_like_others(output: Path) -> None:
    assert "1 article of pages once refused" in reparse(output)
    with SmallSite({**NOW, "/politics/why/news": article("Why not?", DATE, body=TEXT)}) as site:
        done = crawl("revisit", output=output, origin=site.origin, SABAH_NOW=FIFTH)
    assert done.code == 0, done.err
    assert [(one["revision"], one["reading"], one["headline"]) for one in of(output, "why")] == [
        (1, 1, "Why?"),
        (2, 1, "Why not?"),
    ]
    assert newest(records(output))[URLS["why"]]["revision"] == 2
    with closing(Ledger.read(output)) as ledger:
        assert ledger.one("SELECT state FROM addresses WHERE url = ?", URLS["why"]) == ("done",)
    times = [one["fetched_at"] for one in Crawl(0, "", "", output).rejected if one["url"] == URLS["why"]]
    assert len(set(times)) == len(times), "refused as often as it was due"
