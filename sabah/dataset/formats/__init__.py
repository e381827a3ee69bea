"""The formats of an export: one module a kind of file, each a `Writer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import attrs

from sabah.dataset.formats.csv_files import CsvWriter
from sabah.dataset.formats.json_lines import JsonLinesWriter, ZstdLinesWriter
from sabah.dataset.formats.parquet import ParquetFileWriter
from sabah.dataset.formats.sqlite import SqliteWriter

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.batches import Batch, Shape
    from sabah.dataset.formats.hashed import Written


class Writer(Protocol):
    """One file of an export. Raises OSError (or sqlite3.Error) where the disk takes no more."""

    def __init__(self, path: Path, shape: Shape) -> None: ...

    def write(self, batch: Batch) -> None: ...

    def close(self) -> Written:
        """Ends the file and gives it to the disk."""

    def abandon(self) -> None:
        """Closes it as it is; it is going to be removed."""


@attrs.frozen(kw_only=True)
class Format:
    name: str
    """As on the command line."""

    stem: str
    """Path of its file in the export, without number and extension."""

    extension: str
    media_type: str
    writer: type[Writer]
    form: str = "json"
    """How its fields are: `json` (times as text), `table` (typed), `flat`, or `database`."""

    counted_from: int = 1
    sharded: bool = True

    def path(self, number: int, shards: int) -> str:
        """Of the shard `number`, from 0, in the export's folder."""
        counted = f"-{number + self.counted_from:05}-of-{shards:05}" if shards > 1 or self.name == "hf" else ""
        return f"{self.stem}{counted}.{self.extension}"


FORMATS: Final = {
    one.name: one
    for one in (
        Format(name="jsonl", stem="articles", extension="jsonl", media_type="application/jsonlines", writer=JsonLinesWriter),
        Format(name="jsonl.zst", stem="articles", extension="jsonl.zst", media_type="application/zstd", writer=ZstdLinesWriter),
        Format(name="csv", stem="articles", extension="csv", media_type="text/csv", writer=CsvWriter, form="flat"),
        Format(
            name="parquet", stem="articles", extension="parquet", media_type="application/x-parquet", writer=ParquetFileWriter,
            form="table",
        ),
        Format(
            name="sqlite", stem="articles", extension="sqlite", media_type="application/vnd.sqlite3", writer=SqliteWriter,
            form="database", sharded=False,
        ),
        Format(
            name="hf", stem="data/train", extension="parquet", media_type="application/x-parquet", writer=ParquetFileWriter,
            form="table", counted_from=0,
        ),
    )
}  # fmt: skip
