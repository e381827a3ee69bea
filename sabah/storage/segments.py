"""The JSON Lines files: what a run stores goes to the end of its own file, one whole line after another."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, Final

import attrs
import orjson

from sabah.items import Article, Image, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

_FIELDS: Final = {record: tuple(field.name for field in attrs.fields(record)) for record in (Article, Image, Refusal)}


def articles_dir(output: Path) -> Path:
    """Where the segments of a dataset are."""
    return output / "articles"


def to_line(record: Article | Refusal) -> bytes:
    """The record as one JSON object and a line break: UTF-8, keys in the order of its class."""
    return orjson.dumps(_plain(record), default=_plain, option=orjson.OPT_APPEND_NEWLINE)


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


class LineFile:
    """A file that only grows, by whole lines; made with its first line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def append(self, line: bytes) -> None:
        """Add `line`, which ends with a line break. Raises OSError; then nothing of the line stays in the file."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            line = self._break_of_a_torn_line() + line
        end = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, line)
            if written < len(line):
                raise OSError(f"{self.path} took {written} of {len(line)} bytes; is the disk full?")
        except OSError:
            os.ftruncate(self._file, end)
            raise

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _break_of_a_torn_line(self) -> bytes:
        assert self._file is not None
        size = os.fstat(self._file).st_size
        return b"" if size == 0 or os.pread(self._file, 1, size - 1) == b"\n" else b"\n"


def _plain(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _FIELDS[type(record)]}
