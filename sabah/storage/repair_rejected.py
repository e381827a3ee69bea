"""Lines of rejected.jsonl that are not there, or name a snapshot that is not: they are written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import orjson

from sabah.items import Refusal
from sabah.storage.digests import digest as digest_of
from sabah.storage.missing import REFUSED
from sabah.storage.place import place
from sabah.storage.segments import to_line
from sabah.storage.whole import flush, point, size_of, whole_line

if TYPE_CHECKING:
    from sabah.storage.files import Files
    from sabah.storage.ledger import Ledger
    from sabah.storage.missing import Repaired
    from sabah.storage.whole import File

    Rows = list[tuple[int, int, int, int | None]]
    """Of refusals: id, offset, length and digest of their lines."""

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
