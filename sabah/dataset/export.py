"""An export from beginning to end: choose, mark, stream into every format, describe, publish."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs
import orjson

from sabah.dataset import near
from sabah.dataset.batches import Batch, Shape, batches, broken_lines_named, undisturbed
from sabah.dataset.card import Export, File, card, croissant, front_matter, manifest, write_json
from sabah.dataset.formats.hashed import hashed
from sabah.dataset.lines import Source, reader_version
from sabah.dataset.selection import Selection
from sabah.dataset.whole_folder import ForeignError, WholeFolder
from sabah.storage.errors import reported

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from sabah.dataset.filters import Filters
    from sabah.dataset.formats import Format, Writer
    from sabah.dataset.selection import Chosen
    from sabah.dataset.terminal import Progress


def exports_dir(output: Path) -> Path:
    return output / "exports"


class Folder(WholeFolder):
    def __init__(self, output: Path, name: str, *, replace: bool) -> None:
        super().__init__(exports_dir(output) / name, output / "locks" / f"export.{name}", replace=replace, check=_check)


def _check(path: Path) -> None:
    if path.is_symlink() or not (path / "manifest.json").is_file():
        raise ForeignError(str(path))


@attrs.frozen(kw_only=True)
class Request:
    """An export as asked for."""

    name: str
    filters: Filters
    formats: tuple[Format, ...]
    names: str = "sabah"
    shard_size: int | None = None
    """Rows of a file at most; None: one file."""

    replace: bool = False

    @property
    def shape(self) -> Shape:
        return Shape(names=self.names, keep_duplicates=self.filters.duplicates == "keep")


def export(output: Path, request: Request, progress: Progress) -> tuple[Path, Export]:
    """Makes the export and gives its folder. Raises StorageError, TakenError, ForeignError, BusyError."""
    with Folder(output, request.name, replace=request.replace) as folder:
        made = undisturbed(output, lambda: _fill(output, folder, request, progress))
        folder.publish()
    return folder.target, made


def _fill(output: Path, folder: Folder, request: Request, progress: Progress) -> Export | None:
    """None where something was forgotten meanwhile."""
    folder.clear()
    partial = folder.partial
    work = partial / ".work.sqlite"
    progress("choosing", 0, 0)
    with (
        reported(partial), Selection(output, request.filters, work) as selection, broken_lines_named(selection),
        Source(selection.names) as source,
    ):  # fmt: skip
        chosen = selection.choose()
        source.names = selection.names
        progress("finding near-duplicates", 0, 0)
        selection.cluster()
        files, readers = _write(partial, request, chosen, selection, source, progress)
        made = Export(
            name=request.name, filters=request.filters, shape=request.shape, formats=request.formats, chosen=chosen, readers=readers, files=files,
            threshold=near.THRESHOLD,
        )  # fmt: skip
        (partial / "README.md").write_text(front_matter(made) + "\n" + card(made), "utf-8")
        write_json(partial / "croissant.json", croissant(made))
        described = [
            {"path": name, "bytes": one.bytes, "sha256": one.sha256}
            for name in ("README.md", "croissant.json")
            if (one := hashed(partial / name))
        ]
        write_json(partial / "manifest.json", {**manifest(made), "described_by": described})
        hashed(partial / "manifest.json")
        if not selection.still_holds():
            return None
    work.unlink()
    return made


def _write(
    partial: Path, request: Request, chosen: Chosen, selection: Selection, source: Source, progress: Progress
) -> tuple[list[File], dict[str, int]]:
    readers: Counter[bytes] = Counter()
    done = 0
    with ThreadPoolExecutor(max_workers=1) as writing:
        outputs: list[_Output] = []
        under_way: Future[None] | None = None
        try:
            outputs.extend(_Output(partial, format_, request, chosen.rows) for format_ in request.formats)
            for batch in batches(selection.lines(), source, request.shape, request.shard_size):
                readers.update(map(reader_version, batch.stored))
                for output in outputs:
                    output.prepare(batch)
                if under_way is not None:
                    under_way.result()
                under_way = writing.submit(_hand_over, outputs, batch)
                done += len(batch)
                progress("writing", done, chosen.rows)
            if under_way is not None:
                under_way.result()
            progress("finishing", chosen.rows, chosen.rows)
            files = [file for output in outputs for file in output.close()]
        except BaseException:
            if under_way is not None:
                under_way.exception()
            for output in outputs:
                output.abandon()
            raise
    return files, {orjson.loads(version): readers[version] for version in sorted(readers)}


def _hand_over(outputs: list[_Output], batch: Batch) -> None:
    for output in outputs:
        output.write(batch)


class _Output:
    """The files of one format."""

    def __init__(self, partial: Path, format_: Format, request: Request, rows: int) -> None:
        self.partial, self.format, self.shape = partial, format_, request.shape
        self.size = request.shard_size if format_.sharded else None
        self.shards = max(1, -(-rows // self.size)) if self.size else 1
        self.files: list[File] = []
        self._writer: Writer | None = self._open()
        self._rows = 0

    def prepare(self, batch: Batch) -> None:
        """Makes of the batch what the format writes, beside the writing of the one before."""
        if self.format.form == "table":
            batch.table  # noqa: B018 - is kept
        elif self.format.form == "json":
            batch.lines  # noqa: B018

    def write(self, batch: Batch) -> None:
        if self.size and self._rows == self.size:
            self._end()
            self._writer = self._open()
        assert self._writer is not None
        self._writer.write(batch)
        self._rows += len(batch)

    def close(self) -> list[File]:
        self._end()
        return self.files

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.abandon()

    def _open(self) -> Writer:
        path = self.partial / self.format.path(len(self.files), self.shards)
        path.parent.mkdir(exist_ok=True)
        return self.format.writer(path, self.shape)

    def _end(self) -> None:
        assert self._writer is not None
        written = self._writer.close()
        path = self.format.path(len(self.files), self.shards)
        self.files.append(
            File(path=path, format=self.format.name, rows=self._rows, bytes=written.bytes, sha256=written.sha256)
        )
        self._writer, self._rows = None, 0
