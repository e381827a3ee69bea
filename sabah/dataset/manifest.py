"""`manifest.json`: what an export is made of. It holds no time of its making, so that the same ledger gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import orjson

from sabah import __version__
from sabah.items import SCHEMA_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.batches import Shape
    from sabah.dataset.chosen import Chosen
    from sabah.dataset.filters import Filters
    from sabah.dataset.formats import Format


@attrs.frozen(kw_only=True)
class File:
    """A data file of the export."""

    path: str
    format: str
    rows: int
    bytes: int
    sha256: str


@attrs.frozen(kw_only=True)
class Export:
    """Everything that describes an export."""

    name: str
    filters: Filters
    shape: Shape
    formats: tuple[Format, ...]
    chosen: Chosen
    readers: dict[str, int]
    """Rows by the version of sabah that read the page."""

    files: list[File]
    threshold: float
    """From which on two texts are near-duplicates."""

    def of(self, format_: Format) -> list[File]:
        return [file for file in self.files if file.format == format_.name]


def manifest(export: Export) -> dict[str, Any]:
    chosen = export.chosen
    return {
        "name": export.name,
        "schema_version": SCHEMA_VERSION,
        "sabah_version": __version__,
        "names": export.shape.names,
        "filters": export.filters.as_json(),
        "near_duplicates": {"threshold": export.threshold},
        "counts": {
            "rows": chosen.rows,
            "articles": chosen.articles,
            "duplicates": None if export.shape.keep_duplicates else chosen.duplicates,
            "duplicates_left_out": chosen.dropped,
            "withdrawn_left_out": chosen.withdrawn,
            "moved_left_out": chosen.moved,
            "by": chosen.by,
        },
        "published": {"first": chosen.first, "last": chosen.last},
        "stored_until": chosen.as_of,
        "runs": chosen.runs,
        "reader_versions": export.readers,
        "files": [attrs.asdict(file) for file in export.files],
    }


def write_json(path: Path, value: Any) -> None:
    """Two blanks an indent, UTF-8. Raises OSError."""
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
