"""What a start, and now and then a living run, does about runs that died: their claims are void, their torn tails go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from sabah import clock
from sabah.storage import deaths, faults
from sabah.storage.errors import reported
from sabah.storage.files import cut, install
from sabah.storage.leftovers import discard, finish
from sabah.storage.locks import Lock
from sabah.storage.strays import keep_tail, set_aside

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.storage.ledger import Ledger


@attrs.frozen
class Recovered:
    runs: tuple[str, ...] = ()
    """Crawl ids of the runs that had died."""

    claims: int = 0
    """Addresses they held, free again."""

    cut: int = 0
    """Bytes removed behind the committed lengths of their files."""

    aside: tuple[str, ...] = ()
    """Files that the ledger does not know, moved to `unknown/`."""

    deadly: tuple[str, ...] = ()
    """Addresses that are not asked for any more, because several runs in a row have died while they had them in hand."""


def lock_path(folder: Path, crawl_id: str) -> Path:
    return folder / "locks" / f"{crawl_id}.lock"


def recover(ledger: Ledger) -> Recovered:
    """Ends every run whose lock is free, and finishes what was left half removed. Safe beside living runs, and to be killed in. Raises StorageError."""
    dead, deadly, claims, removed = [], [], 0, 0
    for run, crawl_id in ledger.all("SELECT id, crawl_id FROM runs WHERE ended_at IS NULL"):
        path = lock_path(ledger.folder, crawl_id)
        with reported(path):
            lock = Lock.take(path)
        if lock is None:
            continue
        try:
            with ledger.transaction("recovery"):
                if ledger.one("SELECT ended_at FROM runs WHERE id = ?", run)[0] is None:
                    removed += close_files(ledger, run)
                    faults.point("recovery-cut")
                    deadly += deaths.blame(ledger, run, path)
                    claims += release(ledger, run)
                    end(ledger, run, "died", "its process ended without closing the run")
                    dead.append(crawl_id)
        finally:
            lock.release(remove=True)
    _sweep(ledger)
    discard(ledger)
    finish(ledger)
    return Recovered(tuple(dead), claims, removed, set_aside(ledger), tuple(deadly))


def release(ledger: Ledger, run: int) -> int:
    """Frees all that `run` has claimed; how many that was. Inside a transaction."""
    return ledger.run("UPDATE addresses SET run = NULL WHERE run = ?", run).rowcount


def end(
    ledger: Ledger, run: int, verdict: str, reason: str | None, counts: str | None = None, held: str | None = None
) -> None:
    """Writes the last words of `run`. Inside a transaction."""
    ledger.run(
        "UPDATE runs SET ended_at = ?, verdict = ?, reason = ?, counts = ?, held = ? WHERE id = ?",
        clock.timestamp(),
        verdict,
        reason,
        counts,
        held,
        run,
    )


def close_files(ledger: Ledger, run: int) -> int:
    """Cuts and closes the files of `run`, and cuts the file all share; bytes cut. Inside a transaction."""
    removed = 0
    install(ledger)
    for name, length in ledger.all(
        "SELECT name, length FROM files WHERE (run = ? AND NOT closed) OR kind = 'rejected'", run
    ):
        removed += _cut(ledger.folder, name, length)
    ledger.run("UPDATE files SET closed = 1 WHERE run = ?", run)
    return removed


def _sweep(ledger: Ledger) -> None:
    """Removes locks of runs that ended but died before they could do so. A name is never used again, so none is taken from a run to come."""
    for path in (ledger.folder / "locks").glob("*-*.lock"):
        if ledger.one("SELECT 1 FROM runs WHERE crawl_id = ? AND ended_at IS NOT NULL", path.stem):
            path.unlink(missing_ok=True)


def _cut(folder: Path, name: str, length: int) -> int:
    path = folder / name
    beyond = path.stat().st_size - length if path.exists() else 0
    if beyond <= 0:
        return 0  # whole, or short: the latter is for repair
    keep_tail(folder, path, length)
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        cut(descriptor, length, path)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return beyond
