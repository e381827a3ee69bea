"""The one place where near-duplicates come into an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sabah.storage.ledger import Ledger

THRESHOLD: Final[float | None] = None
"""How alike two texts must be; None: an export has no `cluster` and no `cluster_size`."""


def clusters(ledger: Ledger, articles: Iterable[int]) -> Iterable[tuple[int, str, int]]:
    """Article row, cluster id and cluster size of each of `articles`, which are row ids of the ledger. None are known as yet."""
    del ledger, articles
    return ()
