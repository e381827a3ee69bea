"""Times that a wrong clock has written, or kept from being written: found by the runs that had it, and set right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sabah import clock
from sabah.storage.last import Last
from sabah.storage.revisits import aged_from

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger
    from sabah.storage.revisits import Schedule

RIGHT, WRONG, SETTLED = "right", "wrong", "settled"
"""In `runs.clock`; null where too few answers bore a Date. Settled: it was wrong, and what it wrote has been set right."""

DAY: Final = timedelta(days=1)

_UNDATED: Final = """
SELECT a.id, a.last_fetched_at, a.state, a.refusals FROM addresses a WHERE a.due_at IS NULL AND a.aged_from IS NULL AND a.last_fetched_at IS NOT NULL AND (
    (a.state = 'done' AND a.id IN (SELECT address FROM articles WHERE origin IS NOT 'archive' AND run IN (SELECT id FROM runs WHERE clock = 'wrong')))
    OR (((a.state = 'refused' AND a.refusals > 0) OR (a.state = 'gone' AND a.gone = 1)) AND a.last_fetched_at >= (SELECT min(started_at) FROM runs WHERE clock = 'wrong'))
)
"""
_LATER: Final = """
SELECT id, last_fetched_at, state FROM addresses WHERE max(coalesce(last_fetched_at, ''), coalesce(due_at, ''), coalesce(aged_from, ''), coalesce(known_at, '')) > ?
"""
_EARLIER: Final = """
SELECT a.id, a.last_fetched_at, a.state FROM addresses a JOIN articles t ON t.address = a.id
WHERE t.run = ?1 AND t.origin IS NOT 'archive' AND a.state = 'done' AND julianday(a.aged_from) < julianday(t.published_at) - 1
"""


def go_by_answers(ledger: Ledger, run: int, behind: timedelta, named_from: int) -> None:
    """Marks the run, whose clock is wrong, and sets right when it began and when addresses with an id from `named_from` on were first seen. Inside a transaction."""
    (began,) = ledger.one("SELECT started_at FROM runs WHERE id = ?", run)
    right = _shifted(began, behind)
    ledger.run("UPDATE runs SET clock = ?, started_at = ? WHERE id = ?", WRONG, right, run)
    wrong_now = _shifted(clock.timestamp(), -behind)
    for address, seen in ledger.all(
        "SELECT id, first_seen_at FROM addresses WHERE id >= ? AND first_seen_at BETWEEN ? AND ?",
        named_from,
        began,
        wrong_now,
    ):
        ledger.run("UPDATE addresses SET first_seen_at = ? WHERE id = ?", _shifted(seen, behind), address)


def write_due_times(ledger: Ledger, schedule: Schedule) -> int:
    """Writes the due times that runs with a wrong clock have left out, from the dates of their answers; how many. Inside a transaction."""
    if ledger.one("SELECT 1 FROM runs WHERE clock = ?", WRONG) is None:
        return 0
    undated = ledger.all(_UNDATED)
    for address, at, state, refusals in undated:
        if state == "refused":
            ledger.run("UPDATE addresses SET due_at = ? WHERE id = ?", schedule.refused(at, refusals), address)
        elif state != "done":
            ledger.run("UPDATE addresses SET due_at = ? WHERE id = ?", schedule.confirmation(at), address)
        else:
            _plan(ledger, schedule, address, at, at)
    ledger.run("UPDATE runs SET clock = ? WHERE clock = ?", SETTLED, WRONG)
    return len(undated)


def set_right(ledger: Ledger, run: int, schedule: Schedule) -> int:
    """Sets right what runs wrote whose clocks nobody could judge, now that this one's is confirmed; how many addresses. Inside a transaction.

    A run that began later than now had a clock ahead; one that began a day before a run before it had one behind. Times later than now become now: so long ago at most it was.
    """
    now = clock.timestamp()
    later = _shifted(now, DAY)
    ahead, behind = _suspects(ledger, run, later)
    ledger.run("UPDATE runs SET clock = ? WHERE id = ?", RIGHT, run)
    if not ahead and not behind:
        return 0
    found: list[tuple[tuple[Any, ...], str]] = [
        (row, now) for row in ledger.all(_LATER, _shifted(later, schedule.ages[-1] if schedule.ages else DAY))
    ]
    found += [
        (row, now)
        for row in ledger.all(_LATER.replace("coalesce(due_at, ''), ", ""), later)
        if all(row[0] != one[0][0] for one in found)
    ]
    for one in behind:
        found += [(row, row[1]) for row in ledger.all(_EARLIER, one)]
    for (address, _, _), at in found:
        ledger.run(
            "UPDATE addresses SET last_fetched_at = min(last_fetched_at, ?1), known_at = min(known_at, ?1), first_seen_at = min(first_seen_at, ?1),"
            " due_at = iif(due_at > ?2, ?1, due_at) WHERE id = ?3",
            now, later, address,
        )  # fmt: skip
        _plan(ledger, schedule, address, now, at)
    for column in ("last_fetched_at", "delivered_at", "fault_since"):
        ledger.run(f"UPDATE sources SET {column} = ? WHERE {column} > ?", now, later)  # noqa: S608
    ledger.connection.executemany("UPDATE runs SET clock = ? WHERE id = ?", [(SETTLED, one) for one in ahead + behind])
    return len(found)


def _plan(ledger: Ledger, schedule: Schedule, address: int, now: str, at: str) -> None:
    """Writes when a stored article is due that was looked at last at `at`, which is never before it came out."""
    last = Last.of(ledger, address)
    if last is None or last.withdrawn_at is not None:
        return
    record = last.record(ledger)
    if (
        record.published_at is None
        or record.origin == "archive"
        or datetime.fromisoformat(record.published_at) > datetime.fromisoformat(now)
    ):
        return
    start = aged_from(record.published_at, record.published_precision, now)
    ledger.run(
        "UPDATE addresses SET aged_from = ?, due_at = ? WHERE id = ?",
        start,
        schedule.due(start, max(start, at)),
        address,
    )


def _suspects(ledger: Ledger, run: int, later: str) -> tuple[list[int], list[int]]:
    """Runs before this one, not judged, that began later than it can be, and those that began a day before a run before them."""
    ahead, behind, newest = [], [], ""
    for one, started_at, judged in ledger.all("SELECT id, started_at, clock FROM runs WHERE id < ? ORDER BY id", run):
        if started_at > later:
            if judged is None:
                ahead.append(one)
        elif newest and _shifted(started_at, DAY) < newest:
            if judged is None:
                behind.append(one)
        else:
            newest = max(newest, started_at)
    return ahead, behind


def _shifted(at: str, by: timedelta) -> str:
    return (datetime.fromisoformat(at) + by).isoformat(timespec="seconds")
