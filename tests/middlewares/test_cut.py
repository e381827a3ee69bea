"""Pages that came without their end: asked for again, then taken with a mark, and nothing that is stored is lost by them."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from sabah.storage.ledger import Ledger
from tests.rereading.older import scrapy
from tests.running import SITE, Crawl, crawl
from tests.scripted import Answer, ScriptedSite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ONE: Final = "/world/one/news"
URL: Final = SITE + ONE
FIRST, SECOND, THIRD = "2021-09-14T12:00:00+03:00", "2021-09-14T18:00:00+03:00", "2021-09-16T12:00:00+03:00"


def page(headline: str = "Ferry timetable", body: str = "Ferries leave every forty minutes.", *words: str) -> str:
    """A page with keywords, a last update and a card behind its text."""
    return (
        f"<html><head><title>{headline}</title></head><body><div class='top_title_widget'><h1 class='main_page_title'>{headline}</h1></div>"
        "<div class='left_mobile_details'><span>by Ada Lorn</span><span>Sep 14, 2021 - 10:51 am GMT+3</span></div>"
        f"<div class='article_body'><p>{body}</p></div><p>Last Update: <span>Sep 14, 2021 11:30 am</span></p>"
        f"<div><b>Keywords</b> {' '.join(f'<a href=/k/{one}>{one}</a>' for one in words or ('ferry', 'tarn'))}</div>"
        f"<div><h2>RECOMMENDED</h2><div class='widget_content'><h3><a href='/world/two/news'>Card</a></h3></div></div></body></html>"
    )


def cut(whole: str, at: str = "<p>Last Update") -> str:
    return whole[: whole.index(at)]


def closed(body: str) -> Answer:
    """Without a length: the end of the connection is the end of the page."""
    return Answer(body, headers={"Content-Length": ""})


def short(body: str) -> Answer:
    """With the length of what was left of it, as a proxy sends that has cut it itself."""
    return Answer(body)


def too_short(whole: str, at: str = "<p>Last Update") -> Answer:
    """The whole page, and a length that is less."""
    return Answer(whole, headers={"Content-Length": str(whole.encode().index(at.encode()))})


def in_chunks(body: str) -> Answer:
    """One chunk, and the last one missing."""
    data = b"%x\r\n%b\r\n" % (len(body.encode()), body.encode())
    return Answer(data, headers={"Content-Length": "", "Transfer-Encoding": "chunked"})


def packed(whole: str) -> Answer:
    return Answer(gzip.compress(whole.encode())[:-40], headers={"Content-Length": "", "Content-Encoding": "gzip"})


WHOLE: Final = page()
CUTS: Final = {"closed": closed(cut(WHOLE)), "short": short(cut(WHOLE)), "too short": too_short(WHOLE)}


def looks(output: Path, *scripts: Sequence[Answer]) -> tuple[list[Crawl], list[list[str]]]:
    """One look for each script: the first by its address, further ones when they are due; and what was asked at each."""
    done, asked = [], []
    for number, (script, at) in enumerate(zip(scripts, (FIRST, SECOND, THIRD), strict=False)):
        args = ("revisit",) if number else ("addresses", "-a", f"url={URL}")
        with ScriptedSite({ONE: script}) as site:
            done.append(crawl(*args, output=output, origin=site.origin, SABAH_NOW=at))
        asked.append([one for one in site.paths if one == ONE])
    return done, asked


def lost(record: dict[str, Any]) -> list[str]:
    """What a cut page would lose of WHOLE."""
    kept = {
        "keywords": ["ferry", "tarn"],
        "modified_raw": "Sep 14, 2021 11:30 am",
        "related": [f"{SITE}/world/two/news"],
    }
    return [name for name, value in kept.items() if record[name] != value]


def reparsed(output: Path) -> str:
    done = scrapy(output, "reparse", "--dry-run")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("how", CUTS)
def test_a_page_cut_behind_its_text_is_asked_for_again(how: str, tmp_path: Path) -> None:
    """scrapy/scrapy#4120: an answer without a length that ends early is handed on as if it were whole."""
    (done,), (asked,) = looks(tmp_path, [CUTS[how], CUTS[how], Answer(WHOLE)])
    (record,) = done.articles
    assert (done.code, len(asked), lost(record), record["marks"]) == (0, 3, [], []), done.err


@pytest.mark.parametrize("how", CUTS)
def test_after_three_times_it_is_taken_with_a_mark_and_the_whole_one_is_a_revision(how: str, tmp_path: Path) -> None:
    done, asked = looks(tmp_path, [CUTS[how]], [Answer(WHOLE)], [Answer(WHOLE)])
    first, second = done[-1].articles
    assert [one.code for one in done] == [0, 0, 0], done[0].err
    assert [len(one) for one in asked] == [3, 1, 1]
    assert (first["marks"], lost(first)) == (["answer_cut"], ["keywords", "modified_raw", "related"])
    assert (second["marks"], lost(second), second["revision"]) == ([], [], 2)
    assert f"Taken without its end, which did not come: {URL}" in done[0].err
    assert reparsed(tmp_path).startswith("reparse: no_new: 0 readings to write, 2 unchanged")


@pytest.mark.parametrize("how", CUTS)
def test_a_cut_page_of_a_stored_article_is_no_revision(how: str, tmp_path: Path) -> None:
    done, asked = looks(tmp_path, [Answer(WHOLE)], [CUTS[how]], [Answer(WHOLE)])
    (record,) = done[-1].articles
    assert [one.code for one in done] == [0, 0, 0], done[1].err
    assert [len(one) for one in asked] == [1, 3, 1]
    assert (lost(record), record["marks"]) == ([], [])
    with closing(Ledger.read(tmp_path)) as ledger:
        assert ledger.one("SELECT json_array_length(targets) FROM links") == (1,), "what it named stands"


def test_a_cut_page_with_a_new_headline_keeps_what_has_not_come(tmp_path: Path) -> None:
    changed = page("Ferry timetable, corrected")
    done, _ = looks(tmp_path, [Answer(WHOLE)], [closed(cut(changed))], [Answer(changed)])
    first, second = done[-1].articles
    assert (first["headline"], second["headline"]) == ("Ferry timetable", "Ferry timetable, corrected")
    assert (lost(second), second["marks"], second["sources"]) == ([], ["answer_cut"], first["sources"])
    assert reparsed(tmp_path).startswith("reparse: no_new: 0 readings to write, 2 unchanged")


def test_a_line_of_a_cut_page_that_was_lost_is_rebuilt_with_what_it_had(tmp_path: Path) -> None:
    changed = page("Ferry timetable, corrected")
    done, _ = looks(tmp_path, [Answer(WHOLE)], [closed(cut(changed))])
    before = done[-1].articles
    for segment in tmp_path.glob("articles/*.jsonl"):
        segment.unlink()
    with ScriptedSite({}) as site:
        again = crawl("revisit", output=tmp_path, origin=site.origin, SABAH_NOW=SECOND)
    assert sorted(map(json.dumps, again.articles)) == sorted(map(json.dumps, before)), again.err


def test_a_cut_page_with_a_new_text_is_a_revision_and_one_with_the_beginning_of_it_is_none(tmp_path: Path) -> None:
    longer = page(body="Ferries leave every forty minutes.</p><p>The last one leaves at nine.")
    done, _ = looks(tmp_path, [Answer(WHOLE)], [closed(cut(longer))], [closed(cut(WHOLE))])
    assert [(one["revision"], lost(one), one["marks"]) for one in done[-1].articles] == [
        (1, [], []),
        (2, [], ["answer_cut"]),
    ]


def test_a_page_cut_amid_its_keywords_loses_none(tmp_path: Path) -> None:
    done, _ = looks(tmp_path, [Answer(WHOLE)], [closed(cut(page("Corrected"), " <a href=/k/tarn>"))])
    assert [lost(one) for one in done[-1].articles] == [[], []]


def test_a_cut_page_is_asked_for_without_a_condition_the_next_time(tmp_path: Path) -> None:
    """A newspaper that answers 304 to the date of a cut page would never send the rest."""
    modified = {"Last-Modified": "Tue, 14 Sep 2021 08:00:00 GMT"}
    for number, (answer, at) in enumerate([(closed(cut(WHOLE)), FIRST), (Answer(WHOLE), SECOND)]):
        sent = Answer(answer.body, headers={**answer.headers, **modified})
        with ScriptedSite({ONE: sent}) as site:
            args = ("revisit",) if number else ("addresses", "-a", f"url={URL}")
            crawl(*args, output=tmp_path, origin=site.origin, SABAH_NOW=at)
    with closing(Ledger.read(tmp_path)) as ledger:
        assert ledger.one("SELECT count(*), max(revision) FROM articles") == (2, 2)


@pytest.mark.parametrize(
    "answer", [in_chunks(cut(WHOLE)), packed(WHOLE), Answer(WHOLE, headers={"Content-Length": "99999"})]
)
def test_what_the_transport_says_is_cut_is_never_taken(answer: Answer, tmp_path: Path) -> None:
    done, asked = looks(tmp_path, [Answer(WHOLE)], [answer])
    assert (len(done[-1].articles), len(asked[1]), done[1].code) == (1, 3, 1), done[1].err


def test_whole_pages_without_a_length_are_asked_for_once(tmp_path: Path) -> None:
    changed = page("Ferry timetable", "Ferries leave every hour.", "harbor")
    done, asked = looks(tmp_path, [closed(WHOLE)], [closed(changed)])
    assert [one["keywords"] for one in done[-1].articles] == [["ferry", "tarn"], ["harbor"]]
    assert [len(one) for one in asked] == [1, 1]


def test_a_newspaper_whose_pages_have_no_end_any_more_is_not_asked_three_times_for_each(tmp_path: Path) -> None:
    paths = [f"/world/{number}/news" for number in range(12)]
    (file := tmp_path / "urls.txt").write_text("".join(f"{SITE}{path}\n" for path in paths))
    with ScriptedSite({path: page(f"Headline {path}")[: -len("</body></html>")] for path in paths}) as site:
        done = crawl(
            "addresses", "-a", f"file={file}", output=tmp_path / "output", origin=site.origin,
            settings=("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1"),
        )  # fmt: skip
    assert (done.code, len(done.articles)) == (0, 12), done.err
    assert 12 + 5 <= len(site.paths) - 1 <= 12 + 2 * 5
    assert all(one["marks"] == ["answer_cut"] for one in done.articles)


def test_a_cut_answer_is_not_taken_from_the_cache(tmp_path: Path) -> None:
    cached = ("-s", "HTTPCACHE_ENABLED=True", "-s", f"HTTPCACHE_DIR={tmp_path / 'cache'}")
    for name, answer in (("a", closed(cut(WHOLE))), ("b", Answer(WHOLE))):
        with ScriptedSite({ONE: answer}) as site:
            args = ("-a", f"url={URL}")
            done = crawl("addresses", *args, output=tmp_path / name, origin=site.origin, settings=cached)
    assert [lost(one) for one in done.articles] == [[]]
