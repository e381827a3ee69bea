"""A newspaper that lives for some hours and is crawled every hour: what was asked, and what the dataset must hold. `python -m bench week` runs seven days."""

from __future__ import annotations

import datetime as dt
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import attrs

from tests import forked
from tests.conftest import start_replica
from tests.running import FAST, REPOSITORY, Crawl, command, environment
from tests.truth import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.conftest import Replica

AGES: Final = tuple(dt.timedelta(hours=hours) for hours in (1, 6, 24, 72, 336))
CONFIRM: Final = dt.timedelta(minutes=30)
REFUSED: Final = tuple(dt.timedelta(hours=hours) for hours in (0.5, 6, 24, 72, 336))
"""How long after a page that was refused, which has no record, it is asked for again."""

GAP: Final = 1.0
"""Seconds between two requests of a crawl with the project's own settings, which these crawls pass over to be fast."""

Truth = dict[str, Any]


@attrs.frozen(kw_only=True)
class Plan:
    hours: int
    crawled: tuple[int, ...] | None = None
    """Hours in which it is crawled; None for each."""

    per_hour: int = 40
    backlog: int = 700
    """Articles there are at the start: enough that every feed has one."""

    correct: float = 0.1
    withdraw: float = 0.01
    trouble: float = 0.0
    """Share of the articles that are announced before their pages are ready, or move to another address."""

    latency: float = 0.0
    """Seconds by which every answer is late."""

    seed: int = 1
    start: dt.datetime = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

    @property
    def times(self) -> list[dt.datetime]:
        """When it is crawled."""
        return [self.start + dt.timedelta(hours=hour) for hour in self.crawled or range(self.hours + 1)]


@attrs.frozen
class Asked:
    """A request as the server saw it."""

    path: str
    status: int
    conditional: bool


@attrs.frozen
class Hour:
    at: dt.datetime
    asked: tuple[Asked, ...]


@attrs.frozen
class Version:
    """A line the dataset must hold: the revision that was live at a visit, or the withdrawal (no record of its own)."""

    at: dt.datetime
    revision: int
    withdrawn: bool = False


@attrs.frozen
class Life:
    """One article: the visits that the schedule makes due, and the lines they must give."""

    visits: tuple[dt.datetime, ...]
    unchanged: int
    """Visits that find it as it was."""

    versions: tuple[Version, ...]
    moved: tuple[Version, ...] = ()
    """The lines of the address it has moved to."""


@attrs.frozen
class Lived:
    plan: Plan
    hours: tuple[Hour, ...]
    truth: list[Truth]
    lines: list[dict[str, Any]]

    @property
    def articles(self) -> dict[str, Truth]:
        """Those that appeared while the newspaper lived and were live at the end of an hour, by address."""
        born = {}
        for truth in self.truth:
            at = dt.datetime.fromisoformat(truth["published_at"])
            if self.plan.start < at <= self.hours[-1].at and life(truth, self.plan).visits:
                born[truth["record"]["url"]] = truth
        return born

    def requests(self) -> Iterator[tuple[Hour, int, Asked, Truth]]:
        """Those for the articles that appeared, with their place in their hour."""
        of_path = {truth["paths"]["page"]: truth for truth in self.articles.values()}
        for hour in self.hours:
            for place, asked in enumerate(hour.asked):
                if asked.path in of_path:
                    yield hour, place, asked, of_path[asked.path]


def live(plan: Plan, output: Path, crawl: Callable[[Replica, Path, dt.datetime], None]) -> Lived:
    """Lets the newspaper live and calls `crawl` every hour. Records are read from `output` at the end."""
    newspaper = found(plan)
    hours, seen = [], 0
    try:
        for now in plan.times:
            newspaper.move(at=now.isoformat())
            crawl(newspaper, output, now)
            times = newspaper.times
            asked = tuple(Asked(path, status, conditional) for _, path, status, conditional in times[seen:])
            hours.append(Hour(now, tuple(one for one in asked if not one.path.startswith("/_"))))
            seen = len(newspaper.times)
        return Lived(plan, tuple(hours), newspaper.truth, Crawl(0, "", "", output).articles)
    finally:
        newspaper.stop()


def found(plan: Plan) -> Replica:
    """The newspaper, its clock at the start."""
    options = {
        "articles": plan.backlog, "seed": plan.seed, "clock": plan.start.isoformat(), "publish": plan.per_hour,
        "correct": plan.correct, "withdraw": plan.withdraw, "trouble": plan.trouble, "days": plan.hours / 24,
        "latency": plan.latency,
    }  # fmt: skip
    return start_replica(*(f"--{name}={value}" for name, value in options.items()))


def sabah(newspaper: Replica, output: Path, now: dt.datetime) -> None:
    """What the timetable does in an hour. Raises AssertionError when a run fails."""
    places = ("-s", f"OUTPUT_DIR={output}", "-s", f"SITE_ORIGIN={newspaper.origin}", *FAST)
    for spider in (("feeds", "-a", "feeds=all"), ("revisit",)):
        done = forked.run(
            command(*spider, *places), cwd=REPOSITORY, env=environment(SABAH_NOW=now.isoformat()),
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{now} {spider}:\n{done.stderr}"


def life(truth: Truth, plan: Plan) -> Life:
    """From the truth's times alone: when the article is met in a feed, when it is due, and what is live then."""
    appears = dt.datetime.fromisoformat(truth["published_at"])
    withdrawn = dt.datetime.fromisoformat(truth["withdrawn_at"]) if truth["withdrawn_at"] else None
    changes = [dt.datetime.fromisoformat(one["at"]) for one in truth["revisions"]]
    due: dt.datetime | None = appears
    visits: list[dt.datetime] = []
    versions: list[Version] = []
    moved: list[Version] = []
    lines = versions
    heals, moves = (
        dt.datetime.fromisoformat(truth[name]) if truth[name] else None for name in ("heals_at", "moved_at")
    )
    refused = 0
    aged = dt.datetime.max.replace(tzinfo=dt.UTC)
    gone = unchanged = 0
    for now in plan.times:
        if due is None or now < due or now < appears:
            continue
        if withdrawn and withdrawn <= now:
            if not visits:
                break
            gone += 1
            visits.append(now)
            due = now + CONFIRM if gone == 1 else None
            if gone > 1:
                versions.append(Version(now, versions[-1].revision, withdrawn=True))
            continue
        if heals and now < heals:
            due, refused = now + REFUSED[refused], refused + 1
            continue
        visits.append(now)
        if moves and moves <= now and lines is versions:
            if versions:
                versions.append(Version(now, versions[-1].revision, withdrawn=True))
            lines = moved
        revision = sum(at <= now for at in changes) - 1
        if lines and lines[-1].revision == revision:
            unchanged += 1
        else:
            lines.append(Version(now, revision))
        aged = min(aged, now, _published(truth["revisions"][revision]["record"]))
        due = next((aged + age for age in AGES if aged + age > now), None)
    return Life(tuple(visits), unchanged, tuple(versions), tuple(moved))


def _published(record: Mapping[str, Any]) -> dt.datetime:
    """The printed instant; the end of its day where only that is known."""
    published = dt.datetime.fromisoformat(record["published_at"])
    if record["published_precision"] == "day":
        published = published.replace(hour=0, minute=0, second=0) + dt.timedelta(days=1)
    return published


def wrong(lived: Lived) -> list[str]:
    """Everything in which the dataset is not what the truth's times make it, in words. A page without a description of its own has what its feed said first."""
    by_url: dict[str, list[dict[str, Any]]] = {}
    for line in lived.lines:
        by_url.setdefault(line["url"], []).append(line)
    found: list[str] = []
    for url, truth in lived.articles.items():
        whole = life(truth, lived.plan)
        found += _wrong_lines(
            url, truth, whole.versions, by_url.get(url, []), truth["moved_to"] if whole.moved else None
        )
        if truth["moved_to"]:
            found += _wrong_lines(truth["moved_to"], truth, whole.moved, by_url.get(truth["moved_to"], []))
    doubles = len(lived.lines) - len({(line["url"], line["revision"], line["reading"]) for line in lived.lines})
    return [*found, *([f"{doubles} lines stand twice"] if doubles else [])]


def _wrong_lines(
    url: str, truth: Truth, expected: Sequence[Version], lines: list[dict[str, Any]], moved_to: str | None = None
) -> Iterator[str]:
    shape = [(line["revision"], line["withdrawn_at"] is not None, line["moved_to"]) for line in lines]
    if shape != [
        (number, one.withdrawn, moved_to if one.withdrawn else None) for number, one in enumerate(expected, 1)
    ]:
        yield f"{url}: {shape} instead of {expected}"
        return
    for line, version in zip(lines, expected, strict=True):
        record = truth["revisions"][version.revision]["record"]
        # What a feed says is told of the address that it names.
        told = truth["revisions"][expected[0].revision]["feed"]["description"] if url != truth["moved_to"] else None
        as_crawled = {"record": {**record, "url": url, "description": record["description"] or told}}
        yield from (f"{url}: {one}" for one in differences(line, as_crawled))


@attrs.frozen(kw_only=True)
class Figures:
    articles: int
    requests: int
    """For articles, in all."""

    first: float
    """Requests for an article until it is stored, feeds aside, for each new article."""

    too_many: int
    """Visits beyond those the schedule makes due, over all articles."""

    not_modified: float
    """Share of the visits that found an article as it was, answered 304."""

    delay_median: float
    delay_most: float
    """Minutes from publication to the request that brought the record, at the project's own pace."""

    versions: int
    missed: int
    """Versions that were live at a due visit and were never fetched, and withdrawals that no line tells of."""


def figures(lived: Lived) -> Figures:
    first: dict[str, float] = {}
    visits: dict[str, int] = {}
    held: set[tuple[str, int | None]] = set()
    until = not_modified = 0
    for hour, place, asked, truth in lived.requests():
        url = truth["record"]["url"]
        visits[url] = visits.get(url, 0) + 1
        if url not in first:
            until += 1
            if asked.status == 200:
                waited = hour.at - dt.datetime.fromisoformat(truth["published_at"])
                first[url] = (waited.total_seconds() + place * GAP) / 60
        not_modified += asked.status == 304
        if asked.status == 200:
            live = sum(dt.datetime.fromisoformat(one["at"]) <= hour.at for one in truth["revisions"])
            held.add((url, live - 1))
    lives = {url: life(truth, lived.plan) for url, truth in lived.articles.items()}
    unchanged = sum(one.unchanged for one in lives.values())
    due = {(url, None if one.withdrawn else one.revision) for url, whole in lives.items() for one in whole.versions}
    held |= {(line["url"], None) for line in lived.lines if line["withdrawn_at"]}
    return Figures(
        articles=len(lives),
        requests=sum(visits.values()),
        first=until / len(first),
        too_many=sum(max(0, number - len(lives[url].visits)) for url, number in visits.items()),
        not_modified=not_modified / unchanged if unchanged else 1.0,
        delay_median=median(first.values()),
        delay_most=max(first.values()),
        versions=len(due),
        missed=len(due - held),
    )
