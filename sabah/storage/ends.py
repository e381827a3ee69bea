"""What became of an address, written into its row; and where it redirects, into that of the other."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from sabah.site.link import Link
from sabah.storage.naming import targets
from sabah.storage.pages import READ, Committed

if TYPE_CHECKING:
    from sabah.storage.frontier import Frontier
    from sabah.storage.ledger import Ledger
    from sabah.storage.looks import Columns, Looks
    from sabah.storage.pages import Page
    from sabah.storage.signs import Signs

_OF_THE_RECORD: Final = (
    "last_status",
    "last_fetched_at",
    "last_modified",
    "due_at",
    "aged_from",
    "gone",
    "known_at",
    "refusals",
)
"""Columns that go to the row of the address which the record bears, too."""

_LATER: Final = "known_at = max(coalesce(known_at, ''), ?)"


class Ends:
    """All of it inside the transaction that commits the page."""

    def __init__(self, ledger: Ledger, frontier: Frontier, looks: Looks, signs: Signs, redirects: int) -> None:
        """`redirects` is how many from article to article are followed."""
        self.ledger, self.frontier, self.looks, self.signs, self.redirects = ledger, frontier, looks, signs, redirects

    def end(self, page: Page, address: int, final: int, found: list[tuple[int, str, str]]) -> bool:
        """Writes what became of the address asked for; whether it is refused for good. `final` is the one that its record bears or that it redirects to, `found` the links of its page.

        Of a stored article that gave no record stands what it was, and what it named.
        """
        columns = self.looks.after(page)
        if page.record is not None:
            self.signs.clear(address, final)
        elif page.known and (page.outcome in ("gone", "unchanged", "dropped") or page.leads_to is not None):
            self.signs.clear(address)
        if page.known and page.record is None:
            self._write(address, columns, page.attempts)
            return False
        due_at = columns.get("due_at")
        self.frontier.note_refused(
            address, due_at if isinstance(due_at, str) else None, refused=page.outcome == "refused"
        )
        own: Columns = {"alias_of": None}
        if final != address:
            own = {"alias_of": final, "due_at": None, "aged_from": None, "gone": 0}
        self._write(address, columns | own, page.attempts)
        if page.outcome == "failed":
            return False
        self.frontier.settle(address, page.depth)
        if page.leads_to is not None and not page.for_good:
            return False
        if final != address:
            self.signs.lead_on(address, final)
        if page.leads_to is not None:
            return False
        if final != address:
            # Whoever holds the final address meanwhile will find its revision stored.
            of_the_record: Columns = {name: columns[name] for name in _OF_THE_RECORD if name in columns}
            self._write(final, {"state": "done", **of_the_record})
            self.frontier.settle(final, page.depth)
        if page.outcome in READ:
            # What a page named that came whole stands, where less has come now.
            self.ledger.run(
                "INSERT INTO links (address, targets) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET targets = iif(?3, targets, ?2)",
                final, targets(found), page.cut,
            )  # fmt: skip
        return page.outcome == "refused" and due_at is None and self.looks.plans

    def redirect(self, page: Page, address: int, leads_to: Link) -> Committed:
        """A redirect: the address it leads to is wanted instead, so that it is fetched once whoever leads to it."""
        if self.forgotten(address):
            return self.drop(address)
        target = self.frontier.naming.register([leads_to], page.found_on, page.depth, page.first_seen_at)
        if page.known:
            # What is stored under its own name keeps that, and its looks: the redirect may be a slip or a repair.
            self.end(page, address, address, [])
            passed = self.frontier.through(address, page.depth)
            return Committed((), passed + self.frontier.want(target, page.depth))
        if self._leads_back(target[0][0], address):
            self.end(attrs.evolve(page, outcome="failed", leads_to=None), address, address, [])
            return Committed((), Counter(), circle=True)
        if chain := self._chain(address):
            self.end(attrs.evolve(page, outcome="failed", leads_to=None), address, address, [])
            if chain[0] != address:
                self._fail_first(chain[0], address, page.depth)
            urls = [self.ledger.one("SELECT url FROM addresses WHERE id = ?", one)[0] for one in chain]
            return Committed((), Counter(), chain=(*urls, leads_to.url))
        self.end(page, address, target[0][0], [])
        return Committed((), self.frontier.want(target, page.depth))

    def address(self, page: Page) -> int | None:
        """Id of the record's own address, which is not the one asked for where that redirects; first seen when that was. Without a record that of the page."""
        record = page.record
        if page.id is None or record is None or record.url == page.url:
            return page.id
        link = Link(url=record.url, kind=record.kind, section=record.section, subsection=record.subsection)
        final = self.frontier.naming.register([link], page.found_on, page.depth)[0][0]
        self.ledger.run(
            "UPDATE addresses SET first_seen_at = min(first_seen_at, ?) WHERE id = ?", page.first_seen_at, final
        )
        return final

    def drop(self, address: int) -> Committed:
        """A page that was fetched while its article was being forgotten."""
        self.ledger.run("UPDATE addresses SET state = 'forgotten', run = NULL WHERE id = ?", address)
        return Committed((), Counter())

    def forgotten(self, *addresses: int) -> bool:
        """Whether one of them, two at most, is forgotten."""
        sql = "SELECT 1 FROM addresses WHERE id IN (?, ?) AND state = 'forgotten'"
        return self.ledger.one(sql, addresses[0], addresses[-1]) is not None

    def _leads_back(self, start: int, end: int) -> bool:
        """Whether the redirects known from `start` on reach `end`."""
        at: int | None = start
        passed = set()
        while at is not None and at != end and at not in passed:
            passed.add(at)
            (at,) = self.ledger.one("SELECT alias_of FROM addresses WHERE id = ?", at)
        return at == end

    def _fail_first(self, first: int, last: int, depth: int) -> None:
        """Makes the first address of a chain the one that the next run tries: it leads to the last."""
        self.ledger.run("DELETE FROM wants WHERE scope = ? AND address = ?", self.frontier.scope, last)
        failed = self.ledger.run(
            "UPDATE addresses SET state = 'failed', failures = failures + 1 WHERE id = ? AND run IS NULL AND id NOT IN (SELECT address FROM articles)",
            first,
        ).rowcount
        if failed:
            self.ledger.run("INSERT OR IGNORE INTO wants VALUES (?, ?, ?)", self.frontier.scope, first, depth)

    def _chain(self, address: int) -> list[int]:
        """The addresses that redirect to `address` one after the other, by the shortest way, and itself, where those are as many as are followed; else nothing."""
        leads_to: dict[int, int] = {}
        level = [address]
        for _ in range(self.redirects):
            before = self.ledger.all(
                "SELECT id, alias_of FROM addresses WHERE alias_of IN (SELECT value FROM json_each(?))",
                json.dumps(level),
            )
            if {to for _, to in before} < set(level):
                return []  # one of them is where somebody began
            level = [one for one, _ in before if one != address and one not in leads_to]
            if not level:
                return []
            leads_to = dict(before) | leads_to
        chain = level[:1]
        while chain[-1] != address:
            chain.append(leads_to[chain[-1]])
        return chain

    def _write(self, address: int, columns: Columns, attempts: int = 0) -> None:
        if columns:
            told = ", ".join(_LATER if name == "known_at" else f"{name} = ?" for name in columns)
            self.ledger.run(
                f"UPDATE addresses SET attempts = attempts + ?, {told} WHERE id = ?",  # noqa: S608
                attempts, *columns.values(), address,
            )  # fmt: skip
