"""HTTP answers in response records: unpacked within bounds, chunks joined, brought to one form that claims no packing it has not."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

import attrs
import brotli  # type: ignore[import-untyped]
from backports import zstd
from isal import igzip_lib

from sabah.archive.records import BrokenError, length_said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_END: Final = re.compile(rb"\r?\n\r?\n")
_LINES: Final = re.compile(rb"\r?\n(?![ \t])")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_STATUS: Final = re.compile(rb"HTTP/[0-9.]+ +([0-9]{3})(?: |\Z)")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z][\x09-\x7e]{24}")
_NO_LAST: Final = "its last chunk is missing"
_HTML: Final = ("text/html", "application/xhtml+xml")


@attrs.frozen
class Answer:
    status: int
    head: bytes
    """Status line and headers, each ended by CRLF, and a blank line."""

    payload: bytes
    """Without chunks; packed as the Content-Encoding in `head` says, plain where none is there."""

    is_html: bool
    """By its Content-Type; without one, whether it looks so."""

    packing: str = ""
    """The Content-Encoding of `payload`; empty where it is plain."""

    cut: str = ""
    """Why the payload is not all that was sent, as far as chunks and Content-Length tell; empty where they do not."""


def answer(block: bytes) -> Answer:
    """The answer a response record's block holds, whoever wrote it. Raises BrokenError where it holds none.

    Crawlers write it as sent, chunks and packing and all; or with both undone, be it with the headers that say so renamed
    (`X-Crawler-Content-Encoding`), left out or left in. A Content-Length says what was sent, be it of a page that has been unpacked since: only what is
    shorter, and is neither joined nor unpacked, is cut.
    """
    end = _END.search(block)
    first, *lines = _LINES.split(block[: end.start()] if end else block)
    status = _STATUS.match(first)
    if status is None:
        raise BrokenError(f"it holds no HTTP answer ({first[:20]!r})")
    payload = block[end.end() :] if end else b""
    headers = [_FOLD.sub(b" ", line) for line in lines if b":" in line]
    if any(b"chunked" in value.lower() for value in _values(headers, b"transfer-encoding")):
        payload, cut = _joined(payload)
    else:
        cut = _short(headers, payload)
    gone = {b"transfer-encoding"}
    packing = b",".join(_values(headers, b"content-encoding")).decode("latin-1").lower()
    if _MARKUP.match(payload):
        gone.add(b"content-encoding")
        packing = ""
    kept = [line for line in headers if _name(line) not in gone]
    kinds = _values(headers, b"content-type")
    kind = kinds[0].partition(b";")[0].strip().lower().decode("latin-1") if kinds else ""
    return Answer(
        int(status[1]), b"".join(b"%b\r\n" % line for line in (first, *kept, b"")), payload,
        kind in _HTML if kind else _MARKUP.match(payload) is not None, packing, cut,
    )  # fmt: skip


def _joined(payload: bytes) -> tuple[bytes, str]:
    """The chunks in one; as it is where it is not in chunks, and of a cut one what there is, and why that is not all."""
    parts: list[bytes] = []
    at = 0
    while at < len(payload):
        size = _SIZE.match(payload, at)
        if size is None:
            return (b"".join(parts), _NO_LAST) if parts else (payload, "")
        length, begin = int(size[1], 16), size.end()
        if not length:
            return b"".join(parts), ""
        parts.append(payload[begin : begin + length])
        at = begin + length
        if payload[at : at + 2] == b"\r\n":
            at += 2
        elif at < len(payload) and payload[at : at + 1] == b"\n":
            at += 1
        elif at < len(payload):
            return (b"".join(parts), _NO_LAST) if len(parts) > 1 else (payload, "")
    return b"".join(parts), _NO_LAST


def _short(headers: Iterable[bytes], payload: bytes) -> str:
    """Why a payload without chunks is not all that was sent; empty where nothing tells."""
    if _MARKUP.match(payload) and any(_values(headers, b"content-encoding")):
        return ""  # unpacked, and the length is of what was packed
    lengths = (length_said(value.decode("latin-1")) for value in _values(headers, b"content-length"))
    said = [one for one in lengths if one is not None]
    if said and len(payload) < min(said):
        return f"{len(payload):,} of {min(said):,} bytes"
    return ""


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def _values(headers: Iterable[bytes], name: bytes) -> list[bytes]:
    return [line.partition(b":")[2].strip() for line in headers if _name(line) == name]


MOST: Final = 1 << 26
"""Bytes looked at, unpacked: no page is 64 MB, and what is made to fill the memory has no end."""

MOST_PACKINGS: Final = 5
"""Packings of one body inside each other, as many as curl takes; servers use one, a CDN may add another."""

MOST_MEMBERS: Final = 256
"""Members or frames of one packed body: each costs a copy of what is behind it."""

_PIECE: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_MAGIC: Final = {b"\x1f\x8b\x08": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\x1f\x9d": "compress"}
_DAMAGED: Final[tuple[type[Exception], ...]] = (zlib.error, brotli.error, zstd.ZstdError, igzip_lib.IsalError)  # type: ignore[assignment]  # the last is an instance in its stub


class TooMuchError(ValueError):
    """A body unpacks to more than it may; the text says how much that is."""


class NotWholeError(ValueError):
    """A packed body is cut or damaged, or is not packed as it says; the text says which."""


def codings(headers: Iterable[bytes]) -> list[str]:
    """The packings that Content-Encoding headers name, the outermost last; `identity` and empty names, which mean none, are not among them."""
    named = b",".join(headers).decode("latin-1").lower().split(",")
    return [one for given in named if (one := given.strip()) not in {"", "identity"}]


def unpack(packings: Sequence[str], data: bytes, most: int) -> tuple[bytes, list[str]]:
    """The body within its packings (the outermost last), and those that are left because the next of them is unknown here.

    Never holds more than `most` bytes of any of them (0: without a bound). Raises TooMuchError and NotWholeError.
    """
    left = list(packings)
    if len(left) > MOST_PACKINGS:
        raise TooMuchError(f"the body is packed {len(left)} times, more than {MOST_PACKINGS}")
    while left and left[-1] in _WAYS:
        data = _one_unpacked(left[-1], data, most)
        left.pop()
    return data, left


def packed_as(data: bytes) -> str | None:
    """The packing that a body begins with which should be text; None for any other."""
    return next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)


def ends_early(packing: str, data: bytes) -> bool:
    """Whether `data` (packed as a Content-Encoding says: `gzip`, `br`) stops before its packing has come to its end.

    Of several packings (`gzip, br`) the last. What is unknown, damaged or longer than `MOST` is not said to be cut: readers name that.
    """
    outermost = packing.rpartition(",")[2].strip().lower()
    if outermost not in _WAYS:
        return False
    seen = 0
    try:
        for piece, ended in _WAYS[outermost](data):
            seen += len(piece)
            if ended or seen > MOST:
                return False
    except _DAMAGED:
        return False
    except TooMuchError:
        return False
    return True


def _one_unpacked(packing: str, data: bytes, most: int) -> bytes:
    pieces, size, ended = [], 0, False
    try:
        for piece, ended in _WAYS[packing](data):  # noqa: B007 - the last one counts
            size += len(piece)
            if most and size > most:
                raise TooMuchError(f"the body ({len(data):,} bytes of {packing}) unpacks to more than {most:,} bytes")
            pieces.append(piece)
    except _DAMAGED as error:
        raise NotWholeError(f"the packed body is not whole ({packing}: {error})") from error
    if not ended:
        raise NotWholeError(f"the packed body is not whole ({packing}: it ends early)")
    return b"".join(pieces)


def _gzip(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """What is unpacked, piece by piece, each with whether all is there; so with the other ways."""
    for _ in range(MOST_MEMBERS):
        unpacker = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        while not unpacker.eof:
            if unpacker.needs_input and not data:
                return
            piece = unpacker.decompress(data, _PIECE)
            data = b""
            if not unpacker.eof:
                yield piece, False
        data = unpacker.unused_data
        yield piece, not data.startswith(_GZIP)
        if not data.startswith(_GZIP):
            return
    raise TooMuchError(f"the body has more than {MOST_MEMBERS} gzip members")


def _deflate(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """With zlib's head or without, as servers send it."""
    unpacker = zlib.decompressobj()
    try:
        piece = unpacker.decompress(data, _PIECE)
    except zlib.error:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        piece = unpacker.decompress(data, _PIECE)
    yield piece, unpacker.eof
    while not unpacker.eof and (piece or unpacker.unconsumed_tail):
        piece = unpacker.decompress(unpacker.unconsumed_tail, _PIECE)
        yield piece, unpacker.eof


def _brotli(data: bytes) -> Iterator[tuple[bytes, bool]]:
    unpacker = brotli.Decompressor()
    piece = b"."
    while piece and not unpacker.is_finished():
        piece = unpacker.process(data, output_buffer_limit=_PIECE)
        data = b""
        yield piece, unpacker.is_finished()


def _zstd(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Of several frames all."""
    for _ in range(MOST_MEMBERS):
        unpacker = zstd.ZstdDecompressor()
        while not unpacker.eof and (data or not unpacker.needs_input):
            piece = unpacker.decompress(data, _PIECE)
            data = b""
            if not unpacker.eof:
                yield piece, False
        if not unpacker.eof:
            return
        data = unpacker.unused_data
        yield piece, not data
        if not data:
            return
    raise TooMuchError(f"the body has more than {MOST_MEMBERS} zstd frames")


_WAYS: Final = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
