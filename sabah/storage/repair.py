"""Make good what is committed and is not there: lines, refusals and snapshots, where a backup was restored or the disk lost them."""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any, Final

import attrs
import orjson

from sabah import clock
from sabah.items import Refusal
from sabah.storage import agreement, snapshots
from sabah.storage.agreement import is_whole, set_right
from sabah.storage.errors import reported
from sabah.storage.files import place
from sabah.storage.last import NEWEST_FIRST
from sabah.storage.lines import File, flush, from_line, point, size_of, to_line, whole_line
from sabah.storage.lines import digest as digest_of
from sabah.storage.recovery import complete, rewriting
from sabah.storage.rewrite import Moved

if TYPE_CHECKING:
    from sabah.items import Article
    from sabah.storage.agreement import Consistent
    from sabah.storage.files import Files
    from sabah.storage.ledger import Ledger

    Rows = list[tuple[int, int, int, int | None]]
    """Of refusals: id, offset, length and digest of their lines."""
    from collections.abc import Callable

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


class GivingUp:
    """`empty` moves a segment into the present one, without the snapshots it is told of. What is given up is counted in `report`."""

    def __init__(
        self, ledger: Ledger, report: Repaired, rejected: Rejected, empty: Callable[[File, Moved], None]
    ) -> None:
        self.ledger, self.report, self.rejected, self.empty = ledger, report, rejected, empty

    def run(self, files: list[tuple[File, int]], deep: bool) -> None:
        """Gives up snapshots that are not there. All of them at once, because lines go over into a file that cannot change any more."""
        rows = {
            file.id: self.ledger.all("SELECT id, offset, offset + length FROM snapshots WHERE file = ?", file.id)
            for file, _ in files
        }
        lost = {
            row[0]
            for file, size in files
            for row in rows[file.id]
            if row[2] > size or (deep and not self._reads(file.name, row[1]))
        }
        lost -= self._held(lost)
        if not lost:
            return
        self._unname(lost)
        self.report.snapshots += len(lost)
        for file, size in files:
            gone = [row[:1] for row in rows[file.id] if row[0] in lost]
            end = max((row[2] for row in rows[file.id] if row[0] not in lost), default=0)
            if not gone:
                continue
            self.report.files.append(file.name)
            # After the lines: killed before, the next start finds them lost again.
            with self.ledger.transaction("repair"):
                self.ledger.connection.executemany("DELETE FROM snapshots WHERE id = ?", gone)
                self.ledger.run("UPDATE files SET length = ? WHERE id = ?", end, file.id)
            path = self.ledger.folder / file.name
            with reported(path):
                if path.exists() and size > end:
                    os.truncate(path, end)

    def _held(self, lost: set[int]) -> set[int]:
        """Those that a running crawl's lines name: a later start sees to them."""
        return {
            row[0]
            for row in self.ledger.all(
                "SELECT t.snapshot FROM articles t JOIN files f ON f.id = t.file"
                " WHERE t.snapshot IN (SELECT value FROM json_each(?)) AND NOT f.closed",
                json.dumps(sorted(lost)),
            )
        }

    def _unname(self, lost: set[int]) -> None:
        """Takes lost snapshots out of all lines that name them."""
        ids = json.dumps(sorted(lost))
        moved = Moved()
        moved.places.update(dict.fromkeys(lost))
        for file in self.ledger.rows(
            File,
            "SELECT DISTINCT f.id, f.kind, f.name, f.length FROM articles t JOIN files f ON f.id = t.file"
            " WHERE t.snapshot IN (SELECT value FROM json_each(?)) ORDER BY f.id",
            ids,
        ):
            self.empty(file, moved)
        refusals = self.ledger.all("SELECT id FROM refusals WHERE snapshot IN (SELECT value FROM json_each(?))", ids)
        if refusals:
            self.rejected.without({row[0] for row in refusals}, ids)

    def _reads(self, name: str, offset: int) -> bool:
        try:
            snapshots.read(self.ledger.folder / name, offset)
        except snapshots.SnapshotError:
            return False
        return True


_ROWS = "SELECT id, offset, length, digest FROM refusals WHERE file = ? ORDER BY offset"


class Rejected:
    """The file that all runs share. What is made good is counted in `report`."""

    def __init__(self, ledger: Ledger, files: Files, report: Repaired) -> None:
        self.ledger, self.files, self.report = ledger, files, report

    def run(self, file: File, size: int, deep: bool) -> None:
        """Writes the shared file on from its first line that is not there; the ledger knows all that these lines say. With `deep`, older lines are compared with that."""
        rows = self.ledger.all(_ROWS, file.id)
        first = next(
            (number for number, row in enumerate(rows) if self._line(file.name, row, size, deep) is None), None
        )
        if deep:
            self._vouch(file, rows[:first])
        if first is None:
            return
        self.report.files.append(file.name)
        with self.ledger.transaction("repair"):
            rows = self.ledger.all(_ROWS, file.id)[first:]  # a living run may have appended meanwhile
            lines = [self._line(file.name, row, size_of(self.ledger, file), deep) for row in rows]
            self.report.rebuilt += lines.count(None)
            self._write_on(rows, lines, file.id)

    def without(self, refusals: set[int], lost: str) -> None:
        """Writes the shared file on from the first line that names a lost snapshot."""
        with self.ledger.transaction("repair"):
            file, name, length = self.ledger.one("SELECT id, name, length FROM files WHERE kind = 'rejected'")
            rows = self.ledger.all(_ROWS, file)
            first = next(number for number, row in enumerate(rows) if row[0] in refusals)
            lines = [None if row[0] in refusals else self._line(name, row, length, deep=False) for row in rows[first:]]
            self.ledger.run(
                "UPDATE refusals SET snapshot = NULL WHERE snapshot IN (SELECT value FROM json_each(?))", lost
            )
            self._write_on(rows[first:], lines, file)

    def _line(self, name: str, row: tuple[int, int, int, int | None], size: int, deep: bool) -> bytes | None:
        """The line as it stands; None where it is not whole."""
        refusal, offset, length, digest = row
        line = whole_line(self.ledger, name, offset, length, digest) if offset + length <= size else None
        if line and deep and digest is None and orjson.loads(line) != self._refusal(refusal):
            return None
        return line

    def _vouch(self, file: File, rows: Rows) -> None:
        """Gives older lines, which agree with the ledger, a digest."""
        older = [row for row in rows if row[3] is None]
        if older:
            with self.ledger.transaction("repair"):
                for refusal, offset, length, _ in older:
                    line = whole_line(self.ledger, file.name, offset, length, None)
                    kept = None if line is None else digest_of(line)
                    self.ledger.run("UPDATE refusals SET digest = ? WHERE id = ?", kept, refusal)

    def _write_on(self, rows: Rows, lines: list[bytes | None], file: int) -> None:
        """Writes these refusals, in order, from the place of the first; those without a line anew."""
        self.ledger.run("UPDATE files SET length = ? WHERE id = ?", rows[0][1], file)
        appender = self.files.appender("rejected")
        for (refusal, *_), line in zip(rows, lines, strict=True):
            data = line or to_line(Refusal(**self._refusal(refusal)))
            point(
                self.ledger,
                "UPDATE refusals SET file = ?, offset = ?, length = ?, digest = ? WHERE id = ?",
                appender,
                data,
                refusal,
            )
        flush(self.ledger, appender)

    def _refusal(self, refusal: int) -> dict[str, Any]:
        *values, name, offset = self.ledger.one(REFUSED, refusal)
        return dict(zip(attrs.fields_dict(Refusal), [*values, name and place(name, offset)], strict=True))


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
        if record is None or not agreement.is_cut(record):
            return record
        before = self._before(article)
        return record if before is None else agreement.completed(record, before)

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
