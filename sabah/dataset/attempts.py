"""Stored lines that moved or broke: what reads the whole dataset is made anew, or says which file to mend."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import orjson

from sabah.dataset import fields
from sabah.dataset.batches import Batch, Shape, batches
from sabah.dataset.lines import MovedError, Source, reader_version
from sabah.storage.errors import StorageError
from sabah.storage.ledger import Ledger
from sabah.storage.rewrite import broken, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sabah.dataset.selection import Selection

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
