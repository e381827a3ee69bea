"""How much of what a page names would be new."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.storage.ledger import Ledger
    from sabah.storage.revisits import Due


def unknown(ledger: Ledger, urls: Sequence[str], due: Due) -> int:
    """How many of the canonical addresses may still become articles now: those never fetched with an outcome, and those that were refused and are due."""
    found = ledger.one(
        "SELECT count(*) FROM json_each(?) j LEFT JOIN addresses a ON a.url = j.value WHERE a.id IS NULL OR a.state IN ('pending', 'failed')"
        " OR (a.state = 'refused' AND (a.due_at <= ? OR a.due_at > ?))",
        json.dumps(list(urls)),
        due.now,
        due.beyond,
    )
    return int(found[0])
