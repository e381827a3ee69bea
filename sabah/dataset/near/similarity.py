"""How much two bodies have in common, exactly: the share of each that stands in passages the other has too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np

from sabah.dataset.near.signatures import hashes, paragraphs, shingles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sabah.dataset.near.signatures import Hashes

SHINGLE: Final = 3
"""Words."""

PASSAGE: Final = 30
"""Words, about. Shorter ones are decided by chance, longer ones run from a shared part into one that is not."""

SHARED: Final = 0.25
"""Share of a passage's shingles that the other text must have. With a fifth of its words replaced one by one it keeps a half, and by chance
two texts about one matter share a tenth."""

_SHORT: Final = 10
"""Words of a paragraph that is no passage of its own: sub-headings, interjections."""


@attrs.frozen(eq=False)
class Text:
    """A body, ready to be compared."""

    shingles: Hashes
    """All of them, sorted."""

    inside: Hashes
    """Those that lie within one passage, in order."""

    passage: NDArray[np.intp]
    """Of each of `inside`, the number of its passage."""

    lengths: NDArray[Any]
    """Words of each passage."""

    counts: NDArray[np.intp]
    """Shingles of each passage; never 0 but where the whole text is shorter than one."""


def text(body: str) -> Text:
    parts = list(_passages(body))
    of_words = hashes([word for part in parts for word in part])
    lengths = np.array([len(part) for part in parts], np.intp)
    number = np.repeat(np.arange(len(parts)), lengths)
    if len(of_words) < SHINGLE:
        none = np.empty(0, np.uint64)
        return Text(none, none, np.empty(0, np.intp), lengths, np.zeros(len(parts), np.intp))
    found = shingles(of_words, SHINGLE)
    first, last = number[: len(found)], number[SHINGLE - 1 :]
    within = first == last
    passage = first[within]
    return Text(np.sort(found), found[within], passage, lengths, np.bincount(passage, minlength=len(parts)))


def similarity(one: Text, other: Text) -> float:
    """From 0 to 1: the smaller of both texts' shares of words that stand in passages the other has too."""
    return min(_covered(one, other), _covered(other, one))


def _covered(one: Text, other: Text) -> float:
    if not len(one.inside) or not len(other.shingles):
        return 0.0
    places = np.searchsorted(other.shingles, one.inside)
    places[places == len(other.shingles)] = 0
    hits = np.bincount(one.passage, weights=other.shingles[places] == one.inside, minlength=len(one.lengths))
    shared = hits >= SHARED * np.maximum(one.counts, 1)
    return float(one.lengths[shared].sum() / one.lengths.sum())


def _passages(body: str) -> Iterator[list[bytes]]:
    """Paragraphs, the short ones with what follows, the long ones cut into equal pieces."""
    waiting: list[bytes] = []
    parts = paragraphs(body)
    for place, found in enumerate(parts):
        waiting += found
        if len(waiting) < _SHORT or (place == len(parts) - 2 and len(parts[-1]) < _SHORT):
            continue
        yield from _cut(waiting)
        waiting = []
    if waiting:
        yield from _cut(waiting)


def _cut(found: list[bytes]) -> Iterator[list[bytes]]:
    pieces = max(1, round(len(found) / PASSAGE))
    for piece in range(pieces):
        yield found[len(found) * piece // pieces : len(found) * (piece + 1) // pieces]
