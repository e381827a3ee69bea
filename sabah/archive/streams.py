"""The bytes of a WARC file, unpacked, with places that lead back to them; damage is an error here and never silence."""

from __future__ import annotations

import re
from collections import deque
from os import fstat
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from isal import igzip_lib

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAGIC: Final = b"\x1f\x8b\x08"
RECORD: Final = re.compile(rb"WARC/[01]\.[0-9]+\r?\n")
_IsalError: Final[type[Exception]] = igzip_lib.IsalError  # type: ignore[assignment]  # its stub says that it is an instance
_PIECE: Final = 1 << 16
_STRIDE: Final = 1 << 20
_FIRST_LINE: Final = 12
_KEPT: Final = 1 << 24
"""Bytes kept of a record that may prove broken: longer ones are unpacked again."""


class DamagedError(Exception):
    """The bytes cannot be unpacked; the text says why."""


class Place(NamedTuple):
    offset: int
    """In the file: of the record, or of the gzip member that has it."""

    within: int = 0
    """Bytes of that member, unpacked, before the record."""

    def __str__(self) -> str:
        return f"{self.offset}+{self.within}" if self.within else str(self.offset)


class Plain:
    """A file that is not packed."""

    member = 0

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._size = fstat(file.fileno()).st_size

    @property
    def place(self) -> Place:
        return Place(self.file.tell())

    @property
    def left(self) -> int:
        """Bytes to the end."""
        return self._size - self.file.tell()

    reached = place

    def read(self, size: int) -> bytes:
        return self.file.read(size)

    def readline(self, size: int = _PIECE) -> bytes:
        return self.file.readline(size)

    def seek(self, place: Place) -> None:
        self.file.seek(place.offset + place.within)

    def keep(self) -> Place:
        """The place, which `back` will be asked to go to."""
        return self.place

    def back(self, place: Place) -> None:
        self.seek(place)

    def leap(self, place: Place) -> bool:  # noqa: ARG002 -- nothing here is unpacked, so nothing damaged keeps from going on by lines
        return False


class Packed:
    """A file of gzip members: one a record as it should be, one for all, or any other division."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._last: Place | None = None
        self.seek(Place(file.tell()))

    @property
    def place(self) -> Place:
        """Where the next byte is. Raises DamagedError."""
        if self._at == len(self._out):
            self._fill()
        return self.reached

    @property
    def reached(self) -> Place:
        """Behind the last byte that was read, or where a member should have begun."""
        return Place(self.member, self._before + self._at)

    @property
    def left(self) -> int | None:
        """Bytes to the end; None where that has not been seen, or is another member's."""
        return self._last.within - self.reached.within if self._last and self._last.offset == self.member else None

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer at the end and before a member that begins with a record. Raises DamagedError."""
        parts = []
        while size > 0 and (self._at < len(self._out) or self._fill()) and not self._before_record():
            part = self._out[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def readline(self, size: int = _PIECE) -> bytes:
        """A line with its end, or `size` bytes of it. Raises DamagedError."""
        return self._line(size, lambda: self._at < len(self._out) or self._fill())

    def seek(self, place: Place) -> None:
        """Raises DamagedError."""
        self.file.seek(place.offset)
        self._raw, self._end = b"", place.offset
        self._unpacker: igzip_lib.IgzipDecompressor | None = None
        self.member, self._before, self._out, self._at = place.offset, 0, b"", 0
        self._kept: list[_Piece] | None = None
        self._again: deque[_Piece] = deque()
        while self._before + len(self._out) < place.within and self._fill():
            pass
        self._at = min(place.within - self._before, len(self._out))

    def keep(self) -> Place:
        """The place, which `back` will be asked to go to: what is unpacked from here on is kept, up to some megabytes. Raises DamagedError."""
        place = self.place
        self._kept, self._size = [(self.member, self._before, self._out)], len(self._out)
        return place

    def back(self, place: Place) -> None:
        """To the place that `keep` gave last. Raises DamagedError."""
        if self._kept is None:
            self.seek(place)
            return
        self._again.extendleft(reversed(self._kept))
        self._kept = None
        self._fill()
        self._at = place.within - self._before

    def leap(self, place: Place) -> bool:
        """Goes to the next member behind `place` that begins with a record; False where there is none."""
        at = place.offset + 1
        while True:
            self.file.seek(at)
            piece = self.file.read(_STRIDE)
            found = piece.find(MAGIC)
            while found >= 0:
                if _begins_record(self.file, at + found):
                    self.seek(Place(at + found))
                    return True
                found = piece.find(MAGIC, found + 1)
            if len(piece) < _STRIDE:
                return False
            at += _STRIDE - len(MAGIC) + 1

    def _before_record(self) -> bool:
        return self._before == self._at == 0 and RECORD.match(self._out) is not None

    def _line(self, size: int, more: Callable[[], bool]) -> bytes:
        parts, left = [], size
        while left > 0 and more():
            end = self._out.find(b"\n", self._at, self._at + left)
            part = self._out[self._at : end + 1 if end >= 0 else self._at + left]
            self._at += len(part)
            left -= len(part)
            parts.append(part)
            if end >= 0:
                break
        return b"".join(parts)

    def _fill(self) -> bool:
        """Goes on to the next piece; False at the end of the file."""
        if self._again:
            self.member, self._before, self._out = self._again.popleft()
            self._at = 0
        elif not self._unpack():
            self._last = self.reached
            return False
        if self._kept is not None:
            self._kept.append((self.member, self._before, self._out))
            self._size += len(self._out)
            if self._size > _KEPT:
                self._kept = None
        return True

    def _unpack(self) -> bool:
        """Unpacks on, into the next member if need be; False at the end of the file."""
        while True:
            if self._unpacker is None or self._unpacker.eof:
                if self._unpacker is not None:
                    self._raw, self._unpacker = self._unpacker.unused_data, None
                if not self._begin():
                    return False
                assert self._unpacker is not None
            self._before += len(self._out)
            self._out, self._at = b"", 0
            try:
                data = b"" if not self._unpacker.needs_input else self._raw or self._more()
                if self._unpacker.needs_input and not data:
                    raise DamagedError("the file ends within a gzip member")
                self._raw = b""
                self._out = self._unpacker.decompress(data, _PIECE)
            except _IsalError as error:
                raise DamagedError(f"the gzip member is damaged ({str(error).lower()})") from error
            if self._out:
                return True

    def _begin(self) -> bool:
        """Whether another member begins; padding with zeros before it is passed over."""
        while True:
            self._raw = self._raw.lstrip(b"\0")
            if self._raw:
                break
            self._raw = self._more()
            if not self._raw:
                return False
        self.member = self._end - len(self._raw)
        self._before, self._out, self._at = 0, b"", 0
        while len(self._raw) < len(MAGIC) and (more := self._more()):
            self._raw += more
        if not self._raw.startswith(MAGIC):
            raise DamagedError("no gzip member begins here")
        self._unpacker = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        return True

    def _more(self) -> bytes:
        data = self.file.read(_PIECE)
        self._end += len(data)
        return data


Stream = Plain | Packed
_Piece = tuple[int, int, bytes]
"""Of which member, how much of it lies before, and what it unpacks to."""


def opened(file: BinaryIO, name: str) -> Stream:
    """The stream of a file open at its beginning: packed where it begins so, or is called so."""
    begins = file.read(len(MAGIC))
    file.seek(0)
    return Packed(file) if begins == MAGIC or (name.endswith(".gz") and not begins.startswith(b"WAR")) else Plain(file)


def is_warc(path: Path) -> bool:
    """Whether the file begins with a WARC record, packed or not. Raises OSError."""
    with path.open("rb") as file:
        try:
            return RECORD.match(opened(file, path.name).readline()) is not None
        except DamagedError:
            return False


def _begins_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        begins = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP).decompress(file.read(1 << 12), _FIRST_LINE)
    except _IsalError:
        return False
    return RECORD.match(begins) is not None
