"""Snapshots that are not there are given up: no line names them any more."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from sabah.storage import snapshots
from sabah.storage.errors import reported
from sabah.storage.moved import Moved
from sabah.storage.whole import File

if TYPE_CHECKING:
    from collections.abc import Callable

    from sabah.storage.ledger import Ledger
    from sabah.storage.missing import Repaired
    from sabah.storage.repair_rejected import Rejected


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
