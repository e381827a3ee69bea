"""Packed bodies that are whole, and the same cut at every place."""

from __future__ import annotations

import gzip
import random
import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd

from sabah.warcs.packing import MOST, ends_early

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
