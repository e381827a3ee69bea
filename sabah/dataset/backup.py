"""A copy of the dataset that is a dataset: of one moment, made while crawls run, of which a later one copies only what is new."""

from __future__ import annotations

import math
import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

import attrs

from sabah.dataset.earlier import REJECTED, files_of, set_aside
from sabah.dataset.whole_folder import WholeFolder
from sabah.storage import faults
from sabah.storage.errors import reported
from sabah.storage.files import sync_folder
from sabah.storage.ledger import NAME, Ledger
from sabah.storage.recovery import complete, rewriting
from sabah.storage.rewrite import missing

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.terminal import Progress
    from sabah.storage.errors import StorageError

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
