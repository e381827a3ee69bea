"""What is stored last of an article: the newest reading of the revision that is last in its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah.storage import agreement, snapshots
from sabah.storage.errors import StorageError, reported
from sabah.storage.files import piece
from sabah.storage.lines import from_line
from sabah.storage.rewrite import broken, missing
from sabah.storage.snapshots import SnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sabah.items import Article
    from sabah.storage.ledger import Ledger
    from sabah.storage.snapshots import Capture

    Rehash = Callable[[Capture, str | None], str | None]
    """The revision hash that the readers of today find on a stored page, with what a feed said of it; None where they find no record."""
    from sabah.storage.snapshots import Capture

NEWEST_FIRST: Final = "as_of DESC, revision DESC, reading DESC"
"""How the lines of one article follow each other in the newspaper's history, the last first: `latest` of exports, the revision a page is compared with,
`status --changes` and `diff` go by it. Numbers of revisions say only in which order they were stored."""

LATEST: Final = f"(SELECT id FROM articles WHERE address = a.address ORDER BY {NEWEST_FIRST} LIMIT 1)"  # noqa: S608 - a constant
"""Id of the line stored last of the article of row `a`."""

_LAST: Final = """
SELECT t.id, (SELECT max(revision) FROM articles WHERE address = t.address), t.revision_hash, t.layout, coalesce(t.published_at, t.stored_at), t.withdrawn_at, t.moved_to, t.run, l.name, t.offset, t.length, f.name, s.offset
FROM articles t JOIN files l ON l.id = t.file LEFT JOIN snapshots s ON s.id = t.snapshot LEFT JOIN files f ON f.id = s.file
WHERE t.address = ? ORDER BY t.as_of DESC, t.revision DESC, t.reading DESC LIMIT 1
"""


@attrs.frozen
class Last:
    """Its row, and where its line and its raw page are."""

    id: int
    highest: int
    """Number of the article's revision stored last; the next has the next."""

    revision_hash: str
    layout: str
    published_at: str
    """Where that is not known, when it was stored."""

    withdrawn_at: str | None
    moved_to: str | None
    run: int
    segment: str
    """File of its line, relative to the data folder; where in it the line is."""

    line_offset: int
    line_length: int
    page: str | None
    """File of its raw page, with `page_offset`; None where that is not there."""

    page_offset: int | None

    @classmethod
    def of(cls, ledger: Ledger, address: int) -> Last | None:
        row = ledger.one(_LAST, address)
        return cls(*row) if row else None

    def record(self, ledger: Ledger) -> Article:
        """Raises StorageError where its line is not whole."""
        return record_at(ledger.folder / self.segment, self.line_offset, self.line_length)

    def says(
        self,
        record: Article,
        ledger: Ledger,
        run: int,
        hint: str | None,
        rehash: Rehash | None,
        stored: Callable[[Last], Article] | None = None,
        piped: Article | None = None,
    ) -> bool:
        """Whether the newspaper has changed nothing since: the record is what is stored, or what the readers of today find on the page that it was stored from.

        What `run` has stored itself was read by the same readers. A raw page that is gone or broken says nothing, and a record that differs is a revision then.
        Of a cut answer only headline and text say anything. One that was stored is replaced by the first that has more of the same.

        `stored` gives the record of a row, where its line may not be in its file yet; `piped` is what the user's pipelines made of the record, as they did of the stored one.
        """
        if self.withdrawn_at is not None:
            return False
        is_cut, is_same = agreement.is_cut(record), self.revision_hash == record.revision_hash
        if is_cut or is_same:
            try:
                before = self.record(ledger) if stored is None else stored(self)
            except StorageError:  # a line that is damaged is made good by a start
                return True
            return agreement.repeats(piped or record, before) if is_cut else not agreement.adds(record, before)
        if rehash is None or self.run == run or self.page is None or self.page_offset is None:
            return False
        try:
            capture = snapshots.read(ledger.folder / self.page, self.page_offset)
        except SnapshotError:
            return False
        return rehash(capture, hint) == record.revision_hash


@attrs.frozen
class Compared:
    """What a record was found to be before its commit: the answer holds while `article` is still the row stored last."""

    article: int | None
    """Row of what was stored last of its address; None where that was nothing."""

    same: bool
    """Whether the newspaper has changed nothing since."""


def record_at(path: Path, offset: int, length: int) -> Article:
    """The record of a stored line. Raises StorageError where it is missing, damaged or cannot be read."""
    with reported(path):
        line = piece(path, offset, length) if path.exists() else b""
    if len(line) < length:
        raise missing(path)
    try:
        return from_line(line)
    except ValueError as error:
        raise broken(path, offset) from error


_LAST_PAGE: Final = """
SELECT f.name, s.offset FROM snapshots s JOIN files f ON f.id = s.file
WHERE s.address IN (SELECT id FROM addresses WHERE url = ?1 UNION SELECT alias_of FROM addresses WHERE url = ?1) AND s.status = 200
ORDER BY s.id DESC LIMIT 1
"""


def last_capture(ledger: Ledger, url: str) -> Capture | None:
    """The last snapshot of a page at a canonical address or at the one it redirects to, whether it gave a record or not; None where there is none.

    Raises StorageError, and SnapshotError for a snapshot that cannot be read.
    """
    found = ledger.all(_LAST_PAGE, url)
    return snapshots.read(ledger.folder / found[0][0], found[0][1]) if found else None
