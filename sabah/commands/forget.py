"""`scrapy forget ADDRESS… --reason TEXT`: a takedown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.cli import FAILED, DatasetCommand
from sabah.configuration import CommandLineError
from sabah.site.addresses import parse_address
from sabah.storage.forget import UnknownAddressError, forget
from sabah.storage.ledger import Ledger
from sabah.storage.recovery import recover
from sabah.storage.rewrite import InUseError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from sabah.storage.forget import Forgotten


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "ADDRESS… --reason TEXT"

    def short_desc(self) -> str:
        return "Remove articles for good, lines, raw pages and all, and never fetch them again"

    def long_desc(self) -> str:
        return (
            "Removes every revision of the articles, their lines of rejected.jsonl, their raw pages and what the ledger has of them, also "
            "under addresses that redirect to them. What stays is the address, the reason and the time. All or nothing. Exit code 1: a "
            "running crawl's files hold some of it, try again when it has ended; 2: usage, an address unknown or of no article, or no "
            "dataset there; 15: the dataset cannot be read or written."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--reason", metavar="TEXT", help="who asked for it and why; kept with the address")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise CommandLineError(f"name an address; usage: scrapy forget {self.syntax()}")
        self.reason = (opts.reason or "").strip()
        if not self.reason:
            raise CommandLineError("--reason is missing: say who asked for it and why")
        self.addresses = [_canonical(one) for one in args]

    def work(self, folder: Path) -> int:
        assert self.settings is not None
        ledger = Ledger.open(folder)
        try:
            recover(ledger)
            done = forget(ledger, self.addresses, self.reason, self.settings.getint("SNAPSHOT_MAX_BYTES"))
        except UnknownAddressError as error:
            raise CommandLineError(str(error)) from error
        except InUseError as error:
            self.say(f"nothing is removed: {error}")
            return FAILED
        finally:
            ledger.close()
        print(f"forget: {_said(done)}")
        return 0


def _canonical(given: str) -> str:
    address = parse_address(given)
    if address is None or not address.is_article:
        raise CommandLineError(f"{given!r} is not the address of an article")
    return address.canonical


def _said(done: Forgotten) -> str:
    if not done.addresses:
        return "removed before, nothing is left to remove"
    said = f"{done.addresses:,} addresses, {done.lines:,} lines and {done.snapshots:,} snapshots removed"
    return f"{said}; the same text is stored under {', '.join(done.twins)}" if done.twins else said
