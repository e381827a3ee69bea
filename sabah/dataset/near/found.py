"""What was found: each record's cluster, and how many articles that has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sabah.dataset.near.stored import Rows


class Clusters:
    """Iterating gives (article row, cluster id, cluster size), by row.

    The id is the beginning of the SHA-256 of the address that was published first (16 hexadecimal digits; of several published in one
    moment, the smallest). It stays when later articles join, and the size counts addresses, not their revisions.
    """

    def __init__(self, rows: Rows, label: NDArray[np.int64]) -> None:
        """`label` is equal for rows of one cluster."""
        self.article = rows.article
        order = np.lexsort((rows.key, rows.published, label))
        starts = np.flatnonzero(np.diff(label[order], prepend=-1))
        leaders = rows.key[order[starts]]
        _, self._label = np.unique(label, return_inverse=True)
        pairs = np.unique(np.stack([self._label, rows.address]), axis=1)
        self._size = np.bincount(pairs[0], minlength=len(leaders))
        self._leader = leaders

    def __len__(self) -> int:
        """Records."""
        return len(self.article)

    def __iter__(self) -> Iterator[tuple[int, str, int]]:
        for article, label in zip(self.article.tolist(), self._label.tolist(), strict=True):
            yield article, *self._cluster(label)

    def __getitem__(self, article: int) -> tuple[str, int]:
        """Cluster id and size of an article row. Raises KeyError."""
        place = int(np.searchsorted(self.article, article))
        if place == len(self.article) or self.article[place] != article:
            raise KeyError(article)
        return self._cluster(int(self._label[place]))

    def _cluster(self, label: int) -> tuple[str, int]:
        return f"{int(self._leader[label]):016x}", int(self._size[label])
