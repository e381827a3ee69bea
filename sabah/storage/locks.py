"""Locks the kernel takes back when their process dies, however it dies; and the turns of jobs."""

from __future__ import annotations

import fcntl
import hashlib
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

    def stands(self) -> bool:
        """Whether the file locked is still the one at the path: who removes it lets others make, and lock, a new one."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    def write(self, text: str) -> None:
        """Says in the file who holds it; line feeds cover what stood there and was longer. Raises OSError."""
        # Never truncated: a file system takes hundreds of times as long for that, and this is written twice for each page of a crawl.
        os.pwrite(self._descriptor, text.encode().ljust(os.fstat(self._descriptor).st_size, b"\n"), 0)

    def release(self, *, remove: bool = False) -> None:
        """Gives the lock back; `remove` only for a file whose name is never used again, or whose takers ask whether it `stands`."""
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class UnderWay(Exception):
    """The job runs already; its text names the run."""


def take_turn(folder: Path, scope: str, crawl_id: str, job: str) -> Lock:
    """The scope's turn, given back with `release(remove=True)`. Raises UnderWay where another holds it, OSError for what the disk refuses."""
    name = hashlib.sha256(scope.encode()).hexdigest()[:16]
    path = folder / "locks" / f"job.{name}"
    while True:
        turn = Lock.take(path)
        if turn is None:
            raise UnderWay(f"this job is under way already{_by(path)}")
        if turn.stands():
            break
        turn.release()  # its file was removed between our opening and locking it: who comes next would lock another
    try:
        turn.write(f"job {job}, run {crawl_id}")
    except BaseException:
        turn.release()
        raise
    return turn


def _by(path: Path) -> str:
    """Who holds the turn. Empty for a moment: between taking it and signing, and when it was given back meanwhile."""
    try:
        text = path.read_text().strip()
    except FileNotFoundError:
        return ""
    return f" ({text})" if text else ""
