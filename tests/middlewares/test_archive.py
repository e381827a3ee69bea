"""Captures of the web archive in place of the live pages, from a small server that stands in for both."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from tests.running import SITE, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Crawl, Page

ONE, TWO = "/world/one/news", "/world/2016/01/12/two"
FIRST, SECOND = "20210914120000", "20220101000000"
NOW = {"SABAH_NOW": "2023-05-06T07:08:09+00:00"}


def at(time: str, path: str) -> str:
    return f"/web/{time}id_/{SITE}{path}"


def archive(
    pages: dict[str, Page], output: Path, lines: str, *args: str, origin: str | None = None
) -> tuple[Crawl, list[str]]:
    """A crawl of the lines from an archive that has `pages`; what was asked of it."""
    with SmallSite(pages) as site:
        places = ("-a", "file=-", "-a", "origin=archive", "-s", f"ARCHIVE_ORIGIN={site.origin}", *args)
        done = crawl("addresses", *places, output=output, origin=origin or "http://127.0.0.1:9", stdin=lines, **NOW)
    return done, site.asked


def test_the_capture_named_is_read(tmp_path: Path) -> None:
    lines = f"{SITE}{ONE}\t{FIRST}\n"
    # Young enough for a live page to be looked at again.
    page = article("One", "May 06, 2023 - 9:51 am GMT+3")
    done, asked = archive({at(FIRST, ONE): page}, tmp_path, lines)
    assert done.code == 0, done.err
    assert asked == ["/robots.txt", at(FIRST, ONE)]
    (record,) = done.articles
    assert (record["url"], record["origin"], record["status"]) == (SITE + ONE, "archive", 200)
    assert (record["captured_at"], record["fetched_at"]) == ("2021-09-14T12:00:00+00:00", "2023-05-06T07:08:09+00:00")
    ledger = sqlite3.connect(tmp_path / "ledger.sqlite")
    assert ledger.execute("SELECT due_at, last_modified, capture FROM addresses").fetchall() == [(None, None, FIRST)]
    ledger.close()


def test_without_a_time_it_is_the_newest_before_now(tmp_path: Path) -> None:
    now, other = "20230506070809", f"/web/{SECOND}id_/http://www.dailysabah.com:80{ONE}"
    pages: dict[str, Page] = {
        at(now, ONE): (302, f"ORIGIN{other}"),
        other: article("One"),
        at(now, TWO): (302, at(FIRST, TWO)),
        at(FIRST, TWO): article("Two"),
    }
    done, asked = archive(pages, tmp_path, f"{SITE}{ONE}\n{SITE}{TWO}\n")
    assert done.code == 0, done.err
    assert {record["url"]: record["captured_at"] for record in done.articles} == {
        SITE + ONE: "2022-01-01T00:00:00+00:00",
        SITE + TWO: "2021-09-14T12:00:00+00:00",
    }
    assert sorted(asked) == sorted(["/robots.txt", *pages])


def test_a_captured_redirect_leads_to_the_other_article(tmp_path: Path) -> None:
    moved = "/world/europe/moved"
    pages: dict[str, Page] = {at(FIRST, ONE): (301, at(SECOND, moved)), at(FIRST, moved): article("Moved")}
    done, asked = archive(pages, tmp_path, f"{SITE}{ONE}\t{FIRST}\n")
    assert (done.code, done.addresses) == (0, {SITE + moved}), done.err
    assert asked == ["/robots.txt", *pages]


def test_a_capture_is_no_later_look_at_a_stored_article(tmp_path: Path) -> None:
    page = article("One", "May 06, 2023 - 8:51 am GMT+3")
    with SmallSite({ONE: page}) as site:
        before = {"SABAH_NOW": "2023-05-06T06:00:00+00:00"}
        crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=site.origin, **before)
    old = article("One, as it was", "May 06, 2023 - 8:51 am GMT+3")
    done, asked = archive({at(FIRST, ONE): old}, tmp_path, f"{SITE}{ONE}\t{FIRST}\n")
    assert [path for path in asked if path != "/robots.txt"] == [], "it is due, for the newspaper"
    assert [record["headline"] for record in done.articles] == ["One"]


def test_the_rules_are_those_of_the_archive(tmp_path: Path) -> None:
    pages: dict[str, Page] = {"/robots.txt": "User-agent: *\nDisallow: /web/2021\n", at(SECOND, TWO): article("Two")}
    done, asked = archive(pages, tmp_path, f"{SITE}{ONE}\t{FIRST}\n{SITE}{TWO}\t{SECOND}\n")
    assert (done.code, done.addresses) == (10, {SITE + TWO}), done.err
    assert asked == ["/robots.txt", at(SECOND, TWO)]


def test_what_the_archive_does_not_have_is_not_gone_from_the_newspaper(tmp_path: Path) -> None:
    done, _ = archive({at(FIRST, TWO): article("Two")}, tmp_path, f"{SITE}{ONE}\t{FIRST}\n{SITE}{TWO}\t{FIRST}\n")
    assert (done.code, done.addresses) == (0, {SITE + TWO}), done.err
    with SmallSite({ONE: article("One")}) as site:
        live = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=site.origin)
    assert (live.code, live.addresses) == (0, {SITE + ONE, SITE + TWO}), live.err


def test_what_is_gone_from_the_newspaper_is_asked_of_the_archive(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=site.origin)
    done, _ = archive({at(FIRST, ONE): article("One")}, tmp_path, f"{SITE}{ONE}\t{FIRST}\n")
    assert (done.code, done.addresses) == (0, {SITE + ONE}), done.err


def test_since_leaves_out_what_was_captured_or_dated_before(tmp_path: Path) -> None:
    lines = f"{SITE}{ONE}\t{FIRST}\n{SITE}{TWO}\t{SECOND}\n{SITE}/world/new/news\t{SECOND}\n"
    pages: dict[str, Page] = {at(SECOND, "/world/new/news"): article("New", "Dec 30, 2021 - 10:51 am GMT+3")}
    done, asked = archive(pages, tmp_path, lines, "-a", "since=2021-12-01")
    assert (done.code, len(done.articles)) == (0, 1), done.err
    assert asked == ["/robots.txt", *pages]
    assert "2 outside the dates" in done.verdict


def test_nobody_is_asked_without_a_contact(tmp_path: Path) -> None:
    done = crawl("addresses", "-a", f"url={SITE}{ONE}", "-a", "origin=archive", output=tmp_path, origin="http://127.0.0.1:9")  # fmt: skip
    assert (done.code, "web.archive.org is not asked without a contact: set CONTACT" in done.err) == (2, True), done.err


def test_a_line_with_a_time_that_is_none_is_skipped(tmp_path: Path) -> None:
    done, asked = archive({}, tmp_path, f"{SITE}{ONE}\t2021\n")
    assert (done.code, asked) == (13, [])
    assert f"standard input:1: not the address of an article: {SITE}{ONE} 2021" in done.err
