from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from tests.running import SITE, SmallSite, article, crawl, feed, item, listing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Page

ONE, TWO, OLD = (f"{SITE}/politics/{name}/news" for name in ("one", "two", "old"))
SENT = "Tue, 14 Sep 2021 08:00:00 GMT"
ARTICLES: dict[str, Page] = {
    "/politics/one/news": article("One"),
    "/politics/two/news": article("Two", "Sep 20, 2021 - 12:10 am GMT+3"),
    "/politics/old/news": article("Old", "Mar 02, 2020 - 9:00 pm GMT+3"),
}


def sources(folder: Path) -> dict[str, dict[str, Any]]:
    ledger = sqlite3.connect(folder / "ledger.sqlite")
    ledger.row_factory = sqlite3.Row
    try:
        return {row["name"]: dict(row) for row in ledger.execute("SELECT * FROM sources")}
    finally:
        ledger.close()


def test_what_the_ledger_has_is_not_asked_again(tmp_path: Path) -> None:
    with SmallSite({"/rss/politics": feed(item(ONE), item(f"{TWO}?utm=1"), item(ONE + "/amp")), **ARTICLES}) as site:
        first = crawl("feeds", "-a", "feeds=politics", output=tmp_path, origin=site.origin)
        asked = len(site.asked)
        again = crawl("feeds", "-a", "feeds=politics", output=tmp_path, origin=site.origin)
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert first.addresses == {ONE, TWO}
    assert {record["found_on"] for record in first.articles} == {f"{SITE}/rss/politics"}
    assert site.asked[asked:] == ["/robots.txt", "/rss/politics"]
    assert again.verdict.startswith("no_new: 0 stored, 2 known")


def test_every_feed_that_is_at_fault_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        "/rss/politics": feed(item(ONE)),
        "/rss/world": feed(),
        "/rss/business": listing(ONE),
        "/rss/world/europe": feed(item(TWO), item(OLD))[:-90],
        "/rss/world/africa": feed(item(f"{SITE}/politics")),
        "/rss/turkey": 500,
        **ARTICLES,
    }
    with SmallSite(pages) as site:
        names = "politics,world,business,europe,africa,turkey"
        done = crawl("feeds", "-a", f"feeds={names}", "-s", "RETRY_TIMES=0", output=tmp_path, origin=site.origin)
    assert done.code == 10, done.err
    assert done.addresses == {ONE, TWO}
    for name, fault in (
        ("world", "it has no item"),
        ("business", "it is HTML, not XML"),
        ("europe", "its XML is cut off after 1 items"),
        ("africa", "no item has the address of an article"),
        ("turkey", "status 500"),
    ):
        assert f"Fault of the feed {name}: {fault} (" in done.err
    faults = {name: row["fault"] for name, row in sources(tmp_path).items()}
    assert faults["/rss/politics"] is None
    assert faults["/rss/turkey"] == "status 500"
    assert faults["/rss/world"] == "it has no item"
    assert all(row["fault_since"] for name, row in sources(tmp_path).items() if row["fault"])


def test_faults_of_feeds_that_never_delivered_are_no_run_s(tmp_path: Path) -> None:
    with SmallSite({"/rss/politics": feed(item(ONE)), "/rss/world": feed(), **ARTICLES}) as site:
        some = crawl("feeds", "-a", "feeds=politics,world", output=tmp_path, origin=site.origin)
        none = crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin)
    assert (some.code, none.code) == (0, 13)
    assert "Fault of the feed world: it has no item" in some.err
    assert some.verdict.startswith("ok: 1 stored")
    assert none.verdict.startswith("source_empty: no source gave the address of an article: /rss/world; 0 stored")


def test_an_unchanged_feed_is_not_sent_again(tmp_path: Path) -> None:
    with SmallSite({"/rss/politics": feed(item(ONE)), **ARTICLES}, modified={"/rss/politics": SENT}) as site:
        crawl("feeds", "-a", "feeds=politics", output=tmp_path, origin=site.origin)
        done = crawl("feeds", "-a", "feeds=politics", output=tmp_path, origin=site.origin)
        assert site.headers[-1]["If-Modified-Since"] == SENT
        row = sources(tmp_path)["/rss/politics"]
    assert (row["last_status"], row["last_found"], row["fault"]) == (304, 1, None)
    assert (done.code, done.verdict.split(";")[0]) == (0, "no_new: 0 stored, 1 known, 0 refused, 0 out of scope, 0 outside the dates, 0 gone, 0 failed")  # fmt: skip


def test_what_an_unchanged_feed_named_is_wanted_whoever_asks(tmp_path: Path) -> None:
    """A run that was limited, or wanted other dates, has left articles that a 304 must not hide from the next."""
    pages = {"/rss/politics": feed(item(ONE), item(TWO), item(OLD, "Mon, 02 Mar 2020 21:00:00 +0300")), **ARTICLES}
    chosen = ("feeds", "-a", "feeds=politics", "-s", "CONCURRENT_REQUESTS=1")
    with SmallSite(pages, modified={"/rss/politics": SENT}) as site:
        crawl(*chosen, "-a", "limit=1", output=tmp_path, origin=site.origin)
        assert len(sources(tmp_path)["/rss/politics"]["targets"].split(",")) == 3
        done = crawl(*chosen, "-a", "since=2021-01-01", output=tmp_path, origin=site.origin)
        assert site.headers[site.asked.index("/rss/politics", 4)]["If-Modified-Since"] == SENT
        assert "/politics/old/news" not in site.asked
        assert (done.code, done.addresses) == (0, {ONE, TWO})
        done = crawl(*chosen, output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {ONE, TWO, OLD})


def test_after_a_fault_the_whole_feed_is_asked_for(tmp_path: Path) -> None:
    cut = feed(item(ONE), item(TWO))[:-90]
    with SmallSite({"/rss/politics": cut, **ARTICLES}, modified={"/rss/politics": SENT}) as site:
        assert crawl("feeds", "-a", "feeds=politics", output=tmp_path, origin=site.origin).code == 10
        site.pages["/rss/politics"] = feed(item(ONE), item(TWO))
        done = crawl("feeds", "-a", "feeds=politics", output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {ONE, TWO})


def test_what_a_feed_dates_before_since_is_not_asked_for(tmp_path: Path) -> None:
    pages = {"/rss/politics": feed(item(TWO, "Mon, 20 Sep 2021 00:10:00 +0300"), item(ONE)), **ARTICLES}
    with SmallSite(pages) as site:
        done = crawl("feeds", "-a", "feeds=politics", "-a", "since=2021-09-20", output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {TWO}), done.err
    assert "1 outside the dates" in done.verdict
    assert site.asked == ["/robots.txt", "/rss/politics", "/politics/two/news"]


def test_a_page_without_date_and_teaser_has_those_of_the_feed(tmp_path: Path) -> None:
    teaser = "&lt;img src='x.jpg'/&gt;Ministers &amp;amp; others met."
    pages = {"/rss/politics": feed(item(ONE, teaser=teaser)), "/politics/one/news": article("One", None)}
    with SmallSite(pages) as site:
        done = crawl("feeds", "-a", "feeds=politics", output=tmp_path, origin=site.origin)
    (record,) = done.articles
    assert done.code == 0, done.err
    assert record["published_at"] == "2021-09-14T10:51:00+03:00"
    assert record["published_raw"] == "Tue, 14 Sep 2021 10:51:00 +0300"
    assert record["sources"]["published_at"] == "feed"
    assert record["description"] == "Ministers & others met."


def test_a_listing_is_asked_for_conditionally_too(tmp_path: Path) -> None:
    with SmallSite({"/europe": listing(ONE), **ARTICLES}, modified={"/europe": SENT}) as site:
        crawl("section", "-a", "sections=europe", output=tmp_path, origin=site.origin)
        done = crawl("section", "-a", "sections=europe", "-a", "related=2", output=tmp_path, origin=site.origin)
        assert site.headers[-1]["If-Modified-Since"] == SENT
    assert (done.code, done.verdict.split(",")[:2]) == (0, ["no_new: 0 stored", " 1 known"])


def test_feeds_are_named_as_sections_are(tmp_path: Path) -> None:
    for name, message in (
        ("sports", "no feed of 'sports' is known; there are all, homepage, politics"),
        ("homepag", "unknown feed 'homepag' (did you mean 'homepage'?)"),
    ):
        done = crawl("feeds", "-a", f"feeds={name}", output=tmp_path)
        assert (done.code, message in done.err) == (2, True), done.err
