"""The numbers of a report that only the records know: which fields they have, where these were read, keywords and agencies."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from sabah.dataset.attempts import broken_lines_named, undisturbed
from sabah.dataset.batches import Shape, batches
from sabah.dataset.filters import Filters
from sabah.dataset.lines import Source
from sabah.dataset.report.numbers import numbers
from sabah.dataset.selection import Selection
from sabah.storage.errors import reported

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.report.numbers import Numbers
    from sabah.dataset.terminal import Progress

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
