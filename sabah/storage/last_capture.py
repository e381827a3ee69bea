"""The raw page that is stored of an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sabah.storage import snapshots

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger
    from sabah.storage.snapshots import Capture

_LAST: Final = """
SELECT f.name, s.offset FROM snapshots s JOIN files f ON f.id = s.file
WHERE s.address IN (SELECT id FROM addresses WHERE url = ?1 UNION SELECT alias_of FROM addresses WHERE url = ?1) AND s.status = 200
ORDER BY s.id DESC LIMIT 1
"""


def last_capture(ledger: Ledger, url: str) -> Capture | None:
    """The last snapshot of a page at a canonical address or at the one it redirects to, whether it gave a record or not; None where there is none.

    Raises StorageError, and SnapshotError for a snapshot that cannot be read.
    """
    found = ledger.all(_LAST, url)
    return snapshots.read(ledger.folder / found[0][0], found[0][1]) if found else None
