"""The one place where near-duplicates come into an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sabah.dataset.lines import Source
    from sabah.dataset.selection import Selection

THRESHOLD: Final[float | None] = None
"""Share of shingles from which on two texts are near-duplicates; None: an export has no `cluster` and no `cluster_size`."""


def clusters(selection: Selection, source: Source, folder: Path) -> Mapping[str, tuple[str, int]]:
    """Cluster id and size by address, of the records chosen."""
    raise NotImplementedError
