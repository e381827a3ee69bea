"""The numbers of a report that only the records know: which fields they have, where these were read, keywords and agencies."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from sabah.dataset.attempts import broken_lines_named, undisturbed
from sabah.dataset.batches import Shape, batches
from sabah.dataset.filters import Filters
from sabah.dataset.lines import Source
from sabah.dataset.selection import Selection
from sabah.storage.errors import reported

if TYPE_CHECKING:
    from sabah.dataset.terminal import Progress

COVERED: Final = (
    "standfirst", "description", "byline", "authors", "agencies", "dateline", "modified_at", "body", "keywords", "images", "videos", "related", "article_id",
)  # fmt: skip
"""Fields that an article may lack."""


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
    """By keyword and year of publication."""

    agencies: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    duplicates: int = 0


def contents(output: Path, progress: Progress) -> Contents:
    """Reads every record once. Raises StorageError."""
    return undisturbed(output, lambda: _read(output, progress))


def _read(output: Path, progress: Progress) -> Contents:
    found = Contents()
    with (
        reported(output), TemporaryDirectory(prefix=".report-", dir=output) as work,
        Selection(output, Filters(), Path(work) / "work.sqlite") as selection, broken_lines_named(selection),
    ):  # fmt: skip
        chosen = selection.choose()
        found.duplicates = chosen.duplicates
        done = 0
        with Source(selection.names) as source:
            for batch in batches(selection.lines(), source, Shape(), None):
                _count(found, batch.table)
                done += len(batch)
                progress("reading", done, chosen.rows)
    return found


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
    years = pc.strftime(table["published_at"], "%Y")
    for name, counts in (("keywords", found.keywords), ("agencies", found.agencies)):
        lists = table[name].combine_chunks()
        pairs = pa.table({"value": pc.list_flatten(lists), "year": years.take(pc.list_parent_indices(lists))})
        for row in pairs.group_by(["value", "year"]).aggregate([([], "count_all")]).to_pylist():
            counts[row["value"], row["year"]] += row["count_all"]


def _counted(values: pa.ChunkedArray | pa.Array) -> list[tuple[str, int]]:
    return [(one["values"], one["counts"]) for one in pc.value_counts(values).to_pylist()]
