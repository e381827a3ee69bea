"""`scrapy report [--open]`: what the dataset looks like, in one HTML file."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

from sabah.cli import DatasetCommand
from sabah.configuration import CommandLineError
from sabah.dataset.terminal import bar, shown

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "[--open]"

    def short_desc(self) -> str:
        return "Write report.html: what the dataset holds, how fresh and how complete it is"

    def long_desc(self) -> str:
        return (
            "Writes report.html into the dataset's folder: one file with charts that needs no network. Works beside running crawls. "
            "Exit code 2: usage, or no dataset there; 14: interrupted; 15: the dataset cannot be read or the disk takes no more."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--open", action="store_true", help="show it in the browser")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise CommandLineError(f"unexpected argument {args[0]!r}; usage: scrapy report {self.syntax()}")
        self.open: bool = opts.open

    def work(self, folder: Path) -> int:
        from sabah.dataset.report.page import report  # noqa: PLC0415 - Arrow and plotly take a second to import

        with bar() as progress:
            made = report(folder, progress)
        print(f"report: {shown(made)}")
        if self.open and not webbrowser.open(made.as_uri()):
            self.say("no browser could be opened")
        return 0
