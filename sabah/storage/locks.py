"""Locks the kernel takes back when their process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class Lock:
    """An exclusive flock on a file, made if absent; held until released or until the process ends. Raises OSError."""

    def __init__(self, path: Path, mode: int = fcntl.LOCK_EX) -> None:
        """Waits for the lock; with LOCK_NB in `mode` raises BlockingIOError where another holds it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._descriptor, mode)
        except BaseException:
            os.close(self._descriptor)
            raise

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """The lock of `path`, or None where another holds it."""
        try:
            return cls(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None

    def release(self, *, remove: bool = False) -> None:
        """Gives the lock back; `remove` only for a file whose name is never used again."""
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
