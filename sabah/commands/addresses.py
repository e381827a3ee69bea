"""`scrapy addresses FILE…|-`: a list of article addresses out of the index files of web archives."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from sabah.archive.index import STDIN, Sieve, Tally, UnreadableError, lines
from sabah.cli import FAILED, INTERRUPTED, SabahCommand
from sabah.configuration import CommandLineError
from sabah.site.addresses import ARTICLE_KINDS
from sabah.site.captures import instant
from sabah.site.selection import ArgumentError, parse_window
from sabah.spiders.arguments import SectionArguments, find_sections

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from sabah.archive.index import Captured
    from sabah.site.addresses import Address


class Command(SabahCommand):
    def syntax(self) -> str:
        return "FILE…|- [--kind K,…] [--section S,…] [--since D] [--until D] [--output FILE]"

    def short_desc(self) -> str:
        return "Turn index files of web archives (CDX, CDXJ) into a list of addresses to crawl"

    def long_desc(self) -> str:
        return (
            "Reads CDX and CDXJ files (- is standard input), packed with gzip or not, and prints every article that was captured whole "
            "once: its address, a tab, the time of its last whole capture (status 200, HTML), and, where the archive has it only with a query "
            "or as AMP page, another tab and that address. `scrapy crawl addresses` takes such a list, "
            "from the live site or with -a origin=archive. Counts go to standard error. Exit code 1: a file is damaged or is no index, and "
            "nothing is written; 2: usage; 14: interrupted."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--kind", metavar="K,…", help=f"only these kinds: {', '.join(sorted(ARTICLE_KINDS))}")
        parser.add_argument("--section", metavar="S,…", help="only articles of these sections")
        parser.add_argument(
            "--since", metavar="DATE", help="leave out what was captured, or by its address published, before"
        )
        parser.add_argument("--until", metavar="DATE", help="leave out what was by its address published after")
        parser.add_argument(
            "--output", metavar="FILE", help="write there, whole or not at all (default: standard output)"
        )

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        if not args:
            raise CommandLineError(
                f"name an index file, or - for standard input; usage: scrapy addresses {self.syntax()}"
            )
        if args.count(STDIN) > 1:
            raise CommandLineError("standard input can be read once")
        for name in args:
            _check_readable(name)
        self._check(opts)
        sieve, tally = Sieve(self._wants), Tally()
        try:
            for name in args:
                sieve.take("standard input" if name == STDIN else name, lines(name))
            if not sieve.good and sieve.bad:
                _report_bad(sieve)
                self.say("no line is one of an index file (CDX or CDXJ)")
                return FAILED
            with _written(opts.output) as out:
                for one in tally.through(self._in_time(sieve.gathering.captured())):
                    out.write("\t".join(filter(None, (one.url, one.last, one.under))) + "\n")
        except UnreadableError as error:
            self.say(str(error))
            return FAILED
        except BrokenPipeError:  # whoever reads the list has enough of it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:  # a full disk, of the list or of temporary files
            self.say(f"{error.filename or opts.output or tempfile.gettempdir()}: {error.strerror or error}")
            return FAILED
        except KeyboardInterrupt:
            self.say("interrupted; nothing is written to a file")
            return INTERRUPTED
        finally:
            sieve.gathering.close()
        _report(sieve, tally)
        return 0

    def _check(self, opts: argparse.Namespace) -> None:
        """Raises CommandLineError for options that cannot be meant."""
        self.kinds = {one.strip() for one in (opts.kind or "").split(",") if one.strip()}
        if unknown := self.kinds - ARTICLE_KINDS:
            raise CommandLineError(f"--kind {min(unknown)!r}: must be of {', '.join(sorted(ARTICLE_KINDS))}")
        given = {name: value for name in ("since", "until") if (value := getattr(opts, name))}
        try:
            self.window = parse_window(given)
            chosen = find_sections(opts.section or "")
        except ArgumentError as error:
            raise CommandLineError(str(error)) from error
        self.sections = SectionArguments(sections=tuple(one for found in chosen.values() for one in found))
        if opts.output and not os.access(Path(opts.output).absolute().parent, os.W_OK):
            raise CommandLineError(f"--output {opts.output!r}: its folder cannot be written")

    def _wants(self, address: Address) -> bool:
        return (
            (not self.kinds or address.kind in self.kinds)
            and (not self.sections.sections or self.sections.covers(address.section, address.subsection))
            and (address.path_date is None or self.window.holds_day(address.path_date))
        )

    def _in_time(self, found: Iterable[Captured]) -> Iterator[Captured]:
        """Without what was there before `since` already."""
        return (one for one in found if not (self.window.since and self.window.begins_after(instant(one.first))))


def _check_readable(name: str) -> None:
    try:
        if name != STDIN:
            Path(name).open("rb").close()
    except OSError as error:
        raise CommandLineError(f"{name}: {error.strerror or error}") from error


@contextmanager
def _written(name: str | None) -> Iterator[IO[str]]:
    """The file, which appears whole when all is written; without a name standard output."""
    if name is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    path = Path(name).absolute()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _report(sieve: Sieve, tally: Tally) -> None:
    console, total = Console(stderr=True, highlight=False), tally.counts.total()
    years = sorted({year for _, year in tally.counts})
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("year")
    kinds = sorted({kind for kind, _ in tally.counts})
    for kind in [*kinds, "all"]:
        table.add_column(kind, justify="right")
    for year in years:
        row = [tally.counts[kind, year] for kind in kinds]
        table.add_row(year, *(f"{count:,}" for count in [*row, sum(row)]))
    if years:
        console.print(table)
    _report_bad(sieve)
    said = {
        "addresses": total, "lines": sieve.read, "captures of redirects, errors and files": sieve.no_page,
        "of other pages": sieve.no_article, "of articles not asked for": sieve.not_wanted, "bad lines": sieve.bad,
    }  # fmt: skip
    console.print("addresses: " + ", ".join(f"{count:,} {what}" for what, count in said.items()), soft_wrap=True)


def _report_bad(sieve: Sieve) -> None:
    for line in sieve.shown:
        print(f"addresses: bad line {line}", file=sys.stderr)
    if sieve.bad > len(sieve.shown):
        print(f"addresses: and {sieve.bad - len(sieve.shown):,} more bad lines", file=sys.stderr)
