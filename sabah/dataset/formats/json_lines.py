"""JSON Lines, plain and packed: stored lines go over as they are wherever nothing is to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backports.zstd import ZstdCompressor

from sabah.dataset.formats.hashed import HashedFile

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.batches import Batch, Shape
    from sabah.dataset.formats.hashed import Written

LEVEL: Final = 3
"""zstd's own default: a quarter of the size, faster than most disks write."""


class JsonLinesWriter:
    def __init__(self, path: Path, shape: Shape) -> None:
        del shape  # the batch has it
        self._file = HashedFile(path)

    def write(self, batch: Batch) -> None:
        self._file.write(b"".join(batch.lines))

    def close(self) -> Written:
        return self._file.finish()

    def abandon(self) -> None:
        self._file.close()


class ZstdLinesWriter(JsonLinesWriter):
    def __init__(self, path: Path, shape: Shape) -> None:
        super().__init__(path, shape)
        self._packer = ZstdCompressor(level=LEVEL)

    def write(self, batch: Batch) -> None:
        self._file.write(self._packer.compress(b"".join(batch.lines)))

    def close(self) -> Written:
        self._file.write(self._packer.flush())
        return super().close()
