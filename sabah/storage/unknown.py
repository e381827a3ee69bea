"""How much of what a page names would be new."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sabah import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.storage.ledger import Ledger


def unknown(ledger: Ledger, urls: Sequence[str]) -> int:
    """How many of the canonical addresses may still become articles now: those never fetched with an outcome, and those that were refused and are due."""
    found = ledger.one(
        "SELECT count(*) FROM json_each(?) j LEFT JOIN addresses a ON a.url = j.value WHERE a.id IS NULL OR a.state IN ('pending', 'failed')"
        " OR (a.state = 'refused' AND a.due_at <= ?)",
        json.dumps(list(urls)),
        clock.timestamp(),
    )
    return int(found[0])
