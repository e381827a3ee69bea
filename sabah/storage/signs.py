"""What looks at a stored article have shown, since it was last seen, that may end it: the newspaper has sent it on for good, or shows another page in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah import clock
from sabah.storage.last import Last
from sabah.storage.revisits import ASTRAY, ASTRAY_LOOKS, Due

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page
    from sabah.storage.revisits import Schedule

_TEMPORARY: Final = frozenset({302, 303, 307})
"""Statuses of redirects that say nothing of tomorrow."""

HANDFUL: Final = 5
"""Looks of a run from which on it can be told whether the newspaper is in repair. Of fewer, each counts as those of the last such run of the week before do: what did not count is looked at again soon, by itself."""

_ASTRAY: Final = f"""
WITH counted AS (
    SELECT s.address, min(s.at) AS first, max(s.at) AS last, count(*) AS looks FROM signs s JOIN runs r ON r.id = s.run
    WHERE s.instead IS NOT NULL AND (r.ended_at IS NOT NULL OR r.id = ?) AND NOT coalesce((
        SELECT t.astray * 2 > t.looks FROM runs t WHERE t.looks >= {HANDFUL} AND t.id <= r.id
        AND unixepoch(r.started_at) - unixepoch(t.started_at) <= {round(ASTRAY[-1].total_seconds())} ORDER BY t.id DESC LIMIT 1
    ), 0) GROUP BY s.address
)
SELECT s.address, s.at, s.status, s.snapshot, NULL, s.instead FROM counted c JOIN signs s ON s.address = c.address AND s.at = c.last
JOIN addresses a ON a.id = c.address WHERE a.state = 'done' AND a.run IS NULL AND c.looks >= {ASTRAY_LOOKS}
AND unixepoch(c.last) - unixepoch(c.first) >= {round(ASTRAY[-1].total_seconds())} ORDER BY c.address
"""  # noqa: S608 - constants

_SENT_HERE: Final = """
SELECT s.address, s.at, s.status, s.snapshot, t.url FROM signs s JOIN addresses t ON t.id = s.target WHERE s.target = ? ORDER BY s.at, s.address
"""


@attrs.frozen
class Ending:
    """How a stored article has ended."""

    address: int
    """Its row."""

    at: str | None
    """When that was seen: ISO 8601, UTC."""

    status: int | None
    snapshot: int | None = None
    """Row of the answer that showed it."""

    moved_to: str | None = None
    """Canonical address at which it stands now."""

    instead: str | None = None
    """What stands in its place."""


class Signs:
    """All of it inside the transaction that commits the page, which `begin` tells."""

    def __init__(self, ledger: Ledger, run: int, schedule: Schedule) -> None:
        self.ledger, self.run, self.schedule = ledger, run, schedule
        self._any = True
        """Whether there may be any sign of any article. Mostly there is none, and then the pages of a group cost no statement for it."""

    def begin(self) -> None:
        """To be called when a transaction has begun: until it ends, no other process writes."""
        self._any = self.ledger.one("SELECT 1 FROM signs LIMIT 1") is not None

    def any_move(self) -> bool:
        """Whether any article was sent on and has not ended."""
        return self.ledger.one("SELECT 1 FROM signs WHERE target IS NOT NULL LIMIT 1") is not None

    def clear(self, *addresses: int) -> None:
        """Takes back what was seen of an article: it stands, or is gone."""
        if self._any:
            self.ledger.connection.executemany("DELETE FROM signs WHERE address = ?", [(one,) for one in addresses])

    def move(self, page: Page, address: int, target: int, snapshot: int | None) -> int:
        """Notes that the newspaper sends an article on for good, to `target`; the row of the address where that way ends, as far as it is known."""
        target = self.end_of_way(target)
        self.clear(address)
        if target != address:
            self._any = True
            self.ledger.run(
                "INSERT INTO signs (address, at, run, target, status, snapshot) VALUES (?, ?, ?, ?, ?, ?)",
                address, page.fetched_at or clock.timestamp(), self.run, target, page.status, snapshot,
            )  # fmt: skip
        return target

    def astray(self, page: Page, address: int, snapshot: int | None) -> None:
        """Notes that another page stands in an article's place."""
        self._any = True
        self.ledger.run("DELETE FROM signs WHERE address = ? AND target IS NOT NULL", address)
        self.ledger.run(
            "INSERT OR REPLACE INTO signs (address, at, run, instead, status, snapshot) VALUES (?, ?, ?, ?, ?, ?)",
            address, page.fetched_at or clock.timestamp(), self.run, page.instead, page.status, snapshot,
        )  # fmt: skip

    def withdrawn(self) -> list[Ending]:
        """Articles in whose place another page stood at enough looks, over a week. For the end of this run: only then it is known whether its looks count.

        A look does not count that was made in a run of which more than half were such: the newspaper was in repair. Nor yet one of another run that goes on.
        """
        return self.ledger.rows(Ending, _ASTRAY, self.run)

    def lead_on(self, address: int, target: int) -> None:
        """What was sent to `address` is sent to where `target` leads."""
        if not self._any:
            return
        self.ledger.run("UPDATE signs SET target = ? WHERE target = ?", self.end_of_way(target), address)
        self.ledger.run("DELETE FROM signs WHERE address = target")

    def sent_to(self, address: int) -> list[Ending]:
        """Articles that have moved to this address: none while it has no record that stands, or is going to be looked at."""
        sent = self.ledger.rows(Ending, _SENT_HERE, address) if self._any else []
        return sent if sent and self._stands(address) else []

    def _stands(self, address: int) -> bool:
        """Whether the article there is stored, not withdrawn, not sent on itself, and neither due nor asked for: else its own look decides first."""
        state, run, *times = self.ledger.one(
            "SELECT state, run, due_at, last_fetched_at FROM addresses WHERE id = ?", address
        )
        if state != "done" or run is not None or Due.at(clock.timestamp(), self.schedule).has_come(*times):
            return False
        if self.ledger.one("SELECT 1 FROM signs WHERE address = ? AND target IS NOT NULL", address):
            return False
        last = Last.of(self.ledger, address)
        return last is not None and last.withdrawn_at is None

    def end_of_way(self, address: int) -> int:
        """Where an address leads by what is known of redirects for good; the address itself where they lead back to it."""
        at, passed = address, {address}
        while (following := self._next(at)) is not None:
            if following in passed:
                return address
            passed.add(at := following)
        return at

    def _next(self, address: int) -> int | None:
        alias_of, status = self.ledger.one("SELECT alias_of, last_status FROM addresses WHERE id = ?", address)
        if alias_of is not None:
            return None if status in _TEMPORARY else int(alias_of)
        last = Last.of(self.ledger, address)
        row = last and last.moved_to and self.ledger.one("SELECT id FROM addresses WHERE url = ?", last.moved_to)
        return int(row[0]) if row else None
