"""Signatures of texts: words in groups, hashed; the share of equal numbers is about the share of equal groups."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
from rensa import RMinHash  # type: ignore[import-untyped]

from sabah.storage.lines import Signature

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


SHINGLE: Final = 4
"""Words. Three would do for copies, but are shared by too many texts that have nothing to do with each other."""

VALUES: Final = 128
"""Minima; the low 16 bits of each are kept. 64 bands of two find all but 0.5 % of copies with a fifth of their words replaced one by one."""

DIGEST: Final = 16
"""Bytes in front: a hash of all words in order, equal for equal texts."""

SCHEME: Final = f"1.{RMinHash.ALGORITHM_VERSION}"
"""How a signature was made: of two schemes, none can be compared. The second number is the library's."""

_SEED: Final = 7


def sign(body: str | None) -> Signature:
    """The signature of a body; without data where it has no words. Equal in all processes and on all machines."""
    found = words(body or "")
    if not found:
        return Signature(SCHEME, b"")
    of_words = hashes(found)
    flat = shingles(of_words, SHINGLE)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, np.array([0, len(flat)], np.uint64), VALUES, _SEED)
    minima = np.fromiter(matrix.to_rows()[0], np.uint32, VALUES).astype("<u2")
    digest = hashlib.blake2b(of_words.astype("<u8", copy=False).tobytes(), digest_size=DIGEST).digest()
    return Signature(SCHEME, digest + minima.tobytes())
