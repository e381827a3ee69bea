"""Parquet: typed columns, a row group a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sabah.dataset import fields
from sabah.dataset.formats.hashed import HashedFile

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.batches import Batch, Shape
    from sabah.dataset.formats.hashed import Written

LEVEL: Final = 1
"""Of zstd: a third smaller than snappy, and every reader of today knows it."""

_VARIED: Final = frozenset({
    "url", "article_id", "headline", "standfirst", "description", "body", "published_raw", "modified_raw", "text_hash", "revision_hash",
    "snapshot", "published_at", "modified_at", "first_seen_at", "fetched_at", "cluster",
})  # fmt: skip
"""Fields whose values hardly repeat: a dictionary would only cost."""

_UNSORTED: Final = frozenset(
    {"body", "standfirst", "description", "images", "keywords", "videos", "related", "authors", "agencies", "sources"}
)
"""Fields whose smallest and largest value help no query."""


class ParquetFileWriter:
    def __init__(self, path: Path, shape: Shape) -> None:
        types = fields.table_types(shape.names)
        known = {fields.renamed(field.name, shape.names): field.name for field in fields.FIELDS}
        self._file = HashedFile(path)
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._file, mode="w"),
            pa.schema(list(types.items())),
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=[name for name in types if known.get(name, name) not in _VARIED],
            write_statistics=[name for name in types if known.get(name) not in _UNSORTED],
        )

    def write(self, batch: Batch) -> None:
        self._writer.write_table(batch.table)

    def close(self) -> Written:
        self._writer.close()
        return self._file.finish()

    def abandon(self) -> None:
        self._writer.is_open = False  # or it would write its end into the closed file when it is collected
        self._file.close()
