"""`scrapy diff ADDRESS [--revisions A B] [--json]`: what the newspaper changed in an article."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from rich.console import Console
from rich.text import Text

from sabah.cli import DatasetCommand
from sabah.configuration import CommandLineError, whole_number
from sabah.site.addresses import parse_address
from sabah.storage.ledger import Ledger
from sabah.storage.summary import changed, revisions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    Record = dict[str, Any]
    from collections.abc import Iterator

ALIKE: Final = 0.4
"""Share of words from which on a paragraph counts as another one rewritten; less is one removed and one added."""

_WORDS: Final = re.compile(r"\S+\s*")


@attrs.frozen
class Piece:
    kind: Literal["same", "removed", "added"]
    text: str


def words(before: str, after: str) -> list[Piece]:
    """The two texts as one, in pieces: those without `added` give `before`, those without `removed` give `after`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
            continue
        if i < j:
            pieces.append(Piece("removed", "".join(old[i:j])))
        if k < m:
            pieces.append(Piece("added", "".join(new[k:m])))
    return pieces


def paragraphs(before: str, after: str) -> list[list[Piece]]:
    """As `words`, for texts of paragraphs with blank lines between: a list of pieces for each paragraph."""
    old, new = _split(before), _split(after)
    found: list[list[Piece]] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [[Piece("same", one)] for one in old[i:j]]
        else:
            found += _rewritten(old[i:j], new[k:m])
    return found


def _rewritten(old: Sequence[str], new: Sequence[str]) -> Iterator[list[Piece]]:
    for before, after in zip_longest(old, new):
        if before is not None and after is not None and _alike(before, after):
            yield words(before, after)
            continue
        if before is not None:
            yield [Piece("removed", before)]
        if after is not None:
            yield [Piece("added", after)]


def _alike(before: str, after: str) -> bool:
    return SequenceMatcher(None, before.split(), after.split(), autojunk=False).ratio() >= ALIKE


def _split(text: str) -> list[str]:
    return [one for one in text.split("\n\n") if one]


STYLES = {"removed": "red strike", "added": "green", "same": ""}
MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "same": ("", "")}
"""Where there are no colours."""


class Command(DatasetCommand):
    def syntax(self) -> str:
        return "ADDRESS [--revisions A B] [--json]"

    def short_desc(self) -> str:
        return "Show what the newspaper changed in an article"

    def long_desc(self) -> str:
        return (
            "Prints headline and body with what was taken out and put in, from each stored revision to the next, or between the two given; "
            "other fields that changed by name. Works beside running crawls. Exit code 2: usage, or an address or revision that is not "
            "stored; 15: the dataset cannot be read."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--revisions", nargs=2, metavar=("A", "B"), help="numbers of the two revisions to compare")
        parser.add_argument("--json", action="store_true", help="one JSON object a comparison instead of text")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise CommandLineError(f"name one address; usage: scrapy diff {self.syntax()}")
        address = parse_address(args[0])
        if address is None or not address.is_article:
            raise CommandLineError(f"{args[0]!r} is not the address of an article")
        self.address, self.json = address.canonical, bool(opts.json)
        self.chosen = [_number(one) for one in opts.revisions or ()]

    def work(self, folder: Path) -> int:
        ledger = Ledger.read(folder)
        try:
            stored = revisions(ledger, self.address)
        finally:
            ledger.close()
        if not stored:
            raise CommandLineError(f"{self.address} is not stored")
        pairs = list(self._pairs(stored))
        if self.json:
            for before, after in pairs:
                print(json.dumps(_comparison(before, after), ensure_ascii=False))
            return 0
        console = Console(highlight=False)
        console.print(Text(stored[0]["url"], style="bold"), soft_wrap=True)
        if not pairs:
            console.print(f"Revision 1 of {stored[0]['fetched_at']} is the only one.")
        for before, after in pairs:
            _print(console, before, after)
        return 0

    def _pairs(self, stored: list[Record]) -> Iterable[tuple[Record, Record]]:
        if not self.chosen:
            return pairwise(stored)
        by_number = {record["revision"]: record for record in stored}
        for one in self.chosen:
            if one not in by_number:
                raise CommandLineError(f"--revisions {one}: stored are {', '.join(map(str, by_number))}")
        first, second = self.chosen
        return [(by_number[first], by_number[second])]


def _number(text: str) -> int:
    try:
        return whole_number(text)
    except ValueError as error:
        raise CommandLineError(f"--revisions {text!r}: must be two numbers of revisions") from error


def _compared(before: Record, after: Record) -> tuple[list[Piece], list[list[Piece]], list[str]]:
    """Headline, paragraphs of the body, and names of the other fields that differ."""
    others = [name for name in changed(before, after) if name not in ("headline", "body")]
    body = paragraphs(before["body"] or "", after["body"] or "")
    return words(before["headline"], after["headline"]), body, others


def _comparison(before: Record, after: Record) -> dict[str, Any]:
    headline, body, others = _compared(before, after)
    return {
        "url": after["url"],
        "before": _of(before),
        "after": _of(after),
        "headline": [attrs.asdict(one) for one in headline],
        "body": [[attrs.asdict(one) for one in paragraph] for paragraph in body],
        "fields": {name: {"before": before[name], "after": after[name]} for name in others},
    }


def _of(record: Record) -> dict[str, Any]:
    return {
        name: record[name] for name in ("revision", "fetched_at", "withdrawn_at", "moved_to", "instead", "snapshot")
    }


def _print(console: Console, before: Record, after: Record) -> None:
    headline, body, others = _compared(before, after)
    console.print()
    console.print(Text(f"Revision {before['revision']} ({before['fetched_at']}) to {after['revision']} ({after['fetched_at']})", style="bold"))  # fmt: skip
    if after["moved_to"]:
        console.print(f"Withdrawn: moved to {after['moved_to']}, as seen at {after['withdrawn_at']}", soft_wrap=True)
    elif after["instead"]:
        console.print(f"Withdrawn: {after['instead']} in its place for a week, as seen at {after['withdrawn_at']}")
    elif after["withdrawn_at"]:
        console.print(f"Withdrawn: gone with status {after['status']} at {after['withdrawn_at']}")
    elif before["withdrawn_at"]:
        console.print(f"Back, after it was {'moved' if before['moved_to'] else 'withdrawn'}")
    if _differs(headline):
        _line(console, "Headline", headline)
    unchanged = 0
    for paragraph in body:
        if not _differs(paragraph):
            unchanged += 1
            continue
        _passed_over(console, unchanged)
        unchanged = 0
        _line(console, "Body", paragraph)
    if any(_differs(paragraph) for paragraph in body):
        _passed_over(console, unchanged)
    if others:
        console.print(f"Also changed: {', '.join(others)}")


def _passed_over(console: Console, paragraphs: int) -> None:
    if paragraphs:
        console.print(Text(f"  ({paragraphs} paragraph{'s' * (paragraphs > 1)} unchanged)", style="dim"))


def _line(console: Console, label: str, pieces: Sequence[Piece]) -> None:
    text = Text(f"{label}: ")
    for one in pieces:
        first, last = ("", "") if console.color_system else MARKS[one.kind]
        said = one.text.rstrip()
        text.append(f"{first}{said}{last}", style=STYLES[one.kind])
        text.append(one.text[len(said) :] if console.color_system or one.kind == "same" else " ")
    text.rstrip()
    console.print(text, soft_wrap=not console.is_terminal)


def _differs(pieces: Iterable[Piece]) -> bool:
    return any(one.kind != "same" for one in pieces)
