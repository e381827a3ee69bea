"""Making addresses known that pages name, and what feeds and indexes say of them; nothing is claimed here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sabah import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sabah.site.link import Link
    from sabah.storage.ledger import Ledger

LOST: Final = frozenset({"gone", "refused", "failed"})
"""States of an address without a record: a capture of the archive may give one."""

NAMED_KEPT: Final = 50_000
"""Addresses whose ids are kept in memory, about 20 MB: nine links in ten were on a page before."""


DAY: Final = 86_400
"""Seconds. A source names the same for days: when it last did is written once a day, so that an hourly crawl does not write a row for each of its links."""


class Naming:
    """All of it inside a transaction of the caller's."""

    def __init__(self, ledger: Ledger, met: Mapping[int, int]) -> None:
        """`met` has the smallest depth at which the run has taken care of an address, by its id; it may grow meanwhile."""
        self.ledger, self.met = ledger, met
        self._named: dict[str, tuple[int, str, str]] = {}
        """Rows of addresses as they were when last named: of one taken care of at the depth, no more than the id matters."""

        self._namers: dict[tuple[str, str], int] = {}
        self._noted: dict[int, set[int]] = {}
        """Addresses by namer of what was written down this day: most links of a page were on pages before."""

        self._day = 0

    def register(
        self, links: Iterable[Link], found_on: str | None, depth: int, seen_at: str | None = None
    ) -> list[tuple[int, str, str]]:
        """Makes every address known; each once, in order, as (id, address, state). `seen_at` (ISO 8601) is by default now."""
        at = seen_at or clock.timestamp()
        found = []
        if len(self._named) > NAMED_KEPT:
            self._named.clear()
        for link in {link.url: link for link in links}.values():
            before = self._named.get(link.url)
            told = link.hint is not None or link.capture is not None
            if before is not None and not told and self.met.get(before[0], depth + 1) <= depth:
                found.append(before)
                continue
            row = self.ledger.one("SELECT id, url, state, depth FROM addresses WHERE url = ?", link.url)
            if row is None:
                added = self.ledger.run(
                    "INSERT INTO addresses (url, kind, section, subsection, found_on, depth, first_seen_at, hint, capture) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    link.url, link.kind, link.section, link.subsection, found_on, depth, at, link.hint, link.capture,
                )  # fmt: skip
                row = (added.lastrowid, link.url, "pending", depth)
            else:
                if row[3] > depth:
                    self.ledger.run("UPDATE addresses SET depth = ? WHERE id = ?", depth, row[0])
                if told and row[2] != "forgotten":
                    row = self._tell(row, link)
            found.append(row[:3])
            self._named[link.url] = found[-1]
        return found

    def note(self, kind: str, name: str, found: Collection[tuple[int, str, str]]) -> None:
        """Writes down who named addresses: when first, and to a day when last."""
        if not found:
            return
        at = int(clock.now().timestamp())
        if at // DAY != self._day or sum(map(len, self._noted.values())) > NAMED_KEPT:
            self._noted.clear()
            self._day = at // DAY
        namer = self._namers.get((kind, name))
        if namer is None:
            self.ledger.run("INSERT INTO namers (kind, name) VALUES (?, ?) ON CONFLICT DO NOTHING", kind, name)
            (namer,) = self.ledger.one("SELECT id FROM namers WHERE kind = ? AND name = ?", kind, name)
            self._namers[kind, name] = namer
        noted = self._noted.setdefault(namer, set())
        if new := sorted({address for address, _, state in found if state != "forgotten"} - noted):
            self.ledger.connection.executemany(
                "INSERT INTO namings VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO UPDATE SET last = excluded.last WHERE excluded.last >= last + ?4",
                [(address, namer, at, DAY) for address in new],
            )
            noted.update(new)

    def _tell(self, row: tuple[int, str, str, int], link: Link) -> tuple[int, str, str, int]:
        """Keeps what a feed or an index says of an address: of a hint what was said first, of a capture what was said last.

        An article the archive has is asked of it though the newspaper has it no more, unless a record of it is stored.
        """
        address, url, state, depth = row
        if link.hint is not None:
            self.ledger.run(
                "UPDATE addresses SET hint = json_patch(?1, coalesce(hint, '{}')) WHERE id = ?2 AND hint IS NOT json_patch(?1, coalesce(hint, '{}'))",
                link.hint, address,
            )  # fmt: skip
        if link.capture is not None:
            changed = self.ledger.run(
                "UPDATE addresses SET capture = ? WHERE id = ? AND capture IS NOT ?", link.capture, address, link.capture
            ).rowcount  # fmt: skip
            stored = "SELECT 1 FROM articles WHERE address = ?"
            if changed and state in LOST and self.ledger.one(stored, address) is None:
                self.ledger.run("UPDATE addresses SET state = 'pending' WHERE id = ?", address)
                state = "pending"
        return address, url, state, depth


def targets(found: Iterable[tuple[int, str, str]]) -> str:
    """The ids of what a page names, in page order, as the ledger keeps them."""
    return json.dumps([one[0] for one in found], separators=(",", ":"))
