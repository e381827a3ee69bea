"""`scrapy compact [--month YYYY-MM]`: many closed files become few."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah import clock
from sabah.cli import FAILED, DatasetCommand
from sabah.configuration import CommandLineError
from sabah.storage.ledger import Ledger
from sabah.storage.recovery import recover
from sabah.storage.rewrite import InUseError, compact, months

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "[--month YYYY-MM]"

    def short_desc(self) -> str:
        return "Merge the files that ended crawls have left"

    def long_desc(self) -> str:
        return (
            "Merges the segments and snapshots of each month before the present one, by when their crawls began. Nothing is lost or "
            "repeated however it ends; running crawls go on beside it. Exit code 1: a running crawl came between, try again; "
            "2: usage, or no dataset there; 15: the dataset cannot be read or written."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--month", metavar="YYYY-MM", help="this month alone, which may be the present one")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise CommandLineError(f"unexpected argument {args[0]!r}; usage: scrapy compact {self.syntax()}")
        if opts.month is not None and not _MONTH.fullmatch(opts.month):
            raise CommandLineError(f"--month {opts.month!r}: must be a month, written YYYY-MM")
        self.month: str | None = opts.month

    def work(self, folder: Path) -> int:
        assert self.settings is not None
        ledger = Ledger.open(folder)
        try:
            recover(ledger)
            which = [self.month] if self.month else months(ledger, f"{clock.now():%Y-%m}")
            done = compact(ledger, which, self.settings.getint("SNAPSHOT_MAX_BYTES"))
        except InUseError as error:
            self.say(str(error))
            return FAILED
        finally:
            ledger.close()
        if done.before:
            print(
                f"compact: {done.before:,} files of {done.months} month{'s' * (done.months > 1)} became {done.after:,}"
            )
        else:
            print("compact: nothing to merge")
        return 0
