"""A ledger with many pending addresses: seconds to start, milliseconds to the next batch, memory.

`python -m bench.ledger FOLDER` measures the ledger in FOLDER in a process of its own, and prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import attrs

from bench.environment import REPOSITORY
from bench.report import Column, Report, Target
from sabah.storage.ledger import Ledger
from sabah.storage.store import Store
from sabah.storage.summary import summarise

ADDRESSES, ADDRESSES_QUICK = 1_000_000, 100_000
BATCHES = 200
COLUMNS = (
    Column("addresses", "addresses", ",d"),
    Column("mb", "ledger MB", ".0f", better="less", unit="MB"),
    Column("start_s", "start s", ".2f", better="less", unit="s"),
    Column("batch_ms", "batch ms", ".1f", better="less", unit="ms"),
    Column("p95_ms", "p95", ".1f", better="less", unit="ms"),
    Column("slowest_ms", "slowest", ".1f", better="less", unit="ms"),
    Column("resident_mb", "resident MB", ".0f", better="less", unit="MB"),
    Column("summary_s", "status s", ".2f", better="less", unit="s"),
    Column("check_s", "whole check s", ".2f", better="less", unit="s"),
)
NOTES = [
    f"batch: 48 addresses claimed and committed (fsync), {BATCHES} times, each after the pages of the last one were stored",
    "the slowest batches are those whose commit also moves SQLite's log (4 MB) into the ledger; a crawl asks 16 pages ahead",
    "start: opening, looking for damage for half a second at most, clearing up behind dead runs; resident: the most of the process",
]


def run(*, quick: bool) -> Report:
    with tempfile.TemporaryDirectory() as name:
        _fill(Path(name), ADDRESSES_QUICK if quick else ADDRESSES)
        command = [sys.executable, "-m", "bench.ledger", name]
        done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    row = json.loads(done.stdout)
    return Report(
        name="ledger",
        title="Ledger with addresses that all wait",
        columns=COLUMNS,
        rows=[row],
        targets=[
            Target(what="start", measured=row["start_s"], limit=2, at_most=True, unit=" s"),
            Target(what="next batch, median", measured=row["batch_ms"], limit=20, at_most=True, unit=" ms"),
            Target(what="next batch, slowest", measured=row["slowest_ms"], limit=20, at_most=True, unit=" ms"),
            Target(what="resident", measured=row["resident_mb"], limit=300, at_most=True, unit=" MB"),
        ],
        notes=NOTES,
    )


def _fill(folder: Path, number: int) -> None:
    ledger = Ledger.open(folder)
    with ledger.transaction("run"):
        ledger.run("INSERT INTO scopes (key) VALUES ('bench')")
        ledger.connection.executemany(
            "INSERT INTO addresses (url, kind, section, found_on, depth, first_seen_at) VALUES (?, 'article', 'world', ?, 1, ?)",
            (
                (
                    f"https://www.dailysabah.com/world/2021/09/14/a-headline-of-the-usual-length-{n}",
                    "https://www.dailysabah.com/world",
                    "2021-09-14T07:51:00+00:00",
                )
                for n in range(number)
            ),
        )
        ledger.run("INSERT INTO wants (scope, address, depth) SELECT 1, id, 1 + id % 2 FROM addresses")
    ledger.close()


def _measure(folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    store = Store.open(folder, spider="bench", arguments={}, scope="bench", follow=lambda _url, _depth: None)
    row: dict[str, Any] = {"start_s": time.perf_counter() - began}
    batches = []
    for _ in range(BATCHES):
        began = time.perf_counter()
        claim = store.claim().result()
        batches.append((time.perf_counter() - began) * 1000)
        ends = [store.store(attrs.evolve(one, outcome="gone", status=404)) for one in claim.addresses]
        ends[-1].result()
    store.close("ok")
    row |= {"batch_ms": median(batches), "p95_ms": quantiles(batches, n=20)[-1], "slowest_ms": max(batches)}
    row["resident_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row["mb"] = (folder / "ledger.sqlite").stat().st_size / 1e6
    ledger = Ledger.read(folder)
    began = time.perf_counter()
    row["addresses"] = sum(summarise(ledger).states.values())
    row["summary_s"] = time.perf_counter() - began
    began = time.perf_counter()
    ledger.check(60)
    row["check_s"] = time.perf_counter() - began
    ledger.close()
    return row


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
