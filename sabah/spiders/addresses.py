"""Articles at given addresses."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sabah.site.addresses import parse_address
from sabah.spiders.arguments import AddressArguments, parse_address_arguments
from sabah.spiders.base import Found, SabahSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

AT_ONCE: Final = 500
"""Addresses a commit takes: a few hundredths of a second, so that the crawl goes on beside a file of millions."""


class AddressesSpider(SabahSpider):
    """`-a file=FILE` or `-a url=ADDRESS`, and `[-a since=] [-a until=] [-a limit=]`. Links are not followed.

    The file has one address a line, in any form `site.parse_address` knows; blank lines and lines that start with `#` are
    passed over. Stats: `source/read` (articles asked for), `addresses/skipped` (lines that are no article's address).
    """

    name = "addresses"
    arguments: AddressArguments

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> AddressArguments:
        return parse_address_arguments(given)

    async def start(self) -> AsyncIterator[Found]:
        addresses = self._addresses()
        while batch := tuple(islice(addresses, AT_ONCE)):
            self.crawler.stats.inc_value("source/read", len(batch))
            yield Found.at(0, batch)

    def _addresses(self) -> Iterator[str]:
        """Canonical addresses in the order given."""
        if self.arguments.url:
            yield self.arguments.url
        elif self.arguments.file == "-":
            yield from self._read(sys.stdin.buffer, "standard input")
        elif self.arguments.file:
            with Path(self.arguments.file).open("rb") as lines:
                yield from self._read(lines, self.arguments.file)

    def _read(self, lines: Iterable[bytes], name: str) -> Iterator[str]:
        for number, line in enumerate(lines, 1):
            text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
            if not text or text.startswith("#"):
                continue
            address = parse_address(text)
            if address is not None and address.is_article:
                yield address.canonical
            else:
                self.crawler.stats.inc_value("addresses/skipped")
                self.logger.warning("%s:%d: not the address of an article: %.200s", name, number, text)
