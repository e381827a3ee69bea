"""Whether a packed body is whole: readers unpack what there is of a cut one and say nothing."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import brotli  # type: ignore[import-untyped]
from backports import zstd
from isal import igzip_lib

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST: Final = 1 << 26
"""Bytes looked at, unpacked: no page is 64 MB, and what is made to fill the memory has no end."""

_PIECE: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_DAMAGED: Final[tuple[type[Exception], ...]] = (zlib.error, brotli.error, zstd.ZstdError, igzip_lib.IsalError)  # type: ignore[assignment]  # the last is an instance in its stub


def ends_early(packing: str, data: bytes) -> bool:
    """Whether `data` (packed as a Content-Encoding says: `gzip`, `br`) stops before its packing has come to its end.

    Of several packings (`gzip, br`) the last. What is unknown, damaged or longer than `MOST` is not said to be cut: readers name that.
    """
    outermost = packing.rpartition(",")[2].strip().lower()
    if outermost not in _WAYS:
        return False
    seen = 0
    try:
        for size, ended in _WAYS[outermost](data):
            seen += size
            if ended or seen > MOST:
                return False
    except _DAMAGED:
        return False
    return True


def _gzip(data: bytes) -> Iterator[tuple[int, bool]]:
    """Bytes unpacked, piece by piece, each with whether all is there; so with the other ways."""
    while True:
        unpacker = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        while not unpacker.eof:
            if unpacker.needs_input and not data:
                return
            size = len(unpacker.decompress(data, _PIECE))
            data = b""
            if not unpacker.eof:
                yield size, False
        data = unpacker.unused_data
        yield size, not data.startswith(_GZIP)


def _deflate(data: bytes) -> Iterator[tuple[int, bool]]:
    """With zlib's head or without, as servers send it."""
    unpacker = zlib.decompressobj()
    try:
        size = len(unpacker.decompress(data, _PIECE))
    except zlib.error:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        size = len(unpacker.decompress(data, _PIECE))
    yield size, unpacker.eof
    while size or unpacker.unconsumed_tail:
        size = len(unpacker.decompress(unpacker.unconsumed_tail, _PIECE))
        yield size, unpacker.eof


def _brotli(data: bytes) -> Iterator[tuple[int, bool]]:
    unpacker = brotli.Decompressor()
    size = 1
    while size:
        size = len(unpacker.process(data, output_buffer_limit=_PIECE))
        data = b""
        yield size, unpacker.is_finished()


def _zstd(data: bytes) -> Iterator[tuple[int, bool]]:
    unpacker = zstd.ZstdDecompressor()
    while data or not unpacker.needs_input:
        size = len(unpacker.decompress(data, _PIECE))
        data = b""
        yield size, unpacker.eof
        if unpacker.eof:
            return


_WAYS: Final = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
