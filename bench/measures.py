"""What tells a copy from a near-twin: measures of similarity, each at the threshold that suits it best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sabah.dataset.near.clusters import similarity, text
from sabah.dataset.near.signatures import hashes, shingles, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.wire import Text

SIZES: Final = (1, 2, 3, 4, 5)


def measures(texts: Sequence[Text]) -> list[dict[str, Any]]:
    """Over pairs of a story and its copy (to be told alike), and of an instalment and the one before (not alike)."""
    pairs = list(_pairs(texts))
    alike = np.array([same for _, _, same in pairs])
    rows = []
    for size in SIZES:
        sets = [frozenset(shingles(hashes(words(one.body)), size).tolist()) for one in texts]
        both = [(len(sets[one] & sets[other]), sets[one], sets[other]) for one, other, _ in pairs]
        rows.append(_best(f"Jaccard, {size} words", alike, [n / (len(a) + len(b) - n) for n, a, b in both]))
        rows.append(_best(f"containment, {size} words", alike, [n / min(len(a), len(b)) for n, a, b in both]))
    prepared = [text(one.body) for one in texts]
    shared = [similarity(prepared[one], prepared[other]) for one, other, _ in pairs]
    return [*rows, _best("passages, 3 words", alike, shared)]


def _pairs(texts: Sequence[Text]) -> Iterator[tuple[int, int, bool]]:
    story = twin = 0
    for place, one in enumerate(texts):
        if one.what not in ("story", "short", "twin"):
            yield story, place, True
            continue
        if one.what == "twin":
            if one.share:
                yield twin, place, False
            twin = place
        story = place


def _best(what: str, alike: np.ndarray[tuple[int], np.dtype[np.bool_]], values: Sequence[float]) -> dict[str, Any]:
    """At the threshold where the smaller of precision and recall is largest."""
    order = np.argsort(-np.array(values), kind="stable")
    right = np.cumsum(alike[order])
    precision, recall = right / np.arange(1, len(order) + 1), right / right[-1]
    at = int(np.argmax(np.minimum(precision, recall)))
    return {
        "what": f"pairs by {what}",
        "threshold": float(values[order[at]]),
        "precision": float(precision[at]),
        "recall": float(recall[at]),
    }
