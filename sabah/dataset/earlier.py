"""The backup that is to be brought up to date: whether it is one, and what need not be copied again."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from sabah.dataset.whole_folder import ForeignError
from sabah.storage.ledger import NAME, PATIENCE
from sabah.storage.schema import APPLICATION_ID
from sabah.storage.strays import FOLDER as UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

REJECTED: Final = "rejected.jsonl"
PARTS: Final = frozenset({NAME, f"{NAME}-wal", f"{NAME}-shm", "articles", "snapshots", REJECTED, UNKNOWN, "locks"})
"""What a backup consists of, and what opening it adds."""


def files_of(folder: Path, runs: Collection[str]) -> dict[str, int]:
    """Committed length by name of the files that the backup in `folder` has, where it is an earlier one of the dataset with these runs.

    A run beside them was made there, or has gone from the dataset since: what it stored is nowhere else. Raises ForeignError, whose text is one line.
    """
    if folder.is_symlink() or not (folder / NAME).is_file():
        raise ForeignError(f"{folder} is there already, and is no backup (a folder with a {NAME})")
    if others := sorted({path.name for path in folder.iterdir()} - PARTS):
        raise ForeignError(f"{folder} holds {others[0]!r}, which is of no backup")
    try:
        with closing(sqlite3.connect(folder / NAME, timeout=PATIENCE)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise ForeignError(f"{folder} is no backup: its {NAME} is another program's")
            made = {run for (run,) in connection.execute("SELECT crawl_id FROM runs")}
            files = dict(connection.execute("SELECT name, length FROM files WHERE kind IN ('article', 'snapshot')"))
    except sqlite3.Error as error:
        raise ForeignError(f"{folder}: its {NAME} cannot be read ({error})") from error
    if strange := sorted(made.difference(runs)):
        raise ForeignError(
            f"{folder} holds run {strange[0]}, which this dataset does not: it is no earlier backup of it"
        )
    return {name: length for name, length in files.items() if _size(folder / name) == length} | set_aside(folder)


def set_aside(folder: Path) -> dict[str, int]:
    """Size by name of what is in `unknown/`."""
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.glob(f"{UNKNOWN}/*")}


def _size(path: Path) -> int:
    return path.stat().st_size if os.path.lexists(path) and not path.is_symlink() else -1
