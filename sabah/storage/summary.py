"""What the ledger says at a glance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.storage.errors import StorageError, reported
from sabah.storage.last import NEWEST_FIRST, record_at
from sabah.storage.locks import Lock
from sabah.storage.recovery import DEADLY, lock_path
from sabah.storage.schema import STATES

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger


@attrs.define
class Section:
    section: str | None
    subsection: str | None
    articles: int = 0
    pending: int = 0
    done: int = 0
    other: int = 0
    """Refused, dropped, failed, gone or forgotten."""


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


_RUNS = """
SELECT arguments, counts, verdict, crawl_id, spider, job, started_at, ended_at, pages, articles, reason FROM runs
WHERE job IS NOT NULL OR NOT ? ORDER BY id DESC LIMIT ?
"""


@attrs.frozen
class Waiting:
    url: str
    first_seen_at: str
    found_on: str | None
    attempts: int
    last_status: int | None


@attrs.frozen
class StillRefused:
    """An address whose page gave no record so far."""

    url: str
    reason: str | None
    """Of the last time."""

    times: int
    """In a row; 0: by a sabah that did not count."""

    last_fetched_at: str | None
    due_at: str | None
    """None: it is refused for good."""


@attrs.frozen
class Deadly:
    """An address that is not asked for any more, because runs have died while they had it in hand."""

    url: str
    deaths: int


@attrs.frozen
class Silent:
    """A listing or feed that was asked and never gave an article."""

    name: str
    last_fetched_at: str
    fault: str | None


@attrs.frozen
class Namers:
    """How many addresses the sources of a kind have named."""

    kind: str
    """`feed`, `listing`, `article`, `given` (a list) or `index` (a list made of an archive's index)."""

    sources: int
    """How many there are; all articles count as one."""

    addresses: int
    alone: int
    """Addresses of these that no other kind has named."""


@attrs.frozen
class Summary:
    states: dict[str, int]
    """Addresses by state; `pending` are those some scope wants, `known` those only heard of."""

    claimed: int
    articles: int
    revisions: int
    readings: int
    """Further ones, of stored snapshots."""

    refusals: int
    snapshots: int
    sections: list[Section]
    runs: list[Run]
    oldest_pending: list[Waiting]
    still_refused: list[StillRefused]
    """Those that are due first; those refused for good come last. `states` says how many there are."""

    next_refused_at: str | None
    """When the first of them is asked for again; None where none is."""

    deadly: list[Deadly]
    deadly_in_all: int
    never_delivered: list[Silent]
    namers: list[Namers]
    namings_since: str | None
    """From when on it is known who named what, in a ledger that is older than that (ISO 8601, UTC); None: from its beginning."""


_STANDING = """
SELECT section, subsection, state, count(*) FROM (
    SELECT section, subsection,
        CASE WHEN state = 'pending' AND NOT EXISTS (SELECT 1 FROM wants WHERE address = addresses.id) THEN 'known' ELSE state END AS state
    FROM addresses
) GROUP BY section, subsection, state
"""
_ARTICLES = "SELECT section, subsection, count(*) FROM addresses WHERE id IN (SELECT address FROM articles) GROUP BY section, subsection"
_OLDEST = """
SELECT url, first_seen_at, found_on, attempts, last_status FROM addresses
WHERE state = 'pending' AND EXISTS (SELECT 1 FROM wants WHERE address = addresses.id) ORDER BY id LIMIT ?
"""
_REFUSED = """
SELECT url, (SELECT reason FROM refusals WHERE address = addresses.id ORDER BY id DESC LIMIT 1), refusals, last_fetched_at, due_at
FROM addresses WHERE state = 'refused' ORDER BY due_at IS NULL, due_at, id LIMIT ?
"""
_NEXT_REFUSED = "SELECT min(due_at) FROM addresses WHERE state = 'refused'"
_DEADLY = "SELECT url, deaths FROM addresses WHERE deaths >= ? ORDER BY id LIMIT ?"
_SILENT = "SELECT name, last_fetched_at, fault FROM sources WHERE delivered_at IS NULL AND last_fetched_at IS NOT NULL ORDER BY name"
_NAMERS = """
WITH kinds AS MATERIALIZED (SELECT DISTINCT n.address, s.kind FROM namings n JOIN namers s ON s.id = n.namer),
    alone AS MATERIALIZED (SELECT max(kind) AS kind FROM kinds GROUP BY address HAVING count(*) = 1)
SELECT kind, (SELECT count(*) FROM namers s WHERE s.kind = kinds.kind), count(*), (SELECT count(*) FROM alone WHERE alone.kind = kinds.kind)
FROM kinds GROUP BY kind ORDER BY kind
"""
_SINCE = "SELECT value FROM facts WHERE name = 'namings_since'"
_COUNTS = """
SELECT (SELECT count(*) FROM addresses WHERE run IS NOT NULL), (SELECT count(DISTINCT address) FROM articles),
(SELECT count(*) FROM articles WHERE reading = 1), (SELECT count(*) FROM articles WHERE reading > 1), (SELECT count(*) FROM refusals), (SELECT count(*) FROM snapshots)
"""


def summarise(ledger: Ledger, *, runs: int = 10, oldest: int = 5) -> Summary:
    """States, sections, the last `runs` runs and the first `oldest` of the pending addresses, of the refused and of the deadly ones, all of one moment. Raises StorageError."""
    with reported(ledger.path), ledger.moment():
        states, sections = _standing(ledger)
        claimed, articles, revisions, readings, refusals, snapshots = ledger.one(_COUNTS)
        return Summary(
            states=states,
            claimed=claimed,
            articles=articles,
            revisions=revisions,
            readings=readings,
            refusals=refusals,
            snapshots=snapshots,
            sections=sections,
            runs=last_runs(ledger, runs),
            oldest_pending=ledger.rows(Waiting, _OLDEST, oldest),
            still_refused=ledger.rows(StillRefused, _REFUSED, oldest),
            next_refused_at=ledger.one(_NEXT_REFUSED)[0],
            deadly=ledger.rows(Deadly, _DEADLY, DEADLY, oldest),
            deadly_in_all=ledger.one("SELECT count(*) FROM addresses WHERE deaths >= ?", DEADLY)[0],
            never_delivered=ledger.rows(Silent, _SILENT),
            namers=ledger.rows(Namers, _NAMERS),
            namings_since=next(iter(ledger.rows(str, _SINCE)), None),
        )


def last_runs(ledger: Ledger, number: int, *, jobs: bool = False) -> list[Run]:
    """The newest runs, newest first; with `jobs` those alone that are Scrapyd's. Raises StorageError."""
    with reported(ledger.path):
        return [_run(ledger, *row) for row in ledger.all(_RUNS, jobs, number)]


def _standing(ledger: Ledger) -> tuple[dict[str, int], list[Section]]:
    states = dict.fromkeys(("known", *STATES), 0)
    sections: dict[tuple[str | None, str | None], Section] = {}
    for section, subsection, state, number in ledger.run(_STANDING):
        states[state] += number
        entry = sections.setdefault((section, subsection), Section(section, subsection))
        if state != "known":
            name = state if state in ("pending", "done") else "other"
            setattr(entry, name, getattr(entry, name) + number)
    for section, subsection, number in ledger.run(_ARTICLES):
        sections[section, subsection].articles = number
    return states, list(sections.values())


def _run(ledger: Ledger, arguments: str, counts: str | None, verdict: str | None, *columns: Any) -> Run:
    run = Run(*columns, arguments=json.loads(arguments), counts=json.loads(counts or "{}"), verdict=verdict)
    if run.ended_at is not None:
        return run
    path = lock_path(ledger.folder, run.crawl_id)
    lock = Lock.take(path) if path.exists() else None
    if lock is not None:
        lock.release()
    return attrs.evolve(run, verdict="running" if lock is None and path.exists() else "died")


FIELDS: Final = ("headline", "standfirst", "byline", "dateline", "published_raw", "body", "keywords", "images")
"""What a revision may change."""

TRIES: Final = 3
"""Lines may be moved (`compact`) between the look into the ledger and the one into the file."""


@attrs.frozen
class Change:
    at: str
    """Of when the page is that shows it: when it was fetched, or captured. ISO 8601, UTC."""

    url: str
    revision: int
    what: str
    """`changed`, `withdrawn`, `moved`, or `back` (after it was withdrawn or moved)."""

    headline: str
    fields: list[str]
    """Those that differ from the revision before."""

    crawl_id: str
    moved_to: str | None = None
    """Address at which one that moved stands."""

    instead: str | None = None
    """What stood in place of one that was withdrawn, where no status said it."""


_LATEST: Final = f"""
WITH changed AS MATERIALIZED (SELECT DISTINCT address FROM articles WHERE revision > 1)
SELECT (SELECT id FROM articles WHERE address = t.address AND revision = t.revision ORDER BY reading DESC LIMIT 1),
    (SELECT id FROM articles WHERE address = t.address AND (as_of, revision) < (t.as_of, t.revision) ORDER BY {NEWEST_FIRST} LIMIT 1) AS before,
    t.as_of, r.crawl_id
FROM changed c CROSS JOIN articles t ON t.address = c.address JOIN runs r ON r.id = t.run
WHERE t.reading = 1 AND before IS NOT NULL ORDER BY t.as_of DESC, t.id DESC LIMIT ?
"""  # noqa: S608 - constants
"""Both as they were read last: what another reader reads in one of them is no change of the newspaper's."""

_OF_ADDRESS: Final = """
SELECT id FROM articles t WHERE address = (SELECT coalesce(alias_of, id) FROM addresses WHERE url = ?)
AND reading = (SELECT max(reading) FROM articles WHERE address = t.address AND revision = t.revision) ORDER BY as_of, revision
"""


_WHERE: Final = """
SELECT f.name, t.offset, t.length, (SELECT max(instead) FROM articles WHERE address = t.address AND revision = t.revision)
FROM articles t JOIN files f ON f.id = t.file WHERE t.id = ?
"""


def latest(ledger: Ledger, count: int) -> list[Change]:
    """The last revisions and withdrawals, newest first. Raises StorageError."""
    found = []
    for article, before, at, crawl_id in ledger.all(_LATEST, count):
        record = _record(ledger, article)
        last = _record(ledger, before)
        fields = changed(last, record)
        found.append(
            Change(
                at,
                record["url"],
                record["revision"],
                _what(last, record),
                record["headline"],
                fields,
                crawl_id,
                record["moved_to"],
                record["instead"],
            )
        )
    return found


def revisions(ledger: Ledger, url: str) -> list[dict[str, Any]]:
    """The records of an article in the order of its history, each revision as it was read last; also by an address that redirects to it. Raises StorageError."""
    return [_record(ledger, article) for (article,) in ledger.all(_OF_ADDRESS, url)]


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The fields in which two records differ, in the record's order."""
    return [name for name in FIELDS if before[name] != after[name]]


def _what(before: dict[str, Any], after: dict[str, Any]) -> str:
    if after["withdrawn_at"]:
        return "moved" if after["moved_to"] else "withdrawn"
    return "back" if before["withdrawn_at"] else "changed"


def _record(ledger: Ledger, article: int) -> dict[str, Any]:
    """The stored record, and under `instead` what stood in its place, which only the ledger says."""
    for _ in range(TRIES):
        name, offset, length, instead = ledger.one(_WHERE, article)
        try:
            return {**attrs.asdict(record_at(ledger.folder / name, offset, length)), "instead": instead}
        except StorageError as error:
            failed = error
    raise failed
