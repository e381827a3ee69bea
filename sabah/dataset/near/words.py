"""A body as the words that are compared, and hashes of them and of their shingles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from rensa import RMinHash  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_MARKS: Final = "“”‘’«»–—…\u00a0"
"""What typesetting puts between words, beyond ASCII: agencies and newspapers differ in it."""

_BLANKS: Final = bytes(
    code if code > 127 or code == 10 or chr(code).isalnum() else 32  # every byte above 127 belongs to a letter
    for code in range(256)
)
_FACTOR: Final = np.uint64(0x9E37_79B9_7F4A_7C15)
_HALF: Final = np.uint64(32)


def words(text: str) -> list[bytes]:
    """Its words in UTF-8, case folded, without punctuation: equal where two texts differ in typesetting alone."""
    return _plain(text).split()


def paragraphs(text: str) -> list[list[bytes]]:
    """Its words by paragraph, none of them empty."""
    return [found for part in _plain(text).split(b"\n\n") if (found := part.split())]


def _plain(text: str) -> bytes:
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    return text.casefold().encode("utf-8", "surrogatepass").translate(_BLANKS)


def hashes(found: Sequence[bytes]) -> Hashes:
    """64 bits a word; the same in every process."""
    return np.fromiter(RMinHash.hash_token_sets([found])[0], np.uint64, len(found))


def shingles(of_words: Hashes, size: int) -> Hashes:
    """64 bits for each `size` consecutive words; for all of them together where there are fewer."""
    size = min(size, len(of_words))
    count = len(of_words) - size + 1
    mixed = of_words[:count].copy()
    for place in range(1, size):
        mixed *= _FACTOR
        mixed += of_words[place : place + count]
    mixed ^= mixed >> _HALF
    mixed *= _FACTOR
    return mixed
