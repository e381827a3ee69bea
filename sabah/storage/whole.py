"""Whether committed lines are there, and writing them somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import orjson

from sabah.storage.digests import digest as digest_of
from sabah.storage.digests import holds
from sabah.storage.files import piece

if TYPE_CHECKING:
    from sabah.storage.files import Appender
    from sabah.storage.ledger import Ledger


@attrs.frozen
class File:
    id: int
    kind: str
    name: str
    length: int
    closed: int = 1


def size_of(ledger: Ledger, file: File) -> int:
    """Bytes that are there; none where the file is not."""
    path = ledger.folder / file.name
    return path.stat().st_size if path.exists() else 0


def whole_line(ledger: Ledger, name: str, offset: int, length: int, digest: int | None) -> bytes | None:
    """The line as it stands, where it is whole: its end and, where one is kept, its digest hold."""
    path = ledger.folder / name
    data = piece(path, offset, length) if path.exists() else b""
    try:
        return data if data.endswith(b"\n") and holds(data, digest) and orjson.loads(data) else None
    except orjson.JSONDecodeError:
        return None


def point(ledger: Ledger, sql: str, appender: Appender, data: bytes, row: int) -> None:
    """Takes the line along, and has its row say where it is from now on. `sql` sets file, offset, length and digest of a row."""
    ledger.run(sql, appender.file, appender.add(data), len(data), digest_of(data), row)


def flush(ledger: Ledger, appender: Appender) -> None:
    appender.flush()
    ledger.run("UPDATE files SET length = ? WHERE id = ?", appender.end, appender.file)
