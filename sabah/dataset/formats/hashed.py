"""A new file that knows its own digest."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from pathlib import Path


@attrs.frozen
class Written:
    bytes: int
    sha256: str


class HashedFile:
    """A binary file that is written from beginning to end, its SHA-256 taken on the way. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        self._hash = hashlib.sha256()
        self._size = 0
        self.closed = False

    def __del__(self) -> None:
        """Closes it where a signal came before anybody had it to close."""
        if hasattr(self, "_file"):
            self._file.close()

    def write(self, data: bytes | memoryview) -> int:
        self._hash.update(data)
        rest = memoryview(data).cast("B")
        size = rest.nbytes
        while rest:
            rest = rest[self._file.write(rest) :]
        self._size += size
        return size

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""

    def finish(self) -> Written:
        """Gives it to the disk."""
        os.fsync(self._file.fileno())
        self.close()
        return Written(self._size, self._hash.hexdigest())

    def close(self) -> None:
        self.closed = True
        self._file.close()


def hashed(path: Path) -> Written:
    """Of a file that is there, given to the disk. Raises OSError."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(path.stat().st_size, digest)
