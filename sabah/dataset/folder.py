"""The folder of an export: it appears whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.dataset.whole_folder import ForeignError, WholeFolder

if TYPE_CHECKING:
    from pathlib import Path


def exports_dir(output: Path) -> Path:
    return output / "exports"


class Folder(WholeFolder):
    def __init__(self, output: Path, name: str, *, replace: bool) -> None:
        super().__init__(exports_dir(output) / name, output / "locks" / f"export.{name}", replace=replace, check=_check)


def _check(path: Path) -> None:
    if path.is_symlink() or not (path / "manifest.json").is_file():
        raise ForeignError(str(path))
