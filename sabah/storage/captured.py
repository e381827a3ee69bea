"""Captures that a file of another tool has: which of them what is stored leaves room for, and what they are stored as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah.storage.last import Last

if TYPE_CHECKING:
    from sabah.items import Article
    from sabah.storage.frontier import Frontier
    from sabah.storage.last import Rehash
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page

_NO_RUN: Final = 0
"""The id of none."""

FORGOTTEN: Final = "forgotten"
BEFORE: Final = "imported before"
OLDER: Final = "not newer than what is stored"
AMP: Final = "AMP of a page that is stored"

_KNOWN: Final = (
    "id",
    "found_on",
    "first_seen_at",
    "stored_modified",
    "hint",
    "capture",
    "state",
    "gone",
    "failures",
    "aged_from",
)
"""What of a page the ledger knows, as for one that is claimed."""

_ADDRESS: Final = """
SELECT coalesce(f.id, a.id), coalesce(f.state, a.state), iif(f.id IS NULL, a.known_at, f.known_at)
FROM addresses a LEFT JOIN addresses f ON f.id = a.alias_of WHERE a.url = ?
"""
_DEALT_WITH: Final = """
SELECT max(
    (SELECT count(*) FROM snapshots WHERE address = ?1 AND fetched_at = ?2), (SELECT count(*) FROM refusals WHERE address = ?1 AND fetched_at = ?2)
)
"""


def passed_over(ledger: Ledger, url: str, at: str, layout: str | None = None, nth: int = 0) -> str | None:
    """Why a capture of the canonical address `url` made `at` (ISO 8601, UTC) is not stored; None where it is.

    Revisions follow each other as the newspaper made them, so a capture has to be newer than what the dataset knows of its article; of one
    without a record any will do. `nth` says which of the captures of that second it is, from 0 on. `layout`, where it is known, is the page's.
    Raises StorageError.
    """
    row = ledger.one(_ADDRESS, url)
    if row is None:
        return None
    address, state, known_at = row
    if state == "forgotten":
        return FORGOTTEN
    if ledger.one(_DEALT_WITH, address, at)[0] > nth:
        return BEFORE
    last = Last.of(ledger, address)
    if last is None:
        return None
    known = known_at or _shown_at(last.record(ledger))
    if at < known or (at == known and not nth):
        return OLDER
    return AMP if layout == "amp" and last.layout != "amp" else None


def take(frontier: Frontier, page: Page) -> Page | str:
    """The page of a capture with the claim that it is stored under, or why it is passed over. Inside the transaction that commits it.

    Nobody holds that claim: who asks for the same address meanwhile will find the record stored.
    """
    assert page.named is not None
    assert page.fetched_at is not None
    ledger = frontier.ledger
    for url, layout in [(page.named.url, None), *([(page.record.url, page.record.layout)] if page.record else [])]:
        if why := passed_over(ledger, url, page.fetched_at, layout, page.nth):
            return why
    address = frontier.naming.register([page.named], None, 0, page.fetched_at)[0][0]
    last = Last.of(ledger, address)
    row = ledger.one(
        "SELECT id, found_on, first_seen_at, last_modified, hint, capture, state, gone, failures, aged_from FROM addresses WHERE id = ?",
        address,
    )
    known = dict(zip(_KNOWN, row, strict=True))
    return attrs.evolve(page, **known, published_at=last.published_at if last else None)


def is_stored(ledger: Ledger, record: Article, rehash: Rehash) -> bool:
    """Whether the newspaper has changed nothing since what is stored last of the record's address. Raises StorageError."""
    row = ledger.one("SELECT coalesce(alias_of, id), hint FROM addresses WHERE url = ?", record.url)
    last = Last.of(ledger, row[0]) if row else None
    return last is not None and last.says(record, ledger, _NO_RUN, row[1], rehash)


def last_of(ledger: Ledger, url: str) -> Article | None:
    """The last record stored of the canonical address `url`. Raises StorageError, also where its line is not whole."""
    row = ledger.one(_ADDRESS, url)
    last = Last.of(ledger, row[0]) if row else None
    return last.record(ledger) if last else None


def _shown_at(record: Article) -> str:
    """Of when the article is that a record of a capture shows."""
    return max(record.withdrawn_at or "", record.captured_at or record.fetched_at or "")
