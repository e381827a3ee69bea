"""CSV as RFC 4180 has it, UTF-8, by the rule of `flat`."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sabah.dataset.flat import columns, flatten
from sabah.dataset.formats.hashed import HashedFile

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.batches import Batch, Shape
    from sabah.dataset.formats.hashed import Written


class CsvWriter:
    def __init__(self, path: Path, shape: Shape) -> None:
        self._file, self.names = HashedFile(path), shape.names
        self._rows([columns(shape.names)])

    def write(self, batch: Batch) -> None:
        self._rows([flatten(record, self.names) for record in batch.records])

    def close(self) -> Written:
        return self._file.finish()

    def abandon(self) -> None:
        self._file.close()

    def _rows(self, rows: list[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self._file.write(text.getvalue().encode())
