"""What the ledger does not know of is set aside, never mixed in and never removed: it is there when a ledger was lost or an older one put back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sabah.storage.errors import reported
from sabah.storage.writer import GROUP_PAGES

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.storage.ledger import Ledger

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
