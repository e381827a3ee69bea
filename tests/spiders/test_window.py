"""Bounds with an offset are instants, whoever says when something was published; those without are days and clocks of the newspaper."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from sabah.site.selection import ArgumentError, Window, parse_window
from tests.middlewares.test_archive import archive, at
from tests.running import SITE, SmallSite, article, crawl, feed, item

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Page

SAME_INSTANT = ("2014-03-06T02:00+03:00", "2014-03-05T23:00+00:00", "2014-03-05T18:00-05:00", "2014-03-06T12:00+13:00")
OLD = "/turkey/2014/03/06/an-old-one"


def _window(**given: str) -> Window:
    return parse_window(given)


@pytest.mark.parametrize("bound", SAME_INSTANT)
def test_spellings_of_one_instant_hold_the_same(bound: str) -> None:
    until, since = _window(until=bound), _window(since=bound)
    days = [dt.date(2014, 3, day) for day in (4, 5, 6, 7)]
    assert [until.holds_day(day) for day in days] == [True, True, True, False]
    assert [since.holds_day(day) for day in days] == [False, False, True, True]
    minutes = ["2014-03-06T01:59:00+03:00", "2014-03-06T02:00:00+03:00", "2014-03-06T02:01:00+03:00"]
    assert [until.holds(one) for one in minutes] == [True, True, False]
    assert [since.holds(one) for one in minutes] == [False, True, True]
    assert [since.begins_after(dt.datetime.fromisoformat(one)) for one in minutes] == [True, False, False]
    assert since.since_day == dt.date(2014, 3, 6)


def test_a_winter_s_day_of_the_newspaper_may_end_an_hour_later() -> None:
    """Until 2016 its winters were two hours ahead of UTC, whatever the page prints."""
    assert _window(since="2014-03-06T21:30+00:00").holds_day(dt.date(2014, 3, 6))
    assert not _window(since="2014-03-06T22:00+00:00").holds_day(dt.date(2014, 3, 6))
    assert _window(until="2014-03-05T21:00+00:00").holds_day(dt.date(2014, 3, 6))
    assert not _window(until="2014-03-05T20:59+00:00").holds_day(dt.date(2014, 3, 6))


@pytest.mark.parametrize(("since", "until"), [("2014-03-06", "2014-03-06"), ("2014-03-06T23:59", "2014-03-06T00:01")])
def test_bounds_without_an_offset_are_days_of_the_newspaper(since: str, until: str) -> None:
    """What a feed or a capture says in another zone is brought into the newspaper's."""
    assert _window(since=since).since_day == dt.date(2014, 3, 6)
    assert [_window(since=since).holds_day(dt.date(2014, 3, day)) for day in (5, 6, 7)] == [False, True, True]
    assert [_window(until=until).holds_day(dt.date(2014, 3, day)) for day in (5, 6, 7)] == [True, True, False]
    assert not _window(since=since).begins_after(dt.datetime(2014, 3, 5, 21, 0, tzinfo=dt.UTC))
    assert _window(since=since).begins_after(dt.datetime(2014, 3, 5, 20, 59, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2014-03-06", "2014-03-05T23:00+00:00"),
        ("2014-03-06T01:00", "2014-03-05T23:00+00:00"),
        ("2014-03-06T09:00+13:00", "2014-03-05"),
        ("2014-03-06T02:00+03:00", "2014-03-05T23:00Z"),
    ],
)
def test_a_window_whose_bounds_are_written_in_two_ways(since: str, until: str) -> None:
    """Days were compared as written: such a window was refused."""
    _window(since=since, until=until)


@pytest.mark.parametrize(
    ("since", "until"), [("2014-03-07", "2014-03-05T23:00+00:00"), ("2014-03-05T23:01Z", "2014-03-06T02:00+03:00")]
)
def test_a_window_that_ends_before_it_begins(since: str, until: str) -> None:
    with pytest.raises(ArgumentError, match="is after until"):
        _window(since=since, until=until)


@pytest.mark.parametrize("bound", ["0001-01-01T00:00+14:00", "0001-01-01", "9999-12-31T23:59-12:00", "9999-12-31"])
def test_the_ends_of_the_calendar(bound: str) -> None:
    holds = bound.startswith("0001")
    assert _window(since=bound).holds("2014-03-06T02:00:00+03:00") is holds
    assert _window(since=bound).holds_day(dt.date(2014, 3, 6)) is holds
    assert _window(until=bound).holds_day(dt.date(2014, 3, 6)) is not holds
    assert _window(since=bound).begins_after(dt.datetime(2014, 3, 6, tzinfo=dt.UTC)) is not holds
    for day in (dt.date.min, dt.date.max):
        _window(since=bound, until=bound).holds_day(day)


def test_old_addresses_are_asked_for_as_their_instant_says(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        OLD: article("Old", "Mar 06, 2014 - 1:30 am GMT+3"),
        OLD[:-1]: article("Later", "Mar 06, 2014 - 2:30 am GMT+3"),
        "/turkey/2014/03/07/a-new-one": article("New", "Mar 07, 2014 - 1:30 am GMT+3"),
    }
    got = []
    for number, bound in enumerate(SAME_INSTANT):
        with SmallSite(pages) as site:
            lines = "".join(f"{SITE}{path}\n" for path in pages)
            where = tmp_path / str(number)
            done = crawl(
                "addresses", "-a", "file=-", "-a", f"until={bound}", output=where, origin=site.origin, stdin=lines
            )
        assert (done.code, "2 outside the dates" in done.verdict) == (0, True), done.err
        got.append((sorted(done.addresses), sorted(site.asked)))
    assert got == [([SITE + OLD], ["/robots.txt", OLD[:-1], OLD])] * len(SAME_INSTANT)


@pytest.mark.parametrize("since", ["2021-09-13T23:30+00:00", "2021-09-14T02:30+03:00", "2021-09-13T14:30-09:00"])
def test_feeds_are_held_by_the_instant(since: str, tmp_path: Path) -> None:
    """One day in the zone of the feed, another in that of the page; and a day alone may end after the bound."""
    early, late, day = (f"/politics/{name}/news" for name in ("early", "late", "day"))
    pages: dict[str, Page] = {
        "/rss/politics": feed(
            item(SITE + early, "Mon, 13 Sep 2021 23:29:00 +0000"),
            item(SITE + late, "Mon, 13 Sep 2021 23:30:00 +0000"),
            item(SITE + day, "2021-09-14"),
        ),
        early: article("Early", "Sep 14, 2021 - 2:29 am GMT+3"),
        late: article("Late", "Sep 14, 2021 - 2:30 am GMT+3"),
        day: article("Day", "Sep 14, 2021 - 8:30 pm GMT+3"),
    }
    with SmallSite(pages) as site:
        done = crawl("feeds", "-a", "feeds=politics", "-a", f"since={since}", output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {SITE + late, SITE + day}), done.err
    assert early not in site.asked


@pytest.mark.parametrize("since", ["2021-09-14T11:30+00:00", "2021-09-14T23:30+12:00"])
def test_captures_are_held_by_the_instant(since: str, tmp_path: Path) -> None:
    early, late = "20210914112959", "20210914113000"
    lines = f"{SITE}/world/one/news\t{early}\n{SITE}/world/two/news\t{late}\n"
    pages: dict[str, Page] = {at(late, "/world/two/news"): article("Two", "Sep 14, 2021 - 2:30 pm GMT+3")}
    done, asked = archive(pages, tmp_path, lines, "-a", f"since={since}")
    assert (done.code, done.addresses) == (0, {f"{SITE}/world/two/news"}), done.err
    assert asked == ["/robots.txt", *pages]
