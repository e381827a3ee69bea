"""`scrapy reparse`: the archive read again with today's readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
from rich.console import Console
from rich.text import Text

from sabah import addon
from sabah.archive.session import Request
from sabah.cli import FAILED, USAGE, DatasetCommand
from sabah.configuration import (
    CommandLineError,
    ConfigurationError,
    is_live,
    revisit_ages,
    revisit_confirm,
    site_origin,
    whole_number,
)
from sabah.dataset.filters import parse_filters
from sabah.dataset.terminal import bar
from sabah.site.selection import ArgumentError
from sabah.storage.revisits import Schedule
from sabah.storage.store import Options

if TYPE_CHECKING:
    import argparse

    from sabah.archive.imports import Files
    from sabah.archive.tallies import ImportTally, Tally
    from sabah.dataset.terminal import Progress
    from sabah.monitors.verdict import Verdict

_FILTERS: Final = ("since", "section", "layout")
_MOST: Final = 256
"""Processes."""


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "[options] [PATH...]"

    def short_desc(self) -> str:
        return "Read the stored pages again with today's readers, or WARC files of others for the first time"

    def long_desc(self) -> str:
        return (
            "Reads every stored page again, without a request, and compares with what was read from it last. What differs is stored as a new reading of the same revision; what was "
            "refused and gives a record today becomes an article. Works beside running crawls; interrupted, the same command goes on. With PATHs it reads these WARC files instead, and stores the articles in them that the dataset lacks. Exit code 1: failed, or another reparse is "
            "running; 2: usage, or no dataset there; 10: some pages are broken or give no record any more, which is stored still, or a file is broken in places or has captures that are cut; 11: no page in the files gave a record; 13: the files have no page of an article; 14: interrupted; 15: the dataset cannot be read "
            "or written. docs/reparse.md says more."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("--since", metavar="WHEN", help="published then or later: 2021-09-14, or with a time")
        add("--section", metavar="LIST", help="sections by comma, as crawl takes them (world,business/energy)")
        add("--layout", metavar="LIST", help="2020, legacy, amp, generic")
        add("--dry-run", action="store_true", help="write nothing; show which fields would change, with examples")
        add("--jobs", metavar="N", help="processes that read (default: the processors, fewer for few pages)")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        given = {name: text for name in _FILTERS if (text := getattr(opts, name)) is not None}
        try:
            self.request = Request(parse_filters(given), _jobs(opts.jobs), self.settings.getint("DOWNLOAD_MAXSIZE"))
            schedule = Schedule(revisit_ages(self.settings), revisit_confirm(self.settings))
            addon.complete_pipelines(self.settings)
            self.origin = None if is_live(self.settings) else site_origin(self.settings)
        except (ArgumentError, ConfigurationError) as error:
            raise CommandLineError(str(error)) from error
        self.storing = Options(
            schedule=schedule,
            group_pages=self.settings.getint("GROUP_COMMIT_PAGES"),
            snapshot_bytes=self.settings.getint("SNAPSHOT_MAX_BYTES"),
        )
        self.dry = bool(opts.dry_run)
        self.paths = [_file(text) for text in dict.fromkeys(args)]
        if self.paths and not self.settings.getbool("SNAPSHOTS"):
            raise CommandLineError(
                "with SNAPSHOTS=False no files can be brought in: their pages are kept, for what was brought in before is known by them; give -s SNAPSHOTS=True"
            )
        self.makes_one = bool(self.paths)

    def work(self, folder: Path) -> int:
        from sabah.archive.rereading import PipelineError  # noqa: PLC0415
        from sabah.pipelines.own import OwnPipelines  # noqa: PLC0415 -- the readers, which a mistake in use need not wait for

        try:
            assert self.settings is not None
            own = OwnPipelines(self.settings)
        except (ImportError, NameError, ValueError) as error:
            self.say(f"ITEM_PIPELINES cannot be used: {error}")
            return USAGE
        try:
            with own:
                own.open()
                if own:
                    self.request = attrs.evolve(self.request, pipelines=own, pipeline_names=tuple(own.names))
                return self._work(folder)
        except PipelineError as error:
            self.say(f"failed: {error}")
            return FAILED

    def _work(self, folder: Path) -> int:
        from sabah.archive.reparse import reparse  # noqa: PLC0415
        from sabah.archive.session import BusyError  # noqa: PLC0415

        if self.dry:
            return self._look(folder)
        try:
            with bar(rate=True) as progress:
                if self.paths:
                    verdict = self._bring_in(folder, progress)
                else:
                    verdict = reparse(folder, self.request, self.storing, self.say, progress)
        except BusyError:
            self.say("another process is re-reading this dataset")
            return FAILED
        return self._ended(verdict)

    def _look(self, folder: Path) -> int:
        from sabah.archive.imports import look_into  # noqa: PLC0415
        from sabah.archive.pool import WorkError  # noqa: PLC0415
        from sabah.archive.reparse import look  # noqa: PLC0415
        from sabah.archive.tallies import addresses, table  # noqa: PLC0415

        try:
            with bar(rate=True) as progress:
                tally: Tally | ImportTally
                if self.paths:
                    tally = look_into(folder, self._files(), self.say, progress)
                else:
                    tally = look(folder, self.request, self.say, progress)
        except WorkError as error:
            self.say(f"failed: {error}")
            return FAILED
        if tally.fields:
            console = Console(highlight=False)
            console.print(table(tally))
            for line in addresses(tally):
                console.print(Text(f"  {line}"), soft_wrap=True)
        return self._ended(tally.verdict(dry=True))

    def _bring_in(self, folder: Path, progress: Progress) -> Verdict:
        from sabah.archive.imports import bring_in  # noqa: PLC0415

        return bring_in(folder, self._files(), self.storing, self.say, progress)

    def _files(self) -> Files:
        from sabah.archive.imports import Files  # noqa: PLC0415

        return Files(paths=self.paths, request=self.request, origin=self.origin)

    def _ended(self, verdict: Verdict) -> int:
        print(f"reparse: {verdict}")
        return verdict.code


def _jobs(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        number = whole_number(text, least=1)
    except ValueError:
        number = 0
    if not 1 <= number <= _MOST:
        raise CommandLineError(f"--jobs {text!r}: must be a whole number from 1 to {_MOST}")
    return number


def _file(text: str) -> Path:
    path = Path(text)
    try:
        if path.is_file():
            with path.open("rb"):
                return path
        if path.is_dir():
            raise CommandLineError(f"{text}: is a folder; name the WARC files in it")
        if path.exists():
            raise CommandLineError(f"{text}: is no regular file")
    except OSError as error:
        raise CommandLineError(f"{text}: cannot be read ({error.strerror})") from error
    raise CommandLineError(f"{text}: there is no such file")
