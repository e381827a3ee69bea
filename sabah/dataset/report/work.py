"""The folder a report is made in: beside its target, gone afterwards, and gone with the next report where its process was killed."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from sabah.storage.errors import reported
from sabah.storage.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX: Final = ".report-"
_LOCK: Final = "lock"


@contextmanager
def work(output: Path) -> Iterator[Path]:
    """An empty folder in `output`; those of dead processes are removed, others' stay. Raises StorageError."""
    with reported(output), Lock(output / "locks" / "report.lock"):
        for left in output.glob(f"{PREFIX}*"):
            lock = Lock.take(left / _LOCK)
            if lock is not None:
                with lock:
                    shutil.rmtree(left)
        folder = Path(mkdtemp(prefix=PREFIX, dir=output))
        lock = Lock(folder / _LOCK)
    try:
        yield folder
    finally:
        with reported(folder), Lock(output / "locks" / "report.lock"):
            shutil.rmtree(folder)
            lock.release()
