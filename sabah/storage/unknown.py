"""How much of what a page names would be new."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.storage.ledger import Ledger


def unknown(ledger: Ledger, urls: Sequence[str]) -> int:
    """How many of the canonical addresses have never been fetched with an outcome: those that may still become articles."""
    found = ledger.one(
        "SELECT count(*) FROM json_each(?) j LEFT JOIN addresses a ON a.url = j.value WHERE a.id IS NULL OR a.state IN ('pending', 'failed')",
        json.dumps(list(urls)),
    )
    return int(found[0])
