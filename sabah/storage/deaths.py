"""Addresses that a run had in hand when it died: an answer that kills whoever reads it must not be the first of every run to come."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sabah.storage.ledger import Ledger
    from sabah.storage.locks import Lock

logger = logging.getLogger(__name__)

LAST: Final = 2
"""Deaths in a row after which an address comes last: alone, and when its scope has nothing else."""

DEADLY: Final = 3
"""Deaths in a row after which it is not asked for any more. The third has met it alone."""


def note(lock: Lock, addresses: Iterable[int]) -> None:
    """Writes into the run's lock file what it has in hand. Not forced to the disk: what the system has taken outlives the process, and a power cut is no page's fault."""
    lock.write(json.dumps(sorted(addresses)))


def blame(ledger: Ledger, run: int, path: Path) -> list[str]:
    """Counts a death for what the dead `run` had in hand; the addresses that are not asked for any more from now on. Inside a transaction, before its claims are freed.

    One that has a record keeps it, and is not looked at again.
    """
    held = json.dumps(_noted(path))
    mine = "run = ? AND id IN (SELECT value FROM json_each(?))"
    ledger.run(f"UPDATE addresses SET deaths = deaths + 1 WHERE {mine}", run, held)  # noqa: S608 - a constant
    deadly = ledger.all(f"SELECT id, url FROM addresses WHERE deaths >= ? AND {mine} ORDER BY id", DEADLY, run, held)  # noqa: S608
    for address, _ in deadly:
        ledger.run(
            "UPDATE addresses SET due_at = NULL, state = iif(EXISTS (SELECT 1 FROM articles WHERE address = ?1), state, 'failed') WHERE id = ?1",
            address,
        )
    for _, url in deadly:
        logger.error(
            "Failed (%d runs in a row died while they had it in hand; not asked for any more): %s", DEADLY, url
        )
    return [url for _, url in deadly]


def _noted(path: Path) -> list[int]:
    """What the lock file says; nothing where the process died while it wrote."""
    try:
        noted = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return [one for one in noted if isinstance(one, int)] if isinstance(noted, list) else []
