"""The numbers of a report, all of one moment of the ledger: what was stored when, what is missing, and what the records hold."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from sabah.dataset.batches import Shape, batches, broken_lines_named, undisturbed
from sabah.dataset.filters import Filters
from sabah.dataset.lines import Source
from sabah.dataset.selection import Selection
from sabah.storage.errors import reported
from sabah.storage.last import LATEST
from sabah.storage.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sabah.dataset.terminal import Progress
    from sabah.storage.ledger import Ledger
    from sabah.storage.summary import Run, Summary

AROUND: Final = 4
"""Periods before and after that tell what is usual. A day is compared with the same weekday of the weeks around it."""

FEW: Final = 0.25
"""Of what is usual. Half of it happens by itself: a holiday, an election."""

LEAST: Final = 4
"""Articles that must be usual: below, chance alone makes gaps."""


@attrs.frozen
class Gap:
    section: str | None
    """None: of the whole newspaper."""

    first: str
    days: int
    articles: int
    usual: float


def gaps(days: Mapping[str, Mapping[str, int]], most: int = 40) -> list[Gap]:
    """From articles by section and day (`2021-09-14`): days of the whole newspaper, weeks of a section; the latest first, `most` of them."""
    total: Counter[str] = Counter()
    for counts in days.values():
        total.update(counts)
    found = [Gap(None, first.isoformat(), 1, few, usual) for first, few, usual in _few(_by_period(total, 1), 1)]
    for section, counts in days.items():
        found += [
            Gap(section, first.isoformat(), 7, few, usual) for first, few, usual in _few(_by_period(counts, 7), 7)
        ]
    return sorted(found, key=lambda gap: (gap.first, gap.section or ""), reverse=True)[:most]


def _by_period(counts: Mapping[str, int], length: int) -> Counter[date]:
    """Weeks begin on Mondays."""
    found: Counter[date] = Counter()
    for day, count in counts.items():
        at = date.fromisoformat(day)
        found[at - timedelta(days=at.weekday()) if length == 7 else at] += count
    return found


def _few(counts: Counter[date], length: int) -> list[tuple[date, int, float]]:
    """Not of the first and the last period, which may not be whole."""
    if not counts:
        return []
    found = []
    days = Counter({day.toordinal(): count for day, count in counts.items()})
    first, last = min(days), max(days)
    steps = [7 * step for step in range(-AROUND, AROUND + 1) if step]
    # Far from every article nothing is usual: for one of the year 2999, a thousand years of days need no look.
    for at in sorted({day + step for day in days for step in steps}):
        if not first + length <= at < last:
            continue
        around = [days[near] for step in steps if first <= (near := at + step) < last]
        usual = median(around) if around else 0
        if usual >= LEAST and days[at] < FEW * usual:
            found.append((date.fromordinal(at), days[at], float(usual)))
    return found


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


COVERED: Final = (
    "standfirst", "description", "byline", "authors", "agencies", "dateline", "modified_at", "body", "keywords", "images", "videos", "related", "article_id",
)  # fmt: skip
"""Fields that an article may lack."""

_NEVER: Final = (1 << 63) - 1


class Cluster(NamedTuple):
    """Smaller is published earlier."""

    published: int
    """Milliseconds since 1970; after all others where it is not known."""

    url: str
    size: int


@attrs.define
class Contents:
    """Of the latest revisions, withdrawn articles apart."""

    records: Counter[str] = attrs.field(factory=Counter)
    """By layout."""

    covered: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    """By layout and field: records that have it."""

    sources: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    """By field and where it was read."""

    keywords: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    """By keyword and year of publication, as printed."""

    agencies: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    duplicates: int = 0
    copies: Counter[str] = attrs.field(factory=Counter)
    """By section: records whose text another address published before."""

    alike: Counter[str] = attrs.field(factory=Counter)
    """By section: records that stand in a cluster of two or more near-duplicates; copies are among them."""

    groups: Counter[str] = attrs.field(factory=Counter)
    """By address that published it first: copies of its text."""

    clusters: dict[str, Cluster] = attrs.field(factory=dict)


def read(output: Path, work: Path, progress: Progress) -> tuple[Numbers, Contents]:
    """Asks the ledger and reads every record once, all of one moment; `work` is a folder for a file that it makes. Raises StorageError."""
    return undisturbed(output, lambda: _read(output, work / "work.sqlite", progress))


def _read(output: Path, work: Path, progress: Progress) -> tuple[Numbers, Contents] | None:
    """None where something was forgotten meanwhile."""
    found = Contents()
    work.unlink(missing_ok=True)
    with Selection(output, Filters(), work) as selection, broken_lines_named(selection):
        progress("asking the ledger", 0, 0)
        with selection.moment() as ledger:
            known = numbers(ledger)
            chosen = selection.choose()
        found.duplicates = chosen.duplicates
        progress("finding near-duplicates", 0, 0)
        selection.cluster()
        done = 0
        with reported(output), Source(selection.names) as source:
            for batch in batches(selection.lines(), source, Shape(), None):
                _count(found, batch.table)
                done += len(batch)
                progress("reading", done, chosen.rows)
        return (known, found) if selection.still_holds() else None


def _count(found: Contents, table: pa.Table) -> None:
    layouts = table["layout"]
    found.records.update(dict(_counted(layouts)))
    for name in COVERED:
        column = table[name]
        has = pc.greater(pc.list_value_length(column), 0) if pa.types.is_list(column.type) else pc.is_valid(column)
        for layout, count in _counted(layouts.filter(has)):
            found.covered[layout, name] += count
    sources = table["sources"].combine_chunks()
    for part in sources.type:
        for source, count in _counted(pc.struct_field(sources, part.name).drop_null()):
            found.sources[part.name, source] += count
    _count_alike(found, table)
    years = pc.strftime(_printed(table), "%Y")
    for name, counts in (("keywords", found.keywords), ("agencies", found.agencies)):
        lists = table[name].combine_chunks()
        pairs = pa.table({"value": pc.list_flatten(lists), "year": years.take(pc.list_parent_indices(lists))})
        for row in pairs.group_by(["value", "year"]).aggregate([([], "count_all")]).to_pylist():
            if row["year"] is not None:
                counts[row["value"], row["year"]] += row["count_all"]


def _count_alike(found: Contents, table: pa.Table) -> None:
    sections = pc.fill_null(table["section"], "")
    copies = pc.is_valid(table["duplicate_of"])
    found.copies.update(dict(_counted(sections.filter(copies))))
    found.groups.update(dict(_counted(table["duplicate_of"].filter(copies))))
    alike = pc.greater(table["cluster_size"], 1)
    found.alike.update(dict(_counted(sections.filter(alike))))
    rows = table.select(["cluster", "published_at", "url", "cluster_size"]).filter(alike)
    times = pc.fill_null(rows["published_at"].cast(pa.int64()), _NEVER)
    for cluster, *one in zip(
        *(column.to_pylist() for column in (rows["cluster"], times, rows["url"], rows["cluster_size"])), strict=True
    ):
        found.clusters[cluster] = min(found.clusters.get(cluster, Cluster(*one)), Cluster(*one))


def _printed(table: pa.Table) -> pa.Array:
    """Dates and times of publication as the newspaper printed them, without their offsets."""
    offsets = table["published_offset"].combine_chunks().dictionary_encode()
    shifts = pa.array(
        [None if one is None else _shift(one) for one in offsets.dictionary.to_pylist()], pa.duration("ms")
    )
    times = table["published_at"].combine_chunks().cast(pa.timestamp("ms"))
    return pc.add(times, shifts.take(offsets.indices))


def _shift(offset: str) -> timedelta:
    """`+03:00`."""
    hours, minutes = map(int, offset[1:].split(":"))
    return timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)


def _counted(values: pa.ChunkedArray | pa.Array) -> list[tuple[str, int]]:
    return [(one["values"], one["counts"]) for one in pc.value_counts(values).to_pylist()]
