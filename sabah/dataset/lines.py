"""Stored lines read where the ledger says they are, and what of a line can be known or changed without parsing it."""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import orjson

from sabah.items import ADDED
from sabah.storage.lines import holds
from sabah.storage.rewrite import broken, missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

OPEN: Final = 64
"""Files held open: hourly crawls leave hundreds between two merges, and systems allow 1,024 or fewer."""

_DUPLICATE: Final = b',"duplicate_of":'
_VALUE: Final = re.compile(rb'null|"(?:[^"\\]|\\.)*"')
_READER: Final = b',"reader_version":'
_LAST: Final = b',"%s":' % ADDED[-1].encode()
_LATER: Final = b"".join(b',"%s":null' % name.encode() for name in ADDED)
"""Of a line of schema version 1."""


class MovedError(Exception):
    """A file is gone that the ledger named a moment ago: `compact` or `forget` ran beside; the selection is to be made anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class Line(NamedTuple):
    """Where a stored line lies, and what an export says of it. A plain tuple: a dataset has a million."""

    file: int
    offset: int
    length: int
    duplicate_of: str | None = None
    cluster: str | None = None
    cluster_size: int | None = None
    url: str = ""
    digest: int | None = None


class Source:
    """The segments by id, as a context. Raises MovedError for a file that is gone, StorageError for one cut short and for a line that is not what was stored."""

    def __init__(self, names: Mapping[int, Path]) -> None:
        self.names = names
        self._open: OrderedDict[int, int] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def read(self, file: int, offset: int, length: int) -> bytes:
        data = os.pread(self._descriptor(file), length, offset)
        if len(data) != length:
            raise missing(self.names[file])
        return data

    def read_all(self, lines: Iterable[Line]) -> list[bytes]:
        """The bytes of each line; neighbours in a file are read at once."""
        found: list[bytes] = []
        run: list[Line] = []
        end = -1
        for line in lines:
            if run and (line.file != run[0].file or line.offset != end):
                found += self._cut(run, end)
                run = []
            run.append(line)
            end = line.offset + line.length
        return found + self._cut(run, end) if run else found

    def _cut(self, run: list[Line], end: int) -> list[bytes]:
        start = run[0].offset
        data = self.read(run[0].file, start, end - start)
        found = [data[line.offset - start : line.offset - start + line.length] for line in run]
        for line, stored in zip(run, found, strict=True):
            if not holds(stored, line.digest):
                raise broken(self.names[line.file], line.offset)
        return found

    def _descriptor(self, file: int) -> int:
        if file in self._open:
            self._open.move_to_end(file)
            return self._open[file]
        if len(self._open) == OPEN:
            os.close(self._open.popitem(last=False)[1])
        try:
            self._open[file] = os.open(self.names[file], os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise MovedError(self.names[file]) from error
        return self._open[file]


def with_duplicate(line: bytes, duplicate_of: str | None) -> bytes:
    """The line with another `duplicate_of`. Raises ValueError for one that is damaged. A quote inside a text is escaped, so the key itself stands nowhere else."""
    start = line.rindex(_DUPLICATE) + len(_DUPLICATE)
    if duplicate_of is None and line.startswith(b"null", start):
        return line
    return line[:start] + orjson.dumps(duplicate_of) + line[_value(line, start).end() :]


def completed(line: bytes) -> bytes:
    """The line with the fields, null, that the schema got after it was stored. They are last in the record, so that the order of all lines is one."""
    if line.rfind(_LAST) >= 0:
        return line
    return line[:-2] + _LATER + b"}\n"


def with_cluster(line: bytes, cluster: str | None, size: int | None) -> bytes:
    """The line with the two fields of an export at its end."""
    return b'%s,"cluster":%s,"cluster_size":%s}\n' % (line[:-2], orjson.dumps(cluster), orjson.dumps(size))


def reader_version(line: bytes) -> bytes:
    """The version of sabah that read the page, as JSON. Raises ValueError for a line that is damaged."""
    return _value(line, line.rindex(_READER) + len(_READER))[0]


def _value(line: bytes, start: int) -> re.Match[bytes]:
    found = _VALUE.match(line, start)
    if found is None:
        raise ValueError(f"no string and no null at byte {start} of the line")
    return found


def mentions(line: bytes, keywords: Collection[str]) -> bool:
    """Whether the record has one of the keywords."""
    if not any(orjson.dumps(keyword) in line for keyword in keywords):
        return False
    return not set(orjson.loads(line)["keywords"]).isdisjoint(keywords)
