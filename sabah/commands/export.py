"""`scrapy export NAME`: the dataset, or a part of it, in the formats others read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sabah.cli import FAILED, DatasetCommand
from sabah.configuration import CommandLineError, whole_number
from sabah.dataset.terminal import bar, shown

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "NAME [options]"

    def short_desc(self) -> str:
        return "Write the dataset, or a part of it, as JSON Lines, Parquet, CSV or SQLite, with a card"

    def long_desc(self) -> str:
        return (
            "Makes the folder exports/NAME in the dataset's own: the data, manifest.json, a dataset card and Croissant metadata. It appears whole or "
            "not at all, beside running crawls. Exit code 1: there is an export of that name, or something that is none; 2: usage, or no dataset there; 14: interrupted, nothing "
            "is left behind; 15: the dataset cannot be read or the disk takes no more. docs/dataset.md says more."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--format",
            default="jsonl",
            metavar="LIST",
            help="of jsonl, jsonl.zst, csv, parquet, sqlite, hf (default jsonl)",
        )
        add("--since", metavar="WHEN", help="published then or later: 2021-09-14, or with a time")
        add("--until", metavar="WHEN", help="published then or before; a day is included")
        add("--section", metavar="LIST", help="sections by comma, as crawl takes them (world,business/energy)")
        add("--kind", metavar="LIST", help="article, column, op-ed, editorial, readers-corner, video, gallery")
        add("--keyword", metavar="LIST", help="articles that have one of these keywords")
        add("--layout", metavar="LIST", help="2020, legacy, amp, generic")
        add("--revisions", default="latest", metavar="WHICH", help="latest (default) or all")
        add(
            "--duplicates",
            default="flag",
            metavar="HOW",
            help="flag (default): duplicate_of by date of publication; keep: as stored; drop",
        )
        add("--names", default="sabah", metavar="WHOSE", help="names of the fields: sabah (default) or schema.org")
        add("--shard-size", metavar="N", help="records a file at most (default: one file)")
        add("--replace", action="store_true", help="take the place of an export of that name")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        # Arrow takes half a second to import: not for every command's help.
        from sabah.dataset.export import Request  # noqa: PLC0415
        from sabah.dataset.fields import NAMES  # noqa: PLC0415
        from sabah.dataset.filters import OPTIONS, one_of, parse_filters, some_of  # noqa: PLC0415
        from sabah.dataset.formats import FORMATS  # noqa: PLC0415
        from sabah.site.selection import ArgumentError  # noqa: PLC0415

        if len(args) != 1:
            raise CommandLineError(f"give one NAME; usage: scrapy export {self.syntax()}")
        if not _NAME.fullmatch(args[0]):
            raise CommandLineError(
                f"{args[0]!r}: a name is letters, digits, '.', '_' and '-', at most 100, the first a letter or digit"
            )
        given = {name: text for name in OPTIONS if (text := getattr(opts, name)) is not None}
        try:
            filters = parse_filters(given, opts.revisions, opts.duplicates)
        except ArgumentError as error:
            raise CommandLineError(str(error)) from error
        self.request = Request(
            name=args[0],
            filters=filters,
            formats=tuple(FORMATS[one] for one in some_of("format", opts.format, FORMATS)),
            names=one_of("names", opts.names, NAMES),
            shard_size=_rows(opts.shard_size),
            replace=opts.replace,
        )

    def work(self, folder: Path) -> int:
        from sabah.dataset.export import export  # noqa: PLC0415
        from sabah.dataset.whole_folder import BusyError, ForeignError, TakenError  # noqa: PLC0415

        try:
            with bar() as progress:
                made, what = export(folder, self.request, progress)
        except TakenError as error:
            self.say(f"{error} is there already; --replace takes its place")
            return FAILED
        except ForeignError as error:
            self.say(
                f"{error} is no export (a folder with a manifest.json): it is left alone, give another NAME or move it away"
            )
            return FAILED
        except BusyError as error:
            self.say(f"{error} is being made by another process")
            return FAILED
        size = sum(file.bytes for file in what.files) / 1e6
        files = len(what.files)
        print(
            f"export: {what.chosen.rows:,} records in {files} file{'s' * (files != 1)}, {size:,.1f} MB: {shown(made)}"
        )
        return 0


def _rows(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return whole_number(text, least=1)
    except ValueError as error:
        raise CommandLineError(f"--shard-size {text!r}: {error}") from error
