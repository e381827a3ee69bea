"""Pages a second of the durable crawl against the same spider on plain Scrapy, and against that with JOBDIR."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import attrs

from bench.against import crawled
from bench.crawling import Crawler, Run, crawl
from bench.environment import REPOSITORY
from bench.replica import replica
from bench.report import Column, Report, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.against import Measure, Rows
    from bench.trees import Tree

ARTICLES, ARTICLES_QUICK = 600, 300
ROUNDS, ROUNDS_QUICK = 5, 2

_ASKED = ("-a", "sections=all", "-a", "related=1")
_RESUMED = ("-s", "DUPEFILTER_CLASS=scrapy.dupefilters.RFPDupeFilter")
"""A job that goes on needs Scrapy's own filter of duplicates, which is kept on the disk."""

_SQLITE = (
    "-s", "SCHEDULER_DISK_QUEUE=scrapy.squeues.PickleLifoSQLiteQueue",
    "-s", "SCHEDULER_START_DISK_QUEUE=scrapy.squeues.PickleFifoSQLiteQueue",
)  # fmt: skip


def _plain(name: str, *arguments: str) -> Crawler:
    return Crawler(name, "plain", (*_ASKED, *arguments), Path(__file__).with_name("plain"), writes_feed=False)


PLAIN = _plain("plain Scrapy")
OFF = Crawler("sabah, no snapshots", "section", (*_ASKED, "-s", "SNAPSHOTS=False"), REPOSITORY, writes_feed=False)
ON = Crawler("sabah, snapshots", "section", _ASKED, REPOSITORY, writes_feed=False)
JOBDIR = _plain("JOBDIR", *_RESUMED)
JOBDIR_SQLITE = _plain("JOBDIR, SQLite queues", *_RESUMED, *_SQLITE)
CRAWLERS: Sequence[Crawler] = (PLAIN, OFF, ON, JOBDIR, JOBDIR_SQLITE)

COLUMNS = (
    Column("crawler", "crawler"),
    Column("rate", "pages/s", ".1f", better="more", unit="pages/s"),
    Column("slowest", "slowest", ".1f"),
    Column("fastest", "fastest", ".1f"),
    Column("share", "of plain", ".1%", better="more"),
    Column("cpu_ms", "CPU ms a page", ".2f", better="less", unit="ms"),
    Column("cpu_share", "of plain by CPU", ".1%", better="more"),
    Column("pages", "pages", "d"),
)
NOTES = [
    "pages/s: articles stored by the seconds between opening and closing the spider; medians of the rounds; start of Python not counted",
    "of plain: median of the rounds' own ratios, as neighbours in time meet the same load of the machine; CPU is that of the crawl's process, all threads",
    "plain Scrapy: the same spider, reader, validation, links and settings; its own scheduler, a set of addresses, a buffered file of lines, nothing fsynced",
    "JOBDIR: the same with Scrapy's own filter of fingerprints and its queues on the disk (default: pickled, LIFO); nothing fsynced either",
]


def run(*, quick: bool) -> Report:
    rounds = ROUNDS_QUICK if quick else ROUNDS
    runs: dict[str, list[Run]] = {crawler.name: [] for crawler in CRAWLERS}
    with replica(ARTICLES_QUICK if quick else ARTICLES) as origin:
        for number in range(rounds):
            _one_round(origin, runs, number)
    rows = {name: _row(name, every, runs[PLAIN.name]) for name, every in runs.items()}
    return Report(
        name="durable",
        title=f"Durable crawls of the replica, {rounds} rounds",
        columns=COLUMNS,
        rows=list(rows.values()),
        targets=[
            _target(OFF, PLAIN, runs, 0.85),
            _target(ON, PLAIN, runs, 0.75),
            *(_target(ours, theirs, runs, 1) for ours in (OFF, ON) for theirs in (JOBDIR, JOBDIR_SQLITE)),
        ],
        notes=[
            *NOTES,
            f"by processor time, of plain Scrapy: {rows[OFF.name]['cpu_share']:.0%} without snapshots, {rows[ON.name]['cpu_share']:.0%} with",
        ],
    )


@contextmanager
def measuring(*, quick: bool) -> Iterator[Measure]:
    """Rounds against another commit: its durable crawls, and its reader on plain Scrapy, of this state's replica; crawl by crawl in turns."""
    with replica(ARTICLES_QUICK if quick else ARTICLES) as origin:

        def measure(now: Tree, then: Tree) -> tuple[Rows, Rows]:
            runs: list[dict[str, Run]] = [{}, {}]
            for one, crawler in (("PLAIN", PLAIN), ("OFF", OFF), ("ON", ON)):
                for tree, own in zip((now, then), runs, strict=True):
                    own[crawler.name] = Run(**crawled(tree, f"bench.durable:{one}", origin))
            rows, others = ([_row(name, [run], [own[PLAIN.name]]) for name, run in own.items()] for own in runs)
            return rows, others

        yield measure


def _one_round(origin: str, runs: dict[str, list[Run]], number: int) -> None:
    """Each crawler once; every round begins with another one and every other goes backwards, so that none always follows the same."""
    order = [*CRAWLERS[number % len(CRAWLERS) :], *CRAWLERS[: number % len(CRAWLERS)]]
    for crawler in reversed(order) if number % 2 else order:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            ours = crawler
            if crawler in (JOBDIR, JOBDIR_SQLITE):
                ours = attrs.evolve(crawler, arguments=(*crawler.arguments, "-s", f"JOBDIR={folder / 'job'}"))
            found = crawl(ours, origin, folder)
        print(f"{crawler.name}: {found.pages} pages, {found.rate:.1f} a second", file=sys.stderr)
        runs[crawler.name].append(found)


def _ratios(ours: list[Run], theirs: list[Run]) -> list[float]:
    return [one.rate / other.rate for one, other in zip(ours, theirs, strict=True)]


def _target(ours: Crawler, theirs: Crawler, runs: dict[str, list[Run]], limit: float) -> Target:
    measured = median(_ratios(runs[ours.name], runs[theirs.name]))
    return Target(what=f"{ours.name}, of {theirs.name}", measured=measured, limit=limit, unit="x")


def _row(name: str, runs: list[Run], plain: list[Run]) -> dict[str, Any]:
    cpu = [_cpu(run) for run in runs]
    return {
        "crawler": name,
        "rate": median(run.rate for run in runs),
        "slowest": min(run.rate for run in runs),
        "fastest": max(run.rate for run in runs),
        "share": median(_ratios(runs, plain)),
        "cpu_ms": median(cpu),
        "cpu_share": median(_cpu(one) / own for one, own in zip(plain, cpu, strict=True)),
        "pages": round(median(run.pages for run in runs)),
        "responses": round(median(run.responses for run in runs)),
        "rates": [run.rate for run in runs],
        "cpu": cpu,
    }


def _cpu(run: Run) -> float:
    """Milliseconds of a processor for a page."""
    return run.cpu_seconds / run.pages * 1000
