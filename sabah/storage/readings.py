"""Further readings of stored snapshots and captures: same revision, next reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah.storage.files import place
from sabah.storage.last import Last
from sabah.storage.repair import repeated, withdrawal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.items import Article
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page

    Line = tuple[Article, int, int | None, int | None]
    """A record to be written, with the ids of its address and its snapshot, and its page's marks."""
    from collections.abc import Iterator

    from sabah.items import Article
    from sabah.storage.frontier import Frontier
    from sabah.storage.last import Rehash


@attrs.frozen(kw_only=True)
class Reread:
    """A stored record as the readers of today read it."""

    article: int
    """The row it was compared with: the newest reading of its revision."""

    record: Article
    marks: int | None = None


@attrs.frozen(kw_only=True)
class Batch:
    """What a reading through an archive hands in at once: all of it is committed together with the place reached, or nothing."""

    pages: Sequence[Page] = ()
    readings: Sequence[Reread] = ()
    read: int
    """Pages read for it, those that brought nothing too."""

    place: str | None
    """JSON; None when the end is reached."""


_NEWEST: Final = """
SELECT t.address, t.revision, t.reading, t.text_hash, t.snapshot FROM articles t
WHERE t.id = ? AND t.reading = (SELECT max(reading) FROM articles WHERE address = t.address AND revision = t.revision)
"""
_WITHDRAWN: Final = f"""
SELECT id, reading, snapshot FROM articles t WHERE address = ? AND withdrawn_at IS NOT NULL AND ? = ({repeated("revision")}) ORDER BY reading DESC LIMIT 1
"""  # noqa: S608 - a constant
_TWIN: Final = """
SELECT a.url FROM articles t JOIN addresses a ON a.id = t.address WHERE t.text_hash = ?1 AND t.address <> ?2
AND (SELECT min(id) FROM articles WHERE address = t.address) < (SELECT min(id) FROM articles WHERE address = ?2) ORDER BY t.id LIMIT 1
"""
"""Of what was stored before it: readings of both may come in any order."""

_REFUSED: Final = """
SELECT 1 FROM addresses a WHERE a.id = ?1 AND a.state IN ('refused', 'dropped') AND a.run IS NULL AND EXISTS (SELECT 1 FROM snapshots WHERE id = ?2)
AND NOT EXISTS (SELECT 1 FROM articles t JOIN addresses o ON o.id = t.address WHERE o.id = a.id OR o.url = ?3)
"""
_PLACE: Final = "SELECT f.name, s.offset FROM snapshots s JOIN files f ON f.id = s.file WHERE s.id = ?"


def reached(ledger: Ledger, scope: str) -> str | None:
    """The place at which a reading of that scope (its key) was interrupted; None where none was."""
    row = ledger.one("SELECT p.place FROM places p JOIN scopes s ON s.id = p.scope WHERE s.key = ?", scope)
    return row and str(row[0])


class Readings:
    """All of it inside the transaction that commits them."""

    def __init__(self, ledger: Ledger, scope: int, crawl_id: str) -> None:
        self.ledger, self.scope, self.crawl_id = ledger, scope, crawl_id

    def lines(self, reread: Reread) -> list[Line]:
        """What is to be written: the next reading, and that of the withdrawal that repeats its revision.

        Nothing where the row is gone (forgotten, lost), its snapshot is, or another has read it meanwhile.
        """
        row = self.ledger.one(_NEWEST, reread.article)
        if row is None or row[4] is None:
            return []
        address, revision, reading, text_hash, snapshot = row
        twin = reread.record.duplicate_of
        if reread.record.text_hash != text_hash:
            found = reread.record.body and self.ledger.one(_TWIN, reread.record.text_hash, address)
            twin = found[0] if found else None
        record = attrs.evolve(
            reread.record,
            revision=revision,
            reading=reading + 1,
            crawl_id=self.crawl_id,
            snapshot=self.snapshot(snapshot),
            duplicate_of=twin,
        )
        return [(record, address, snapshot, reread.marks), *self._withdrawal(record, address)]

    def _withdrawal(self, record: Article, address: int) -> list[Line]:
        row = self.ledger.one(_WITHDRAWN, address, record.revision)
        if row is None:
            return []
        article, reading, snapshot = row
        again = attrs.evolve(withdrawal(self.ledger, article, record), reading=reading + 1, crawl_id=self.crawl_id)
        return [(again, address, snapshot, None)]

    def still_refused(self, page: Page) -> bool:
        """Whether the page's address and that of its record are still without one, nobody is asking for it, and the snapshot is there."""
        assert page.record is not None
        return self.ledger.one(_REFUSED, page.id, page.kept, page.record.url) is not None

    def snapshot(self, snapshot: int) -> str:
        """Where a snapshot is now, as records name it."""
        return place(*self.ledger.one(_PLACE, snapshot))

    def reach(self, place: str | None) -> None:
        """Keeps how far the scope has come; None: to the end."""
        if place is None:
            self.ledger.run("DELETE FROM places WHERE scope = ?", self.scope)
        else:
            self.ledger.run("INSERT OR REPLACE INTO places (scope, place) VALUES (?, ?)", self.scope, place)


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
