"""A page that came and gave no record is asked for again: when, by whom, how often, and what is said of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import old
from tests.rereading.older import scrapy
from tests.running import SITE, Crawl, Page, Shown, SmallSite, article, crawl, feed, item, listing
from tests.scripted import Answer, ScriptedSite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.scripted import Script

PUBLISHED = datetime.fromisoformat("2021-09-14T10:51:00+03:00")
DATE = "Sep 14, 2021 - 10:51 am GMT+3"
WHOLE = article("Whole", DATE, body="A text that is longer than a line, so that it can be cut in its middle.")
UNTIL_CLOSED = {"Content-Length": "", "Connection": "close"}
MAINTENANCE = "<html><head><title>Daily Sabah</title></head><body><h1>We will be right back</h1><p>Scheduled maintenance.</p></body></html>"

# After CodeforLeipzig/lvz-viz#33, VGonPa/xbrain#97 and scrapy-plugins/scrapy-deltafetch#31: what is refused once is "done" for good.
WAYS: dict[str, Answer] = {
    "empty": Answer(""),
    "no-content": Answer("", 204, {"Content-Length": ""}),
    "no-text-yet": Answer("<html><body><h1 class='logo_holder'>Daily Sabah</h1><h1 class='main_page_title'>Whole</h1></body></html>"),
    "no-date-yet": Answer(article("Whole", None)),
    "wrong-date": Answer(article("Whole", "Feb 30, 2021 - 10:51 am GMT+3")),
    "home": Answer("", 302, {"Location": "/"}),
    "section": Answer("", 302, {"Location": "/europe"}),
    "maintenance": Answer(MAINTENANCE),
    "cut": Answer(WHOLE[: WHOLE.index("longer")], 200, UNTIL_CLOSED),
    "wrong-type": Answer(b"\x00\x01\x02" * 70, 200, {"Content-Type": "application/octet-stream"}),
    # Further ones that nobody has reported.
    "date-and-no-text": Answer(article("Whole", DATE, body="")),
    "permanently-home": Answer("", 301, {"Location": "/"}),
    "frame": Answer("<html><head><title>Daily Sabah</title></head><body><div id='app'></div></body></html>"),
    "front-page": Answer(listing(f"{SITE}/world/another/news")),
    "text-as-a-picture": Answer(b"\x89PNG\r\n\x1a\n" + b"\x00" * 60, 200, {"Content-Type": "image/png"}),
}  # fmt: skip


def path(name: str) -> str:
    return f"/world/{name}/news"


NAMES = tuple(WAYS)
LINES = "".join(f"{SITE}{path(name)}\n" for name in NAMES)
COMMANDS: dict[str, tuple[str, ...]] = {
    "addresses": ("addresses", "-a", "file=-"),
    "feeds": ("feeds", "-a", "feeds=world"),
    "section": ("section", "-a", "sections=europe", "-a", "related=0"),
    "revisit": ("revisit",),
}


def script() -> dict[str, Script]:
    links = [SITE + path(name) for name in NAMES]
    return {
        "/": listing(),
        "/europe": listing(*links),
        "/rss/world": Answer(feed(*map(item, links)), headers={"Content-Type": "application/rss+xml"}),
        **{path(name): WAYS[name] for name in NAMES},
    }  # fmt: skip


class Paper:
    """A newspaper and the dataset of it, along the clock."""

    def __init__(self, site: ScriptedSite | SmallSite, output: Path) -> None:
        self.site, self.output = site, output
        self.asked: list[str] = []

    def at(self, hours: float, *command: str, lines: str = LINES, **settings: str) -> Crawl:
        """A run at so many hours after the publication."""
        given = [one for name, value in settings.items() for one in ("-s", f"{name}={value}")]
        before = len(self.site.asked)
        done = crawl(
            *command, *given, output=self.output, origin=self.site.origin, stdin=lines if "file=-" in command else "",
            SABAH_NOW=(PUBLISHED + timedelta(hours=hours)).isoformat(),
        )  # fmt: skip
        asked = self.site.asked[before:]
        self.asked = [one if isinstance(one, str) else one[1] for one in asked]
        self.asked = [one for one in self.asked if one.startswith("/world/")]
        assert "Traceback" not in done.err, done.err
        return done

    def heal(self) -> None:
        assert isinstance(self.site, ScriptedSite)
        for name in NAMES:
            self.site.script[path(name)] = [Answer(WHOLE.replace("Whole", f"Whole {name}"))]

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.output / "ledger.sqlite")) as ledger:
            return ledger.execute(f"SELECT {columns} FROM addresses ORDER BY id").fetchall()


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Paper]:
    with ScriptedSite(script()) as site:
        yield Paper(site, tmp_path / "output")


@pytest.mark.parametrize("later", COMMANDS)
@pytest.mark.parametrize("first", ["addresses"])
def test_every_way_of_being_refused_is_asked_again_and_stored_once(first: str, later: str, paper: Paper) -> None:
    done = paper.at(1, *COMMANDS[first])
    assert done.articles == []
    assert len(done.rejected) == len(NAMES), done.err
    assert f"{len(NAMES)} refused, asked again in 30 min" in done.verdict
    assert "0 known" in done.verdict
    if later != "addresses":
        early = paper.at(1.25, *COMMANDS[later])
        assert paper.asked == [], "they rest"
        assert early.code == 0, early.err
        refused = f"{len(NAMES) if later != 'revisit' else 0} refused"
        assert early.verdict.startswith(f"no_new: 0 stored, 0 known, {refused}")
        assert later == "revisit" or f"{refused}, asked again in 15 min" in early.verdict
    paper.heal()
    done = paper.at(1.5 if later != "addresses" else 1.1, *COMMANDS[later])
    assert sorted(paper.asked) == sorted(map(path, NAMES))
    assert (done.code, done.addresses) == (0, {SITE + path(name) for name in NAMES}), done.err
    assert done.verdict.startswith(f"ok: {len(NAMES)} stored, 0 known, 0 refused, ")
    assert set(paper.rows("state, refusals, run")) == {("done", 0, None)}
    again = paper.at(1.6, *COMMANDS[later])
    assert (len(again.articles), paper.asked) == (len(NAMES), [])
    assert later == "revisit" or f"{len(NAMES)} known, 0 refused" in again.verdict


def test_a_feed_asks_again_for_what_it_names(paper: Paper) -> None:
    """After CodeforLeipzig/lvz-viz#33: hour 1 refused, then "known" for ever. What the page does not date the feed may."""
    named = ("empty", "no-text-yet", "no-date-yet")
    assert isinstance(paper.site, ScriptedSite)
    paper.site.script["/rss/world"] = [Answer(feed(*(item(SITE + path(name)) for name in named)))]
    done = paper.at(1, *COMMANDS["feeds"])
    assert done.verdict.startswith("ok: 1 stored, 0 known, 2 refused, asked again in 30 min")
    paper.heal()
    done = paper.at(2, *COMMANDS["feeds"])
    assert done.verdict.startswith("ok: 2 stored, 1 known, 0 refused")
    assert paper.at(25, *COMMANDS["feeds"]).code == 0
    assert done.addresses == {SITE + path(name) for name in named}


def test_it_rests_longer_each_time_and_is_refused_for_good_once(tmp_path: Path) -> None:
    hours = [1.0, 1.5, 7.5, 31.5, 103.5, 439.5]
    waits = ["30 min", "6 h", "1 day", "3 days", "14 days"]
    with SmallSite({path("one"): article("One", None), "/europe": listing(SITE + path("one"))}) as site:
        paper = Paper(site, tmp_path)
        for number, (at, wait) in enumerate(zip(hours, waits, strict=False)):
            if number:
                paper.at(at - 0.1, *COMMANDS["section"])
                assert paper.asked == []
            done = paper.at(at, *COMMANDS["section"])
            assert paper.asked == [path("one")]
            assert f"1 refused, asked again in {wait}" in done.verdict
            assert (done.code, done.verdict.split(":")[0]) == ((0, "no_new") if number else (1, "failed")), "said once"
            assert "for good" not in done.err
        last = paper.at(hours[-1], *COMMANDS["section"])
        assert "0 refused, " in last.verdict
        assert "1 refused for good" in last.verdict
        assert f"Refused for good (no date): {SITE}{path('one')}" in last.err
        assert paper.rows("state, refusals, due_at") == [("refused", 6, None)]
        for command in ("section", "revisit"):
            after = paper.at(9999, *COMMANDS[command])
            assert (after.code, paper.asked) == (0, [])
            assert "for good" not in after.err, "said once"
            assert "0 known, 0 refused" in after.verdict
        site.pages[path("one")] = article("One", DATE)
        named = paper.at(9999, "addresses", "-a", f"url={SITE}{path('one')}")
        assert (named.code, len(named.articles)) == (0, 1), "who names it means it"


def test_waits_are_a_setting(tmp_path: Path) -> None:
    with SmallSite({path("one"): article("One", None), "/europe": listing(SITE + path("one"))}) as site:
        paper = Paper(site, tmp_path)
        assert "1 refused, asked again in 2 days" in paper.at(1, *COMMANDS["section"], REFUSED_AGES="2d").verdict
        assert "1 refused for good" in paper.at(50, *COMMANDS["section"], REFUSED_AGES="2d").verdict
        site.pages["/europe"] = listing(SITE + path("two"))
        site.pages[path("two")] = article("Two", None)
        assert "1 refused for good" in paper.at(51, *COMMANDS["section"], REFUSED_AGES="").verdict


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("REFUSED_AGES=1h,soon", "crawl: REFUSED_AGES='soon' is no age; it is written 30m, 6h or 3d, from 1 on"),
        ("REFUSED_OF_OLD_MAX=-1", "crawl: REFUSED_OF_OLD_MAX='-1': must be a whole number from 0"),
    ],
)
def test_settings_that_are_none(tmp_path: Path, option: str, said: str) -> None:
    done = crawl("revisit", "-s", option, output=tmp_path, origin="http://127.0.0.1:9")
    assert (done.code, done.err.splitlines()) == (2, [said])


def test_a_stored_article_whose_look_is_refused_keeps_record_and_schedule(paper: Paper) -> None:
    paper.heal()
    assert paper.at(0.1, *COMMANDS["addresses"]).code == 0
    before = paper.rows("state, due_at, aged_from, refusals, known_at")
    assert isinstance(paper.site, ScriptedSite)
    for name in NAMES:
        paper.site.script[path(name)] = [WAYS[name]]
    done = paper.at(2, *COMMANDS["revisit"])
    assert sorted(set(paper.asked)) == sorted(map(path, NAMES))
    assert len(done.articles) == len(NAMES)
    assert paper.rows("state, due_at, aged_from, refusals, known_at") == before
    assert "asked again" not in done.verdict
    paper.heal()
    again = paper.at(2.1, *COMMANDS["revisit"])
    assert (again.code, len(again.articles)) == (0, len(NAMES))
    assert f"{len(NAMES)} unchanged" in again.verdict


def test_through_redirects_from_article_to_article(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        path("old"): (302, path("new")),
        path("new"): "",
        path("step"): (302, path("step") + "?again=1"),
        path("step") + "?again=1": (302, "/"),
        "/": listing(),
        "/europe": listing(SITE + path("old"), SITE + path("step")),
    }
    with SmallSite(pages) as site:
        paper = Paper(site, tmp_path)
        done = paper.at(1, *COMMANDS["section"])
        assert "2 refused, asked again in 30 min" in done.verdict
        early = paper.at(1.1, *COMMANDS["section"])
        assert early.verdict.startswith("no_new: 0 stored, 0 known, 2 refused, asked again in 24 min")
        site.pages[path("new")] = article("New", DATE)
        site.pages[path("step") + "?again=1"] = article("Step", DATE, body="Step.")
        done = paper.at(2, *COMMANDS["section"])
    assert (done.code, done.addresses) == (0, {SITE + path("new"), SITE + path("step")}), done.err


def test_pages_that_are_refused_again_are_no_alarm(tmp_path: Path) -> None:
    """They were said when they were refused first; by then their number or reasons made the run partial or the layout changed."""
    names = [f"late-{number}" for number in range(12)]
    whole = {path(f"whole-{number}"): article(f"Whole {number}", DATE, body=f"{number}.") for number in range(40)}
    pages: dict[str, Page] = {path(name): article("Late", None) for name in names}
    with SmallSite({**whole, **pages, "/europe": listing(*(SITE + one for one in (*whole, *pages)))}) as site:
        paper = Paper(site, tmp_path)
        first = paper.at(1, *COMMANDS["section"])
        assert first.code != 0
        for hours, command in ((2, "revisit"), (9, "section")):
            again = paper.at(hours, *COMMANDS[command], REVISIT_AGES="")
            assert set(map(path, names)) <= set(paper.asked)
            assert (again.code, again.verdict.split(":")[0]) == (0, "no_new"), again.verdict
            assert "12 refused, asked again in" in again.verdict


def test_a_failure_between_two_refusals_does_not_start_the_count_again(tmp_path: Path) -> None:
    with SmallSite({path("one"): "", "/europe": listing(SITE + path("one"))}) as site:
        paper = Paper(site, tmp_path)
        paper.at(1, *COMMANDS["section"])
        site.pages[path("one")] = 500
        assert paper.at(2, *COMMANDS["section"], RETRY_TIMES="0").code != 0
        site.pages[path("one")] = ""
        assert "1 refused, asked again in 6 h" in paper.at(2.1, *COMMANDS["section"]).verdict


def test_gone_and_back(tmp_path: Path) -> None:
    with SmallSite({path("one"): "", "/europe": listing(SITE + path("one"))}) as site:
        paper = Paper(site, tmp_path)
        paper.at(1, *COMMANDS["section"])
        site.pages[path("one")] = 404
        assert "1 gone" in paper.at(2, *COMMANDS["section"]).verdict
        site.pages[path("one")] = ""
        assert "1 refused, asked again in 30 min" in paper.at(3, *COMMANDS["section"]).verdict


def test_dates_that_are_wanted_hold_for_what_is_asked_again(tmp_path: Path) -> None:
    """An address that names its day is not asked for outside of it, refused or not."""
    dated = "/politics/2014/07/05/an-old-one"
    with SmallSite({dated: "", "/europe": listing(SITE + dated)}) as site:
        paper = Paper(site, tmp_path)
        paper.at(1, "addresses", "-a", f"url={SITE}{dated}")
        for command in (("revisit",), ("addresses", "-a", f"url={SITE}{dated}")):
            paper.at(2, *command, "-a", "since=2015-01-01")
            assert paper.asked == []
        before = len(site.asked)
        paper.at(2, "revisit", "-a", "since=2014-01-01")
        assert dated in site.asked[before:]


def test_dropped_and_left_out_are_not_known_either(tmp_path: Path) -> None:
    with SmallSite({path("one"): article("One", DATE), "/europe": listing(SITE + path("one"))}) as site:
        paper = Paper(site, tmp_path)
        window = ("-a", "since=2022-01-01")
        assert "1 outside the dates" in paper.at(1, *COMMANDS["section"], *window).verdict
        again = paper.at(2, *COMMANDS["section"], *window)
        assert paper.asked == []
        assert "0 known" in again.verdict
        assert "1 outside the dates" in again.verdict


def test_status_lists_what_is_refused_and_why(paper: Paper) -> None:
    paper.at(1, *COMMANDS["addresses"])
    shown = scrapy(paper.output, "status", "--oldest", "3", COLUMNS="250").stdout
    part = shown[shown.index("Still refused") :]
    assert f"{len(NAMES)} in all" in part
    assert "the next is asked for at 2021-09-14T09:21:00+00:00" in part
    assert part.count(f"{SITE}/world/") == 3
    assert "the page is empty" in part
    status = json.loads(scrapy(paper.output, "status", "--json", "--oldest", "99").stdout)
    assert len(status["still_refused"]) == status["states"]["refused"] == len(NAMES)
    assert status["next_refused_at"] == "2021-09-14T09:21:00+00:00"
    (one,) = (one for one in status["still_refused"] if one["url"] == SITE + path("no-date-yet"))
    assert one == {
        "url": SITE + path("no-date-yet"), "reason": "no date", "times": 1, "last_fetched_at": "2021-09-14T08:51:00+00:00",
        "due_at": "2021-09-14T09:21:00+00:00",
    }  # fmt: skip


def _refused_of_old(folder: Path, number: int) -> Sequence[str]:
    """An old folder in which so many more addresses were refused."""
    urls = [f"{SITE}/world/refused-{one}/news" for one in range(number)]
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger, ledger:
        ledger.executemany(
            "INSERT INTO addresses (url, kind, section, depth, first_seen_at, state, last_fetched_at, last_status)"
            " VALUES (?, 'article', 'world', 0, '2026-03-01T00:00:00+00:00', 'refused', '2026-03-01T00:00:00+00:00', 200)",
            [(url,) for url in urls],
        )
    return urls


@pytest.mark.parametrize("command", ["revisit", "section"])
def test_of_what_was_refused_of_old_a_run_asks_for_some_only(command: str, tmp_path: Path) -> None:
    folder = old.copied(tmp_path / "output")
    urls = _refused_of_old(folder, 120)
    pages: dict[str, Page] = {url.removeprefix(SITE): article(url, "Mar 01, 2026 - 10:51 am GMT+3") for url in urls}
    with SmallSite({**pages, "/europe": listing(*urls)}) as site:
        paper = Paper(site, folder)

        def run(now: str, **settings: str) -> Crawl:
            Shown.now = now
            given = [one for name, value in settings.items() for one in ("-s", f"{name}={value}")]
            before = len(site.asked)
            done = crawl(*COMMANDS[command], *given, output=folder, origin=site.origin, SABAH_NOW=now)
            paper.asked = [one for one in site.asked[before:] if "/world/refused-" in one]
            return done

        run(old.NOW, REFUSED_OF_OLD_MAX="0")
        assert paper.asked == []
        with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger:
            due = [row[0] for row in ledger.execute("SELECT due_at FROM addresses WHERE state = 'refused' ORDER BY 1")]
        assert len(due) == 121
        assert due[0] == old.NOW
        assert due[-1][:10] == "2026-03-19", "over fourteen days"
        numbers, asked = [], []
        for day in (21, 22, 23, 24):
            run(f"2026-03-{day}T00:00:00+00:00")
            numbers.append(len(paper.asked))
            asked += paper.asked
        # In a revisit the one that the folder had before is among the first fifty.
        assert numbers == ([49, 50, 21, 0] if command == "revisit" else [50, 50, 20, 0])
        assert len(set(asked)) == 120


def test_what_a_maintenance_page_refused_an_hour_ago_is_asked_for_whole(tmp_path: Path) -> None:
    folder = old.copied(tmp_path / "output")
    urls = [f"{SITE}/world/new-{one}/news" for one in range(70)]
    pages: dict[str, Page] = {url.removeprefix(SITE): MAINTENANCE for url in urls}
    with SmallSite({**pages, "/europe": listing(*urls)}) as site:
        done = crawl(*COMMANDS["section"], output=folder, origin=site.origin, SABAH_NOW="2026-03-20T00:00:00+00:00")
        assert "70 refused, asked again in 30 min" in done.verdict
        site.pages |= {url.removeprefix(SITE): article(url, "Mar 19, 2026 - 10:51 am GMT+3", body=url) for url in urls}
        done = crawl(*COMMANDS["section"], output=folder, origin=site.origin, SABAH_NOW="2026-03-20T01:00:00+00:00")
    assert (done.code, done.verdict.split(",")[0]) == (0, "ok: 70 stored"), done.err


# Without any mark of the newspaper, and longer in a row than BLOCKS_TO_STOP.
NONE_OF_OURS: dict[str, Answer] = {
    "maintenance": Answer("<html><head><title>Scheduled maintenance</title></head><body><p>Please come back later.</p></body></html>"),
    "json": Answer('{"error": "backend fetch failed", "code": 0}', headers={"Content-Type": "application/json"}),
    "document": Answer(b"%PDF-1.7\n" + bytes(60), headers={"Content-Type": "application/pdf"}),
    "cut-in-its-head": Answer(WHOLE[:30], 200, UNTIL_CLOSED),
    "bytes": Answer(bytes(range(256)) * 4, headers={"Content-Type": "application/octet-stream"}),
}  # fmt: skip


@pytest.mark.parametrize("name", NONE_OF_OURS)
def test_many_in_a_row_are_refused_and_hide_no_page_behind_them(name: str, tmp_path: Path) -> None:
    given = [path(f"{name}-{number}") for number in range(5)] + [path("good")]
    with ScriptedSite(dict.fromkeys(given[:5], NONE_OF_OURS[name]) | {given[5]: Answer(WHOLE)}) as site:
        done = Paper(site, tmp_path / "output").at(
            1, "addresses", "-a", "file=-", lines="".join(f"{SITE}{one}\n" for one in given)
        )
    assert (len(done.articles), len(done.rejected)) == (1, 5), done.err
    said = "partial: 5 of 6 pages were refused, " if name == "bytes" else "layout_changed: 5 of the last 6 pages "
    assert done.verdict.startswith(said)
    assert "5 refused, asked again in 30 min" in done.verdict


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", ["application/rss+xml", "text/xml; charset=utf-16"])
def test_a_feed_in_utf_16_without_a_mark_of_its_order(header: str, encoding: str, tmp_path: Path) -> None:
    sent = feed(item(SITE + path("good"))).replace("UTF-8", "UTF-16").encode(encoding)
    with ScriptedSite(
        {"/rss/world": Answer(sent, headers={"Content-Type": header}), path("good"): Answer(WHOLE)}
    ) as site:
        done = Paper(site, tmp_path / "output").at(1, *COMMANDS["feeds"])
    assert (done.code, len(done.articles)) == (0, 1), done.err
