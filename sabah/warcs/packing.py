"""Packed bodies, unpacked up to a bound, and whether they are whole: readers unpack what there is of a cut one and say nothing."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import brotli  # type: ignore[import-untyped]
from backports import zstd
from isal import igzip_lib

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
