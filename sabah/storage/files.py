"""Files that only grow: what is appended counts from the moment the ledger has committed the new length."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sabah.storage import faults
from sabah.storage.errors import StorageError, reported

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.storage.ledger import Ledger

NAMES: Final = {
    "article": "articles/{}.jsonl",
    "snapshot": "snapshots/{}.warc.gz",
    "replacement": "rejected-{}.jsonl",
}


class Appender:
    """Collects bytes for one file and writes them behind its committed length, whatever a dead run left there.

    Used inside the ledger's transaction, which keeps every other process out of a file all share.
    """

    def __init__(self, folder: Path, file: int, name: str, kind: str, length: int) -> None:
        self.folder, self.file, self.name, self.kind = folder, file, name, kind
        self.committed = length
        self._parts: list[bytes] = []
        self.end = length

    def add(self, data: bytes) -> int:
        """Takes `data` along for the next flush; its offset in the file."""
        offset = self.end
        self._parts.append(data)
        self.end += len(data)
        return offset

    def flush(self) -> None:
        """Writes and fsyncs what was added. Raises OSError, or StorageError where committed bytes are missing."""
        if not self._parts:
            return
        path = self.folder / self.name
        created = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if created:
                sync_folder(path.parent)
                faults.point(f"{self.kind}-created")
            cut(descriptor, self.committed, path)
            os.lseek(descriptor, self.committed, os.SEEK_SET)
            self._write(descriptor, b"".join(self._parts))
            faults.point(f"{self.kind}-written")
            os.fsync(descriptor)
            faults.point(f"{self.kind}-synced")
        finally:
            os.close(descriptor)

    def _write(self, descriptor: int, data: bytes) -> None:
        faults.torn(f"{self.kind}-torn", descriptor, data)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


class Files:
    """The files one run appends to, each made known to the ledger before it exists."""

    def __init__(self, ledger: Ledger, run: int, crawl_id: str, snapshot_bytes: int) -> None:
        self.ledger, self.run, self.crawl_id, self.snapshot_bytes = ledger, run, crawl_id, snapshot_bytes
        self._ids: dict[str, int] = {"rejected": ledger.one("SELECT id FROM files WHERE kind = 'rejected'")[0]}
        self._snapshots = 0

    def prepare(self, *kinds: str) -> None:
        """Registers what a group will need; a snapshot file that is full is closed for a new one."""
        known = self._ids.get("snapshot") if "snapshot" in kinds else None
        if known and self.ledger.one("SELECT length FROM files WHERE id = ?", known)[0] >= self.snapshot_bytes:
            del self._ids["snapshot"]
        missing = [kind for kind in kinds if kind not in self._ids]
        if not missing:
            return
        with self.ledger.transaction("file"):
            for kind in missing:
                self._snapshots += kind == "snapshot"
                part = (
                    f"{self.crawl_id}-{self._snapshots}"
                    if kind == "snapshot" and self._snapshots > 1
                    else self.crawl_id
                )
                self._ids[kind] = self._register(NAMES[kind].format(part), kind)

    def _register(self, name: str, kind: str) -> int:
        self.ledger.run("UPDATE files SET closed = 1 WHERE run = ? AND kind = ?", self.run, kind)
        row = self.ledger.run("INSERT INTO files (name, kind, run) VALUES (?, ?, ?)", name, kind, self.run)
        assert row.lastrowid is not None
        return row.lastrowid

    def appender(self, kind: str) -> Appender:
        """The file of that kind at its committed length; asked for inside the transaction that appends."""
        if kind == "rejected":
            install(self.ledger)
        file = self._ids[kind]
        name, length = self.ledger.one("SELECT name, length FROM files WHERE id = ?", file)
        return Appender(self.ledger.folder, file, name, kind, length)


def install(ledger: Ledger) -> None:
    """Gives the file all share the new contents that a rewriting has committed for it, if any wait. Inside a transaction."""
    for file, name in ledger.all("SELECT id, name FROM files WHERE kind = 'replacement' AND closed"):
        waiting = ledger.folder / name
        if waiting.exists():  # else whoever put it in place died before this transaction's end
            waiting.replace(ledger.folder / ledger.one("SELECT name FROM files WHERE kind = 'rejected'")[0])
            sync_folder(ledger.folder)
            faults.point("rewrite-replaced")
        ledger.run("DELETE FROM files WHERE id = ?", file)


def cut(descriptor: int, length: int, path: Path) -> None:
    """Removes what lies beyond `length`. Raises StorageError where the file is shorter."""
    size = os.fstat(descriptor).st_size
    if size < length:
        raise StorageError(
            f"{path}: {length - size} bytes that were stored are missing. Start again: a start rebuilds them."
        )
    if size > length:
        os.ftruncate(descriptor, length)


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def piece(path: Path, offset: int, length: int) -> bytes:
    """Bytes of a file; fewer than `length` where it ends before. Raises OSError."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


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


def place(name: str, offset: int) -> str:
    """`file.warc.gz:offset`."""
    return f"{name.rpartition('/')[2]}:{offset}"
