"""Stored snapshots in the order in which their files are read forward, with what was read from them last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sabah.storage.ledger import Ledger

BATCH: Final = 500
"""Rows a query: a few milliseconds."""

START: Final = (0, -1)
"""The place before all snapshots."""


@attrs.frozen
class Kept:
    """The snapshot of a revision, or of a page that was refused, or whose record was dropped, and whose address has no record."""

    file: int
    offset: int
    name: str
    """Of the snapshot's file, relative to the data folder."""

    snapshot: int
    status: int
    fetched_at: str
    address: int
    url: str
    kind: str
    section: str | None
    subsection: str | None
    found_on: str | None
    first_seen_at: str
    depth: int
    hint: str | None
    capture: str | None
    last_modified: str | None
    refused_by: int | None
    """Row of the run that refused it."""

    article: int | None
    """Row of the newest reading; None, as all that follows, where the page was refused."""

    published_at: str | None
    layout: str | None
    segment: str | None
    """File of its line, relative to the data folder; where in it the line is."""

    line_offset: int | None
    line_length: int | None

    @property
    def place(self) -> tuple[int, int]:
        return self.file, self.offset


_COLUMNS: Final = """
s.file, s.offset, f.name, s.id, s.status, s.fetched_at, a.id, a.url, a.kind, a.section, a.subsection, a.found_on, a.first_seen_at, a.depth, a.hint, a.capture, a.last_modified,
(SELECT run FROM refusals WHERE address = a.id AND snapshot = s.id ORDER BY id DESC LIMIT 1), t.id, t.published_at, t.layout, l.name, t.offset, t.length
"""
_FROM: Final = """
FROM snapshots s JOIN files f ON f.id = s.file JOIN addresses a ON a.id = s.address
LEFT JOIN articles t ON t.address = s.address AND t.snapshot = s.id AND t.withdrawn_at IS NULL
    AND t.reading = (SELECT max(reading) FROM articles WHERE address = t.address AND revision = t.revision)
LEFT JOIN files l ON l.id = t.file
WHERE a.state <> 'forgotten' AND (t.id IS NOT NULL OR (
    a.state IN ('refused', 'dropped') AND a.run IS NULL AND NOT EXISTS (SELECT 1 FROM articles WHERE address = a.id)
    AND s.id = (SELECT snapshot FROM refusals WHERE address = a.id AND snapshot IS NOT NULL ORDER BY id DESC LIMIT 1)
))
"""
_NEXT: Final = f"SELECT {_COLUMNS} {_FROM} AND (s.file, s.offset) > (?, ?) ORDER BY s.file, s.offset LIMIT ?"
_NOW: Final = f"SELECT {_COLUMNS} {_FROM} AND s.id = ?"
_COUNT: Final = f"SELECT count(*) {_FROM} AND (s.file, s.offset) > (?, ?)"
_BARE: Final = """
SELECT count(*) FROM articles t WHERE t.snapshot IS NULL AND t.withdrawn_at IS NULL
AND t.reading = (SELECT max(reading) FROM articles WHERE address = t.address AND revision = t.revision)
"""


def kept(ledger: Ledger, after: tuple[int, int] = START) -> Iterator[Kept]:
    """Every one behind the place `after`, also those stored meanwhile. What `compact` or `forget` moves meanwhile may come twice. Raises StorageError.

    Files are only ever moved to newer ones, so that nothing is missed.
    """
    while batch := ledger.rows(Kept, _NEXT, *after, BATCH):
        yield from batch
        after = batch[-1].place


def now(ledger: Ledger, one: Kept) -> Kept | None:
    """The same as the ledger has it now; None where it has been forgotten or lost, or has a record now. Raises StorageError."""
    return next(iter(ledger.rows(Kept, _NOW, one.snapshot)), None)


def origins(ledger: Ledger) -> dict[int, str]:
    """Where each run that refused pages got its pages from: `live`, `replica` or `archive`, as its articles say; without those, as those of all others say
    where they agree. Raises StorageError.
    """
    runs = ledger.all("SELECT DISTINCT run FROM refusals")
    if not runs:
        return {}
    found = ledger.all("SELECT DISTINCT run, origin FROM articles WHERE reading = 1 AND origin IS NOT NULL")
    everywhere = {origin for _, origin in found}
    common = dict.fromkeys((run for (run,) in runs), *everywhere) if len(everywhere) == 1 else {}
    return common | dict(found)


def count(ledger: Ledger, after: tuple[int, int] = START) -> int:
    """How many `kept` gives. Raises StorageError."""
    return ledger.rows(int, _COUNT, *after)[0]


def without_snapshot(ledger: Ledger) -> int:
    """Revisions of which no page is kept. Raises StorageError."""
    return ledger.rows(int, _BARE)[0]
