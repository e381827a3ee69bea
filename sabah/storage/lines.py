"""The JSON Lines files: what a run stores goes to the end of its own file, one whole line after another."""

from __future__ import annotations

import hashlib
import logging
import os
from typing import TYPE_CHECKING, Any, Final

import attrs
import orjson

from sabah.items import READABLE_VERSIONS, SCHEMA_VERSION, Article, Image, Refusal
from sabah.storage.files import piece

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sabah.storage.files import Appender
    from sabah.storage.ledger import Ledger


def digest(line: bytes) -> int:
    """Eight bytes of BLAKE2b over the line with its end, as SQLite keeps a number. It guards against damage, not against forgery."""
    return int.from_bytes(hashlib.blake2b(line, digest_size=8).digest(), "big", signed=True)


def holds(line: bytes, kept: int | None) -> bool:
    """Whether the line is the one that was stored; of one stored before digests were kept (None) it is not known, and it passes."""
    return kept is None or digest(line) == kept


def carried(line: bytes, kept: int | None, written: bytes) -> int | None:
    """What to keep for `written`, which a rewriting makes of a stored line. One that is damaged goes on failing by its old digest, rather than pass by a new one."""
    return digest(written) if kept is not None and digest(line) == kept else kept


logger = logging.getLogger(__name__)

_FIELDS: Final = {record: tuple(field.name for field in attrs.fields(record)) for record in (Article, Image, Refusal)}


def articles_dir(output: Path) -> Path:
    """Where the segments of a dataset are."""
    return output / "articles"


def to_line(record: Article | Refusal) -> bytes:
    """The record as one JSON object and a line break: UTF-8, keys in the order of its class."""
    return orjson.dumps(_plain(record), default=_plain, option=orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes) -> Article:
    """The record of a line, in the form of today's schema: one of version 1 lacks fields, which have their defaults then. Raises ValueError for what is none."""
    try:
        values = orjson.loads(line)
        if values["schema_version"] not in READABLE_VERSIONS:
            raise ValueError(f"schema version {values['schema_version']}, this sabah reads {READABLE_VERSIONS[-1]}")
        images = [Image(**one) for one in values["images"]]
        return Article(**{**values, "images": images, "schema_version": SCHEMA_VERSION})
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise ValueError(f"no record: {error!r}") from error


def read_lines(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of every segment in `folder`, oldest segment first; nothing where there is no folder.

    A line that is no JSON object is what a dying run left: it is passed over and said so. Raises OSError.
    """
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError:
                    logger.warning("%s:%d: not a whole record, passed over", path, number)


def check_writable(output: Path) -> None:
    """Raises OSError where no file could be made in `output`. Creates nothing."""
    nearest = output
    while not nearest.exists():
        if nearest.parent == nearest:
            break
        nearest = nearest.parent
    if not nearest.is_dir():
        raise NotADirectoryError(f"{nearest} is no folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(f"{nearest} cannot be written")


def _plain(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _FIELDS[type(record)]}


@attrs.frozen
class Signature:
    scheme: str
    """How it was made; it can be compared with others of the same scheme."""

    data: bytes
    """Empty where there is no text."""


def keep(ledger: Ledger, article: int, signature: Signature) -> None:
    """Stores the signature of a line, in the transaction that stores the line."""
    ledger.run(
        "INSERT INTO signatures (article, scheme, data) VALUES (?, ?, ?)", article, signature.scheme, signature.data
    )


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
    ledger.run(sql, appender.file, appender.add(data), len(data), digest(data), row)


def flush(ledger: Ledger, appender: Appender) -> None:
    appender.flush()
    ledger.run("UPDATE files SET length = ? WHERE id = ?", appender.end, appender.file)
