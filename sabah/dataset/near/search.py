"""Finds the clusters: equal texts, then candidates by their signatures, then what these have in common, exactly."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from sabah.dataset.near.bands import candidates
from sabah.dataset.near.found import Clusters
from sabah.dataset.near.similarity import similarity, text
from sabah.dataset.near.stars import Forest, stars
from sabah.dataset.near.stored import body, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sabah.dataset.near.bands import Pairs
    from sabah.dataset.near.stored import Line, Rows
    from sabah.storage.ledger import Ledger

THRESHOLD: Final = 0.79
"""Share of both texts' words that must stand in passages they have in common; measured by `python -m bench clusters`."""

_KEPT: Final = 20_000
"""Texts in memory, ready to be compared: 200 MB."""


def clusters(ledger: Ledger, articles: Iterable[int], line: Line, *, threshold: float = THRESHOLD) -> Clusters:
    """Clusters of the given article rows; those that the ledger has not are passed over, those without a body are alone.

    The same rows give the same clusters, in whatever order they come. Revisions of one article are always of one cluster.
    Raises StorageError, and what `line` raises.
    """
    rows = read(ledger, articles, line)
    forest = Forest(len(rows.article))
    texts = _texts(rows, forest)
    for group in _groups(candidates(rows.matrix[texts]), texts.tolist()):
        _join_alike(forest, rows, group, line, threshold)
    _join_equal(forest, rows.address)
    return Clusters(rows, np.array([forest.root(one) for one in range(len(rows.article))], np.int64))


def _texts(rows: Rows, forest: Forest) -> NDArray[np.int64]:
    """Joins rows of equal text; the earliest of each, in order of publication. Rows without a text are left out."""
    order = np.lexsort((rows.key, rows.published))
    having = order[rows.digest[order] != np.zeros(1, rows.digest.dtype)]
    _, first, number = np.unique(
        rows.digest[having].view("u8").reshape(-1, 2), axis=0, return_index=True, return_inverse=True
    )
    for one, other in zip(having.tolist(), having[first[number.ravel()]].tolist(), strict=True):
        forest.join(one, other)
    earliest: NDArray[np.int64] = having[np.sort(first)]
    return earliest


def _join_equal(forest: Forest, values: NDArray[np.int64]) -> None:
    _, first, number = np.unique(values, return_index=True, return_inverse=True)
    for one, other in enumerate(first[number].tolist()):
        forest.join(one, other)


def _groups(pairs: Pairs, row: list[int]) -> Iterator[tuple[list[int], list[tuple[int, int]]]]:
    """Rows that candidate pairs lead to from one another, in order of publication, with their pairs."""
    ends = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    forest = Forest(len(row))
    for one, other in ends:
        forest.join(one, other)
    groups: dict[int, tuple[list[int], list[tuple[int, int]]]] = {}
    for one in np.unique(np.concatenate([pairs.first, pairs.second])).tolist():
        groups.setdefault(forest.root(one), ([], []))[0].append(row[one])
    for one, other in ends:
        groups[forest.root(one)][1].append((row[one], row[other]))
    yield from groups.values()


def _join_alike(
    forest: Forest, rows: Rows, group: tuple[list[int], list[tuple[int, int]]], line: Line, threshold: float
) -> None:
    prepared = lru_cache(_KEPT)(lambda row: text(body(line(int(rows.article[row]))) or ""))

    @lru_cache(None)
    def alike(one: int, other: int) -> bool:
        return similarity(prepared(one), prepared(other)) >= threshold

    for cluster in stars(*group, alike):
        for one in cluster[1:]:
            forest.join(cluster[0], one)
