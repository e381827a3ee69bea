"""Further readings of stored snapshots: same revision, next reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah.storage.missing import repeated, withdrawal
from sabah.storage.place import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.items import Article
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page

    Line = tuple[Article, int, int | None, int | None]
    """A record to be written, with the ids of its address and its snapshot, and its page's marks."""


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
