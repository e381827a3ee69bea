"""The backup that is to be brought up to date: whether it is one, and what need not be copied again."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from sabah.dataset.report.work import PREFIX
from sabah.dataset.whole_folder import ForeignError
from sabah.storage.ledger import NAME, PATIENCE
from sabah.storage.recovery import FOLDER as UNKNOWN
from sabah.storage.schema import APPLICATION_ID

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.storage.ledger import Ledger

REJECTED: Final = "rejected.jsonl"
PARTS: Final = frozenset({NAME, f"{NAME}-wal", f"{NAME}-shm", "articles", "snapshots", REJECTED, UNKNOWN})
ADDED: Final = frozenset({"locks", "exports", "report.html"})
"""What using a backup as a data folder adds, all of it made from the rest; so are the folders of reports that were killed."""


def files_of(folder: Path, dataset: Ledger) -> dict[str, int]:
    """Committed length by name of the files that the backup in `folder` has, where it is an earlier one of the dataset.

    Raises ForeignError, whose text is one line, also where it knows of anything that the dataset does not: that is nowhere else.
    """
    if folder.is_symlink() or not (folder / NAME).is_file():
        raise ForeignError(f"{folder} is there already, and is no backup (a folder with a {NAME})")
    names = {path.name for path in folder.iterdir() if not path.name.startswith(PREFIX)}
    if others := sorted(names - PARTS - ADDED):
        raise ForeignError(f"{folder} holds {others[0]!r}, which is of no backup")
    try:
        with closing(sqlite3.connect(folder / NAME, timeout=PATIENCE)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise ForeignError(f"{folder} is no backup: its {NAME} is another program's")
            more = _more(connection, dataset)
            files = dict(connection.execute("SELECT name, length FROM files WHERE kind IN ('article', 'snapshot')"))
    except sqlite3.Error as error:
        raise ForeignError(f"{folder}: its {NAME} cannot be read ({error})") from error
    if more is not None:
        raise ForeignError(f"{folder} holds {more}: it is no earlier backup of it")
    return {name: length for name, length in files.items() if _size(folder / name) == length} | set_aside(folder)


def _more(backup: sqlite3.Connection, dataset: Ledger) -> str | None:
    """What the backup knows and the dataset does not, in words. In a ledger runs and their counts, addresses and takedowns are only ever added to."""
    runs = "SELECT crawl_id, pages, articles FROM runs"
    known = {run: counts for run, *counts in dataset.all(runs)}
    for run, *counts in backup.execute(runs):
        if run not in known:
            return f"run {run}, which this dataset does not"
        if any(there > here for there, here in zip(counts, known[run], strict=True)):
            return f"more of run {run} than this dataset, which is of an earlier moment"
    newest = "SELECT coalesce(max(id), 0) FROM addresses"
    if backup.execute(newest).fetchone() > dataset.one(newest):
        return "addresses that this dataset does not"
    forgotten = "SELECT a.url FROM tombstones JOIN addresses a ON a.id = address"
    taken_down = {url for (url,) in backup.execute(forgotten)} - {url for (url,) in dataset.all(forgotten)}
    return f"the takedown of {min(taken_down)}, which this dataset does not" if taken_down else None


def set_aside(folder: Path) -> dict[str, int]:
    """Size by name of what is in `unknown/`."""
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.glob(f"{UNKNOWN}/*")}


def _size(path: Path) -> int:
    return path.stat().st_size if os.path.lexists(path) and not path.is_symlink() else -1
