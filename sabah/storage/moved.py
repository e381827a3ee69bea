"""Where snapshots have gone in a rewriting, and the lines that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from sabah.storage.place import place

if TYPE_CHECKING:
    from sabah.storage.new_files import NewFile


class Moved:
    """The new place of each snapshot taken up, by its id in the ledger."""

    def __init__(self) -> None:
        self.places: dict[int, tuple[NewFile, int] | None] = {}
        """None: it is left out."""

    def pointed(self, line: bytes, snapshot: int | None) -> bytes:
        """The line with its snapshot's new place; one that is damaged stays so, for a crawl to repair."""
        if snapshot not in self.places:
            return line
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            return line
        to = self.places[snapshot]
        record["snapshot"] = place(to[0].name, to[1]) if to else None
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
