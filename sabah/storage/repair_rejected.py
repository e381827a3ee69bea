"""Lines of rejected.jsonl that are not there, or name a snapshot that is not: they are written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from sabah.items import Refusal
from sabah.storage.missing import REFUSED
from sabah.storage.place import place
from sabah.storage.segments import to_line
from sabah.storage.whole import flush, point, whole_line

if TYPE_CHECKING:
    from sabah.storage.files import Files
    from sabah.storage.ledger import Ledger
    from sabah.storage.missing import Repaired
    from sabah.storage.whole import File


class Rejected:
    """The file that all runs share. What is made good is counted in `report`."""

    def __init__(self, ledger: Ledger, files: Files, report: Repaired) -> None:
        self.ledger, self.files, self.report = ledger, files, report

    def run(self, file: File, size: int) -> None:
        """Writes the shared file on from its first line that is not there; the ledger knows all that these lines say."""
        rows = self.ledger.all("SELECT id, offset, length FROM refusals WHERE file = ? ORDER BY offset", file.id)
        first = next(
            (
                place
                for place, row in enumerate(rows)
                if row[1] + row[2] > size or not whole_line(self.ledger, file.name, *row[1:])
            ),
            None,
        )
        if first is None:
            return
        self.report.files.append(file.name)
        with self.ledger.transaction("repair"):
            self.report.rebuilt += self._write_on(rows[first:], file.id)

    def without(self, refusals: set[int], lost: str) -> None:
        """Writes the shared file on from the first line that names a lost snapshot."""
        (file,) = self.ledger.one("SELECT id FROM files WHERE kind = 'rejected'")
        rows = self.ledger.all("SELECT id, offset, length FROM refusals WHERE file = ? ORDER BY offset", file)
        first = next(place for place, row in enumerate(rows) if row[0] in refusals)
        with self.ledger.transaction("repair"):
            self.ledger.run(
                "UPDATE refusals SET snapshot = NULL WHERE snapshot IN (SELECT value FROM json_each(?))", lost
            )
            self._write_on(rows[first:], file)

    def _write_on(self, rows: list[tuple[int, int, int]], file: int) -> int:
        """Writes the refusals anew, in order, from the place of the first; how many those are."""
        self.ledger.run("UPDATE files SET length = ? WHERE id = ?", rows[0][1], file)
        appender = self.files.appender("rejected")
        for refusal, _, _ in rows:
            data = to_line(Refusal(**self._refusal(refusal)))
            point(
                self.ledger,
                "UPDATE refusals SET file = ?, offset = ?, length = ? WHERE id = ?",
                appender,
                data,
                refusal,
            )
        flush(self.ledger, appender)
        return len(rows)

    def _refusal(self, refusal: int) -> dict[str, Any]:
        *values, name, offset = self.ledger.one(REFUSED, refusal)
        return dict(zip(attrs.fields_dict(Refusal), [*values, name and place(name, offset)], strict=True))
