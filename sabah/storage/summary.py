"""What the ledger says at a glance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from sabah.storage.errors import reported
from sabah.storage.locks import Lock
from sabah.storage.recovery import lock_path
from sabah.storage.schema import STATES

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger


@attrs.frozen
class Section:
    section: str | None
    subsection: str | None
    pending: int
    done: int
    other: int
    articles: int


@attrs.frozen
class Run:
    crawl_id: str
    spider: str
    job: str | None
    started_at: str
    ended_at: str | None
    pages: int
    articles: int
    reason: str | None
    arguments: dict[str, Any] = attrs.field(kw_only=True)
    counts: dict[str, Any] = attrs.field(kw_only=True)
    verdict: str | None = attrs.field(kw_only=True)
    """`running` while its process lives; `died` after, until the next start has said so itself."""


_RUNS = "SELECT arguments, counts, verdict, crawl_id, spider, job, started_at, ended_at, pages, articles, reason FROM runs ORDER BY id DESC LIMIT ?"


@attrs.frozen
class Waiting:
    url: str
    first_seen_at: str
    found_on: str | None
    attempts: int
    last_status: int | None


@attrs.frozen
class Summary:
    states: dict[str, int]
    claimed: int
    articles: int
    revisions: int
    refusals: int
    snapshots: int
    sections: list[Section]
    runs: list[Run]
    oldest_pending: list[Waiting]


def summarise(ledger: Ledger, *, runs: int = 10, oldest: int = 5) -> Summary:
    """States, sections, the last `runs` runs and the `oldest` pending addresses, all of one moment. Raises StorageError."""
    with reported(ledger.path):
        ledger.run("BEGIN")
    try:
        found = dict(ledger.all("SELECT state, count(*) FROM addresses GROUP BY state"))
        return Summary(
            states={state: found.get(state, 0) for state in STATES},
            claimed=_count(ledger, "SELECT count(*) FROM addresses WHERE run IS NOT NULL"),
            articles=_count(ledger, "SELECT count(DISTINCT address) FROM articles"),
            revisions=_count(ledger, "SELECT count(*) FROM articles"),
            refusals=_count(ledger, "SELECT count(*) FROM refusals"),
            snapshots=_count(ledger, "SELECT count(*) FROM snapshots"),
            sections=ledger.rows(
                Section,
                "SELECT section, subsection, sum(state = 'pending'), sum(state = 'done'), sum(state NOT IN ('pending', 'done')),"
                " count(t.address) FROM addresses a LEFT JOIN (SELECT DISTINCT address FROM articles) t ON t.address = a.id"
                " GROUP BY section, subsection ORDER BY section, subsection",
            ),
            runs=[_run(ledger, *row) for row in ledger.all(_RUNS, runs)],
            oldest_pending=ledger.rows(
                Waiting,
                "SELECT url, first_seen_at, found_on, attempts, last_status FROM addresses WHERE state = 'pending' ORDER BY id LIMIT ?",
                oldest,
            ),
        )
    finally:
        ledger.run("COMMIT")


def _run(ledger: Ledger, arguments: str, counts: str | None, verdict: str | None, *columns: Any) -> Run:
    run = Run(*columns, arguments=json.loads(arguments), counts=json.loads(counts or "{}"), verdict=verdict)
    if run.ended_at is not None:
        return run
    path = lock_path(ledger.folder, run.crawl_id)
    lock = Lock.take(path) if path.exists() else None
    if lock is not None:
        lock.release()
    return attrs.evolve(run, verdict="running" if lock is None and path.exists() else "died")


def _count(ledger: Ledger, sql: str) -> int:
    return int(ledger.all(sql)[0][0])
