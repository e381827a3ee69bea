"""A file in the making: the ledger knows it before it exists, and it counts from the commit that gives it a length."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sabah.storage import faults
from sabah.storage.errors import reported
from sabah.storage.files import NAMES, sync_folder

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger


class NewFile:
    """Takes bytes one after another. Killed before the commit, `leftovers.drop_unfinished` removes it."""

    def __init__(self, ledger: Ledger, kind: str, label: str) -> None:
        """`label` makes a name that was never used before. Raises StorageError."""
        self.name = NAMES[kind].format(label)
        self._path = ledger.folder / self.name
        self.end = 0
        with ledger.transaction("rewrite-file"):
            row = ledger.run("INSERT INTO files (name, kind) VALUES (?, ?)", self.name, kind).lastrowid
        assert row is not None
        self.id = row
        with reported(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb", buffering=1 << 20)

    def add(self, data: bytes) -> int:
        """Appends; the offset at which `data` begins. Raises StorageError."""
        offset = self.end
        with reported(self._path):
            self._file.write(data)
            faults.point("rewrite-added")
        self.end += len(data)
        return offset

    def sync(self) -> None:
        """Makes it outlive a power cut, its name too. Nothing can be added after. Raises StorageError."""
        with reported(self._path):
            self._file.flush()
            faults.point("rewrite-written")
            os.fsync(self._file.fileno())
            self._file.close()
            sync_folder(self._path.parent)
            faults.point("rewrite-synced")

    def abandon(self) -> None:
        """Closes it as it is."""
        with suppress(OSError):  # a full disk does not take what is still in the buffer
            self._file.close()
