"""The numbers of a report that the ledger knows, all of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.dataset.report.gaps import Gap, gaps
from sabah.storage.errors import reported
from sabah.storage.last import LATEST
from sabah.storage.summary import summarise

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger
    from sabah.storage.summary import Run, Summary

RUNS: Final = 30
AGES: Final = ("under 1 h", "1-6 h", "6-24 h", "1-3 days", "3-14 days", "later")
"""How long after its publication an article was first stored."""

_FIRST: Final = """
WITH first AS MATERIALIZED (SELECT u.section, a.stored_at, (SELECT published_at FROM articles WHERE address = a.address AND revision = a.revision ORDER BY reading DESC LIMIT 1) AS published_at
FROM (SELECT min(id) AS id FROM articles GROUP BY address) f JOIN articles a ON a.id = f.id JOIN addresses u ON u.id = a.address)
"""
"""The first revision of each article: when it was stored, and published by its newest reading."""

_MONTHS: Final = f"{_FIRST} SELECT coalesce(section, ''), substr(published_at, 1, 7), count(*) FROM first WHERE published_at IS NOT NULL GROUP BY 1, 2"
_DAYS: Final = f"{_FIRST} SELECT coalesce(section, ''), substr(published_at, 1, 10), count(*) FROM first WHERE published_at IS NOT NULL GROUP BY 1, 2"
_AGES: Final = f"""{_FIRST}
SELECT CASE WHEN hours < 1 THEN 0 WHEN hours < 6 THEN 1 WHEN hours < 24 THEN 2 WHEN hours < 72 THEN 3 WHEN hours < 336 THEN 4 ELSE 5 END, count(*)
FROM (SELECT (unixepoch(stored_at) - unixepoch(published_at)) / 3600.0 AS hours FROM first WHERE published_at IS NOT NULL) GROUP BY 1
"""
_NEWEST: Final = f"""{_FIRST}
SELECT coalesce(section, ''), count(*), substr(max(printf('%020d', unixepoch(published_at) + 100000000000) || published_at), 21), max(stored_at)
FROM first GROUP BY 1 ORDER BY 2 DESC
"""
_REVISIONS: Final = "SELECT revisions, count(*) FROM (SELECT max(revision) AS revisions FROM articles GROUP BY address) GROUP BY 1 ORDER BY 1"
_CHANGES: Final = """
SELECT substr(stored_at, 1, 7), sum(withdrawn_at IS NULL), sum(withdrawn_at IS NOT NULL AND moved_to IS NULL), sum(moved_to IS NOT NULL) FROM articles WHERE revision > 1 AND reading = 1 GROUP BY 1 ORDER BY 1
"""
_WITHDRAWN: Final = f"SELECT count(*) - count(moved_to), count(moved_to) FROM articles a WHERE withdrawn_at IS NOT NULL AND id = {LATEST}"


@attrs.frozen(kw_only=True)
class Numbers:
    summary: Summary
    months: dict[str, dict[str, int]]
    """Articles by section and month of publication; by their first revision, as everything here but `revisions`."""

    ages: dict[str, int]
    newest: list[tuple[str, int, str | None, str]]
    """Section, articles, published last, stored last."""

    revisions: dict[int, int]
    """Articles by how many revisions they have."""

    changes: list[tuple[str, int, int, int]]
    """Month of storing, later revisions, withdrawals, moves to another address."""

    withdrawn: int
    moved: int
    gaps: list[Gap]

    @property
    def runs(self) -> list[Run]:
        return list(reversed(self.summary.runs))


def numbers(ledger: Ledger) -> Numbers:
    """Raises StorageError."""
    with reported(ledger.path), ledger.moment():
        ages = dict(ledger.all(_AGES))
        withdrawn, moved = ledger.one(_WITHDRAWN)
        return Numbers(
            summary=summarise(ledger, runs=RUNS, oldest=0),
            months=_nested(ledger.all(_MONTHS)),
            ages={name: ages.get(number, 0) for number, name in enumerate(AGES)},
            newest=ledger.all(_NEWEST),
            revisions=dict(ledger.all(_REVISIONS)),
            changes=ledger.all(_CHANGES),
            withdrawn=withdrawn,
            moved=moved,
            gaps=gaps(_nested(ledger.all(_DAYS))),
        )


def _nested(rows: list[tuple[Any, ...]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for section, when, count in rows:
        found.setdefault(section, {})[when] = count
    return found
