"""A newspaper that comes by script, through the browser: seconds a page, memory, truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from bench.crawling import SHARED
from bench.environment import REPOSITORY
from bench.replica import replica, truth
from bench.report import Column, Report, Target
from bench.stats import PLACE
from tests.frames import processes
from tests.truth import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

ARTICLES, ARTICLES_QUICK = 200, 40
PAGES: Final = 4
PLAIN: Final = 600
_LOOK: Final = 0.2
_MB: Final = 1024.0

COLUMNS = (
    Column("what", "crawl of"),
    Column("seen", "pages", "d"),
    Column("rendered", "rendered", "d"),
    Column("share", "share", ".0%"),
    Column("seconds", "s a page", ".3f", better="less", unit="s"),
    Column("cpu", "CPU s a page", ".3f", better="less", unit="s"),
    Column("browser_mb", "browser MB", ".0f", better="less", unit="MB"),
    Column("stored", "stored", "d"),
    Column("wrong", "not as the truth", "d", better="less"),
)
NOTES = [
    f"{PAGES} pages at once, no delay; s a page: from the first page that came to the last, the start of the browser included, by articles and listings together",
    "browser MB: the largest sum of the proportional set sizes of the browser's processes and its driver, looked at five times a second",
    "CPU: of the crawl and its driver, without the browser's own processes; listings: scrolled or pressed to their end, each with a second in which nothing comes",
    "not as the truth: articles missing, too many, or with any field other than in the newspaper's truth",
]


@attrs.frozen(kw_only=True)
class Case:
    what: str
    articles: int
    scripts: str | None
    given: bool = False
    """Whether the articles are asked for by their addresses, without listings."""


def run(*, quick: bool) -> Report:
    number = ARTICLES_QUICK if quick else ARTICLES
    cases = (
        Case(what="script-only articles", articles=number, scripts="articles:plain", given=True),
        Case(what="the same and their listings", articles=number, scripts="all:plain"),
        Case(what="plain newspaper", articles=PLAIN // 4 if quick else PLAIN, scripts=None),
    )
    rows = [_measured(case) for case in cases]
    return Report(
        name="render",
        title="Pages through Chromium",
        columns=COLUMNS,
        rows=rows,
        targets=[
            Target(what="a script-only article", measured=rows[0]["seconds"], limit=0.25, at_most=True, unit=" s"),
            Target(what="the browser at its largest", measured=max(row["browser_mb"] for row in rows), limit=900, at_most=True, unit=" MB"),
            Target(what="articles not as the truth", measured=sum(row["wrong"] for row in rows), limit=0, at_most=True),
            Target(what="plain pages rendered", measured=rows[-1]["rendered"], limit=0, at_most=True),
        ],
        notes=NOTES,
    )  # fmt: skip


def _measured(case: Case) -> dict[str, Any]:
    more = ("--scripts", case.scripts) if case.scripts else ()
    with replica(case.articles, more=more) as origin, tempfile.TemporaryDirectory() as folder:
        expected = {one["record"]["url"]: one for one in truth(origin)}
        addresses = Path(folder) / "addresses.txt"
        addresses.write_text("".join(f"{url}\n" for url in expected))
        spider = (
            ["addresses", "-a", f"file={addresses}"]
            if case.given
            else ["section", "-a", "sections=all", "-a", "related=0"]
        )
        found = _crawl(origin, Path(folder), spider)
        records = [
            json.loads(line)
            for path in Path(folder).glob("articles/*.jsonl")
            for line in path.read_bytes().splitlines()
        ]
    known = {record["url"] for record in records}
    off = sum(record["url"] not in expected or bool(differences(record, expected[record["url"]])) for record in records)
    # Of a newspaper whose listings are cut short, not every article is within reach.
    missing = len(set(expected) - known) if case.scripts else 0
    print(f"{case.what}: {found['seen']} pages, {found['seconds']:.3f} s a page", file=sys.stderr)
    return {"what": case.what, "stored": len(records), "wrong": off + missing + len(records) - len(known), **found}


def _crawl(origin: str, folder: Path, spider: Sequence[str]) -> dict[str, Any]:
    """Raises RuntimeError with the end of its log when it fails."""
    log, figures = folder / "crawl.log", folder / "stats.json"
    settings = {
        **SHARED, "SITE_ORIGIN": origin, "OUTPUT_DIR": str(folder), "LOG_FILE": str(log), "RENDER_PAGES": PAGES,
    }  # fmt: skip
    command = [sys.executable, "-m", "scrapy", "crawl", *spider]
    for name, value in settings.items():
        command += ["-s", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SABAH_")}
    before = os.times()
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env={**environment, PLACE: str(figures)}, stderr=subprocess.DEVNULL
    )
    memory = _Memory(process.pid)
    process.wait()
    largest, after = memory.stop(), os.times()
    if not figures.exists():
        raise RuntimeError(f"the crawl ended with code {process.returncode}:\n{log.read_text()[-2000:]}")
    stats = json.loads(figures.read_text())
    seen = stats["render/seen"]
    return {
        "seen": seen,
        "rendered": stats.get("render/pages", 0),
        "share": stats.get("render/pages", 0) / seen,
        "seconds": stats["elapsed_time_seconds"] / seen,
        "cpu": (after.children_user + after.children_system - before.children_user - before.children_system) / seen,
        "browser_mb": largest,
    }


class _Memory:
    """Watches what a process has started."""

    def __init__(self, pid: int) -> None:
        self.pid, self.largest, self.over = pid, 0.0, False
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> float:
        """The largest sum, in MB."""
        self.over = True
        self._thread.join()
        return self.largest

    def _watch(self) -> None:
        while not self.over:
            self.largest = max(self.largest, _sum([one for one in processes(self.pid) if one != self.pid]))
            time.sleep(_LOOK)


def _sum(pids: Sequence[int]) -> float:
    kilobytes = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / _MB
