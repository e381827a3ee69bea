"""Committed lines and snapshots that are not there: a backup was restored, or the disk lost them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import attrs
import orjson

from sabah.items import Refusal
from sabah.storage import snapshots
from sabah.storage.commit import place
from sabah.storage.errors import reported
from sabah.storage.files import piece
from sabah.storage.leftovers import complete, rewriting
from sabah.storage.missing import KNOWN, REFUSED, Missing, Repaired
from sabah.storage.segments import to_line

if TYPE_CHECKING:
    from sabah.storage.files import Appender, Files
    from sabah.storage.ledger import Ledger
    from sabah.storage.missing import Rebuild

AT_ONCE: Final = 200
"""Lines a transaction: a megabyte or so."""


@attrs.frozen
class _File:
    id: int
    kind: str
    name: str
    length: int


class Repair:
    """Makes good what files of ended runs have lost. Lines go to the files of the present run."""

    def __init__(self, ledger: Ledger, files: Files, rebuild: Rebuild) -> None:
        self.ledger, self.files, self.rebuild = ledger, files, rebuild
        self.report = Repaired()

    def run(self, *, deep: bool = False) -> Repaired:
        """Looks for files shorter than committed; with `deep` at every line and snapshot of them all. Raises StorageError."""
        with rewriting(self.ledger.folder):
            complete(self.ledger)
            self._all(deep)
            complete(self.ledger)
        return self.report

    def _all(self, deep: bool) -> None:
        repair = {"snapshot": self._snapshots, "article": self._articles, "rejected": self._rejected}
        # Snapshots first: lines are rebuilt from those that are left.
        for file in self.ledger.rows(
            _File,
            "SELECT id, kind, name, length FROM files WHERE closed OR kind = 'rejected' ORDER BY kind = 'snapshot' DESC, id",
        ):
            path = self.ledger.folder / file.name
            size = path.stat().st_size if path.exists() else 0
            if size < file.length or deep:
                with reported(path):
                    repair[file.kind](file, size, deep)

    def _snapshots(self, file: _File, size: int, deep: bool) -> None:
        rows = self.ledger.all(
            "SELECT id, offset, offset + length FROM snapshots WHERE file = ? ORDER BY offset", file.id
        )
        lost = [row for row in rows if row[2] > size or (deep and not self._reads(file.name, row[1]))]
        if not lost:
            return
        end = max((row[2] for row in rows if row not in lost), default=0)
        self.report.files.append(file.name)
        with self.ledger.transaction("repair"):
            for snapshot, _, _ in lost:
                self.ledger.run("UPDATE articles SET snapshot = NULL WHERE snapshot = ?", snapshot)
                self.ledger.run("UPDATE refusals SET snapshot = NULL WHERE snapshot = ?", snapshot)
                self.ledger.run("DELETE FROM snapshots WHERE id = ?", snapshot)
            self.ledger.run("UPDATE files SET length = ? WHERE id = ?", end, file.id)
        path = self.ledger.folder / file.name
        if path.exists() and size > end:
            os.truncate(path, end)
        self.report.snapshots += len(lost)

    def _reads(self, name: str, offset: int) -> bool:
        try:
            snapshots.read(self.ledger.folder / name, offset)
        except snapshots.SnapshotError:
            return False
        return True

    def _articles(self, file: _File, size: int, _deep: bool) -> None:
        """Empties a segment that is not whole into the present one: lines that are there as they are, the others rebuilt."""
        rows = self.ledger.all("SELECT id, offset, length FROM articles WHERE file = ? ORDER BY offset", file.id)
        if sum(row[2] for row in rows) == file.length <= size and all(self._line(file.name, *row[1:]) for row in rows):
            return
        self.report.files.append(file.name)
        self.files.prepare("article")
        for start in range(0, len(rows), AT_ONCE):
            with self.ledger.transaction("repair"):
                appender = self.files.appender("article")
                for article, offset, length in rows[start : start + AT_ONCE]:
                    data = self._line(file.name, offset, length) or self._rebuilt(article)
                    if data is None:
                        self._again(article)
                    else:
                        self._point(
                            "UPDATE articles SET file = ?, offset = ?, length = ? WHERE id = ?", appender, data, article
                        )
                self._flush(appender)
        with self.ledger.transaction("repair"):
            self.ledger.run("UPDATE files SET length = 0 WHERE id = ?", file.id)

    def _line(self, name: str, offset: int, length: int) -> bytes | None:
        """The line as it stands, where it is whole."""
        path = self.ledger.folder / name
        data = piece(path, offset, length) if path.exists() else b""
        try:
            return data if data.endswith(b"\n") and orjson.loads(data) else None
        except orjson.JSONDecodeError:
            return None

    def _rebuilt(self, article: int) -> bytes | None:
        row = self.ledger.one(KNOWN, article)
        if row is None:
            return None
        *known, name, offset = row
        try:
            capture = snapshots.read(self.ledger.folder / name, offset)
        except snapshots.SnapshotError:
            return None
        record = self.rebuild(Missing(*known, snapshot=place(name, offset), capture=capture))
        if record is None:
            return None
        self.ledger.run(
            "UPDATE articles SET text_hash = ?, revision_hash = ?, layout = ?, published_at = ?, modified_at = ? WHERE id = ?",
            record.text_hash, record.revision_hash, record.layout, record.published_at, record.modified_at, article,
        )  # fmt: skip
        self.report.rebuilt += 1
        return to_line(record)

    def _again(self, article: int) -> None:
        """The record is given up: its address is pending for the scope that had it fetched."""
        address, scope = self.ledger.one(
            "SELECT t.address, r.scope FROM articles t JOIN runs r ON r.id = t.run WHERE t.id = ?", article
        )
        self.ledger.run("DELETE FROM articles WHERE id = ?", article)
        url, depth = self.ledger.one(
            "UPDATE addresses SET state = 'pending' WHERE id = ? RETURNING url, depth", address
        )
        self.ledger.run("INSERT OR IGNORE INTO wants (scope, address, depth) VALUES (?, ?, ?)", scope, address, depth)
        self.report.pending.append(url)

    def _rejected(self, file: _File, size: int, _deep: bool) -> None:
        """Writes the shared file on from its first line that is not there; the ledger knows all that these lines say."""
        rows = self.ledger.all("SELECT id, offset, length FROM refusals WHERE file = ? ORDER BY offset", file.id)
        first = next(
            (place for place, row in enumerate(rows) if row[1] + row[2] > size or not self._line(file.name, *row[1:])),
            None,
        )
        if first is None:
            return
        self.report.files.append(file.name)
        with self.ledger.transaction("repair"):
            self.ledger.run("UPDATE files SET length = ? WHERE id = ?", rows[first][1], file.id)
            appender = self.files.appender("rejected")
            for refusal, _, _ in rows[first:]:
                data = to_line(Refusal(**self._refusal(refusal)))
                self._point(
                    "UPDATE refusals SET file = ?, offset = ?, length = ? WHERE id = ?", appender, data, refusal
                )
                self.report.rebuilt += 1
            self._flush(appender)

    def _refusal(self, refusal: int) -> dict[str, Any]:
        *values, name, offset = self.ledger.one(REFUSED, refusal)
        return dict(zip(attrs.fields_dict(Refusal), [*values, name and place(name, offset)], strict=True))

    def _point(self, sql: str, appender: Appender, data: bytes, row: int) -> None:
        self.ledger.run(sql, appender.file, appender.add(data), len(data), row)

    def _flush(self, appender: Appender) -> None:
        appender.flush()
        self.ledger.run("UPDATE files SET length = ? WHERE id = ?", appender.end, appender.file)
