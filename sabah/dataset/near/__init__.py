"""Near-duplicates: which stored records have nearly the same body, as wire copies have.

    from sabah.dataset import near

    found = near.clusters(ledger, articles, line)          # articles: row ids; line(id): its stored line
    for article, cluster, size in found: ...

Row ids and not bodies go in, because the signatures are in the ledger: a million records are clustered by reading only the lines of those
that resemble another. `near.Lines` is a `line` for whoever has none. docs/near-duplicates.md says how, and why these numbers.
"""

from __future__ import annotations

from sabah.dataset.near.clusters import THRESHOLD, Clusters, Lines, clusters

__all__ = ["THRESHOLD", "Clusters", "Lines", "clusters"]
