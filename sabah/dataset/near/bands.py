"""Candidates: pairs of signatures that agree in one of the bands at least (locality-sensitive hashing)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from sabah.dataset.near.signatures import VALUES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

WINDOW: Final = 32
"""Neighbours looked at among those that agree in a band. They are in the order of the next band, so that of many the most alike stand together."""

LEAST: Final = 0.12
"""Share of equal values below which a pair is none: copies have 0.26 and more, texts with a background paragraph in common 0.06."""

BEST: Final = 16
"""Candidates a record is compared with, the most alike first. The rest of a large cluster is compared with its middle."""

_AT_ONCE: Final = 1 << 18
"""Pairs whose values are compared at once: 64 MB of signatures twice."""


@attrs.frozen
class Pairs:
    """One column each; `first` is the smaller, every pair is there once."""

    first: Places
    second: Places


def candidates(matrix: NDArray[np.uint16]) -> Pairs:
    """Pairs of rows worth comparing."""
    bands = matrix.view(np.uint32)
    found = [_alike(matrix, _agreeing(bands, band)) for band in range(bands.shape[1])]
    codes, equal = (np.concatenate(column) for column in zip(*found, strict=True))
    codes, first = np.unique(codes, return_index=True)
    size = np.int64(len(matrix))
    return _best(codes // size, codes % size, equal[first])


def _agreeing(bands: NDArray[np.uint32], band: int) -> Places:
    """Pairs that agree in a band, as `smaller * rows + larger`."""
    rows = np.int64(len(bands))
    keys = (bands[:, band].astype(np.uint64) << np.uint64(32)) | bands[:, (band + 1) % bands.shape[1]]
    order = np.argsort(keys, kind="stable")
    sorted_ = bands[order, band]
    found = []
    here = np.arange(len(order) - 1)
    for step in range(1, WINDOW + 1):
        here = here[: np.searchsorted(here, len(order) - step)]
        here = here[sorted_[here] == sorted_[here + step]]
        if not len(here):
            break
        one, other = order[here], order[here + step]
        found.append(np.minimum(one, other) * rows + np.maximum(one, other))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _alike(matrix: NDArray[np.uint16], codes: Places) -> tuple[Places, NDArray[np.int16]]:
    """Those that agree in enough values, and in how many."""
    size = np.int64(len(matrix))
    equal = np.empty(len(codes), np.int16)
    for start in range(0, len(codes), _AT_ONCE):
        part = codes[start : start + _AT_ONCE]
        equal[start : start + _AT_ONCE] = (matrix[part // size] == matrix[part % size]).sum(axis=1, dtype=np.int16)
    enough = equal >= LEAST * VALUES
    return codes[enough], equal[enough]


def _best(first: Places, second: Places, equal: NDArray[np.int16]) -> Pairs:
    """Pairs that are among the best of one of their two."""
    ends = np.concatenate([first, second])
    order = np.lexsort((np.tile(np.arange(len(first)), 2), -np.tile(equal, 2), ends))
    sorted_ = ends[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_, sorted_)
    kept = np.unique(order[rank < BEST] % max(1, len(first)))
    return Pairs(first[kept], second[kept])
