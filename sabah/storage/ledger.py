"""The ledger: one SQLite file that knows every address, article and run; what it has committed is the truth."""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sabah.storage import faults, schema
from sabah.storage.errors import StorageError, damaged, reported
from sabah.storage.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NETWORK: Final = frozenset(
    (
        "9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs", "vboxsf",
    )
)  # fmt: skip
"""File systems that several machines may write to."""

_MOUNTS = Path("/proc/self/mountinfo")


def file_system(folder: Path, mounts: str) -> str:
    """Type of the file system `folder` is on, by the text of mountinfo (proc(5)); empty when it does not say."""
    found, kind = Path(), ""
    folder = folder.resolve()
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        point = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields.split()[4]))
        if folder.is_relative_to(point) and (not kind or point.is_relative_to(found)):
            found, kind = point, rest.split()[0]
    return kind


def check_local(folder: Path) -> None:
    """Raises StorageError where `folder` is on a network file system, or where its file locks do not hold."""
    if _MOUNTS.exists() and (kind := file_system(folder, _MOUNTS.read_text(errors="replace"))) in NETWORK:
        raise StorageError(
            f"{folder}: lies on a network file system ({kind}). Name a folder on a local disk (OUTPUT_DIR)."
        )
    path = folder / "locks" / "check.lock"
    with reported(path), Lock(path):
        second = Lock.take(path)
    if second is not None:
        second.release()
        raise StorageError(f"{folder}: file locks do not hold there. Name a folder on a local disk (OUTPUT_DIR).")


logger = logging.getLogger(__name__)

T = TypeVar("T")

NAME: Final = "ledger.sqlite"
MENDED: Final = "index_mended"
"""The fact that an index was damaged: a damaged ledger may have other damage, which comparing it with all that is stored finds."""

PATIENCE: Final = 120.0
"""Seconds to wait for another process's commit. Commits take milliseconds; this is for a disk that stalls."""
CHECK: Final = 0.5
"""Seconds a start may spend looking for damage; what is not reached by then shows when it is read, or with DEEP_REPAIR."""


class Ledger:
    """A connection to the ledger of one data folder, used by one thread at a time."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.path = folder / NAME
        self.connection = connection

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """The ledger of `folder`, made or brought to today's version as needed. Raises StorageError."""
        path = folder / NAME
        with reported(folder):
            folder.mkdir(parents=True, exist_ok=True)
        check_local(folder)
        # Two processes that switch a new file to WAL at once meet "database is locked" whatever the timeout: one at a time.
        with reported(path), Lock(folder / "locks" / "ledger.lock"):
            connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                schema.migrate(connection, path)
                ledger = cls(folder, connection)
                ledger.check(CHECK)
            except BaseException:
                connection.close()
                raise
        return ledger

    @classmethod
    def read(cls, folder: Path) -> Ledger:
        """Open the ledger of `folder` for reading beside live runs; never makes one. Raises StorageError.

        One of an older version is brought up to date first, so that a dataset can be looked at and handed on after an upgrade without a crawl.
        """
        path = folder / NAME
        if not path.exists():
            raise StorageError(f"{path}: there is no ledger. A crawl makes one; or name another folder (OUTPUT_DIR).")
        with reported(path):
            connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None
            )
            try:
                found = schema.version(connection)
            except BaseException:
                connection.close()
                raise
        if found != len(schema.MIGRATIONS):
            connection.close()
            if found > len(schema.MIGRATIONS):
                raise StorageError(
                    f"{path}: has ledger version {found}, this sabah reads {len(schema.MIGRATIONS)}. Update sabah."
                )
            cls.open(folder).close()
            return cls.read(folder)
        return cls(folder, connection)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What is read inside is of one moment, whatever others commit meanwhile; inside another, of that one."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if self.connection.in_transaction:
                self.connection.execute("COMMIT")

    @contextmanager
    def transaction(self, name: str) -> Iterator[None]:
        """All of it is committed, or nothing. Other processes wait meanwhile. Raises StorageError."""
        with reported(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                faults.point(f"{name}-unsaved")
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            faults.point(f"{name}-saved")

    def run(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self.connection.execute(sql, values)

    def rows(self, make: Callable[..., T], sql: str, *values: object) -> list[T]:
        """Every row as `make(*columns)`. Raises StorageError."""
        with reported(self.path):
            return [make(*row) for row in self.connection.execute(sql, values)]

    def all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Every row as a tuple. Raises StorageError."""
        with reported(self.path):
            return self.connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """The first row as a tuple, or None."""
        return self.connection.execute(sql, values).fetchone()

    @property
    def mended(self) -> bool:
        """Whether an index was damaged and built anew, by this process or another, and what is stored has not been compared with the ledger since."""
        return self.one("SELECT 1 FROM facts WHERE name = ?", MENDED) is not None

    def compared(self) -> None:
        """Notes that all that is stored was compared with the ledger. Inside a transaction."""
        self.run("DELETE FROM facts WHERE name = ?", MENDED)

    def check(self, seconds: float) -> None:
        """Lets SQLite look for damage, for so long at most, of which first the tables and then the indexes are read: a ledger of 100 MB takes a fifth of a second, and a second.

        An index that is damaged is built anew from its table (`mended`): by a wrong one articles would not be found, and be stored twice. Raises StorageError for all other damage.
        """
        until = time.monotonic() + seconds
        self.connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        try:
            found = self._damage("quick_check") or self._damage("integrity_check")
        except StorageError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            return
        finally:
            self.connection.set_progress_handler(None, 0)
        if found:
            self._mend(found)

    def _damage(self, look: str) -> str:
        """The first thing that SQLite's look finds; empty for none."""
        with reported(self.path):
            found = str(self.connection.execute(f"PRAGMA {look}(1)").fetchone()[0])
        return "" if found == "ok" else found

    def _mend(self, found: str) -> None:
        """Builds all indexes anew. Raises StorageError where that is not enough; then nothing has changed."""
        try:
            with self.transaction("mend"):
                self.connection.execute("REINDEX")
                self.run("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", MENDED, found)
                if left := self._damage("integrity_check"):
                    raise damaged(self.path, left)
        except (StorageError, sqlite3.Error) as error:
            raise damaged(self.path, found) from error
        logger.warning("%s: an index was damaged (%s) and has been built anew", self.path, found)

    def close(self) -> None:
        self.connection.close()
