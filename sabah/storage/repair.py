"""Committed lines and snapshots that are not there: a backup was restored, or the disk lost them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sabah import clock
from sabah.storage import cut, snapshots
from sabah.storage.agreement import is_whole, set_right
from sabah.storage.digests import digest as digest_of
from sabah.storage.errors import reported
from sabah.storage.leftovers import complete, rewriting
from sabah.storage.missing import KNOWN, Missing, Repaired, repeated, withdrawal
from sabah.storage.moved import Moved
from sabah.storage.place import place
from sabah.storage.repair_rejected import Rejected
from sabah.storage.repair_snapshots import GivingUp
from sabah.storage.segments import from_line, to_line
from sabah.storage.whole import File, flush, point, size_of, whole_line

if TYPE_CHECKING:
    from sabah.items import Article
    from sabah.storage.agreement import Consistent
    from sabah.storage.files import Files
    from sabah.storage.ledger import Ledger
    from sabah.storage.missing import Rebuild

HALF_EMPTIED: Final = 2
"""In `files.closed`: some of its lines are elsewhere already."""

_REPEATED: Final = f"""
SELECT b.id, f.name, b.offset, b.length, b.digest FROM articles t JOIN articles b ON b.id = ({repeated("id")}) JOIN files f ON f.id = b.file WHERE t.id = ?
"""  # noqa: S608 - a constant

AT_ONCE: Final = 200
"""Lines a transaction: a megabyte or so."""


_URL: Final = "SELECT a.url FROM articles t JOIN addresses a ON a.id = t.address WHERE t.id = ?"


class Repair:
    """Makes good what files of ended runs have lost. Lines go to the files of the present run."""

    def __init__(self, ledger: Ledger, files: Files, rebuild: Rebuild, consistent: Consistent | None = None) -> None:
        self.ledger, self.files, self.rebuild, self.consistent = ledger, files, rebuild, consistent
        self.report = Repaired()
        self._rejected = Rejected(ledger, files, self.report)
        self._damaged: set[int] = set()
        """Rows of older lines, without a digest, that do not agree with the ledger."""

        self._written: dict[int, bytes] = {}
        """Lines moved in the present transaction, by their rows."""

    def run(self, *, deep: bool = False) -> Repaired:
        """Looks for files shorter than committed; with `deep` at the ledger, and at every line and snapshot of them all. Raises StorageError."""
        if deep:
            self.ledger.check(math.inf)
        with rewriting(self.ledger.folder):
            complete(self.ledger)
            self._all(deep)
            complete(self.ledger)
        return self.report

    def _all(self, deep: bool) -> None:
        files = self.ledger.rows(
            File, "SELECT id, kind, name, length, closed FROM files WHERE closed OR kind = 'rejected' ORDER BY id"
        )
        concerned = [
            (file, size)
            for file in files
            if (size := size_of(self.ledger, file)) < file.length or deep or file.closed == HALF_EMPTIED
        ]
        # Snapshots first: lines are rebuilt from those that are left.
        GivingUp(self.ledger, self.report, self._rejected, self._empty).run(
            [(file, size) for file, size in concerned if file.kind == "snapshot"], deep
        )
        for file, size in concerned:
            with reported(self.ledger.folder / file.name):
                if file.kind == "article":
                    self._articles(file, size, deep)
                elif file.kind == "rejected":
                    self._rejected.run(file, size, deep)

    def _articles(self, file: File, size: int, deep: bool) -> None:
        """Empties a segment that is not whole."""
        if self.ledger.one("SELECT length FROM files WHERE id = ?", file.id) == (0,):
            return  # emptied just now
        rows = self.ledger.all(
            "SELECT id, offset, length, digest FROM articles WHERE file = ? ORDER BY offset", file.id
        )
        is_whole = sum(row[2] for row in rows) == file.length <= size
        for start in range(0, len(rows), AT_ONCE):
            if deep:
                with self.ledger.transaction("repair"):
                    agree = [self._agrees(file, *row) for row in rows[start : start + AT_ONCE]]
            else:
                agree = [
                    whole_line(self.ledger, file.name, *row[1:]) is not None for row in rows[start : start + AT_ONCE]
                ]
            is_whole = is_whole and all(agree)
        if is_whole:
            return
        self.report.files.append(file.name)
        self._empty(file, Moved())

    def _agrees(self, file: File, article: int, offset: int, length: int, digest: int | None) -> bool:
        """Whether a line is what was stored. Where its digest says so, the ledger is set right by it; an older line that agrees with the ledger gets one."""
        line = whole_line(self.ledger, file.name, offset, length, digest)
        if line is None:
            return False
        if digest is not None:
            self.report.rows += set_right(self.ledger, article, line)
        elif is_whole(self.ledger, article, line, self.consistent):
            self.ledger.run("UPDATE articles SET digest = ? WHERE id = ?", digest_of(line), article)
        else:
            self._damaged.add(article)
            return False
        return True

    def _empty(self, file: File, moved: Moved) -> None:
        """Moves a segment into the present one: lines that are there as they are, the others rebuilt.

        Withdrawals after the others, whose lines they repeat. The mark lets the next start go on when it is killed between two transactions.
        """
        self.files.prepare("article")
        rows = self.ledger.all(
            "SELECT id, offset, length, digest, snapshot FROM articles WHERE file = ? ORDER BY withdrawn_at IS NOT NULL, offset",
            file.id,
        )
        for start in range(0, max(1, len(rows)), AT_ONCE):
            with self.ledger.transaction("repair"):
                self._move(file, rows[start : start + AT_ONCE], moved)
                self.ledger.run("UPDATE files SET closed = ? WHERE id = ?", HALF_EMPTIED, file.id)
                if start + AT_ONCE >= len(rows):
                    self.ledger.run("UPDATE files SET length = 0 WHERE id = ?", file.id)

    def _move(self, file: File, rows: list[tuple[int, int, int, int | None, int | None]], moved: Moved) -> None:
        appender = self.files.appender("article")
        self._written.clear()
        for article, offset, length, digest, snapshot in rows:
            stored = whole_line(self.ledger, file.name, offset, length, digest)
            data = stored if article not in self._damaged else self._rebuilt(article)
            if data is None and stored is None:
                data = self._rebuilt(article)
            elif data is None:
                # An older line that does not agree with the ledger, and whose page cannot tell: it stands, and that is said each time.
                data = stored
                self.report.doubtful.append(self.ledger.one(_URL, article)[0])
            is_unknown = digest is None and data is stored
            if data is None:
                self._again(article)
                continue
            if snapshot in moved.places:
                self.ledger.run("UPDATE articles SET snapshot = NULL WHERE id = ?", article)
            data = self._written[article] = moved.pointed(data, snapshot)
            point(
                self.ledger,
                "UPDATE articles SET file = ?, offset = ?, length = ?, digest = ? WHERE id = ?",
                appender,
                data,
                article,
            )
            if is_unknown:
                self.ledger.run("UPDATE articles SET digest = NULL WHERE id = ?", article)
        flush(self.ledger, appender)

    def _rebuilt(self, article: int) -> bytes | None:
        withdrawn_at = self.ledger.one("SELECT withdrawn_at FROM articles WHERE id = ?", article)[0]
        record = self._read(article) if withdrawn_at is None else self._withdrawal(article)
        if record is None:
            return None
        self.ledger.run(
            "UPDATE articles SET text_hash = ?, revision_hash = ?, layout = ?, published_at = ?, modified_at = ? WHERE id = ?",
            record.text_hash, record.revision_hash, record.layout, record.published_at, record.modified_at, article,
        )  # fmt: skip
        self.report.rebuilt += 1
        return to_line(record)

    def _read(self, article: int) -> Article | None:
        """The record, read from its snapshot."""
        *known, name, offset = self.ledger.one(KNOWN, article)
        if name is None:
            return None
        try:
            capture = snapshots.read(self.ledger.folder / name, offset)
        except snapshots.SnapshotError:
            return None
        record = self.rebuild(Missing(*known, snapshot=place(name, offset), capture=capture))
        if record is None or not cut.is_cut(record):
            return record
        before = self._before(article)
        return record if before is None else cut.completed(record, before)

    def _withdrawal(self, article: int) -> Article | None:
        """The record of the revision before, withdrawn: of its own the ledger knows the rest."""
        record = self._before(article)
        return None if record is None else withdrawal(self.ledger, article, record)

    def _before(self, article: int) -> Article | None:
        """What was last in the article's history when the row was stored."""
        before = self.ledger.one(_REPEATED, article)
        if before is None:
            return None
        line = self._written.get(before[0])
        if line is None and before[0] not in self._damaged:
            line = whole_line(self.ledger, *before[1:])
        return from_line(line) if line else self._read(before[0])

    def _again(self, article: int) -> None:
        """The record is given up: its address is asked for again by the scope that had it fetched, unless what came after it is there."""
        address, scope, *place = self.ledger.one(
            "SELECT t.address, r.scope, t.as_of, t.revision FROM articles t JOIN runs r ON r.id = t.run WHERE t.id = ?",
            article,
        )
        self.ledger.run("DELETE FROM articles WHERE id = ?", article)
        later = self.ledger.one(
            "SELECT max((as_of, revision) >= (?, ?)) FROM articles WHERE address = ?", *place, address
        )[0]
        if later:
            self.report.lost.append(self.ledger.one("SELECT url FROM addresses WHERE id = ?", address)[0])
            return
        url, depth = self.ledger.one(
            "UPDATE addresses SET state = ?1, due_at = ?2, last_modified = NULL, gone = 0, known_at = iif(?2 IS NULL, NULL, known_at) WHERE id = ?3"
            " RETURNING url, depth",
            "pending" if later is None else "done", None if later is None else clock.timestamp(), address,
        )  # fmt: skip
        self.ledger.run("INSERT OR IGNORE INTO wants (scope, address, depth) VALUES (?, ?, ?)", scope, address, depth)
        self.report.pending.append(url)
