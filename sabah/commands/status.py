"""`scrapy status [--json]`, with `--changes` or `--jobs`: what the dataset's ledger says at a glance."""

from __future__ import annotations

import json
from contextlib import closing
from textwrap import shorten
from typing import TYPE_CHECKING

import attrs
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sabah.cli import DatasetCommand
from sabah.configuration import CommandLineError, whole_number
from sabah.spiders.arguments import JOB
from sabah.storage.ledger import Ledger
from sabah.storage.summary import last_runs, latest, summarise

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from pathlib import Path

    from sabah.storage.summary import Summary

_REASON = 120
"""Characters of a reason that a table shows; --json has all of it."""


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "[--json] [--runs N] [--oldest N] | --changes|--jobs [--json] [--last N]"

    def short_desc(self) -> str:
        return "Show what the dataset holds, what is pending and how the last runs ended"

    def long_desc(self) -> str:
        return (
            "Prints addresses by state and by section, the last runs, the addresses that wait longest and those that are refused, with the reason and when they are asked for again; with --changes instead what the "
            "newspaper has changed, moved and withdrawn, with --jobs the runs that Scrapyd started and what became of them, both newest first. "
            "Works beside running crawls. Exit code 2: usage, or no dataset there; 15: the ledger cannot be read."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
        parser.add_argument("--runs", metavar="N", help="how many of the last runs (default 10)")
        parser.add_argument(
            "--oldest",
            metavar="N",
            help="how many of the oldest pending, of the refused and of the deadly addresses (default 5)",
        )
        parser.add_argument("--changes", action="store_true", help="the latest revisions and withdrawals instead")
        parser.add_argument("--jobs", action="store_true", help="the latest runs that Scrapyd started instead")
        parser.add_argument("--last", metavar="N", help="how many of them (default 20)")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise CommandLineError(f"unexpected argument {args[0]!r}; usage: scrapy status {self.syntax()}")
        self.json: bool = opts.json
        self.changes: bool = opts.changes
        self.jobs: bool = opts.jobs
        if self.changes and self.jobs:
            raise CommandLineError("either --changes or --jobs")
        listed = "--changes" if self.changes else "--jobs" if self.jobs else None
        if listed is None and opts.last is not None:
            raise CommandLineError("--last is for --changes and --jobs")
        for name, given in (("--runs", opts.runs), ("--oldest", opts.oldest)):
            if listed and given is not None:
                raise CommandLineError(f"{name} is not for {listed}")
        self.runs, self.oldest = _number("--runs", opts.runs, 10), _number("--oldest", opts.oldest, 5)
        self.last = _number("--last", opts.last, 20)

    def work(self, folder: Path) -> int:
        if self.changes:
            self._show_changes(folder)
            return 0
        if self.jobs:
            self._show_jobs(folder)
            return 0
        summary = _read(folder, self.runs, self.oldest)
        if self.json:
            print(json.dumps(attrs.asdict(summary), ensure_ascii=False))
        else:
            _print(summary)
        return 0

    def _show_changes(self, folder: Path) -> None:
        with closing(Ledger.read(folder)) as ledger:
            found = latest(ledger, self.last)
        if self.json:
            for one in found:
                print(json.dumps(attrs.asdict(one), ensure_ascii=False))
            return
        console = Console(highlight=False)
        for one in found:
            # An address stays on a line of its own: a table would cut it, and it is there to be copied.
            what = (
                f"moved to {one.moved_to}"
                if one.moved_to
                else one.what + f" ({one.instead} in its place)" * (one.instead is not None)
            )
            what = f"{what}: {', '.join(one.fields)}" if one.fields else what
            console.print(Text(f"{one.at}  {what} (revision {one.revision})", "bold"), soft_wrap=True)
            console.print(Text(f"  {one.headline}\n  {one.url}"), soft_wrap=True)
        if not found:
            console.print("No revision and no withdrawal so far.")

    def _show_jobs(self, folder: Path) -> None:
        with closing(Ledger.read(folder)) as ledger:
            found = last_runs(ledger, self.last, jobs=True)
        if self.json:
            for one in found:
                print(json.dumps(attrs.asdict(one), ensure_ascii=False))
            return
        console = Console(highlight=False)
        for one in found:
            # The job's id stays whole, to be looked up at Scrapyd: with all the rest beside it a table would fold it.
            given = " ".join(f"{name}={value}" for name, value in one.arguments.items() if name != JOB)
            ended = one.ended_at or "not ended"
            console.print(Text(f"{one.verdict}  {one.spider} {given}".rstrip(), "bold"), soft_wrap=True)
            counts = f"{one.articles:,} articles"
            console.print(Text(f"  {one.started_at} to {ended}, {counts}, job {one.job}"), soft_wrap=True)
            if one.reason:
                console.print(Text(f"  {one.reason}"), soft_wrap=True)
        if not found:
            console.print("No job so far.")


def _read(folder: Path, runs: int, oldest: int) -> Summary:
    with closing(Ledger.read(folder)) as ledger:
        return summarise(ledger, runs=runs, oldest=oldest)


def _number(name: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return whole_number(text)
    except ValueError as error:
        raise CommandLineError(f"{name} {text!r}: {error}") from error


def _print(summary: Summary) -> None:
    console = Console(highlight=False)
    readings = f", {summary.readings:,} further readings" if summary.readings else ""
    articles = f"{summary.articles:,} articles, {summary.revisions:,} revisions{readings}, {summary.refusals:,} refusals, {summary.snapshots:,} snapshots"
    console.print(articles)
    console.print(
        _table(
            "Addresses", ("state", ">addresses"), [*summary.states.items(), ("claimed by a run now", summary.claimed)]
        )
    )
    console.print(
        _table(
            "Sections",
            ("section", "subsection", ">articles", ">pending", ">done", ">other"),
            (attrs.astuple(one) for one in summary.sections),
        )
    )
    console.print(
        _table(
            "Last runs",
            ("run", "spider", "started", "ended", ">pages", ">articles", "verdict", "reason"),
            (
                (
                    one.crawl_id,
                    one.spider,
                    one.started_at,
                    one.ended_at,
                    one.pages,
                    one.articles,
                    one.verdict,
                    shorten(one.reason or "", _REASON, placeholder=" …"),
                )
                for one in summary.runs
            ),
        )
    )
    console.print(
        _table(
            "Oldest pending",
            ("address", "first seen", "found on", ">attempts", ">last status"),
            (
                (one.url, one.first_seen_at, one.found_on, one.attempts, one.last_status)
                for one in summary.oldest_pending
            ),
        )
    )
    if refused := summary.states["refused"]:
        following = f"the next is asked for at {summary.next_refused_at}" if summary.next_refused_at else "all for good"
        console.print(
            _table(
                f"Still refused: {refused:,} in all, {following}",
                ("address", "reason", ">times", "last asked", "asked again"),
                (
                    (one.url, one.reason, one.times, one.last_fetched_at, one.due_at or "never")
                    for one in summary.still_refused
                ),
            )
        )
    if summary.deadly:
        console.print(
            _table(
                f"Not asked any more: {summary.deadly_in_all:,} in all, which runs had in hand when they died",
                ("address", ">deaths"),
                (attrs.astuple(one) for one in summary.deadly),
            )
        )
    console.print(
        _table(
            "Named by",
            ("kind", ">sources", ">addresses", ">by no other kind"),
            (attrs.astuple(one) for one in summary.namers),
        )
    )
    if summary.namings_since:
        console.print(f"Who named an address is not known before {summary.namings_since}.\n")
    if summary.never_delivered:
        console.print(
            _table(
                "Never delivered",
                ("listing or feed", "last asked", "fault"),
                ((one.name, one.last_fetched_at, one.fault) for one in summary.never_delivered),
            )
        )


def _table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    """Columns marked `>` hold numbers. Everything is text, never markup: the newspaper decides some of it."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left", overflow="fold")
    for row in rows:
        table.add_row(
            *(Text("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in row)
        )
    return table
