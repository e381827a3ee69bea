"""rejected.jsonl in a rewriting: all runs append to it, so it keeps its name and is replaced whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.storage.digests import carried
from sabah.storage.files import install, piece
from sabah.storage.stored import missing

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger
    from sabah.storage.moved import Moved
    from sabah.storage.new_files import NewFile
    from sabah.storage.stored import Without


def concerned(ledger: Ledger, moved: Moved, without: Without) -> bool:
    """Whether a line of it has to go or to change."""
    rows = ledger.all("SELECT address, snapshot FROM refusals")
    return any(address in without.addresses or snapshot in moved.places for address, snapshot in rows)


def replace(ledger: Ledger, new: NewFile, moved: Moved, without: Without) -> None:
    """Writes what is to take its place into `new` and repoints the rows; `files.install` puts it there after the commit.

    Inside a transaction, which keeps everyone else from appending. Raises StorageError.
    """
    install(ledger)
    file, name = ledger.one("SELECT id, name FROM files WHERE kind = 'rejected'")
    rows = ledger.all(
        "SELECT id, address, snapshot, offset, length, digest FROM refusals WHERE file = ? ORDER BY offset", file
    )
    for refusal, address, snapshot, offset, length, kept in rows:
        if address in without.addresses:
            continue
        line = piece(ledger.folder / name, offset, length)
        if len(line) < length:
            raise missing(ledger.folder / name)
        data = moved.pointed(line, snapshot)
        ledger.run(
            "UPDATE refusals SET offset = ?, length = ?, digest = ? WHERE id = ?",
            new.add(data), len(data), carried(line, kept, data), refusal,
        )  # fmt: skip
    ledger.run("UPDATE files SET length = ? WHERE id = ?", new.end, file)
    new.sync()
