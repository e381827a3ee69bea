"""Pages a second of `scrapy crawl section` against the usual way to write it, and against the least that Scrapy can do."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.against import crawled, in_turns
from bench.crawling import Crawler, Run, crawl
from bench.environment import REPOSITORY
from bench.replica import replica
from bench.report import Column, Report, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.against import Measure

ARTICLES, ARTICLES_QUICK = 1_200, 300
ROUNDS, ROUNDS_QUICK = 5, 2

SABAH = Crawler("sabah", "section", ("-a", "sections=all", "-a", "related=1"), REPOSITORY, writes_feed=False)
USUAL = Crawler("the usual way", "section")
BARE = Crawler("headline only", "headline")
COLUMNS = (
    Column("crawler", "crawler"),
    Column("rate", "pages/s", ".0f", better="more", unit="pages/s"),
    Column("slowest", "slowest", ".0f"),
    Column("fastest", "fastest", ".0f"),
    Column("times", "x sabah", ".2f"),
    Column("cpu_ms", "CPU ms a page", ".2f", better="less", unit="ms"),
    Column("pages", "pages", "d"),
)
NOTES = [
    "pages/s: articles read by the seconds between opening and closing the spider; median of the rounds; start of Python not counted",
    "same replica server, same links followed, same settings of Scrapy (8 requests at once, no delay, robots.txt obeyed); crawlers alternate",
    "the usual way: ItemLoader(response=…), dateparser with languages=['en'], -o out.jsonl; without hashes, sources, precision, agencies",
]


def run(*, quick: bool) -> Report:
    rounds = ROUNDS_QUICK if quick else ROUNDS
    runs: dict[str, list[Run]] = {crawler.name: [] for crawler in (SABAH, USUAL, BARE)}
    with replica(ARTICLES_QUICK if quick else ARTICLES) as origin:
        for number in range(rounds):
            _one_round(origin, runs, backwards=bool(number % 2))
    rows = [_row(name, every) for name, every in runs.items()]
    rates = {row["crawler"]: row["rate"] for row in rows}
    for row in rows:
        row["times"] = row["rate"] / rates[SABAH.name]
    return Report(
        name="crawl",
        title=f"Crawls of the replica, {rounds} rounds",
        columns=COLUMNS,
        rows=rows,
        targets=[Target(what="sabah, times the usual way", measured=1 / _times(rows, USUAL), limit=1.6, unit="x")],
        notes=[
            *NOTES,
            f"sabah's share of the rate of headline only: {1 / _times(rows, BARE):.0%}",
            f"by processor time: {_cpu_times(rows, USUAL):.2f}x the usual way, {_cpu_times(rows, BARE):.0%} of headline only",
        ],
    )


@contextmanager
def measuring(*, quick: bool) -> Iterator[Measure]:
    """Rounds against another commit: its crawl of this state's replica; the usual way and the least do not depend on either."""
    with replica(ARTICLES_QUICK if quick else ARTICLES) as origin:
        yield in_turns(lambda tree: [_row(SABAH.name, [Run(**crawled(tree, "bench.crawl:SABAH", origin))])])


def _one_round(origin: str, runs: dict[str, list[Run]], *, backwards: bool) -> None:
    """Each crawler once; every other round in the other order, so that none always follows the same one."""
    crawlers: Sequence[Crawler] = (SABAH, USUAL, BARE)
    for crawler in reversed(crawlers) if backwards else crawlers:
        with tempfile.TemporaryDirectory() as folder:
            found = crawl(crawler, origin, Path(folder))
        print(f"{crawler.name}: {found.pages} pages, {found.rate:.0f} a second", file=sys.stderr)
        runs[crawler.name].append(found)


def _times(rows: list[dict[str, Any]], crawler: Crawler) -> float:
    return next(float(row["times"]) for row in rows if row["crawler"] == crawler.name)


def _cpu_times(rows: list[dict[str, Any]], crawler: Crawler) -> float:
    cpu = {row["crawler"]: float(row["cpu_ms"]) for row in rows}
    return cpu[crawler.name] / cpu[SABAH.name]


def _row(name: str, runs: list[Run]) -> dict[str, Any]:
    return {
        "crawler": name,
        "rate": median(run.rate for run in runs),
        "slowest": min(run.rate for run in runs),
        "fastest": max(run.rate for run in runs),
        "cpu_ms": median(run.cpu_seconds / run.pages * 1000 for run in runs),
        "pages": round(median(run.pages for run in runs)),
        "responses": round(median(run.responses for run in runs)),
        "rates": [run.rate for run in runs],
    }
