"""A copy of the dataset that is a dataset: of one moment, made while crawls run, of which a later one copies only what is new."""

from __future__ import annotations

import math
import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

import attrs

from sabah.dataset.report.page import PREFIX
from sabah.dataset.whole_folder import ForeignError, WholeFolder
from sabah.storage import faults
from sabah.storage.errors import reported
from sabah.storage.files import sync_folder
from sabah.storage.ledger import NAME, PATIENCE, Ledger
from sabah.storage.recovery import FOLDER as UNKNOWN
from sabah.storage.recovery import complete, rewriting
from sabah.storage.rewrite import missing
from sabah.storage.schema import APPLICATION_ID

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.terminal import Progress
    from sabah.storage.errors import StorageError

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
    return {name: length for name, length in files.items() if _regular_size(folder / name) == length} | set_aside(
        folder
    )


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


def _regular_size(path: Path) -> int:
    return path.stat().st_size if os.path.lexists(path) and not path.is_symlink() else -1


_CHUNK: Final = 1 << 20


@attrs.frozen
class Made:
    files: int
    """Of the copy, the ledger among them."""

    bytes: int

    copied: int
    """Bytes that were read and written for it; the rest was in the backup before."""

    lost: StorageError | None
    """The first file that is no longer whole in the dataset; the copy has it from the backup before."""


class _MovedError(Exception):
    """A file went while the copy was made: its contents are in another one now."""


def backup(output: Path, target: Path, progress: Progress) -> Made:
    """Makes `target`, or brings the earlier backup there up to date: at once, when everything is on the disk.

    Raises BusyError, ForeignError (with a line that says why) and StorageError; what was at `target` then is as it was.
    """
    with closing(Ledger.open(output)) as ledger:
        ledger.check(math.inf)

        def earlier(folder: Path) -> dict[str, int]:
            return files_of(folder, ledger)

        lock = output / "locks" / "backup.lock"
        with WholeFolder(target, lock, replace=True, check=earlier) as folder:
            with reported(target):
                copy = _Copy(ledger, folder.partial, target, earlier(target) if target.exists() else {})
                folder.partial.chmod(output.stat().st_mode & 0o777)
            made = copy.make(progress)
            with reported(target):
                faults.point("backup-copied")
                folder.publish()
                faults.point("backup-published")
    return made


class _Copy:
    """A copy in the making, in the empty folder `partial`; files that `before` has at their length are taken from there."""

    def __init__(self, ledger: Ledger, partial: Path, before: Path, held: dict[str, int]) -> None:
        self.ledger, self.partial, self.before, self.held = ledger, partial, before, held
        self.copied = 0
        self.lost: StorageError | None = None

    def make(self, progress: Progress) -> Made:
        """Copies it all. Where `compact`, `forget` or a repair came between, the ledger is copied anew; no file is a second time."""
        while True:
            files = self._ledger(progress)
            with reported(self.partial), suppress(_MovedError):
                for done, (name, length) in enumerate(files.items()):
                    progress("copying files", done, len(files))
                    self._file(name, length)
                break
        self._drop_others(files)
        size = (self.partial / NAME).stat().st_size
        return Made(len(files) + 1, sum(files.values()) + size, self.copied + size, self.lost)

    def _ledger(self, progress: Progress) -> dict[str, int]:
        """The ledger and what it says of `rejected.jsonl`, which alone is replaced under its name; length by name of all that is to be copied.

        Holding the lock of all who move what is stored: what is not there now is lost. Raises StorageError.
        """
        folder, path = self.ledger.folder, self.partial / NAME
        with reported(path):
            path.unlink(missing_ok=True)
            with rewriting(folder):
                complete(self.ledger)
                with closing(sqlite3.connect(path, isolation_level=None)) as made:
                    progress("copying the ledger", 0, 0)
                    self.ledger.connection.backup(made)
                copy = Ledger(self.partial, sqlite3.connect(path, isolation_level=None))
                with closing(copy):
                    files = dict(copy.all("SELECT name, length FROM files WHERE length > 0 ORDER BY id"))
                self.lost = self._whole(files)
                (self.partial / REJECTED).unlink(missing_ok=True)
                if REJECTED in files:
                    self._file(REJECTED, files[REJECTED])
            faults.point("backup-ledger")
            with closing(Ledger(self.partial, sqlite3.connect(path, isolation_level=None))) as copy:
                copy.check(math.inf)
            _sync(path)
            aside = set_aside(folder)
        return files | aside

    def _whole(self, files: dict[str, int]) -> StorageError | None:
        """The first loss that the backup before makes up for. Raises StorageError for one that it does not."""
        short = [name for name, length in files.items() if _size(self.ledger.folder / name) < length]
        for name in short:
            if self.held.get(name) != files[name]:
                raise missing(self.ledger.folder / name)
        return missing(self.ledger.folder / short[0]) if short else None

    def _file(self, name: str, length: int) -> None:
        """Its first `length` bytes: linked to the backup before, which has them already, or copied. Raises _MovedError and OSError."""
        path = self.partial / name
        if _size(path) == length:
            return
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        if self.held.get(name) != length:
            self._copy(self.ledger.folder / name, path, length)
            faults.point("backup-file")
            return
        try:
            path.hardlink_to(self.before / name)
        except OSError:  # the file system has no links, or no more of them
            self._copy(self.before / name, path, length)

    def _copy(self, original: Path, path: Path, length: int) -> None:
        try:
            source = original.open("rb")
        except FileNotFoundError as error:
            raise _MovedError from error
        with source, path.open("xb") as made:
            left = length
            while left and (data := source.read(min(left, _CHUNK))):
                made.write(data)
                left -= len(data)
            made.flush()
            os.fsync(made.fileno())
        if left:
            raise _MovedError
        self.copied += length

    def _drop_others(self, files: dict[str, int]) -> None:
        """What an attempt before this one has copied and the ledger no longer names."""
        with reported(self.partial):
            for path in self.partial.glob("*/*"):
                if path.relative_to(self.partial).as_posix() not in files:
                    path.unlink()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)
