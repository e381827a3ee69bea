"""Write what became of an address into its row, when it is due again, and where it redirects, into the row of the other."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from sabah import clock
from sabah.items import is_final
from sabah.site.link import Link
from sabah.storage.frontier import targets
from sabah.storage.last import Last
from sabah.storage.pages import READ, Committed
from sabah.storage.revisits import aged_from

if TYPE_CHECKING:
    from sabah.items import Article
    from sabah.storage.frontier import Frontier
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page
    from sabah.storage.revisits import Schedule
    from sabah.storage.signs import Ending, Signs

    Columns = dict[str, str | int | None]
    """Of an address's row, by their names."""

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


class Looks:
    """All of it inside the transaction that commits the page."""

    def __init__(self, ledger: Ledger, schedule: Schedule, runs_to_fail: int) -> None:
        self.ledger, self.schedule, self.runs_to_fail = ledger, schedule, runs_to_fail
        self.plans = True
        """Whether due times are written: not while the machine's clock is wrong."""

    def after(self, page: Page) -> Columns:
        """What a page changes in the row of its address, beside `attempts` and `alias_of`."""
        if page.named is not None and page.record is not None:
            # A file was read, the newspaper was not looked at: that is due when it was.
            return {
                "state": "done", "failures": 0, "last_status": page.status, "last_fetched_at": page.fetched_at, "last_modified": None,
                "left_out": None, "gone": 0, "known_at": _known_at(page.record, page), "refusals": 0,
                **({"due_at": None} if page.state == "refused" else {}),
            }  # fmt: skip
        if page.named is not None and page.known:
            return {}
        asked: Columns = {"run": None, "deaths": 0, "blocked": 0} if page.named is None else {}
        columns = self._again(page) if page.known and page.record is None else self._first(page)
        if not self.plans:
            columns = _unplanned(columns, page)
        return {"last_status": page.status, **asked, **columns}

    def _first(self, page: Page) -> Columns:
        """A page that gives a record, or an address without one. Where that is gone it is asked for once more, then no longer."""
        failed = page.outcome == "failed" and page.fault is None
        failures = page.failures + 1 if failed else 0 if page.record else page.failures
        columns: Columns = {
            "state": "pending" if page.outcome == "absent" else page.outcome, "failures": failures, "last_fetched_at": page.fetched_at,
            "last_modified": page.last_modified, "left_out": page.left_out, "due_at": None, "aged_from": None, "gone": 0,
        }  # fmt: skip
        if page.outcome != "failed":  # which says nothing of the page: what it was refused before still counts
            columns["refusals"] = 0
        if page.fetched_at is None:
            return columns
        record = page.read if page.outcome == "dropped" else page.record
        if record is not None:
            columns["known_at"] = _known_at(record, page)
            if record.published_at is not None and record.origin != "archive":
                start = aged_from(record.published_at, record.published_precision, page.fetched_at, page.aged_from)
                columns |= {"due_at": self.schedule.due(start, page.fetched_at), "aged_from": start}
        elif page.outcome == "gone":
            due = None if page.gone else self.schedule.confirmation(page.fetched_at)
            columns |= {"due_at": due, "gone": page.gone + 1}
        elif page.outcome == "refused":
            (before,) = self.ledger.one("SELECT refusals FROM addresses WHERE id = ?", page.id)
            times = max(before, *(len(self.schedule.refusals) for reason in page.reasons if is_final(reason)), 0) + 1
            # A capture is as old as it is; the newspaper's page may be asked for from now on.
            at = page.fetched_at if page.named is None else clock.timestamp()
            columns |= {"due_at": self.schedule.refused(at, times), "refusals": times}
        return columns

    def _again(self, page: Page) -> Columns:
        """A stored article after a look that gave no record."""
        at = page.fetched_at or clock.timestamp()
        due = self.schedule.due(page.aged_from, at)
        if page.leads_to is not None and page.state == "gone":
            return {"last_fetched_at": at, "failures": 0}
        if page.leads_to is not None:
            return {"due_at": due, "gone": 0, "failures": 0}
        if page.outcome in ("unchanged", "dropped"):
            return {"last_fetched_at": at, "due_at": due, "gone": 0, "failures": 0, "known_at": at}
        if page.outcome == "gone":
            final = page.state == "gone" or withdraws(page)
            return {
                "state": "gone" if final else "done", "last_fetched_at": at,
                "last_modified": page.stored_modified if page.state == "done" and not final else None,
                "due_at": None if final else self.schedule.confirmation(at), "gone": page.gone + 1, "failures": 0, "known_at": at,
            }  # fmt: skip
        if page.astray and page.state == "gone":
            return {"last_fetched_at": at, "failures": 0}
        # Nothing is known but that it failed: due as before, for the next run; after so many in a row the schedule goes on.
        failures = page.failures + (page.fault is None)
        if failures < self.runs_to_fail:
            return {"failures": failures}
        if page.astray:
            (since,) = self.ledger.one("SELECT min(at) FROM signs WHERE address = ? AND instead IS NOT NULL", page.id)
            due = self.schedule.astray(page.aged_from, since or at, at)
        return {"failures": 0, "due_at": due}

    def withdrawal(self, ending: Ending) -> Article:
        """The last revision's record as the next one, withdrawn. Raises StorageError where its line is not whole."""
        last = Last.of(self.ledger, ending.address)
        assert last is not None
        return attrs.evolve(
            last.record(self.ledger), revision=last.highest + 1, reading=1, withdrawn_at=ending.at, fetched_at=ending.at, status=ending.status,
            moved_to=ending.moved_to,
        )  # fmt: skip

    def close(self, ending: Ending) -> None:
        """Has no more looks planned at an article that has ended."""
        self.ledger.run(
            "UPDATE addresses SET state = 'gone', due_at = NULL, last_modified = NULL, gone = 0, last_fetched_at = max(coalesce(last_fetched_at, ''), ?1),"
            " known_at = max(coalesce(known_at, ''), ?1) WHERE id = ?2",
            ending.at, ending.address,
        )  # fmt: skip


def _unplanned(columns: Columns, page: Page) -> Columns:
    """Without a due time. A stored article keeps the one it has, and so its next look; one look that finds it gone does not count, because nobody could say when the second is due."""
    if not page.known:
        return {**columns, "due_at": None, "aged_from": None}
    if columns.get("state") == "gone":
        return columns
    left_out = {"due_at", "aged_from", "gone"} if page.outcome == "gone" else {"due_at", "aged_from"}
    return {name: value for name, value in columns.items() if name not in left_out}


def withdraws(page: Page) -> bool:
    """Whether it is the second visit in a row that finds a stored article gone."""
    return page.known and page.state == "done" and page.outcome == "gone" and page.gone > 0


def _known_at(record: Article, page: Page) -> str | None:
    """Of when the article is that a page shows: of the look, or of the capture."""
    return record.captured_at if record.origin == "archive" and record.captured_at else page.fetched_at
