"""A batch of lines on its way into an export, in whichever form a format writes: lines, records or an Arrow table."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from sabah.dataset import fields, lines
from sabah.dataset.lines import MovedError, Source, reader_version
from sabah.storage.errors import StorageError
from sabah.storage.ledger import Ledger
from sabah.storage.rewrite import broken, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sabah.dataset.lines import Line
    from sabah.dataset.selection import Selection

BATCH_BYTES: Final = 24 << 20
"""Of lines: a row group of about 5,000 articles. Two batches are in memory at a time, as lines and as a table."""

_BLOCK: Final = 1 << 20
"""What Arrow parses at a time. A longer line needs a longer block."""


@attrs.frozen(kw_only=True)
class Shape:
    """What an export does to each record."""

    names: str = "sabah"
    keep_duplicates: bool = False
    """`duplicate_of` as stored; otherwise as the selection has marked it."""


@attrs.define(slots=False)
class Batch:
    places: list[Line]
    stored: list[bytes]
    shape: Shape

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def own(self) -> list[bytes]:
        """The lines under their own names, with the fields of an export."""
        found = [lines.completed(line) for line in self.stored]
        if not self.shape.keep_duplicates:
            found = [
                lines.with_duplicate(line, place.duplicate_of) for place, line in zip(self.places, found, strict=True)
            ]
        return [
            lines.with_cluster(line, place.cluster, place.cluster_size)
            for place, line in zip(self.places, found, strict=True)
        ]

    @cached_property
    def lines(self) -> list[bytes]:
        """JSON Lines under the names asked for. Raises ValueError for a line that is damaged."""
        if self.shape.names == "sabah":
            for line in self.own:
                orjson.loads(line)  # they go over as they are: nothing else would see that one is damaged
            return self.own
        return [
            orjson.dumps({**fields.JSON_LD, **rename(record, self.shape.names)}, option=orjson.OPT_APPEND_NEWLINE)
            for record in self.records
        ]

    @property
    def records(self) -> Iterator[dict[str, Any]]:
        """The records under their own names."""
        return map(orjson.loads, self.own)

    @cached_property
    def table(self) -> pa.Table:
        """An Arrow table with the columns of `fields.table_types`. Raises ValueError for a line that is damaged."""
        read = _read(self.stored, drop=() if self.shape.keep_duplicates else ("duplicate_of",))
        columns = dict(zip(read.column_names, read.columns, strict=True))
        if not self.shape.keep_duplicates:
            columns["duplicate_of"] = pa.array([place.duplicate_of for place in self.places], pa.string())
        for name, offset in fields.OFFSETS.items():
            columns[offset] = pc.utf8_slice_codeunits(columns[name], 19)
        made = {}
        types = fields.table_types(self.shape.names)
        for field in fields.FIELDS:
            column = columns[field.name]
            name = fields.renamed(field.name, self.shape.names)
            if field.is_time:
                column = column.cast(types[name])
            elif column.type != types[name]:  # a cast would match a struct's parts by name, and find none
                column = pa.chunked_array([chunk.view(types[name]) for chunk in column.chunks], types[name])
            made[name] = column
            if field.name in fields.OFFSETS:
                made[fields.OFFSETS[field.name]] = columns[fields.OFFSETS[field.name]]
        made["cluster"] = pa.array([place.cluster for place in self.places], pa.string())
        made["cluster_size"] = pa.array([place.cluster_size for place in self.places], pa.int32())
        table = pa.table(made, schema=pa.schema(list(types.items())))
        table.validate(full=True)  # Arrow's reader takes bytes that are no UTF-8
        return table


def rename(record: dict[str, Any], names: str) -> dict[str, Any]:
    """The record with the field names of `names`, those of its images too."""
    if names == "sabah":
        return record
    record = {**record, "images": fields.named_images(record["images"], names)}
    return {fields.renamed(name, names): value for name, value in record.items()}


def batches(places: Iterable[Line], source: lines.Source, shape: Shape, most: int | None) -> Iterator[Batch]:
    """Batches of `BATCH_BYTES`, none across the `most` rows of a shard. Raises as `Source` does."""
    taken: list[Line] = []
    size = 0
    for row, place in enumerate(places, 1):
        taken.append(place)
        size += place.length
        if size >= BATCH_BYTES or (most and row % most == 0):
            yield Batch(taken, source.read_all(taken), shape)
            taken, size = [], 0
    if taken:
        yield Batch(taken, source.read_all(taken), shape)


def _read(stored: list[bytes], drop: tuple[str, ...]) -> pa.Table:
    types = {name: type_ for name, type_ in fields.json_types().items() if name not in drop}
    block = max(_BLOCK, max(map(len, stored)) + 1)
    return pyarrow.json.read_json(
        pa.BufferReader(b"".join(stored)),
        read_options=pyarrow.json.ReadOptions(block_size=block),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(list(types.items())), unexpected_field_behavior="ignore"
        ),
    )


T = TypeVar("T")

ATTEMPTS: Final = 5
"""How often a selection is made anew because `compact` or `forget` ran beside it. Each takes seconds and runs once in a while."""

_FAILURES: Final = (ValueError, LookupError, TypeError, AttributeError)
"""What readers raise on a line that is no record; Arrow's errors are of these too."""


def undisturbed(output: Path, make: Callable[[], T | None]) -> T:
    """What `make` gives that neither raises MovedError nor gives None. Raises StorageError where a file is gone for good."""
    for _ in range(ATTEMPTS):
        try:
            made = make()
        except MovedError as error:
            _check_moved(output, error.path)
            continue
        if made is not None:
            return made
    raise StorageError(
        f"{output}: stored files were moved again and again meanwhile. Try again when compact and forget have ended."
    )


def _check_moved(output: Path, path: Path) -> None:
    """Raises StorageError where the ledger still has lines in the file that is gone."""
    ledger = Ledger.read(output)
    try:
        name = path.relative_to(output).as_posix()
        named = ledger.all("SELECT 1 FROM articles t JOIN files f ON f.id = t.file WHERE f.name = ? LIMIT 1", name)
    finally:
        ledger.close()
    if named and not path.exists():
        raise missing(path)


@contextmanager
def broken_lines_named(selection: Selection) -> Iterator[None]:
    """Where something inside fails at a stored line that is no record, raises the StorageError that names it."""
    try:
        yield
    except _FAILURES as error:
        with Source(selection.names) as source:
            for batch in batches(selection.lines(), source, Shape(keep_duplicates=True), None):
                if _is_broken(batch):
                    _name(batch, source, error)
        raise


def _name(batch: Batch, source: Source, error: Exception) -> None:
    for place, line in zip(batch.places, batch.stored, strict=True):
        if _is_broken(Batch([place], [line], batch.shape)):
            raise broken(source.names[place.file], place.offset) from error


def _is_broken(batch: Batch) -> bool:
    try:
        for line in batch.stored:
            record = orjson.loads(line)
            if any(field.name not in record for field in fields.FIELDS):
                return True
            reader_version(line)
        len(batch.lines)
        len(batch.table)
    except _FAILURES:
        return True
    return False
