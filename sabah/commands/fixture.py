"""`scrapy fixture ADDRESS|FILE [--name NAME] [--into DIR]`: a page for the corpus of `make eval`, with the record that today's reader gives."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from sabah.archive.rereading import NotUnpackedError, alone, responses, values_of
from sabah.archive.streams import is_warc
from sabah.cli import FAILED, STORAGE, DatasetCommand
from sabah.configuration import CommandLineError, project_dir
from sabah.dataset.terminal import shown
from sabah.items import Article
from sabah.pages import NotAnArticle
from sabah.site.addresses import parse_address
from sabah.storage.last import last_capture
from sabah.storage.ledger import Ledger
from sabah.storage.snapshots import SnapshotError

if TYPE_CHECKING:
    import argparse

UNCHECKED: Final = "unchecked"
"""The key that marks a record which nobody has compared with its page."""

_TO_DO: Final = "written by the reader: compare each field with the page, correct it, then take out this line"
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NO_NAMES: Final = frozenset({"news", "images", "amp"})


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "ADDRESS|FILE [--name NAME] [--into DIR]"

    def short_desc(self) -> str:
        return "Add a page to the corpus that readers are judged by"

    def long_desc(self) -> str:
        return (
            "Adds a saved page, or the last snapshot that the dataset has of an address, to the corpus of `make eval`, with the record that "
            "today's reader gives, marked as unchecked. Nothing is overwritten. Exit code 1: no article, or a snapshot that cannot be read; "
            "2: usage, or an address that has no snapshot; 15: the dataset or the corpus cannot be read or written."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--name", metavar="NAME", help="of the fixture (default: of the file, or the address's slug)"
        )
        parser.add_argument("--into", metavar="DIR", help="folder of the corpus (default: tests/pages)")

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        if len(args) != 1:
            raise CommandLineError(f"give one ADDRESS or one FILE; usage: scrapy fixture {self.syntax()}")
        (given,) = args
        address = parse_address(given)
        if address is not None:
            if not address.is_article:
                raise CommandLineError(f"{given!r} is not the address of an article")
            self.address = address.canonical
            self.place = _place(opts, next(step for step in reversed(self.address.split("/")) if step not in _NO_NAMES))
            return super().perform(args, opts)
        if "://" in given:
            raise CommandLineError(f"{given!r} is no address of the newspaper; a page of another is given as a FILE")
        self.place = _place(opts, Path(given).stem)
        try:
            if is_warc(Path(given)):
                raise CommandLineError(
                    f"{given} is a WARC file, not a page: bring it in with `scrapy reparse {given}`, then `scrapy fixture ADDRESS` adds a page of it"
                )
            page = Path(given).read_bytes()
        except OSError as error:
            raise CommandLineError(f"{given}: {error.strerror or error}") from error
        return self._add(page, given)

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        pass  # done by `perform`

    def work(self, folder: Path) -> int:
        assert self.settings is not None
        unpacked = responses(self.settings.getint("DOWNLOAD_MAXSIZE"))
        try:
            with closing(Ledger.read(folder)) as ledger:
                capture = last_capture(ledger, self.address)
            page = None if capture is None else alone(unpacked(capture), capture.url)
        except (SnapshotError, NotUnpackedError, NotAnArticle) as error:
            self.say(f"{self.address}: {error}" if isinstance(error, NotAnArticle) else str(error))
            return FAILED
        if page is None:
            raise CommandLineError(f"{self.address} has no snapshot in the dataset; a saved page is given as a FILE")
        return self._add(page, self.address)

    def _add(self, page: bytes, given: str) -> int:
        """Reads the page as the corpus is read: from its bytes alone, under the address that its canonical link names."""
        try:
            record = attrs.asdict(Article(**values_of(page)))
        except NotAnArticle as error:
            self.say(f"{given}: {error}")
            return FAILED
        content = {UNCHECKED: _TO_DO, **record, "reader_version": None}
        try:
            _write(self.place, json.dumps(content, ensure_ascii=False, indent=2) + "\n", page)
        except OSError as error:
            self.say(f"{error.filename or self.place}: {error.strerror or error}")
            return STORAGE
        self.say(
            "warning: the newspaper's text may not be committed: put invented words in its place, in page and record"
        )
        print(
            f"fixture: {shown(self.place)}.html and .json written; check each field of the record, then take out {UNCHECKED!r}"
        )
        return 0


def _place(opts: argparse.Namespace, default: str) -> Path:
    """Path of the fixture without its suffix. Raises CommandLineError, also where it is taken."""
    name: str = opts.name if opts.name is not None else default.lower().replace("_", "-")
    if not _NAME.fullmatch(name):
        wanted = f"--name {name!r}" if opts.name is not None else f"{name!r}, give another with --name: it"
        raise CommandLineError(f"{wanted} must be lower-case letters and digits with single hyphens between")
    folder = Path(opts.into) if opts.into is not None else project_dir() / "tests" / "pages"
    if not folder.is_dir():
        raise CommandLineError(f"--into {folder}: no such folder")
    for suffix in (".html", ".json"):
        if (folder / f"{name}{suffix}").exists():
            raise CommandLineError(f"{shown(folder / name)}{suffix} is there already; give another --name")
    return folder / name


def _write(place: Path, record: str, page: bytes) -> None:
    """Both files or none. Raises OSError, also where one has come to be in between."""
    with ExitStack() as undo:
        for suffix, content in ((".json", record.encode()), (".html", page)):
            path = place.with_name(place.name + suffix)
            with path.open("xb") as file:
                undo.callback(path.unlink)
                file.write(content)
        undo.pop_all()
