"""A committed line that is not there, and all the ledger knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.storage.last import NEWEST_FIRST
from sabah.storage.place import place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sabah.items import Article
    from sabah.storage.ledger import Ledger
    from sabah.storage.snapshots import Capture

    Rebuild = Callable[["Missing"], Article | None]
    """Reads the page of a missing line again; None where it gives no record any more."""


@attrs.frozen
class Missing:
    """A stored record whose line is gone; `capture` is its page, `provenance()` what the page does not say."""

    url: str
    found_on: str | None
    first_seen_at: str
    revision: int
    reading: int
    fetched_at: str
    status: int
    origin: str | None
    crawl_id: str
    withdrawn_at: str | None
    moved_to: str | None
    duplicate_of: str | None
    hint: str | None
    """What a feed said of it."""

    captured: str | None
    """The archive's capture that an index names, 14 digits."""

    snapshot: str = attrs.field(kw_only=True)
    capture: Capture = attrs.field(kw_only=True)

    def provenance(self) -> dict[str, Any]:
        """Fields of the record, ready for Article(**values, **provenance)."""
        return {
            name: getattr(self, name)
            for name in attrs.fields_dict(Missing)
            if name not in ("url", "hint", "captured", "capture")
        }


KNOWN: Final = """
SELECT a.url, a.found_on, a.first_seen_at, t.revision, t.reading, coalesce(s.fetched_at, t.withdrawn_at), coalesce(s.status, a.last_status), t.origin, r.crawl_id, t.withdrawn_at, t.moved_to,
    (SELECT d.url FROM articles o JOIN addresses d ON d.id = o.address
     WHERE o.text_hash = t.text_hash AND o.id < t.id AND o.address <> t.address ORDER BY o.id LIMIT 1), a.hint, a.capture, f.name, s.offset
FROM articles t JOIN addresses a ON a.id = t.address JOIN runs r ON r.id = t.run
LEFT JOIN snapshots s ON s.id = t.snapshot LEFT JOIN files f ON f.id = s.file WHERE t.id = ?
"""


def repeated(columns: str) -> str:
    """SQL for what the withdrawal in row `t` repeats: the line that was last in the article's history when it was stored."""
    return (
        f"SELECT {columns} FROM articles b WHERE b.address = t.address AND b.revision < t.revision"  # noqa: S608 - names of columns
        f" ORDER BY {NEWEST_FIRST} LIMIT 1"
    )


OF_A_WITHDRAWAL: Final = ("revision", "reading", "fetched_at", "status", "crawl_id", "withdrawn_at", "moved_to")
"""Fields in which it differs from the revision before, beside its snapshot."""

REFUSED: Final = """
SELECT a.url, x.reason, x.status, a.found_on, x.fetched_at, r.crawl_id, f.name, s.offset
FROM refusals x JOIN addresses a ON a.id = x.address JOIN runs r ON r.id = x.run
LEFT JOIN snapshots s ON s.id = x.snapshot LEFT JOIN files f ON f.id = s.file WHERE x.id = ?
"""


def withdrawal(ledger: Ledger, article: int, record: Article) -> Article:
    """What the withdrawal in row `article` says, whose revision before says `record`."""
    *_, name, offset = known = ledger.one(KNOWN, article)
    values = dict(zip(attrs.fields_dict(Missing), known, strict=False))
    changed = {field: values[field] for field in OF_A_WITHDRAWAL}
    return attrs.evolve(record, **changed, snapshot=name and place(name, offset))


@attrs.define
class Repaired:
    files: list[str] = attrs.field(factory=list)
    """Files that were not whole."""

    rebuilt: int = 0
    """Lines written anew, in this run's own files."""

    rows: int = 0
    """Rows of the ledger set right from the lines they are of."""

    pending: list[str] = attrs.field(factory=list)
    """Addresses to be fetched again."""

    lost: list[str] = attrs.field(factory=list)
    """Addresses of which an earlier revision is lost: it cannot be fetched any more."""

    doubtful: list[str] = attrs.field(factory=list)
    """Addresses of older lines that do not agree with the ledger, and that no page can set right."""

    snapshots: int = 0
    """Snapshots lost: their records stand and say that they have no raw page."""
