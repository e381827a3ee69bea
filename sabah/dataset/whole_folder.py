"""A folder that appears whole or not at all, also where it takes another's place."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from sabah.storage.errors import reported
from sabah.storage.files import sync_folder
from sabah.storage.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

NO_REPLACE: Final = 1
EXCHANGE: Final = 2
_AT_FDCWD: Final = -100
_UNSUPPORTED: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})


def rename(path: Path, name: Path, flags: int) -> bool:
    """Gives `path` another name in one step, as `flags` say; False where system or file system cannot. Raises OSError."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(name), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(name))


class BusyError(Exception):
    """Another process is making that folder."""


class TakenError(Exception):
    """There is such a folder, and it is not to be replaced."""


class ForeignError(Exception):
    """Something has that name that is no such folder: it is never replaced."""


class WholeFolder:
    """`partial` to be filled, as a context; `publish` gives it its name, anything else removes it. Raises StorageError."""

    def __init__(self, target: Path, lock: Path, *, replace: bool, check: Callable[[Path], object]) -> None:
        """`check` raises ForeignError where what has the name is not of its kind, so that it may not be replaced."""
        self.parent = target.parent
        self.target, self.partial = target, self.parent / f".{target.name}.partial"
        self.replace, self.check = replace, check
        self._lock_path = lock

    def __enter__(self) -> Self:
        """Raises BusyError, ForeignError, and TakenError where there is such a folder and it is not to be replaced."""
        with reported(self.parent):
            self.parent.mkdir(exist_ok=True)
            lock = Lock.take(self._lock_path)
        if lock is None:
            raise BusyError(str(self.target))
        try:
            with reported(self.parent):
                self._settle(_aside(self.partial))
                self._check()
            self.clear()
        except BaseException:
            lock.release()
            raise
        self._lock = lock
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What cannot be removed hides neither the error nor what was made: the next one of that name removes it, or says why not.
        with suppress(OSError):
            _remove(self.partial)
        self._lock.release()

    def clear(self) -> None:
        """An empty `partial`, whatever a process that was killed has left there."""
        with reported(self.partial):
            _remove(self.partial)
            self.partial.mkdir()

    def publish(self) -> None:
        """Gives `partial`, whose files are on the disk, its name: at once, also where it takes another's place. Raises TakenError, ForeignError."""
        with reported(self.parent):
            for folder in {path.parent for path in self.partial.rglob("*")}:
                sync_folder(folder)
            if self._check():
                _exchange(self.partial, self.target)
            else:
                _give(self.partial, self.target)
            sync_folder(self.parent)

    def _check(self) -> bool:
        """Whether there is one that is to be replaced."""
        if not os.path.lexists(self.target):
            return False
        self.check(self.target)
        if not self.replace:
            raise TakenError(str(self.target))
        return True

    def _settle(self, aside: Path) -> None:
        """Ends what a process that was killed in `_exchange` has begun: its folder stands, or the one before comes back."""
        if not os.path.lexists(aside):
            return
        if not os.path.lexists(self.target):
            aside.rename(self.target)
        else:
            self.check(self.target)
            _remove(aside)


def _remove(path: Path) -> None:
    """Whatever is there, if anything; of a symbolic link the link alone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _aside(partial: Path) -> Path:
    return partial.with_suffix(".old")


def _give(path: Path, name: Path) -> None:
    try:
        if not rename(path, name, NO_REPLACE):
            path.rename(name)  # refuses a folder that is not empty
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise TakenError(str(name)) from error
        raise


def _exchange(path: Path, other: Path) -> None:
    """Where the file system cannot swap two names, for a moment neither is there."""
    if not rename(path, other, EXCHANGE):
        aside = _aside(path)
        other.rename(aside)
        path.rename(other)
        aside.rename(path)
