"""One error for everything the disk or the ledger may do to a run, and what to do about it."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AGAIN: Final = "Nothing stored is lost; give the same command again afterwards."

_BY_ERRNO: Final = {
    errno.ENOSPC: ("the disk is full", "Free some space."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space."),
    errno.EFBIG: ("the file size limit is reached", "Raise it (ulimit -f)."),
    errno.EROFS: ("the file system is read-only", "Mount it writable, or name another folder."),
    errno.EACCES: ("no permission to write", "Make the folder writable, or name another."),
    errno.EPERM: ("no permission to write", "Make the folder writable, or name another."),
    errno.EIO: ("the disk reports an error", "Check the disk."),
}
_DAMAGED: Final = (
    "the ledger is damaged",
    "Restore ledger.sqlite from a backup; or move it away to begin anew, which sets what is stored aside in unknown/.",
)
_BY_SQLITE: Final = {
    sqlite3.SQLITE_FULL: _BY_ERRNO[errno.ENOSPC],
    sqlite3.SQLITE_READONLY: _BY_ERRNO[errno.EACCES],
    sqlite3.SQLITE_CANTOPEN: ("the ledger cannot be opened", "Make the folder readable and writable, or name another."),
    sqlite3.SQLITE_IOERR: ("the disk refused to read or write", "Check free space, the file size limit and the disk."),
    sqlite3.SQLITE_BUSY: ("another process has kept the ledger locked", "Wait for it, or end it."),
}


class StorageError(Exception):
    """The data folder cannot be used; exit code 15. Its text is one line: what is wrong, where, and what to do."""


def damaged(path: Path, detail: str) -> StorageError:
    what, todo = _DAMAGED
    return StorageError(f"{path}: {what} ({' '.join(detail.split())}). {todo}")


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turns an OSError or sqlite3.Error from inside into a StorageError that names `path`."""
    try:
        yield
    except OSError as error:
        what, todo = _BY_ERRNO.get(error.errno or 0, (error.strerror or str(error), "Check the folder."))
        named = error.filename2 or error.filename
        where = named if isinstance(named, str) else os.fspath(path)
        raise StorageError(f"{where}: {what}. {todo} {AGAIN}") from error
    except sqlite3.Error as error:
        # The low byte of an extended result code is its primary code.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise damaged(path, str(error)) from error
        what, todo = _BY_SQLITE.get(code, (str(error), "Check the ledger."))
        raise StorageError(f"{path}: {what} ({error}). {todo} {AGAIN}") from error
