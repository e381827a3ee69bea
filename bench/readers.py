"""ms a page of the reader in process, bytes to record, against general readers; and how right each is."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import TYPE_CHECKING, Any

import attrs

from bench.reading import WARM_UP, Reader, take_turns
from bench.replica import fetch, replica, truth
from bench.report import Column, Report, Target
from bench.score import body_f1, same_date, same_day, same_text, same_words
from bench.trees import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.against import Measure, Rows
    from bench.trees import Tree

PAGES, PAGES_QUICK = 200, 32

OWN = Reader("sabah", "bench.ours:sabah", PRESENT)
FLOOR = Reader("lxml, parse only", "bench.ours:parse_only", PRESENT)
READERS = (
    OWN,
    Reader("fundus", "bench.competitors:fundus"),
    Reader("trafilatura, fast", "bench.competitors:trafilatura:fast"),
    Reader("trafilatura", "bench.competitors:trafilatura"),
    Reader("newspaper4k", "bench.competitors:newspaper"),
    Reader("news-please", "bench.competitors:news_please"),
)
COLUMNS = (
    Column("reader", "reader"),
    Column("ms", "ms a page", ".2f", better="less", unit="ms"),
    Column("cpu_ms", "CPU ms", ".2f", better="less", unit="ms"),
    Column("a_core", "pages/s", ".0f", better="more", unit="pages/s"),
    Column("times", "x sabah", ".1f"),
    Column("parses", "x parse", ".1f", better="less"),
    Column("body_f1", "body F1", ".3f", better="more"),
    Column("exact_bodies", "exact bodies", ".1%", better="more"),
    Column("exact_dates", "exact dates", ".1%", better="more"),
    Column("keywords", "keywords", ".1%", better="more"),
    Column("captions", "captions", ".1%", better="more"),
    Column("errors", "errors", "d", better="less"),
)
NOTES = [
    "ms: median over the pages of one reading each, wall clock, from bytes to the record (the others: title, body, date …), parse included",
    "pages/s (a core) and x sabah: by processor time, which what others do on the machine changes less than the clock",
    "x parse: by processor time, times what lxml alone takes to parse the same pages",
    "one process a reader, taking turns; each page is new to each reader; 8 pages to warm up; garbage collector on, emptied before each turn",
    "body F1: words, mean over pages; exact bodies: equal but for blanks; exact dates: same minute and offset",
    "keywords, captions: all of the page and no others, in any case; – for a reader that gives none",
]


def run(*, quick: bool) -> Report:
    count = PAGES_QUICK if quick else PAGES
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages.jsonl"
        records, weight = _sample(pages, count)
        readings = take_turns((*READERS, FLOOR), pages, count)
    floor = _floor(readings.pop(FLOOR.name))
    rows = [_row(name, read, records, floor) for name, read in readings.items()]
    own = next(row for row in rows if row["reader"] == OWN.name)
    for row in rows:
        row["times"] = row["cpu_ms"] / own["cpu_ms"]
    times = {row["reader"]: row["times"] for row in rows}
    exact = min(own[one] for one in ("exact_titles", "exact_bodies", "exact_dates", "keywords", "captions"))
    return Report(
        name="readers",
        title=f"Readers in process, {count} article pages of the replica of {weight / 1000:.0f} KB",
        columns=COLUMNS,
        rows=rows,
        targets=[
            Target(what="sabah, a page, CPU", measured=own["cpu_ms"], limit=2.4, at_most=True, unit=" ms"),
            Target(what="trafilatura fast, times sabah", measured=times["trafilatura, fast"], limit=5, unit="x"),
            Target(what="sabah, field least often exact", measured=exact * 100, limit=100, unit=" %"),
        ],
        notes=[
            *NOTES,
            f"lxml alone takes {floor:.2f} ms of CPU to parse such a page here; sabah takes {own['parses']:.1f} times that",
        ],
    )


@contextmanager
def measuring(*, quick: bool) -> Iterator[Measure]:
    """Rounds against another commit: both readers, and lxml in both environments, take turns at the pages of this state's replica."""
    count = PAGES_QUICK if quick else PAGES
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages.jsonl"
        records, _ = _sample(pages, count)

        def measure(now: Tree, then: Tree) -> tuple[Rows, Rows]:
            both = [
                [attrs.evolve(one, name=f"{one.name} ({tree.name})", tree=tree) for one in (OWN, FLOOR)]
                for tree in (now, then)
            ]
            readings = take_turns([one for own in both for one in own], pages, count)
            one, other = (
                [_row(OWN.name, readings[own.name], records, _floor(readings[floor.name]))] for own, floor in both
            )
            return one, other

        yield measure


def _floor(readings: list[dict[str, Any]]) -> float:
    """Milliseconds of processor time that parsing alone takes."""
    milliseconds: float = median(one["cpu_ms"] for one in readings)
    return milliseconds


def _sample(file: Path, count: int) -> tuple[list[dict[str, Any]], float]:
    """Writes pages, `count` and those to warm up with, for the workers; gives the true records and the median weight.

    They are spread evenly over a newspaper of ten times as many articles: those with a body, in the layout of today.
    """
    wanted = count + WARM_UP
    weights = []
    with replica(wanted * 10) as origin, file.open("w", encoding="utf-8") as lines:
        known = [one for one in truth(origin) if one["record"]["layout"] == "2020" and one["record"]["body"]]
        chosen = [known[len(known) * number // wanted] for number in range(wanted)]
        for one in chosen:
            html = fetch(origin + one["paths"]["page"])
            weights.append(len(html))
            print(json.dumps({"url": one["record"]["url"], "html": html.decode()}), file=lines)
    return [one["record"] for one in chosen[:count]], median(weights)


def _row(name: str, readings: list[dict[str, Any]], records: list[dict[str, Any]], floor: float) -> dict[str, Any]:
    pairs = list(zip(readings, records, strict=True))
    return {
        "reader": name,
        "ms": median(one["ms"] for one in readings),
        "ms_mean": fmean(one["ms"] for one in readings),
        "ms_p90": quantiles((one["ms"] for one in readings), n=10)[-1],
        "cpu_ms": (cpu := median(one["cpu_ms"] for one in readings)),
        "a_core": 1000 / cpu,
        "parses": cpu / floor,
        "body_f1": fmean(body_f1(read["body"], true["body"]) for read, true in pairs),
        "exact_bodies": fmean(same_text(read["body"], true["body"]) for read, true in pairs),
        "exact_dates": fmean(same_date(read["date"], true["published_at"]) for read, true in pairs),
        "right_days": fmean(same_day(read["date"], true["published_at"]) for read, true in pairs),
        "keywords": _share(same_words(read["keywords"], true["keywords"]) for read, true in pairs),
        "captions": _share(
            same_words(read["captions"], [one["caption"] for one in true["images"] if one["caption"]])
            for read, true in pairs
        ),
        "exact_titles": fmean(same_text(read["title"], true["headline"]) for read, true in pairs),
        "errors": sum(read["error"] is not None for read in readings),
    }


def _share(judged: Iterable[bool | None]) -> float | None:
    """Of pages that are right; None of a reader that never gives such a thing."""
    right = list(judged)
    return None if all(one is None for one in right) else fmean(bool(one) for one in right)
