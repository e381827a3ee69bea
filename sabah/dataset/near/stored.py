"""What the ledger has of the records to be clustered, in columns; what it lacks is made up for from their lines."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import orjson

from sabah.dataset.near.signatures import DIGEST, SCHEME, VALUES, sign
from sabah.storage.errors import reported
from sabah.storage.files import piece
from sabah.storage.rewrite import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from sabah.storage.ledger import Ledger

    Line = Callable[[int], bytes]
    """The stored line of an article row."""

_ROWS: Final = """
SELECT t.id, t.address, a.url, unixepoch(t.published_at), s.data
FROM articles t JOIN addresses a ON a.id = t.address LEFT JOIN signatures s ON s.article = t.id AND s.scheme = ?
WHERE t.id BETWEEN ? AND ? ORDER BY t.id
"""
_AT_ONCE: Final = 20_000
_NEVER: Final = np.iinfo(np.int64).max


@attrs.frozen(eq=False)
class Rows:
    """Columns of equal length, by article row."""

    article: NDArray[np.int64]
    address: NDArray[np.int64]
    key: NDArray[np.uint64]
    """Of the address: the first 64 bits of its SHA-256."""

    published: NDArray[np.int64]
    """Seconds since 1970."""

    digest: NDArray[Any]
    """Of the text, DIGEST bytes; zeros where there is none."""

    matrix: NDArray[np.uint16]


def key(url: str) -> int:
    return int.from_bytes(hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def read(ledger: Ledger, articles: Iterable[int], line: Line) -> Rows:
    """The rows of `articles` that the ledger still has, each once. Raises StorageError, and what `line` raises."""
    wanted = np.unique(np.fromiter(articles, np.int64))
    parts = []
    empty = bytes(DIGEST + 2 * VALUES)
    for start in range(0, len(wanted), _AT_ONCE):
        chosen = set(wanted[start : start + _AT_ONCE].tolist())
        rows = ledger.all(_ROWS, SCHEME, min(chosen), max(chosen))
        rows = [row for row in rows if row[0] in chosen]
        data = [(sign(body(line(row[0]))).data if row[4] is None else row[4]) or empty for row in rows]
        block = np.frombuffer(b"".join(data), np.uint8).reshape(len(rows), len(empty))
        parts.append((
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([key(row[2]) for row in rows], np.uint64),
            np.array([_NEVER if row[3] is None else row[3] for row in rows], np.int64),
            np.ascontiguousarray(block[:, :DIGEST]).view(f"V{DIGEST}").ravel(),
            np.ascontiguousarray(block[:, DIGEST:]).view("<u2"),
        ))  # fmt: skip
    if not parts:
        none = np.empty(0, np.int64)
        return Rows(none, none, np.empty(0, np.uint64), none, np.empty(0, f"V{DIGEST}"), np.empty((0, VALUES), "<u2"))
    return Rows(*map(np.concatenate, zip(*parts, strict=True)))


def body(line: bytes) -> str | None:
    """The body of a stored line."""
    found: str | None = orjson.loads(line)["body"]
    return found


class Lines:
    """Stored lines by article row, read where the ledger says they are. Calling it raises StorageError."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __call__(self, article: int) -> bytes:
        name, offset, length = self.ledger.one(
            "SELECT f.name, t.offset, t.length FROM articles t JOIN files f ON f.id = t.file WHERE t.id = ?", article
        )
        path = self.ledger.folder / name
        with reported(path):
            data = piece(path, offset, length)
        if len(data) != length:
            raise missing(path)
        return data
