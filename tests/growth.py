"""What a month of jobs leaves, in bytes, files and memory, held against what docs/growth.md promises."""

from __future__ import annotations

import json
import re
from contextlib import closing
from functools import lru_cache
from statistics import linear_regression, median
from typing import TYPE_CHECKING, Final

import attrs

from sabah.storage.ledger import Ledger
from tests.running import REPOSITORY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.scrapyd import Scrapyd

MB: Final = 1_000_000
WARM: Final = 6
"""Hours after which nothing grows any more."""

_ROW: Final = re.compile(r"^\| (?P<what>[^|]+?) \| (?P<most>[0-9]+) \|$", re.MULTILINE)
_KNOWN: Final = re.compile(
    r"articles/[^/]+\.jsonl|snapshots/[^/]+\.warc\.gz|locks/((backup|check|files|ledger)\.lock|export\.nightly)|exports/nightly/[^/]+|rejected\.jsonl"
    r"|ledger\.sqlite(-wal|-shm)?"
)
_OF_RUNS: Final = ("articles/", "snapshots/")
HEAD: Final = (
    "day         articles lines  segments  raw pages  ledger MB  exports  logs MB files  daemon MB open  job MB  s"
)


@lru_cache
def documented(begins: str) -> int:
    """The number of the one row of docs/growth.md that begins so."""
    rows = {row["what"]: int(row["most"]) for row in _ROW.finditer((REPOSITORY / "docs" / "growth.md").read_text())}
    (found,) = (most for what, most in rows.items() if what.startswith(begins))
    return found


@attrs.frozen(kw_only=True)
class Measured:
    """At a moment when no job runs."""

    at: dt.datetime
    articles: int
    lines: int
    pages: int
    """Raw pages kept."""

    runs: int
    running: int
    storing: int
    """Files of runs since they were last merged, by the ledger."""

    segments: int
    """Bytes, as the next four."""

    snapshots: int
    ledger: int
    exports: int
    logs: int
    files: tuple[str, ...]
    """Of the dataset."""

    logged: Mapping[str, int]
    """Logs that Scrapyd has kept of each spider."""

    scrapyd: int
    """Files of Scrapyd, logs of jobs aside."""

    resident: int
    descriptors: int
    peaks: Mapping[str, int]
    """Most memory of the last job of each spider."""


def measure(at: dt.datetime, output: Path, daemon: Scrapyd) -> Measured:
    sizes = {str(path.relative_to(output)): path.stat().st_size for path in output.rglob("*") if path.is_file()}
    with closing(Ledger.read(output)) as ledger:
        lines, articles = ledger.one("SELECT count(*), count(DISTINCT address) FROM articles")
        runs, running = ledger.one("SELECT count(*), count(*) - count(ended_at) FROM runs")
        newest = ledger.all("SELECT spider, counts, max(id) FROM runs WHERE counts IS NOT NULL GROUP BY spider")
        pages = ledger.one("SELECT count(*) FROM snapshots")[0]
        storing = ledger.one("SELECT count(*) FROM files WHERE length AND kind IN ('article', 'snapshot')")[0]
    logs = list((daemon.folder / "logs").rglob("*.log"))
    return Measured(
        at=at, articles=articles, lines=lines, pages=pages, runs=runs, running=running, storing=storing,
        segments=_under(sizes, "articles/"), snapshots=_under(sizes, "snapshots/"), ledger=_under(sizes, "ledger."),
        exports=_under(sizes, "exports/"), logs=sum(path.stat().st_size for path in logs),
        files=tuple(sorted(sizes)),
        logged={folder.name: len(list(folder.iterdir())) for folder in (daemon.folder / "logs").glob("*/*")},
        scrapyd=sum(path.is_file() and path.suffix != ".log" for path in daemon.folder.rglob("*")),
        resident=daemon.resident(), descriptors=daemon.descriptors(),
        peaks={spider: json.loads(counts)["memusage/max"] for spider, counts, _ in newest},
    )  # fmt: skip


def _under(sizes: Mapping[str, int], folder: str) -> int:
    return sum(size for name, size in sizes.items() if name.startswith(folder))


def beyond(measured: Sequence[Measured], compacted: Sequence[tuple[Measured, Measured]], to_keep: int) -> list[str]:
    """Everything that is more than documented, in words; `to_keep` is the configuration's jobs_to_keep."""
    found = [f"{name} is no file that is documented" for one in measured for name in one.files if not _KNOWN.fullmatch(name)]  # fmt: skip
    found += _files(measured, compacted)
    found += [f"{one.at}: {one.running} runs have no end" for one in measured if one.running]
    for one in measured:
        most = to_keep + documented("logs that Scrapyd keeps")
        found += [f"{one.at}: {count} logs of {spider}" for spider, count in one.logged.items() if count > most]
        if one.scrapyd > documented("files of Scrapyd"):
            found.append(f"{one.at}: {one.scrapyd} files of Scrapyd itself")
    last = measured[-1]
    ledger = (
        documented("bytes of ledger before")
        + last.lines * documented("bytes of ledger for each article")
        + last.runs * documented("bytes of ledger for each run")
    )
    for what, size, most in (
        ("the ledger", last.ledger, ledger),
        ("segments", last.segments, last.lines * documented("bytes of segments")),
        ("raw pages", last.snapshots, last.pages * documented("bytes of raw page")),
    ):
        if size > most:
            found.append(f"{what}: {size:,} bytes, more than {most:,}")
    return [*found, *_memory(measured)]


def _files(measured: Sequence[Measured], compacted: Sequence[tuple[Measured, Measured]]) -> list[str]:
    found = []
    for one in measured:
        merged = sum(name.startswith(_OF_RUNS) for name in one.files)
        if merged != one.storing:
            found.append(f"{one.at}: {merged} files of runs, the ledger knows {one.storing}")
        if merged > one.runs * documented("files of a run"):
            found.append(f"{one.at}: {merged} files of {one.runs} runs")
        exported = sum(name.startswith("exports/") for name in one.files)
        if exported > documented("files of the nightly export"):
            found.append(f"{one.at}: {exported} files of exports")
        if len(one.files) - merged - exported > documented("other files"):
            found.append(f"{one.at}: {len(one.files) - merged - exported} other files: {one.files}")
    for number, (_, after) in enumerate(compacted, 1):
        present = tuple(f"{folder}{after.at:%Y%m}" for folder in _OF_RUNS)
        left = [name for name in after.files if name.startswith(_OF_RUNS) and not name.startswith(present)]
        if len(left) > number * documented("files of a month"):
            found.append(f"{after.at}: {left} are left after compact")
    return found


def _memory(measured: Sequence[Measured]) -> list[str]:
    warm = measured[WARM:]
    found = []
    grown = {"the daemon": (growth([one.resident for one in warm]), documented("MB by which the daemon"))}
    for spider in warm[-1].peaks:
        of_spider = [one.peaks[spider] for one in warm if spider in one.peaks]
        grown[f"{spider}'s jobs"] = (growth(of_spider), documented("MB by which a spider"))
    found += [f"{who} grew by {by / MB:.1f} MB" for who, (by, most) in grown.items() if by > most * MB]
    files = growth([one.descriptors for one in warm])
    if files > documented("open files"):
        found.append(f"the daemon has {files:.0f} more files open")
    return found


def growth(values: Sequence[int]) -> float:
    """By how much they rise from first to last along their line; 0 for fewer than three."""
    if len(values) < 3:
        return 0.0
    return linear_regression(range(len(values)), values).slope * (len(values) - 1)


def row(one: Measured, seconds: float | None = None) -> str:
    """Of the table that HEAD begins; `seconds` is what its last hour took."""
    return (
        f"{one.at:%Y-%m-%d} {one.articles:9,} {one.lines:5,} {one.segments / MB:9.2f} {one.snapshots / MB:10.2f} {one.ledger / MB:10.2f}"
        f" {one.exports / MB:8.2f} {one.logs / MB:8.2f} {len(one.files):5} {one.resident / MB:10.1f} {one.descriptors:4}"
        f" {max(one.peaks.values()) / MB:7.1f}{'' if seconds is None else f' {seconds:3.0f}'}"
    )


def summary(measured: Sequence[Measured], compacted: Sequence[tuple[Measured, Measured]]) -> str:
    """The figures of the whole time, a line each."""
    last = measured[-1]
    said = [
        f"articles {last.articles:,}, lines {last.lines:,}, raw pages {last.pages:,}, runs {last.runs:,}",
        f"bytes: segments {last.segments:,}, raw pages {last.snapshots:,}, ledger {last.ledger:,}, exports {last.exports:,}, logs {last.logs:,}",
        f"daemon: most {max(one.resident for one in measured) / MB:.1f} MB, growth {growth([one.resident for one in measured[WARM:]]) / MB:.2f} MB",
        f"daemon: most {max(one.descriptors for one in measured)} open files, growth {growth([one.descriptors for one in measured[WARM:]]):.1f}",
    ]
    for spider in last.peaks:
        peaks = [one.peaks[spider] for one in measured if spider in one.peaks]
        said.append(f"{spider}: most {max(peaks) / MB:.1f} MB, median {median(peaks) / MB:.1f} MB, growth {growth(peaks[WARM:]) / MB:.2f} MB")  # fmt: skip
    for before, after in compacted:
        said += ["before and after compact:", HEAD, row(before), row(after)]
    return "\n".join(said)
