"""What became of stored articles: their revisions, and the latest of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.storage.errors import StorageError
from sabah.storage.last import record_at

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger

FIELDS: Final = ("headline", "standfirst", "byline", "dateline", "published_raw", "body", "keywords", "images")
"""What a revision may change."""

TRIES: Final = 3
"""Lines may be moved (`compact`) between the look into the ledger and the one into the file."""


@attrs.frozen
class Change:
    at: str
    """When it was seen: ISO 8601, UTC."""

    url: str
    revision: int
    what: str
    """`changed`, `withdrawn`, or `back` (after it was withdrawn)."""

    headline: str
    fields: list[str]
    """Those that differ from the revision before."""

    crawl_id: str


_LATEST: Final = """
SELECT (SELECT id FROM articles WHERE address = t.address AND revision = t.revision ORDER BY reading DESC LIMIT 1),
    (SELECT id FROM articles WHERE address = t.address AND revision < t.revision ORDER BY revision DESC, reading DESC LIMIT 1), r.crawl_id
FROM articles t JOIN runs r ON r.id = t.run WHERE t.revision > 1 AND t.reading = 1 ORDER BY t.id DESC LIMIT ?
"""
"""Both as they were read last: what another reader reads in one of them is no change of the newspaper's."""

_OF_ADDRESS: Final = """
SELECT id FROM articles t WHERE address = (SELECT coalesce(alias_of, id) FROM addresses WHERE url = ?)
AND reading = (SELECT max(reading) FROM articles WHERE address = t.address AND revision = t.revision) ORDER BY revision
"""


def latest(ledger: Ledger, count: int) -> list[Change]:
    """The last revisions and withdrawals, newest first. Raises StorageError."""
    found = []
    for article, before, crawl_id in ledger.all(_LATEST, count):
        record = _record(ledger, article)
        last = _record(ledger, before) if before is not None else {}
        what = "withdrawn" if record["withdrawn_at"] else "back" if last.get("withdrawn_at") else "changed"
        fields = changed(last, record) if last else []
        at, url, number = record["fetched_at"], record["url"], record["revision"]
        found.append(Change(at, url, number, what, record["headline"], fields, crawl_id))
    return found


def revisions(ledger: Ledger, url: str) -> list[dict[str, Any]]:
    """The records of an article, each revision as it was read last; also by an address that redirects to it. Raises StorageError."""
    return [_record(ledger, article) for (article,) in ledger.all(_OF_ADDRESS, url)]


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The fields in which two records differ, in the record's order."""
    return [name for name in FIELDS if before[name] != after[name]]


def _record(ledger: Ledger, article: int) -> dict[str, Any]:
    for _ in range(TRIES):
        name, offset, length = ledger.one(
            "SELECT f.name, t.offset, t.length FROM articles t JOIN files f ON f.id = t.file WHERE t.id = ?", article
        )
        try:
            return attrs.asdict(record_at(ledger.folder / name, offset, length))
        except StorageError as error:
            failed = error
    raise failed
