"""A machine whose clock is wrong: it is said, nothing is planned by it, and what it wrote is set right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.http import Response

from sabah.middlewares.dates import Dates
from tests.running import SITE, Crawl, SmallSite, article, crawl, feed, item, listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUBLISHED = datetime.fromisoformat("2021-09-14T10:51:00+03:00")
PATHS = ("/world/europe/one", "/world/europe/two")
BEHIND, AHEAD = "2000-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"
SAID = "the machine's clock is {} the answers' dates: set it right; no due time was written"


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with SmallSite({path: article(f"Headline of {path[-3:]}", body=f"Text of {path}.") for path in PATHS}) as site:
        site.pages["/europe"] = listing(*(SITE + path for path in PATHS))
        site.pages["/rss/world"] = feed(*(item(SITE + path) for path in PATHS))
        yield site


def real(hours: float) -> datetime:
    return PUBLISHED + timedelta(hours=hours)


def at(site: SmallSite, output: Path, hours: float, *args: str, clock: str | None = None, stdin: str = "") -> Crawl:
    """A run at so many hours after the publication, on a machine whose clock shows `clock`; what it asked for is in `site.asked`."""
    site.asked.clear()
    site.date = format_datetime(real(hours).astimezone(UTC), usegmt=True)
    return crawl(*args, output=output, origin=site.origin, stdin=stdin, SABAH_NOW=clock or real(hours).isoformat())


def rows(output: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(output / "ledger.sqlite")) as ledger:
        return ledger.execute(sql).fetchall()


def looks(site: SmallSite, output: Path, hours: tuple[float, ...] = (0.7, 1.1, 6.1, 25, 26)) -> list[float]:
    """At which of these hours a revisit asks for the first article."""
    return [one for one in hours if at(site, output, one, "revisit").code == 0 and PATHS[0] in site.asked]


ADDRESSES = ("addresses", "-a", "file=-")
LINES = "".join(f"{SITE}{path}\n" for path in PATHS)


@pytest.mark.parametrize(
    ("command", "clock", "said"),
    [
        (ADDRESSES, BEHIND, "7,927 days behind"),
        (ADDRESSES, AHEAD, "28,233 days ahead of"),
        (("feeds", "-a", "feeds=world"), "2021-09-12T10:00:00+03:00", "2 days behind"),
        (("section", "-a", "sections=europe"), "2021-09-16T10:00:00+03:00", "2 days ahead of"),
        pytest.param(ADDRESSES, "1970-01-01T00:00:10+00:00", "18,884 days behind", marks=pytest.mark.thorough),
    ],
)
def test_looks_are_those_of_the_real_age_after_a_run_with_a_wrong_clock(
    clock: str, said: str, command: tuple[str, ...], tmp_path: Path, site: SmallSite
) -> None:
    wrong = at(site, tmp_path, 0.5, *command, clock=clock, stdin=LINES if command is ADDRESSES else "")
    assert (wrong.code, wrong.verdict.split(": ")[0]) == (10, "partial"), wrong.err
    assert SAID.format(said) in wrong.verdict
    assert rows(tmp_path, "SELECT count(*) FROM addresses WHERE due_at IS NOT NULL") == [(0,)]
    half_past = real(0.5).astimezone(UTC).isoformat()
    for record in wrong.articles:
        assert (record["fetched_at"][:16], record["first_seen_at"][:16]) == (half_past[:16], half_past[:16])
    assert looks(site, tmp_path) == [1.1, 6.1, 25]
    assert rows(tmp_path, "SELECT DISTINCT clock FROM runs WHERE id = 1") == [("settled",)]


def test_a_look_with_a_wrong_clock_changes_no_schedule(tmp_path: Path, site: SmallSite) -> None:
    assert at(site, tmp_path, 0.5, *ADDRESSES, stdin=LINES).code == 0
    due = rows(tmp_path, "SELECT due_at, aged_from FROM addresses ORDER BY id")
    ahead = at(site, tmp_path, 0.7, "revisit", clock=AHEAD)
    assert (ahead.code, PATHS[0] in site.asked) == (10, True)
    assert "2 unchanged" in ahead.verdict
    assert rows(tmp_path, "SELECT due_at, aged_from FROM addresses ORDER BY id") == due
    assert looks(site, tmp_path, (0.8, 1.1, 6.1)) == [1.1, 6.1]


def test_a_page_gone_is_not_counted_by_a_wrong_clock(tmp_path: Path, site: SmallSite) -> None:
    assert at(site, tmp_path, 0.5, *ADDRESSES, stdin=LINES).code == 0
    site.pages[PATHS[0]] = 404
    assert at(site, tmp_path, 2, "revisit", clock=AHEAD).code == 10
    assert rows(tmp_path, "SELECT gone FROM addresses ORDER BY id") == [(0,), (0,)]
    at(site, tmp_path, 2.1, "revisit")
    assert rows(tmp_path, "SELECT gone FROM addresses ORDER BY id") == [(1,), (0,)]


def test_an_address_that_was_gone_by_a_wrong_clock_is_asked_once_more(tmp_path: Path, site: SmallSite) -> None:
    site.pages[PATHS[0]] = 404
    assert at(site, tmp_path, 0.5, *ADDRESSES, clock=BEHIND, stdin=LINES).code == 10
    assert rows(tmp_path, "SELECT state, due_at FROM addresses ORDER BY id") == [("gone", None), ("done", None)]
    at(site, tmp_path, 0.6, "revisit")
    assert (
        rows(tmp_path, "SELECT due_at FROM addresses ORDER BY id")[0][0][:16]
        == real(1).astimezone(UTC).isoformat()[:16]
    )


@pytest.mark.parametrize("clock", [BEHIND, AHEAD])
def test_what_a_wrong_clock_wrote_that_nobody_could_judge(clock: str, tmp_path: Path, site: SmallSite) -> None:
    """No answer bore a Date, or an older sabah did not look at it. A run whose clock is confirmed sets the ledger right."""
    at(site, tmp_path, 0.2, *ADDRESSES, stdin=f"{SITE}/world/europe/none\n")
    site.date = ""
    site.asked.clear()
    assert crawl(*ADDRESSES, output=tmp_path, origin=site.origin, stdin=LINES, SABAH_NOW=clock).code == 0
    confirmed = at(site, tmp_path, 0.6, "section", "-a", "sections=europe")
    assert confirmed.code == 0, confirmed.err
    later = rows(
        tmp_path,
        "SELECT count(*) FROM addresses WHERE max(coalesce(due_at, ''), last_fetched_at, first_seen_at, coalesce(known_at, '')) > '2021-10'",
    )
    assert later == [(0,)]
    assert looks(site, tmp_path) == [1.1, 6.1, 25]


def test_a_clock_that_is_a_little_off_is_no_matter(tmp_path: Path, site: SmallSite) -> None:
    for clock in (real(-22), real(23)):
        assert at(site, tmp_path, 0.5, *ADDRESSES, clock=clock.isoformat(), stdin=LINES).code == 0


def test_without_dates_nothing_is_judged(tmp_path: Path, site: SmallSite) -> None:
    site.date = ""
    assert crawl(*ADDRESSES, output=tmp_path, origin=site.origin, stdin=LINES, SABAH_NOW=BEHIND).code == 0
    assert rows(tmp_path, "SELECT clock FROM runs") == [(None,)]


def test_captures_are_judged_by_the_archive_s_own_date(tmp_path: Path, site: SmallSite) -> None:
    site.pages[f"/web/20210914120000id_/{SITE}{PATHS[0]}"] = article("Then", body="Text of then.")
    archive = ("-a", "origin=archive", "-s", f"ARCHIVE_ORIGIN={site.origin}")
    line = f"{SITE}{PATHS[0]}\t20210914120000\n"
    wrong = at(site, tmp_path, 24 * 500, *ADDRESSES, *archive, clock=AHEAD, stdin=line)
    assert wrong.code == 10
    (record,) = wrong.articles
    assert (record["captured_at"], record["fetched_at"][:13]) == (
        "2021-09-14T12:00:00+00:00",
        real(24 * 500).astimezone(UTC).isoformat()[:13],
    )


def answer(days: float, age: str = "") -> Response:
    headers = {
        "Date": format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True),
        **({"Age": age} if age else {}),
    }
    return Response(SITE, headers=headers)


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        ((), False), ((9,), False), ((9, 9), True), ((-9, -9), True), ((0, 9), False), ((9, -9), False), ((0.9, 0.9), False), ((0, 0, 9), False), ((9, 0, 9), True),
        ((0, 9, 0, 9), False), ((-3000, 0, 0, 5000, 0), False), ((9999,) * 5, True),
    ],
)  # fmt: skip
def test_most_answers_decide(days: tuple[float, ...], wrong: bool) -> None:
    dates = Dates()
    for one in days:
        dates.take(answer(one))
    assert (dates.wrong_by is not None) == wrong


def test_what_a_cache_has_kept_is_as_old_as_it_says() -> None:
    dates = Dates()
    for _ in range(3):
        dates.take(answer(-9, age=str(9 * 86_400)))
    assert dates.wrong_by is None


@pytest.mark.parametrize(
    "date", ["", "soon", "Tue, 99 Sep 2021 25:00:00 GMT", "0", "\xff", "Tue, 14 Sep 20210000 07:51:00 GMT"]
)
def test_dates_that_are_none_say_nothing(date: str) -> None:
    dates = Dates()
    for _ in range(3):
        dates.take(Response(SITE, headers={"Date": date.encode("latin-1")}))
    assert dates.off is None


def test_what_was_refused_by_a_wrong_clock_is_due_by_the_answers(tmp_path: Path, site: SmallSite) -> None:
    site.pages[PATHS[0]] = article("No date", None)
    wrong = at(site, tmp_path, 0.5, *ADDRESSES, clock=BEHIND, stdin=LINES)
    assert "1 refused, 0 out of scope" in wrong.verdict, "when it is asked for again nobody knows"
    assert "for good" not in wrong.err
    assert rows(tmp_path, "SELECT state, due_at, refusals FROM addresses ORDER BY id")[0] == ("refused", None, 1)
    at(site, tmp_path, 0.6, "revisit")
    assert PATHS[0] not in site.asked
    (due,) = rows(tmp_path, "SELECT due_at FROM addresses ORDER BY id")[0]
    assert due[:16] == real(1).astimezone(UTC).isoformat()[:16]
    site.pages[PATHS[0]] = article("Dated")
    at(site, tmp_path, 1.05, "revisit")
    assert rows(tmp_path, "SELECT state FROM addresses ORDER BY id")[0] == ("done",)


@pytest.mark.parametrize("command", [("revisit",), ("feeds", "-a", "feeds=world")], ids=["revisit", "feeds"])
@pytest.mark.parametrize("clock", [AHEAD, "2021-10-15T11:00:00+03:00"], ids=["years ahead", "a month ahead"])
@pytest.mark.parametrize("what", ["stored", "refused"])
def test_what_a_clock_ahead_has_put_off_for_years_is_asked_for_at_once(
    what: str, clock: str, command: tuple[str, ...], tmp_path: Path, site: SmallSite
) -> None:
    """Nobody could judge that run: no answer bore a Date. A stored article has no look left by it, a refused page one in years. The first run with a right clock asks, by its own command alone."""
    good = site.pages[PATHS[0]]
    site.pages[PATHS[0]] = good if what == "stored" else article("No date", None)
    site.date = ""
    crawl(*ADDRESSES, output=tmp_path, origin=site.origin, stdin=LINES, SABAH_NOW=clock)
    site.pages[PATHS[0]] = good
    at(site, tmp_path, 0.6, *command)
    assert PATHS[0] in site.asked
    assert rows(tmp_path, "SELECT state FROM addresses WHERE due_at > '2021-10' OR state <> 'done'") == []
    assert looks(site, tmp_path) == [1.1, 6.1, 25]


def test_a_clock_behind_does_not_make_due_what_is_planned(tmp_path: Path, site: SmallSite) -> None:
    """To a machine in the year 2000 each due time is too far ahead. Its first answers say so; the rest keep their times."""
    paths = [f"/world/europe/story-{number:02}" for number in range(20)]
    site.pages |= {path: article(f"Headline of {path[-8:]}", body=f"Text of {path}.") for path in paths}
    assert at(site, tmp_path, 0.5, *ADDRESSES, stdin="".join(f"{SITE}{path}\n" for path in paths)).code == 0
    due = rows(tmp_path, "SELECT due_at FROM addresses ORDER BY id")
    at(site, tmp_path, 0.7, "revisit", clock=BEHIND)
    assert rows(tmp_path, "SELECT due_at FROM addresses ORDER BY id") == due
    at(site, tmp_path, 0.8, "revisit")
    assert site.asked == []
    at(site, tmp_path, 1.1, "revisit")
    assert set(paths) <= set(site.asked)


def test_what_was_refused_for_good_by_a_wrong_clock_stays_so(tmp_path: Path, site: SmallSite) -> None:
    site.pages[PATHS[0]] = article("No date", None)
    never = ("-s", "REFUSED_AGES=")
    at(site, tmp_path, 0.5, *ADDRESSES, *never, clock=BEHIND, stdin=LINES)
    at(site, tmp_path, 0.7, "revisit", *never)
    assert rows(tmp_path, "SELECT state, due_at FROM addresses ORDER BY id")[0] == ("refused", None)
