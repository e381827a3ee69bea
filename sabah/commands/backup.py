"""`scrapy backup FOLDER`: a copy of the dataset of one moment, made while crawls run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sabah.cli import FAILED, STORAGE, DatasetCommand
from sabah.configuration import CommandLineError
from sabah.dataset.terminal import bar
from sabah.storage.ledger import NAME

if TYPE_CHECKING:
    import argparse


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "FOLDER"

    def short_desc(self) -> str:
        return "Copy the dataset, as it is at one moment, while crawls run"

    def long_desc(self) -> str:
        return (
            "Copies the ledger and all that it names into FOLDER, which is a data folder then: OUTPUT_DIR may name it. FOLDER is new, or an earlier backup of this "
            "dataset, of which only what is new is copied; it changes at once or not at all. Exports and the report are not copied. Exit code 1: FOLDER is something else, or a backup is being "
            "made; 2: usage, or no dataset there; 14: interrupted, an earlier backup is as it was; 15: the dataset cannot be read or is not whole, or the disk takes no more. docs/operations.md says more."
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - the signature is shared
        if len(args) != 1 or not args[0].strip():
            raise CommandLineError(f"give one FOLDER; usage: scrapy backup {self.syntax()}")
        self.target = Path(args[0]).expanduser().resolve()

    def work(self, folder: Path) -> int:
        from sabah.dataset.backup import backup  # noqa: PLC0415
        from sabah.dataset.whole_folder import BusyError, ForeignError  # noqa: PLC0415

        _check(self.target, folder.resolve())
        try:
            with bar() as progress:
                made = backup(folder, self.target, progress)
        except ForeignError as error:
            self.say(f"{error}. It is left alone; give another FOLDER")
            return FAILED
        except BusyError:
            self.say("another process is making a backup of this dataset")
            return FAILED
        print(
            f"backup: {made.files:,} files, {made.bytes / 1e6:,.1f} MB, {made.copied / 1e6:,.1f} MB of it copied: {self.target}"
        )
        if made.lost is not None:
            self.say(f"{made.lost} The backup is whole: it had them before")
            return STORAGE
        return 0


def _check(target: Path, folder: Path) -> None:
    """Raises CommandLineError for a FOLDER that cannot hold a backup of the dataset in `folder`."""
    if target == folder:
        raise CommandLineError(f"{target} is the dataset's own folder; give another FOLDER")
    if target.is_relative_to(folder):
        raise CommandLineError(f"{target} is inside the dataset's folder; give one outside it")
    if folder.is_relative_to(target):
        raise CommandLineError(f"the dataset's folder is inside {target}; give another FOLDER")
    if outer := next((parent for parent in target.parents if (parent / NAME).exists()), None):
        raise CommandLineError(
            f"{outer} is a data folder or a backup, which holds nothing else; give a FOLDER outside it"
        )
    if not target.parent.is_dir():
        raise CommandLineError(f"{target.parent} is no folder: make it first, or mount its disk")
    if target.is_mount():
        raise CommandLineError(f"{target} is where a disk is mounted; give a folder in it")
