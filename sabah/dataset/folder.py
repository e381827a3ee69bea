"""The folder of an export: it appears whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from typing import TYPE_CHECKING, Final, Self

from sabah.storage.errors import reported
from sabah.storage.files import sync_folder
from sabah.storage.locks import Lock

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_AT_FDCWD: Final = -100
_NO_REPLACE: Final = 1
_EXCHANGE: Final = 2
_UNSUPPORTED: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})


class BusyError(Exception):
    """Another process is making an export of that name."""


class TakenError(Exception):
    """There is an export of that name."""


def exports_dir(output: Path) -> Path:
    return output / "exports"


class Folder:
    """`partial` to be filled, as a context; `publish` gives it its name, anything else removes it. Raises StorageError."""

    def __init__(self, output: Path, name: str, *, replace: bool) -> None:
        """Raises BusyError, and TakenError where there is such an export and it is not to be replaced."""
        self.parent = exports_dir(output)
        self.target, self.partial = self.parent / name, self.parent / f".{name}.partial"
        self.replace = replace
        with reported(self.parent):
            self.parent.mkdir(exist_ok=True)
            if not replace and os.path.lexists(self.target):
                raise TakenError(str(self.target))
            lock = Lock.take(output / "locks" / f"export.{name}")
            if lock is None:
                raise BusyError(str(self.target))
            self._lock = lock

    def __enter__(self) -> Self:
        try:
            self.clear()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.partial, ignore_errors=True)
        self._lock.release()

    def clear(self) -> None:
        """An empty `partial`, whatever a process that was killed has left there."""
        with reported(self.partial):
            if self.partial.exists():
                shutil.rmtree(self.partial)
            self.partial.mkdir()

    def publish(self) -> None:
        """Gives `partial`, whose files are on the disk, its name: at once, also where it takes another's place. Raises TakenError."""
        with reported(self.parent):
            for folder in {path.parent for path in self.partial.rglob("*")}:
                sync_folder(folder)
            if self.replace and self.target.exists():
                _exchange(self.partial, self.target)
            else:
                _give(self.partial, self.target)
            sync_folder(self.parent)


def _give(path: Path, name: Path) -> None:
    try:
        if not _rename(path, name, _NO_REPLACE):
            path.rename(name)  # refuses a folder that is not empty
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise TakenError(str(name)) from error
        raise


def _exchange(path: Path, other: Path) -> None:
    """Where the file system cannot swap two names, for a moment neither is there."""
    if not _rename(path, other, _EXCHANGE):
        aside = path.with_suffix(".old")
        other.rename(aside)
        path.rename(other)
        aside.rename(path)


def _rename(path: Path, name: Path, flags: int) -> bool:
    """Linux's renameat2; False where there is none. Raises OSError."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(name), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(name))
