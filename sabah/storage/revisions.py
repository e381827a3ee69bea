"""What became of stored articles: their revisions, and the latest of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.storage.errors import StorageError
from sabah.storage.last import NEWEST_FIRST, record_at

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger

FIELDS: Final = ("headline", "standfirst", "byline", "dateline", "published_raw", "body", "keywords", "images")
"""What a revision may change."""

TRIES: Final = 3
"""Lines may be moved (`compact`) between the look into the ledger and the one into the file."""


@attrs.frozen
class Change:
    at: str
    """Of when the page is that shows it: when it was fetched, or captured. ISO 8601, UTC."""

    url: str
    revision: int
    what: str
    """`changed`, `withdrawn`, `moved`, or `back` (after it was withdrawn or moved)."""

    headline: str
    fields: list[str]
    """Those that differ from the revision before."""

    crawl_id: str
    moved_to: str | None = None
    """Address at which one that moved stands."""

    instead: str | None = None
    """What stood in place of one that was withdrawn, where no status said it."""


_LATEST: Final = f"""
WITH changed AS MATERIALIZED (SELECT DISTINCT address FROM articles WHERE revision > 1)
SELECT (SELECT id FROM articles WHERE address = t.address AND revision = t.revision ORDER BY reading DESC LIMIT 1),
    (SELECT id FROM articles WHERE address = t.address AND (as_of, revision) < (t.as_of, t.revision) ORDER BY {NEWEST_FIRST} LIMIT 1) AS before,
    t.as_of, r.crawl_id
FROM changed c CROSS JOIN articles t ON t.address = c.address JOIN runs r ON r.id = t.run
WHERE t.reading = 1 AND before IS NOT NULL ORDER BY t.as_of DESC, t.id DESC LIMIT ?
"""  # noqa: S608 - constants
"""Both as they were read last: what another reader reads in one of them is no change of the newspaper's."""

_OF_ADDRESS: Final = """
SELECT id FROM articles t WHERE address = (SELECT coalesce(alias_of, id) FROM addresses WHERE url = ?)
AND reading = (SELECT max(reading) FROM articles WHERE address = t.address AND revision = t.revision) ORDER BY as_of, revision
"""


_WHERE: Final = """
SELECT f.name, t.offset, t.length, (SELECT max(instead) FROM articles WHERE address = t.address AND revision = t.revision)
FROM articles t JOIN files f ON f.id = t.file WHERE t.id = ?
"""


def latest(ledger: Ledger, count: int) -> list[Change]:
    """The last revisions and withdrawals, newest first. Raises StorageError."""
    found = []
    for article, before, at, crawl_id in ledger.all(_LATEST, count):
        record = _record(ledger, article)
        last = _record(ledger, before)
        fields = changed(last, record)
        found.append(
            Change(
                at,
                record["url"],
                record["revision"],
                _what(last, record),
                record["headline"],
                fields,
                crawl_id,
                record["moved_to"],
                record["instead"],
            )
        )
    return found


def revisions(ledger: Ledger, url: str) -> list[dict[str, Any]]:
    """The records of an article in the order of its history, each revision as it was read last; also by an address that redirects to it. Raises StorageError."""
    return [_record(ledger, article) for (article,) in ledger.all(_OF_ADDRESS, url)]


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The fields in which two records differ, in the record's order."""
    return [name for name in FIELDS if before[name] != after[name]]


def _what(before: dict[str, Any], after: dict[str, Any]) -> str:
    if after["withdrawn_at"]:
        return "moved" if after["moved_to"] else "withdrawn"
    return "back" if before["withdrawn_at"] else "changed"


def _record(ledger: Ledger, article: int) -> dict[str, Any]:
    """The stored record, and under `instead` what stood in its place, which only the ledger says."""
    for _ in range(TRIES):
        name, offset, length, instead = ledger.one(_WHERE, article)
        try:
            return {**attrs.asdict(record_at(ledger.folder / name, offset, length)), "instead": instead}
        except StorageError as error:
            failed = error
    raise failed
