"""What a rewriting that died has left: files that never came to count, files that no longer do, free pages of the ledger."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sabah.storage import faults
from sabah.storage.errors import reported
from sabah.storage.files import install
from sabah.storage.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sabah.storage.ledger import Ledger


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
