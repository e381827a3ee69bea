"""What a look at an address comes to: read, unchanged, gone, withdrawn, or nothing at all; and when it is due again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sabah import clock
from sabah.items import is_final
from sabah.storage.last import Last
from sabah.storage.revisits import aged_from

if TYPE_CHECKING:
    from sabah.items import Article
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page
    from sabah.storage.revisits import Schedule
    from sabah.storage.signs import Ending

    Columns = dict[str, str | int | None]
    """Of an address's row, by their names."""


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
