"""Articles at given addresses."""

from __future__ import annotations

import sys
from itertools import groupby, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, Final

from sabah.site.addresses import parse_address
from sabah.site.captures import is_time
from sabah.site.link import Link
from sabah.spiders.arguments import AddressArguments, parse_address_arguments
from sabah.spiders.base import SabahSpider, known_address
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from sabah.site.addresses import Address

AT_ONCE: Final = 500
"""Addresses a commit takes: a few hundredths of a second, so that the crawl goes on beside a file of millions."""

SHOWN: Final = 5
"""Lines without an address that are shown; the others are counted. Whoever names another file by mistake does not want it in a log."""

LENGTH: Final = 200


class AddressesSpider(SabahSpider):
    """`-a file=FILE` or `-a url=ADDRESS`, and `[-a origin=archive] [-a since=] [-a until=] [-a limit=]`. Links are not followed.

    The file has one address a line, in any form `site.parse_address` knows; blank lines and lines that start with `#` are
    passed over. Behind a tab may stand the time of a capture, 14 digits, and behind another the address it was captured under, as `scrapy addresses` writes them: with `origin=archive` that
    capture is read, without one the newest before now. Stats: `source/read` (articles asked for), `addresses/skipped` (lines that are no article's address),
    `addresses/cut` (files that were not read to their end).
    """

    name = "addresses"
    arguments: AddressArguments
    stand_ins: ClassVar[Mapping[str, str]] = {"file": "-"}

    def __init__(self, name: str | None = None, **given: object) -> None:
        super().__init__(name, **given)
        self.looks_again = not self.arguments.archive  # what the newspaper says now is not in the archive
        self.insists = not self.arguments.archive  # a capture is what it is: it rests as it does for others

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> AddressArguments:
        return parse_address_arguments(given)

    @classmethod
    def reads(cls, address: Address) -> bool:
        return address.is_article

    async def start(self) -> AsyncIterator[Page]:
        addresses = self._addresses()
        while batch := tuple(islice(addresses, AT_ONCE)):
            self.crawler.stats.inc_value("source/read", len(batch))
            for indexed, lines in groupby(batch, key=lambda line: bool(line[1])):
                links = [self._link(url, capture) for url, capture in lines]
                yield Page(links=links, namer=("index" if indexed else "given", self._name()))

    def _name(self) -> str:
        """What the ledger calls the list: the file's own name, without the folders of the machine; nothing for a single address."""
        return Path(self.arguments.file).name if self.arguments.file else ""

    def _link(self, url: str, capture: str) -> Link:
        address = known_address(url)
        assert address is not None
        return Link.to(address, capture=capture or None if self.arguments.archive else None)

    def _addresses(self) -> Iterator[tuple[str, str]]:
        """Canonical addresses in the order given, each with the time of its capture or nothing."""
        if self.arguments.url:
            yield self.arguments.url, ""
        elif self.arguments.file == "-":
            yield from self._read(sys.stdin.buffer, "standard input")
        elif self.arguments.file:
            with Path(self.arguments.file).open("rb") as lines:
                yield from self._read(lines, self.arguments.file)

    def _read(self, file: IO[bytes], name: str) -> Iterator[tuple[str, str]]:
        settings = self.crawler.settings
        longest, most = settings.getint("ADDRESS_LINE_MAXSIZE"), settings.getint("ADDRESS_FILE_MAXSIZE")
        number = read = 0
        within = False  # whether the next piece is still of a line that is too long
        while piece := file.readline(longest + 1):
            read += len(piece)
            if read > most:
                self.crawler.stats.inc_value("addresses/cut")
                self.logger.error("%s: longer than %d bytes (ADDRESS_FILE_MAXSIZE); the rest is not read", name, most)
                return
            begins, within = not within, len(piece) > longest and not piece.endswith(b"\n")
            if not begins:
                continue
            number += 1
            text = piece.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
            if within:
                self._skip(
                    name, number, f"longer than {longest} bytes (ADDRESS_LINE_MAXSIZE), begins {printable(text)}"
                )
            elif text and not text.startswith("#"):
                found = _parse(text)
                if found is not None:
                    yield found
                else:
                    self._skip(name, number, f"not the address of an article: {printable(text)}")

    def _skip(self, name: str, number: int, why: str) -> None:
        """Counts a line that is no address; the first few are shown."""
        self.crawler.stats.inc_value("addresses/skipped")
        if self.crawler.stats.get_value("addresses/skipped") <= SHOWN:
            self.logger.warning("%s:%d: %s", name, number, why)

    def closed(self, reason: str) -> None:  # noqa: ARG002 - whatever it ended by
        """Scrapy calls this at the end; says how many more lines there were that are no address."""
        more = self.crawler.stats.get_value("addresses/skipped", 0) - SHOWN
        if more > 0:
            self.logger.warning("%d more lines are not the address of an article", more)


def printable(text: str) -> str:
    """The beginning of a text that nobody has looked at, in one line and without what a terminal takes for a command."""
    shown = "".join(
        one if one.isprintable() else " " if one == "\t" else "\N{REPLACEMENT CHARACTER}" for one in text[:LENGTH]
    )
    return shown + "…" * (len(text) > LENGTH)


def _parse(text: str) -> tuple[str, str] | None:
    """The canonical address in a line, and the time of its capture or nothing; None where it is not of an article."""
    url, *capture = text.split("\t")
    address = parse_address(url)
    if address is None or not address.is_article or not _is_capture(capture, address):
        return None
    return address.canonical, " ".join(capture)


def _is_capture(columns: list[str], address: Address) -> bool:
    """Whether columns say nothing of a capture, or its time, or its time and another spelling of the address."""
    other = parse_address(columns[1]) if len(columns) == 2 else address
    return not columns or (
        len(columns) <= 2 and is_time(columns[0]) and other is not None and other.canonical == address.canonical
    )
