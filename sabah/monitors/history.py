"""What the ledger and the lines it vouches for say of the last pages read: the memory of the monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from sabah.monitors.drift import EARLIER
from sabah.monitors.features import REFUSED, Seen, seen
from sabah.pages.marks import names
from sabah.storage.cut import CUT

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.storage.ledger import Ledger

OURS: Final = 600
"""Pages of the run that are looked at, the newest: a layout that changed meanwhile shows in its last ones."""

LAYOUT_REASONS: Final = (
    "the page has no headline", "the page has a headline but no body", "no layout of an article", "no date", "no body", "the page holds only the beginning",
)  # fmt: skip
"""How refusals begin that mean a missing mark. Pages that are cut off, empty or no article say nothing of the layout."""

# A page that is refused again says nothing new of the layout. What a re-reading stores says nothing of the newspaper of today. And of the newest 20,000 rows at most: without an index by run, a run that stored
# nothing would look through all.
_ARTICLES: Final = """
WITH fetched AS NOT MATERIALIZED (
    SELECT * FROM articles WHERE reading = 1 AND withdrawn_at IS NULL AND (origin IS 'archive') = ?3 AND run NOT IN (SELECT id FROM runs WHERE spider = 'reparse')
)
SELECT t.stored_at, f.name, t.offset, t.length, t.marks FROM fetched t JOIN files f ON f.id = t.file
WHERE t.run {} ?1 AND t.id > (SELECT id FROM fetched ORDER BY id DESC LIMIT 1) - 20000 ORDER BY t.id DESC LIMIT ?2
"""
_REFUSALS: Final = """
SELECT r.fetched_at, a.url, a.kind, r.reason FROM refusals r JOIN addresses a ON a.id = r.address JOIN runs u ON u.id = r.run
WHERE r.run {} ?1 AND (json_extract(u.arguments, '$.origin') IS 'archive') = ?3 AND r.id > (SELECT max(id) FROM refusals) - 20000
AND NOT EXISTS (SELECT 1 FROM refusals b WHERE b.address = r.address AND b.id < r.id) ORDER BY r.id DESC LIMIT ?2
"""
_FROM_ARCHIVE: Final = "SELECT json_extract(arguments, '$.origin') IS 'archive' FROM runs WHERE id = ?"


def last_pages(ledger: Ledger, run: int) -> list[Seen]:
    """The newest pages before the run `run` and then its own, each in the order of their storing. Raises StorageError.

    The facts are read from the stored lines, at the places the ledger names: 1,200 of them at most, in a fifth of a second, nothing is kept twice, and datasets of any age
    have them. Captures of the archive, which are of any year, are compared with captures, and pages of today with pages.
    """
    (archived,) = ledger.one(_FROM_ARCHIVE, run)
    ours = _pages(ledger, "=", run, OURS, archived, ours=True)
    # Most hourly runs store nothing: then there is nothing to compare.
    return [*_pages(ledger, "<", run, EARLIER, archived, ours=False), *ours] if ours else []


def _pages(ledger: Ledger, relation: str, run: int, limit: int, archived: int, *, ours: bool) -> list[Seen]:
    found: list[tuple[str, Seen]] = []
    for stored_at, name, offset, length, marks in ledger.all(_ARTICLES.format(relation), run, limit, archived):
        record = _line(ledger.folder, name, offset, length)
        if record is not None and CUT not in (record.get("marks") or ()):  # what has not come is no change of a layout
            found.append((stored_at, seen(record, None if marks is None else names(marks), ours=ours)))
    for fetched_at, url, kind, reason in ledger.all(_REFUSALS.format(relation), run, limit, archived):
        if reason.startswith(LAYOUT_REASONS):
            page = Seen(url=url, kind=kind, layout=REFUSED, features={}, found={"reason": reason}, ours=ours)
            found.append((fetched_at or "", page))
    found.reverse()
    return [one for _, one in sorted(found, key=lambda one: one[0])]


def _line(folder: Path, name: str, offset: int, length: int) -> dict[str, Any] | None:
    """A stored record; None where its bytes are missing or damaged, which the next start makes good."""
    try:
        with (folder / name).open("rb") as file:
            file.seek(offset)
            record: dict[str, Any] = orjson.loads(file.read(length))
    except (OSError, orjson.JSONDecodeError):
        return None
    return record
