"""Signatures: 272 bytes by which bodies are told to resemble each other without reading them."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from rensa import RMinHash  # type: ignore[import-untyped]

from sabah.dataset.near.words import hashes, shingles, words
from sabah.storage.lines import Signature

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
