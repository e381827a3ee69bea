"""Packed bodies that are whole, and the same cut at every place."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd

from sabah.archive.http import MOST, MOST_MEMBERS, NotWholeError, TooMuchError, codings, ends_early, unpack

if TYPE_CHECKING:
    from collections.abc import Callable


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("br, GZIP", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstd.compress),
]
PAGE = b"<html>" + random.Random(3).randbytes(700).hex().encode() + b"<p>A paragraph.</p>" * 9000


@pytest.mark.parametrize(("packing", "pack"), PACKINGS)
def test_cut_wherever(packing: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(PAGE)
    assert not ends_early(packing, packed)
    assert not ends_early(packing, pack(b""))
    for end in (*range(2, len(packed) - 1, 7), len(packed) - 1):
        assert ends_early(packing, packed[:end]), end


def test_cut_in_a_second_gzip_member() -> None:
    packed = gzip.compress(PAGE) + gzip.compress(PAGE)
    assert not ends_early("gzip", packed)
    assert not ends_early("gzip", packed + bytes(9))
    assert ends_early("gzip", packed[:-1])


def test_what_is_unknown_damaged_or_without_end_is_not_said_to_be_cut() -> None:
    packed = bytearray(gzip.compress(PAGE))
    packed[-6] ^= 255
    assert not ends_early("gzip", bytes(packed))
    assert not ends_early("gzip", b"no gzip at all")
    assert not ends_early("compress", bytes(packed[:100]))
    assert not ends_early("", bytes(packed[:100]))
    assert not ends_early("gzip", gzip.compress(bytes(MOST + (1 << 20)))[:-20])


BOUND = 1 << 20
TIMES = 2000


def _outer(packing: str) -> str:
    return packing.rpartition(" ")[2].lower()


def zeros(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(bytes(TIMES * BOUND // 100))


@pytest.mark.parametrize(("packing", "pack"), PACKINGS)
def test_unpacked(packing: str, pack: Callable[[bytes], bytes]) -> None:
    assert unpack(codings([_outer(packing).encode()]), pack(PAGE), BOUND) == (PAGE, [])
    for whole in (b"", b"x", bytes(BOUND)):
        assert unpack([_outer(packing)], pack(whole), BOUND) == (whole, [])
    with pytest.raises(TooMuchError, match="unpacks to more than 1,048,576 bytes"):
        unpack([_outer(packing)], pack(bytes(BOUND + 1)), BOUND)
    assert unpack([_outer(packing)], pack(bytes(BOUND + 1)), 0)[0] == bytes(BOUND + 1)


@pytest.mark.parametrize(("packing", "pack"), PACKINGS)
def test_what_fills_the_memory_is_left_where_the_bound_is(packing: str, pack: Callable[[bytes], bytes]) -> None:
    """Public bombs (scrapy/scrapy GHSA-7j7m-v7m3-jqm7, brotli's too) unpack a megabyte to gigabytes."""
    packed = zeros(pack)
    tracemalloc.start()
    try:
        with pytest.raises(TooMuchError):
            unpack([_outer(packing)], packed, BOUND)
        assert tracemalloc.get_traced_memory()[1] < 4 * BOUND
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "stacked", ["gzip, gzip", "gzip, br", "deflate, zstd", "br, deflate, gzip", "gzip, identity, gzip"]
)
def test_packings_within_packings(stacked: str) -> None:
    ways = dict(PACKINGS) | {"deflate": zlib.compress, "identity": lambda body: body}
    body, bomb = PAGE, bytes(TIMES * BOUND // 100)
    for one in stacked.split(", "):
        body, bomb = ways[one](body), ways[one](bomb)
    named = codings([stacked.encode()])
    assert unpack(named, body, BOUND) == (PAGE, [])
    with pytest.raises(TooMuchError):
        unpack(named, bomb, BOUND)
    with pytest.raises(NotWholeError):
        unpack(named, body[:-5], BOUND)


def test_packings_without_end() -> None:
    with pytest.raises(TooMuchError, match="packed 10001 times, more than 5"):
        unpack(codings([b"gzip," * 10_001]), PAGE, BOUND)
    members = gzip.compress(b"") * (MOST_MEMBERS + 1)
    with pytest.raises(TooMuchError, match="more than 256 gzip members"):
        unpack(["gzip"], members, BOUND)
    with pytest.raises(TooMuchError, match="more than 256 zstd frames"):
        unpack(["zstd"], zstd.compress(b"") * (MOST_MEMBERS + 1), BOUND)
    assert unpack(["gzip"], gzip.compress(PAGE[:1000]) + gzip.compress(PAGE[1000:]), BOUND) == (PAGE, [])
    assert unpack(["zstd"], zstd.compress(PAGE[:1000]) + zstd.compress(PAGE[1000:]), BOUND) == (PAGE, [])


def test_unknown_packings_are_left() -> None:
    assert codings([b"GZip , identity", b"", b"UTF-8"]) == ["gzip", "utf-8"]
    assert unpack(["gzip", "utf-8"], PAGE, BOUND) == (PAGE, ["gzip", "utf-8"])
    assert unpack(["compress", "gzip"], gzip.compress(PAGE), BOUND) == (PAGE, ["compress"])


@pytest.mark.parametrize(("packing", "pack"), PACKINGS)
def test_what_is_cut_damaged_or_not_packed_at_all(packing: str, pack: Callable[[bytes], bytes]) -> None:
    packed, name = pack(PAGE), _outer(packing)
    for spoilt in (packed[: len(packed) // 2], packed[:-1], PAGE):
        with pytest.raises(NotWholeError, match=f"the packed body is not whole .{name}: "):
            unpack([name], spoilt, BOUND)
    if name in {"gzip", "x-gzip"}:
        for place in (-6, -2):  # checksum and length
            changed = bytearray(packed)
            changed[place] ^= 255
            with pytest.raises(NotWholeError):
                unpack([name], bytes(changed), BOUND)
        assert unpack([name], packed + b"behind it", BOUND) == (PAGE, [])
