"""Stored snapshots to records, with one process and with two: pages a second, and memory as the pages go by.

`python -m bench.reparse FOLDER JOBS READ` re-reads the pages of FOLDER in a process of its own, READ pages in all, and prints one JSON object.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from bench.against import in_turns
from bench.replica import fetch, replica, truth
from bench.report import Column, Report, Target
from bench.trees import PRESENT
from sabah.archive.pool import answers
from sabah.archive.rereading import Task, reread
from sabah.storage.readings import Kept
from sabah.storage.snapshots import Capture, head, opening, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.against import Measure
    from bench.trees import Tree

PAGES, PAGES_QUICK = 1_000, 100
TIMES = 10
"""How often each is read: memory is looked at after the first and after the last time."""

WARM_UP: Final = 64
_AT: Final = "2026-01-01T00:00:00+00:00"
_FILE: Final = "pages.warc.gz"
COLUMNS = (
    Column("jobs", "processes", "d"),
    Column("pages", "pages", ",d"),
    Column("a_second", "pages/s", ".0f", better="more", unit="pages/s"),
    Column("a_core", "pages/s a core", ".0f", better="more", unit="pages/s"),
    Column("cpu_ms", "CPU ms a page", ".2f", better="less", unit="ms"),
    Column("first_mb", "MB after a tenth", ".1f", better="less", unit="MB"),
    Column("last_mb", "MB at the end", ".1f", better="less", unit="MB"),
    Column("exact", "exact bodies", ".1%", better="more"),
)
NOTES = [
    "a page: its record found in the WARC file, unpacked twice (WARC and Content-Encoding), digest compared, read, validated; two processes: the record handed over as well",
    "pages/s a core: by the processor time of all processes together, the parent's too; pages/s: by the clock, which says less where others work beside it",
    "each page gives a whole record, which two processes must hand over; where nothing has changed there is none to hand over, and they gain more",
    "MB: resident memory of the processes that read, together",
]


def run(*, quick: bool) -> Report:
    count = PAGES_QUICK if quick else PAGES
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), count)
        one, two = _rows(PRESENT, folder, count * TIMES)
    return Report(
        name="reparse",
        title=f"{count:,} snapshots, each read {TIMES} times",
        columns=COLUMNS,
        rows=[one, two],
        targets=[
            Target(what="pages a second a core", measured=one["a_core"], limit=300),
            Target(what="two processes, times one", measured=two["a_second"] / one["a_second"], limit=1.8, unit="x"),
            Target(what="growth, one process", measured=one["last_mb"] - one["first_mb"], limit=8, at_most=True, unit=" MB"),
            Target(what="growth, two processes", measured=two["last_mb"] - two["first_mb"], limit=16, at_most=True, unit=" MB"),
            Target(what="exact bodies", measured=min(one["exact"], two["exact"]) * 100, limit=100, unit=" %"),
        ],
        notes=[*NOTES, f"by processor time alone two processes would do {2 * two['a_core'] / one['a_core']:.2f} times what one does"],
    )  # fmt: skip


def _fill(folder: Path, count: int) -> None:
    """A WARC file as a crawl writes it, of pages in the layout of today that came in gzip; and the bodies that are true of them."""
    kept = []
    with replica(count * 2) as origin, (folder / _FILE).open("wb") as file:
        file.write(opening(_FILE, _AT))
        known = [one for one in truth(origin) if one["record"]["layout"] == "2020" and one["record"]["body"]]
        for one in known[:count]:
            path, url = one["paths"]["page"], one["record"]["url"]
            fields = [(b"Content-Type", b"text/html; charset=utf-8"), (b"Content-Encoding", b"gzip")]
            capture = Capture(
                url=url, at=_AT, request=f"GET {path} HTTP/1.1\r\nHost: www.dailysabah.com\r\n\r\n".encode(),
                head=head("HTTP/1.1 200 OK", fields), payload=gzip.compress(fetch(origin + path)),
            )  # fmt: skip
            kept.append({"url": url, "offset": file.tell(), "body": one["record"]["body"]})
            file.write(pack(capture))
    (folder / "kept.json").write_text(json.dumps(kept))


@contextmanager
def measuring(*, quick: bool) -> Iterator[Measure]:
    """Rounds against another commit: it reads the file that this state has written, of pages of this state's replica."""
    count = PAGES_QUICK if quick else PAGES
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), count)
        yield in_turns(lambda tree: _rows(tree, folder, count * TIMES))


def _rows(tree: Tree, folder: str, read: int) -> list[dict[str, Any]]:
    """With one process and with two."""
    return [json.loads(tree.run("-m", "bench.reparse", folder, str(jobs), str(read))) for jobs in (1, 2)]


def _measure(folder: Path, jobs: int, read: int) -> dict[str, Any]:
    kept = json.loads((folder / "kept.json").read_text())
    bodies = {one["url"]: one["body"] for one in kept}
    found = answers(reread, _tasks(folder, kept, WARM_UP + read), jobs)
    for _ in islice(found, WARM_UP):
        pass
    readers = [one.pid for one in multiprocessing.active_children() if one.pid] or [os.getpid()]
    everyone = {os.getpid(), *readers}
    began, used = time.perf_counter(), _used(everyone)
    exact, first = 0, 0.0
    for number, (task, outcome) in enumerate(found, 1):
        exact += outcome.record is not None and outcome.record.body == bodies[task.kept.url]
        if number == read // TIMES:
            first = _resident(readers)
        if number == read:  # the processes end with the answers
            seconds, cpu, last = time.perf_counter() - began, _used(everyone) - used, _resident(readers)
    return {
        "jobs": jobs, "pages": read, "a_second": read / seconds, "a_core": read / cpu, "cpu_ms": cpu * 1000 / read, "first_mb": first, "last_mb": last,
        "exact": exact / read,
    }  # fmt: skip


def _tasks(folder: Path, kept: list[dict[str, Any]], count: int) -> Iterator[Task]:
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in attrs.fields(Kept))
    known: dict[str, Any] = nothing | {"file": 1, "name": _FILE, "status": 200, "kind": "article", "fetched_at": _AT}
    for number, one in enumerate(islice(cycle(kept), count), 1):
        yield Task(
            folder, Kept(**known | {"url": one["url"], "offset": one["offset"]}), page_bytes=16 * 1024**2, number=number
        )


def _used(processes: Iterable[int]) -> float:
    """Seconds of processor time."""
    fields = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in processes)
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def _resident(processes: Iterable[int]) -> float:
    """Megabytes."""
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in processes)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
