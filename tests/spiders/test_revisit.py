"""Stored articles looked at again: when they are due, at what cost, and what comes of it."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from tests.running import SITE, Crawl, Page, SmallSite, article, crawl, listing

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHED = datetime.fromisoformat("2021-09-14T10:51:00+03:00")
DATE = "Sep 14, 2021 - 10:51 am GMT+3"
THEN = "Tue, 14 Sep 2021 07:51:00 GMT"
LATER = "Tue, 14 Sep 2021 09:00:00 GMT"
PATH = "/world/one/news"


def url(name: str = "one") -> str:
    return f"{SITE}/world/{name}/news"


class Newspaper:
    """A small site and a dataset of it, along the clock: hours after the publication of its articles."""

    def __init__(self, site: SmallSite, output: Path) -> None:
        self.site, self.output = site, output

    def at(self, hours: float, *args: str, **env: str) -> Crawl:
        now = (PUBLISHED + timedelta(hours=hours)).isoformat()
        return crawl(*args, output=self.output, origin=self.site.origin, SABAH_NOW=now, **env)

    def first(self, *names: str, hours: float = 0.1) -> Crawl:
        lines = "".join(f"{url(name)}\n" for name in names or ("one",))
        now = (PUBLISHED + timedelta(hours=hours)).isoformat()
        done = crawl(
            "addresses", "-a", "file=-", output=self.output, origin=self.site.origin, stdin=lines, SABAH_NOW=now
        )
        assert done.code == 0, done.err
        self.site.asked.clear()
        self.site.headers.clear()
        return done

    def revisit(self, hours: float, *args: str) -> Crawl:
        """What it asked for besides robots.txt is in `asked`."""
        self.site.asked.clear()
        self.site.headers.clear()
        done = self.at(hours, "revisit", *args)
        self.asked = [path for path in self.site.asked if path != "/robots.txt"]
        return done

    def row(self, columns: str, address: str | None = None) -> tuple[Any, ...]:
        with closing(Ledger.read(self.output)) as ledger:
            row: tuple[Any, ...] = ledger.one(f"SELECT {columns} FROM addresses WHERE url = ?", address or url())
            return row

    def hours(self, instant: str | None) -> float | None:
        """After the publication."""
        return None if instant is None else (datetime.fromisoformat(instant) - PUBLISHED) / timedelta(hours=1)

    @property
    def due(self) -> float | None:
        return self.hours(self.row("due_at")[0])


def test_an_article_is_looked_at_at_its_ages_and_then_never_again(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}, modified={PATH: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        looks = []
        for hours in (0.5, 1, 5, 7, 24, 73, 336, 10_000):
            done = paper.revisit(hours)
            assert (done.code, done.verdict.split(":")[0]) == (0, "no_new"), done.err
            if paper.asked:
                looks.append(hours)
                assert (paper.asked, site.headers[-1]["If-Modified-Since"]) == ([PATH], THEN)
                assert "1 unchanged" in done.verdict
        assert looks == [1, 7, 24, 73, 336]
        assert paper.row("due_at, state, last_status") == (None, "done", 304)
        assert len(done.articles) == 1


def test_a_correction_is_the_next_revision_with_its_own_raw_page(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}, modified={PATH: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH], site.modified[PATH] = article("One", DATE, body="Corrected."), LATER
        done = paper.revisit(2)
        assert (done.code, done.verdict.split(":")[0]) == (0, "ok"), done.err
        first, second = done.articles
        assert [(one["revision"], one["body"]) for one in (first, second)] == [(1, "Text."), (2, "Corrected.")]
        assert second["first_seen_at"] == first["first_seen_at"] == first["fetched_at"] < second["fetched_at"]
        for one in (first, second):
            name, _, offset = one["snapshot"].rpartition(":")
            assert one["body"].encode() in snapshots.read(tmp_path / "snapshots" / name, int(offset)).payload
        assert paper.due == 6
        assert paper.revisit(7).verdict.startswith("no_new")
        assert site.headers[-1]["If-Modified-Since"] == LATER


def test_a_page_sent_again_as_it_was_makes_no_line(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        done = paper.revisit(2)
        assert (done.code, len(done.articles), paper.due) == (0, 1, 6)
        assert "1 unchanged" in done.verdict
        assert "If-Modified-Since" not in site.headers[-1]


@pytest.mark.parametrize("status", [410, 451])  # 451: nodejs/node#4376 (RFC 7725)
def test_what_is_gone_twice_is_withdrawn_and_may_come_back(tmp_path: Path, status: int) -> None:
    page = article("One", DATE)
    with SmallSite({PATH: page, "/europe": listing(url())}, modified={PATH: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = status
        done = paper.revisit(2)
        assert (done.code, len(done.articles), paper.due) == (0, 1, 2.5), done.err
        assert paper.row("state, gone") == ("done", 1)
        assert (paper.revisit(2.4).code, paper.asked) == (0, [])
        done = paper.revisit(3)
        assert (done.code, done.verdict.split(":")[0]) == (0, "ok"), done.err
        first, withdrawn = done.articles
        assert paper.hours(withdrawn["withdrawn_at"]) == 3
        assert (withdrawn["revision"], withdrawn["status"], first["withdrawn_at"]) == (2, status, None)
        same = set(first) - {"revision", "status", "withdrawn_at", "fetched_at", "crawl_id", "snapshot"}
        assert {name: withdrawn[name] for name in same} == {name: first[name] for name in same}
        name, _, offset = withdrawn["snapshot"].rpartition(":")
        assert snapshots.read(tmp_path / "snapshots" / name, int(offset)).head.split()[1] == str(status).encode()
        assert paper.row("state, gone, due_at, last_modified") == ("gone", 2, None, None)

        section = ("section", "-a", "sections=europe", "-a", "related=0")
        site.pages[PATH] = page
        site.asked.clear()
        paper.at(20, *section)
        assert PATH not in site.asked, "a day's rest"
        done = paper.at(28, *section)
        assert [(one["revision"], one["withdrawn_at"] is None) for one in done.articles] == [
            (1, True),
            (2, False),
            (3, True),
        ]
        assert paper.row("state, gone") == ("done", 0)
        assert paper.due == 72


def test_gone_once_and_back_is_nothing(tmp_path: Path) -> None:
    page = article("One", DATE)
    with SmallSite({PATH: page}, modified={PATH: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = 404
        paper.revisit(2)
        site.pages[PATH] = page
        assert len(paper.revisit(3).articles) == 1
        assert paper.row("state, gone, last_status") == ("done", 0, 304)
        site.pages[PATH] = 404
        assert len(paper.revisit(7).articles) == 1
        assert paper.row("state, gone") == ("done", 1), "not twice in a row"


@pytest.mark.parametrize("fault", [403, pytest.param(500, marks=pytest.mark.thorough)])
def test_a_look_that_fails_changes_nothing_and_is_taken_again_by_the_next_run(tmp_path: Path, fault: int) -> None:
    with SmallSite({PATH: article("One", DATE)}, modified={PATH: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first("one")
        before = paper.row("state, due_at, last_modified, last_fetched_at")
        site.pages[PATH] = fault
        assert paper.revisit(2, "-s", "RETRY_TIMES=0").code != 0
        assert paper.asked == [PATH], "once"
        assert paper.row("state, due_at, last_modified, last_fetched_at") == before
        site.pages[PATH] = article("One", DATE, body="Corrected.")
        site.modified[PATH] = LATER
        assert [one["revision"] for one in paper.revisit(2.1).articles] == [1, 2]


def test_a_page_that_can_not_be_read_any_more_is_refused_and_the_record_stands(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = article("One", None)
        done = paper.revisit(2)
        assert ([one["reason"] for one in done.rejected], len(done.articles)) == (["no date"], 1)
        assert paper.row("state, failures") == ("done", 1)
        assert paper.due == 1


@pytest.mark.parametrize("status", [302, *(pytest.param(one, marks=pytest.mark.thorough) for one in (303, 307))])
def test_a_redirect_to_another_article_ends_no_looks(tmp_path: Path, status: int) -> None:
    other = "/world/other/news"
    pages: dict[str, Page] = {PATH: article("One", DATE), other: article("Other", DATE, body="Other.")}
    with SmallSite(pages, modified={PATH: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = (status, f"ORIGIN{other}")
        done = paper.revisit(2)
        assert (done.code, done.verdict.split(":")[0]) == (0, "ok"), done.err
        assert [one["url"] for one in done.articles] == [url(), url("other")]
        assert paper.row("state, alias_of") == ("done", None)
        assert paper.due == 6
        site.pages[PATH], site.modified[PATH] = article("One", DATE, body="Corrected."), LATER
        assert [one["body"] for one in paper.revisit(7).articles] == ["Text.", "Other.", "Corrected."]


def test_two_stored_articles_that_redirect_to_each_other_keep_their_looks(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), "/world/two/news": article("Two", DATE, body="Two.")}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first("one", "two")
        site.pages[PATH], site.pages["/world/two/news"] = (301, "ORIGIN/world/two/news"), (301, f"ORIGIN{PATH}")
        assert paper.revisit(2).code == 0
        assert sorted(paper.asked) == [PATH, "/world/two/news"]
        assert [paper.hours(paper.row("due_at", url(name))[0]) for name in ("one", "two")] == [6, 6]


@pytest.mark.parametrize(
    "target", ["/", pytest.param("/world", marks=pytest.mark.thorough), "https://elsewhere.example/"]
)
def test_one_redirect_to_what_is_no_article_says_nothing_of_the_article(tmp_path: Path, target: str) -> None:
    with SmallSite({PATH: article("One", DATE), "/": listing(), "/world": listing()}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = (302, target.replace("/", "ORIGIN/", 1) if target.startswith("/") else target)
        done = paper.revisit(2)
        assert (done.code, done.rejected, len(done.articles)) == (1, [], 1), done.err
        assert "edirected to" in done.err
        assert "1 failed" in done.verdict
        assert paper.row("state, failures") == ("done", 1)
        assert paper.due == 1


def test_a_redirect_to_a_page_that_says_gone_is_gone(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = (302, "ORIGIN/404")
        assert paper.revisit(2).code == 0
        assert paper.row("state, gone") == ("done", 1)
        withdrawn = paper.revisit(3).articles[-1]
        assert (withdrawn["revision"], withdrawn["status"]) == (2, 404)
        assert paper.row("state") == ("gone",)


def test_sections_look_again_in_passing_and_their_links_stand(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        PATH: article("One", DATE, links=[url("two")]),
        "/world/two/news": article("Two", DATE, body="Two."),
        "/europe": listing(url()),
    }
    with SmallSite(pages, modified={PATH: THEN, "/world/two/news": THEN}) as site:
        paper = Newspaper(site, tmp_path)
        section = ("section", "-a", "sections=europe", "-a", "related=1")
        assert len(paper.at(0.1, *section).articles) == 2
        site.asked.clear()
        assert paper.at(0.5, *section).code == 0
        assert not {PATH, "/world/two/news"} & set(site.asked), "nothing is due"
        done = paper.at(2, *section)
        assert (done.code, done.verdict.split(":")[0]) == (0, "no_new"), done.err
        assert [site.asked.count(path) for path in (PATH, "/world/two/news")] == [1, 1]
        assert "2 unchanged" in done.verdict
        site.pages["/world/two/news"] = article("Two", DATE, body="Two, corrected.")
        site.modified["/world/two/news"] = LATER
        assert [one["revision"] for one in paper.at(7, *section).articles] == [1, 1, 2]


def test_a_dead_link_is_asked_for_twice_and_then_rests(tmp_path: Path) -> None:
    with SmallSite({"/europe": listing(url(), url("two")), "/world/two/news": article("Two", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        section = ("section", "-a", "sections=europe", "-a", "related=0")
        asked = []
        for hours in (1, 1.2, 2, 20, 28):
            site.asked.clear()
            paper.at(hours, *section)
            asked.append(site.asked.count(PATH))
        assert asked == [1, 0, 1, 0, 1]
        assert paper.row("state, due_at") == ("gone", None)


def test_since_and_limit(tmp_path: Path) -> None:
    paths = [f"/world/{name}/news" for name in ("one", "two", "three")]
    dates = (DATE, "Sep 13, 2021 - 10:51 am GMT+3", DATE)
    pages = {path: article(path, date) for path, date in zip(paths, dates, strict=True)}
    with SmallSite(pages) as site:
        paper = Newspaper(site, tmp_path)
        paper.first("one", "two", "three")
        site.pages.update({path: article(path, date, body="New.") for path, date in zip(paths, dates, strict=True)})
        done = paper.revisit(60, "-a", "since=2021-09-14", "-a", "limit=1")
        assert (len(done.articles), paths[1] in paper.asked) == (4, False)
        assert len(paper.revisit(60, "-a", "since=2021-09-14").articles) == 5
        assert len(paper.revisit(60).articles) == 6


def test_nothing_is_due(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        done = crawl("revisit", output=tmp_path, origin=site.origin)
    assert (done.code, done.verdict.split(":")[0]) == (0, "no_new"), done.err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("REVISIT_AGES=1h,soon", "crawl: REVISIT_AGES='soon' is no age; it is written 30m, 6h or 3d, from 1 on"),
        ("REVISIT_AGES=0h", "crawl: REVISIT_AGES='0h' is no age"),
        ("REVISIT_CONFIRM=", "crawl: REVISIT_CONFIRM='' is no age"),
    ],
)
def test_ages_that_are_none(tmp_path: Path, option: str, said: str) -> None:
    done = crawl("revisit", "-s", option, output=tmp_path, origin="http://127.0.0.1:9")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith(said)


def test_no_ages_no_looks(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.at(0.1, "addresses", "-a", f"url={url()}", "-s", "REVISIT_AGES=")
        assert paper.due is None
