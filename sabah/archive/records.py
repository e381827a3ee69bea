"""The records of a WARC file one after the other; of what is broken, where and why, and on at the next whole one."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any, Final

import attrs
from warcio.recordloader import ArcWarcRecordLoader  # type: ignore[import-untyped]
from warcio.statusandheaders import (  # type: ignore[import-untyped]
    StatusAndHeadersParser,
    StatusAndHeadersParserException,
)

from sabah.archive.streams import RECORD, DamagedError, Place, Stream, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Wanted = Callable[[str, str], bool]
    """Asked with a record's type and target: whether its block is needed."""

HEAD_BYTES: Final = 1 << 16
BLOCK_BYTES: Final = 1 << 26
"""Of a record whose block is needed: no page is 64 MB."""

_SKIPPED: Final = 1 << 20
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
"""No file is longer, and Python makes no number of some thousand digits."""

_PARSER: Final = StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES)
_DIGESTS: Final = {"sha1": 20, "sha256": 32, "md5": 16}
"""Bytes of each kind that is checked."""


class BrokenError(Exception):
    """The record is not what its file format says; the text says how."""


@attrs.frozen(kw_only=True)
class Record:
    place: Place
    kind: str
    """WARC-Type: `response`, `revisit`, ..."""

    url: str
    """WARC-Target-URI; empty where there is none."""

    at: str | None
    """WARC-Date: ISO 8601, UTC, whole seconds; of records whose block was asked for never None."""

    microsecond: int = 0
    """What WARC-Date says beyond whole seconds."""

    block: bytes | None
    """None where it was not asked for."""

    truncated: str = ""
    """WARC-Truncated: why the writer has stopped before the end (`length`, `time`, `disconnect`, ...); empty where it has not."""


@attrs.frozen
class Broken:
    place: Place
    reason: str


def length_said(text: str) -> int | None:
    """The bytes that a Content-Length says; None where it is no such number."""
    return int(text) if _LENGTH.fullmatch(text) else None


def records(path: Path, wanted: Wanted) -> Iterator[Record | Broken]:
    """Every whole record, and one Broken for each stretch that gives none. Raises OSError."""
    with path.open("rb") as file:
        stream = opened(file, path.name)
        start: tuple[Place, bytes] | Broken | None = _next(stream)
        while start is not None:
            if isinstance(start, Broken):
                yield start
                start = _after_damage(stream, start.place)
                continue
            place, line = start
            try:
                record, proven = _read(stream, place, line, wanted)
                start = _following(stream)
            except DamagedError as error:
                yield Broken(place, str(error))
                start = _after_damage(stream, place)
            except BrokenError as error:
                yield Broken(place, str(error))
                start = _by_lines(stream, place)
            else:
                if isinstance(start, Broken) and start.place.offset == place.offset and not proven:
                    # Its member is damaged behind it, and no digest vouches for what came out of that before.
                    start = attrs.evolve(start, place=place)
                else:
                    yield record


def record_at(path: Path, place: Place) -> Record:
    """The record there, with its block. Raises OSError, DamagedError and BrokenError."""
    with path.open("rb") as file:
        stream = opened(file, path.name)
        stream.seek(place)
        return _read(stream, place, stream.readline(), lambda *_: True)[0]


def _next(stream: Stream) -> tuple[Place, bytes] | Broken | None:
    """Place and first line of what comes after blank lines; None at the end."""
    while True:
        try:
            place = stream.keep()
            line = stream.readline()
        except DamagedError as error:
            return Broken(stream.reached, str(error))
        if not line:
            return None
        if line.strip():
            return place, line


def _following(stream: Stream) -> tuple[Place, bytes] | Broken | None:
    """What comes after a record. Raises BrokenError where that has not come to its end."""
    member = stream.member
    try:
        if stream.place and stream.member == member and stream.readline(2).strip():
            raise BrokenError("it does not end where its Content-Length says")
    except DamagedError as error:
        return Broken(stream.reached, str(error))
    return _next(stream)


def _after_damage(stream: Stream, place: Place) -> tuple[Place, bytes] | Broken | None:
    return _next(stream) if stream.leap(place) else None


def _by_lines(stream: Stream, place: Place) -> tuple[Place, bytes] | Broken | None:
    """The next line behind `place` that begins a record: it stands after a blank one, or begins a member."""
    try:
        stream.back(place)
        stream.readline()
        blank = False
        while True:
            found = stream.keep()
            line = stream.readline()
            if not line:
                return None
            if RECORD.match(line) and (blank or (found.offset != place.offset and not found.within)):
                return found, line
            blank = not line.strip()
    except DamagedError:
        # It belongs to what has been reported.
        return _after_damage(stream, place)


def _read(stream: Stream, place: Place, line: bytes, wanted: Wanted) -> tuple[Record, bool]:
    """The record that begins with `line`, and whether a digest has vouched for it."""
    fields = _fields(stream, line)
    kind, url = fields.get_header("WARC-Type") or "", (fields.get_header("WARC-Target-URI") or "").strip("<>")
    length = length_said(said := fields.get_header("Content-Length") or "")
    if length is None:
        raise BrokenError(f"its Content-Length is {said!r:.40}")
    block, proven = None, False
    date = _instant(fields.get_header("WARC-Date") or "")
    if wanted(kind, url):
        block = _block(stream, length)
        proven = _vouched(fields.get_header("WARC-Block-Digest") or "", block)
        if date is None:
            raise BrokenError(f"its WARC-Date is {fields.get_header('WARC-Date')!r:.40}")
    else:
        _skip(stream, length)
    truncated = (fields.get_header("WARC-Truncated") or "").strip()
    at, beyond = (date.isoformat(timespec="seconds"), date.microsecond) if date else (None, 0)
    record = Record(place=place, kind=kind, url=url, at=at, microsecond=beyond, block=block, truncated=truncated)
    return record, proven


def _fields(stream: Stream, line: bytes) -> Any:
    if not RECORD.match(line):
        raise BrokenError(f"no WARC record begins here ({line[:20]!r})")
    head = [line]
    size = len(line)
    while line.strip():
        line = stream.readline()
        head.append(line)
        size += len(line)
        if size > HEAD_BYTES:
            raise BrokenError(f"its head has more than {HEAD_BYTES:,} bytes")
        if not line:
            raise BrokenError("the file ends within its head")
    try:
        return _PARSER.parse(io.BytesIO(b"".join(head)))
    except StatusAndHeadersParserException as error:
        raise BrokenError(f"no WARC record begins here ({head[0][:20]!r})") from error


def _block(stream: Stream, length: int) -> bytes:
    if length > BLOCK_BYTES:
        raise BrokenError(f"it has {length:,} bytes, more than any page")
    _check(stream, length)
    block = stream.read(length)
    if len(block) < length:
        raise _too_long(stream, len(block), length)
    return block


def _skip(stream: Stream, length: int) -> None:
    _check(stream, length)
    left = length
    while left:
        piece = len(stream.read(min(left, _SKIPPED)))
        if not piece:
            raise _too_long(stream, length - left, length)
        left -= piece


def _check(stream: Stream, length: int) -> None:
    """Spares reading to an end that is known."""
    if stream.left is not None and stream.left < length:
        raise BrokenError(f"the file ends within it: {stream.left:,} of {length:,} bytes")


def _too_long(stream: Stream, read: int, length: int) -> BrokenError:
    what = "another record begins" if stream.left != 0 else "the file ends"
    return BrokenError(f"{what} within it: {read:,} of {length:,} bytes")


def _vouched(digest: str, block: bytes) -> bool:
    """Whether a digest was given that can be checked, and holds. Raises BrokenError where it does not hold."""
    name, _, text = digest.strip().partition(":")
    name = name.lower().replace("-", "")
    if name not in _DIGESTS or not text:
        return False
    made = hashlib.new(name, block, usedforsecurity=False).digest()
    if text.lower() != made.hex() and text.rstrip("=") != base64.b32encode(made).decode().rstrip("="):
        raise BrokenError("its digest does not hold: it has been changed")
    return True


def _instant(text: str) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(text)
        return at.astimezone(dt.UTC) if at.tzinfo else None
    except (ValueError, OverflowError):  # the latter where UTC has no such year
        return None
