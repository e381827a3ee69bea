"""Articles at given addresses."""

from __future__ import annotations

import os
import sys
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from sabah.site.addresses import parse_address
from sabah.site.captures import is_time
from sabah.spiders.arguments import AddressArguments, parse_address_arguments
from sabah.spiders.base import SabahSpider
from sabah.spiders.found import Found

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from sabah.site.addresses import Address

AT_ONCE: Final = 500
"""Addresses a commit takes: a few hundredths of a second, so that the crawl goes on beside a file of millions."""


class AddressesSpider(SabahSpider):
    """`-a file=FILE` or `-a url=ADDRESS`, and `[-a origin=archive] [-a since=] [-a until=] [-a limit=]`. Links are not followed.

    The file has one address a line, in any form `site.parse_address` knows; blank lines and lines that start with `#` are
    passed over. Behind a tab may stand the time of a capture, 14 digits, and behind another the address it was captured under, as `scrapy addresses` writes them: with `origin=archive` that
    capture is read, without one the newest before now. Stats: `source/read` (articles asked for), `addresses/skipped` (lines that are no article's address).
    """

    name = "addresses"
    arguments: AddressArguments
    stand_ins: ClassVar[Mapping[str, str]] = {"file": os.devnull}

    def __init__(self, name: str | None = None, **given: object) -> None:
        super().__init__(name, **given)
        self.looks_again = not self.arguments.archive  # what the newspaper says now is not in the archive

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> AddressArguments:
        return parse_address_arguments(given)

    @classmethod
    def reads(cls, address: Address) -> bool:
        return address.is_article

    async def start(self) -> AsyncIterator[Found]:
        addresses = self._addresses()
        while batch := tuple(islice(addresses, AT_ONCE)):
            self.crawler.stats.inc_value("source/read", len(batch))
            for indexed, lines in groupby(batch, key=lambda line: bool(line[1])):
                captures = dict(lines)
                yield attrs.evolve(
                    Found.at(0, captures),
                    captures=captures if indexed and self.arguments.archive else {},
                    namer=("index" if indexed else "given", self._name()),
                )

    def _name(self) -> str:
        """What the ledger calls the list: the file's own name, without the folders of the machine; nothing for a single address."""
        return Path(self.arguments.file).name if self.arguments.file else ""

    def _addresses(self) -> Iterator[tuple[str, str]]:
        """Canonical addresses in the order given, each with the time of its capture or nothing."""
        if self.arguments.url:
            yield self.arguments.url, ""
        elif self.arguments.file == "-":
            yield from self._read(sys.stdin.buffer, "standard input")
        elif self.arguments.file:
            with Path(self.arguments.file).open("rb") as lines:
                yield from self._read(lines, self.arguments.file)

    def _read(self, lines: Iterable[bytes], name: str) -> Iterator[tuple[str, str]]:
        for number, line in enumerate(lines, 1):
            text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
            if not text or text.startswith("#"):
                continue
            url, *capture = text.split("\t")
            address = parse_address(url)
            if address is not None and address.is_article and _is_capture(capture, address):
                yield address.canonical, " ".join(capture)
            else:
                self.crawler.stats.inc_value("addresses/skipped")
                self.logger.warning("%s:%d: not the address of an article: %.200s", name, number, text)


def _is_capture(columns: list[str], address: Address) -> bool:
    """Whether columns say nothing of a capture, or its time, or its time and another spelling of the address."""
    other = parse_address(columns[1]) if len(columns) == 2 else address
    return not columns or (
        len(columns) <= 2 and is_time(columns[0]) and other is not None and other.canonical == address.canonical
    )
