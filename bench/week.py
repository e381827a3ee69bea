"""A simulated week: what keeping current costs the newspaper and what it holds, beside a plain spider run every hour."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from bench.crawling import Crawler, crawl
from bench.report import Column, Report, Target
from sabah.site.sections import TREE
from tests import week

if TYPE_CHECKING:
    import datetime as dt

    from tests.conftest import Replica

HOURS, HOURS_QUICK = 168, 26
PLAIN_HOURS: Final = 48
"""It asks for every article of every feed again each hour, some four thousand requests: two days say what a week would."""

PER_HOUR, PER_HOUR_QUICK = 40, 12

COLUMNS = (
    Column("crawler", "crawler"),
    Column("hours", "hours", "d"),
    Column("articles", "new articles", "d"),
    Column("requests", "requests for them", "d"),
    Column("first", "until stored, each", ".3f", better="less", unit="requests"),
    Column("not_modified", "unchanged answered 304", ".1%", better="more"),
    Column("versions", "versions due", "d"),
    Column("missed", "missed", "d", better="less"),
    Column("delay_median", "delay, median min", ".1f", better="less", unit="min"),
    Column("delay_most", "most", ".1f", better="less", unit="min"),
)
NOTES = [
    "newspaper: 40 articles an hour (12 with --quick), one in ten corrected (some twice, some after days), one in a hundred withdrawn",
    "sabah: `scrapy crawl feeds -a feeds=all` and `scrapy crawl revisit` every hour; plain: a Scrapy spider over the same feeds every hour, for the first 48 of them",
    "versions due: what was live at a visit that sabah's schedule made due, worked out from the truth's times; withdrawals count as versions",
    "delay: from publication to the request that brought the article, each request a second after the one before, as the project's settings have it",
]


def run(*, quick: bool) -> Report:
    plan = week.Plan(hours=HOURS_QUICK if quick else HOURS, per_hour=PER_HOUR_QUICK if quick else PER_HOUR)
    with tempfile.TemporaryDirectory() as name:
        ours = week.live(plan, Path(name, "sabah"), _told(week.sabah))
        print(week.figures(ours), file=sys.stderr)
        plain = week.live(attrs.evolve(plan, hours=min(plan.hours, PLAIN_HOURS)), Path(name, "plain"), _told(_plain))
    wrong = week.wrong(ours)
    for one in wrong[:20]:
        print(one, file=sys.stderr)
    figures = week.figures(ours)
    return Report(
        name="week",
        title=f"A newspaper of {plan.per_hour} articles an hour for {plan.hours} hours, crawled every hour",
        columns=COLUMNS,
        rows=[_row("sabah", ours), _row("plain Scrapy", plain)],
        targets=[
            Target(what="requests for a new article until it is stored", measured=figures.first, limit=1.1, at_most=True),
            Target(what="visits beyond the schedule's", measured=figures.too_many, limit=0, at_most=True),
            Target(what="unchanged visits answered 304", measured=figures.not_modified, limit=0.95),
            Target(what="lines that are not as the truth has them, or missing", measured=len(wrong), limit=0, at_most=True),
            Target(what="delay, median", measured=figures.delay_median, limit=35, at_most=True, unit=" min"),
            Target(what="delay, most", measured=figures.delay_most, limit=65, at_most=True, unit=" min"),
        ],
        notes=NOTES,
    )  # fmt: skip


def _plain(newspaper: Replica, output: Path, now: dt.datetime) -> None:  # noqa: ARG001 - it knows no time
    output.mkdir(exist_ok=True)
    feeds = ",".join(["/rss/homepage.xml", *(one.feed for one in TREE if one.feed)])
    crawl(Crawler("plain", "feeds", ("-a", f"feeds={feeds}")), newspaper.origin, output)


def _told(crawl: Any) -> Any:
    """The same, with a line of progress a day."""

    def told(newspaper: Replica, output: Path, now: dt.datetime) -> None:
        crawl(newspaper, output, now)
        if now.hour == 0:
            print(f"{crawl.__name__.strip('_')}: {now:%a %d %b}", file=sys.stderr)

    return told


def _row(name: str, newspaper: week.Lived) -> dict[str, Any]:
    figures = week.figures(newspaper)
    return {
        "crawler": name,
        "hours": newspaper.plan.hours,
        **{column.key: getattr(figures, column.key) for column in COLUMNS[2:]},
    }
