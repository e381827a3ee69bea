"""Clear up behind runs that died: their claims are void, their torn tails go, what they had in hand is counted."""

from __future__ import annotations

import json
import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from sabah import clock
from sabah.storage import faults
from sabah.storage.errors import reported
from sabah.storage.files import cut, install
from sabah.storage.locks import Lock
from sabah.storage.writer import GROUP_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sabah.storage.ledger import Ledger

logger = logging.getLogger(__name__)

LAST: Final = 2
"""Deaths in a row after which an address comes last: alone, and when its scope has nothing else."""

DEADLY: Final = 3
"""Deaths in a row after which it is not asked for any more. The third has met it alone."""


def note(lock: Lock, addresses: Iterable[int]) -> None:
    """Writes into the run's lock file what it has in hand. Not forced to the disk: what the system has taken outlives the process, and a power cut is no page's fault."""
    lock.write(json.dumps(sorted(addresses)))


def blame(ledger: Ledger, run: int, path: Path) -> list[str]:
    """Counts a death for what the dead `run` had in hand; the addresses that are not asked for any more from now on. Inside a transaction, before its claims are freed.

    One that has a record keeps it, and is not looked at again.
    """
    held = json.dumps(_noted(path))
    mine = "run = ? AND id IN (SELECT value FROM json_each(?))"
    ledger.run(f"UPDATE addresses SET deaths = deaths + 1 WHERE {mine}", run, held)  # noqa: S608 - a constant
    deadly = ledger.all(f"SELECT id, url FROM addresses WHERE deaths >= ? AND {mine} ORDER BY id", DEADLY, run, held)  # noqa: S608
    for address, _ in deadly:
        ledger.run(
            "UPDATE addresses SET due_at = NULL, state = iif(EXISTS (SELECT 1 FROM articles WHERE address = ?1), state, 'failed') WHERE id = ?1",
            address,
        )
    for _, url in deadly:
        logger.error(
            "Failed (%d runs in a row died while they had it in hand; not asked for any more): %s", DEADLY, url
        )
    return [url for _, url in deadly]


def _noted(path: Path) -> list[int]:
    """What the lock file says; nothing where the process died while it wrote."""
    try:
        noted = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return [one for one in noted if isinstance(one, int)] if isinstance(noted, list) else []


def rewriting_lock(folder: Path) -> Path:
    """Held by the one process that moves stored lines and snapshots."""
    return folder / "locks" / "files.lock"


@contextmanager
def rewriting(folder: Path) -> Iterator[None]:
    """The right to move stored lines and snapshots; waits for whoever has it. Raises StorageError."""
    path = rewriting_lock(folder)
    with reported(path):
        lock = Lock(path)
    with lock:
        yield


def finish(ledger: Ledger) -> None:
    """Ends a rewriting whose process died; one that lives ends its own. Safe to be killed in. Raises StorageError."""
    path = rewriting_lock(ledger.folder)
    with reported(path):
        lock = Lock.take(path)
    if lock is not None:
        with lock:
            complete(ledger)


def complete(ledger: Ledger) -> None:
    """Everything a rewriting has still to do, or to undo, after its commit or its death. Holding the lock. Raises StorageError."""
    drop_unfinished(ledger)
    if ledger.one("SELECT 1 FROM files WHERE kind = 'replacement'"):
        with ledger.transaction("rewrite-installed"):
            install(ledger)
    discard(ledger)
    scrub(ledger)


def drop_unfinished(ledger: Ledger) -> None:
    """Removes the files of a rewriting that was not committed. Holding the lock."""
    _remove(ledger, "SELECT id, name FROM files WHERE run IS NULL AND NOT closed AND kind <> 'rejected'")


def discard(ledger: Ledger) -> None:
    """Removes closed files of which the ledger keeps nothing. Needs no lock: they never come to count again."""
    _remove(ledger, "SELECT id, name FROM files WHERE closed AND length = 0 AND kind <> 'replacement'")


def scrub(ledger: Ledger) -> None:
    """Rewrites the ledger's file after articles were forgotten, so that free pages and the write-ahead log keep nothing of them.

    Waits for other processes' transactions; where one reads for longer, a later start tries again.
    """
    if not ledger.one("SELECT 1 FROM tombstones WHERE NOT clean"):
        return
    with reported(ledger.path):
        ledger.run("VACUUM")
        faults.point("rewrite-vacuumed")
        busy = ledger.one("PRAGMA wal_checkpoint(TRUNCATE)")[0]
    if not busy:
        with ledger.transaction("rewrite-clean"):
            ledger.run("UPDATE tombstones SET clean = 1")


def _remove(ledger: Ledger, which: str) -> None:
    """First the files, then their rows: killed between the two, the next start goes on."""
    found = ledger.all(which)
    if not found:
        return
    with reported(ledger.path):
        for _, name in found:
            (ledger.folder / name).unlink(missing_ok=True)
        with ledger.transaction("discard"):
            ledger.connection.executemany("DELETE FROM files WHERE id = ?", [(file,) for file, _ in found])


FOLDER: Final = "unknown"
_PATTERNS: Final = ("articles/*.jsonl", "snapshots/*.warc.gz", "rejected.jsonl")
_LINE: Final = b"\n"
_MEMBER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
"""How a gzip member of ours begins; a page has two."""


def set_aside(ledger: Ledger) -> tuple[str, ...]:
    """Moves every segment and snapshot file without a row in the ledger to `unknown/`; their names. Safe beside living runs. Raises StorageError.

    A living run's file has its row before it is made, so the folder is listed first and the rows are read after.
    """
    with reported(ledger.folder):
        found = [path for pattern in _PATTERNS for path in ledger.folder.glob(pattern)]
    if not found:
        return ()
    moved = []
    with ledger.transaction("strays"):
        # The row of rejected.jsonl is there from the start. Lines are appended inside a transaction, so none is being written now.
        known = {name for (name,) in ledger.all("SELECT name FROM files WHERE kind <> 'rejected' OR length > 0")}
        for path in found:
            name = path.relative_to(ledger.folder).as_posix()
            if name not in known and path.exists():
                path.rename(_free_name(ledger.folder, path.name))
                moved.append(name)
    return tuple(moved)


def keep_tail(folder: Path, path: Path, length: int) -> None:
    """Copies what lies beyond `length` to `unknown/` where it is more than a dying run can have left, one group of pages. Raises OSError."""
    with path.open("rb") as file:
        file.seek(length)
        tail = file.read()
    if tail.count(_LINE if path.suffix == ".jsonl" else _MEMBER) <= 2 * GROUP_PAGES + 1:
        return
    with _free_name(folder, f"{length}-{path.name}").open("wb") as copy:
        copy.write(tail)
        copy.flush()
        os.fsync(copy.fileno())


def _free_name(folder: Path, name: str) -> Path:
    (folder / FOLDER).mkdir(exist_ok=True)
    numbered = (folder / FOLDER / (f"{number}-{name}" if number else name) for number in range(1_000_000))
    return next(path for path in numbered if not path.exists())


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
                    deadly += blame(ledger, run, path)
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
