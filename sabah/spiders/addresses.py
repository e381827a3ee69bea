"""Articles at given addresses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals

from sabah import clock
from sabah.site.addresses import parse_address
from sabah.spiders.arguments import AddressArguments, parse_address_arguments
from sabah.spiders.base import SabahSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy import Request


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

    async def start(self) -> AsyncIterator[Request]:
        for url in self._addresses():
            self.crawler.stats.inc_value("source/read")
            if self.crawler.engine.needs_backout():  # so that a file of millions of lines is not held in memory
                await self.crawler.signals.wait_for(signals.scheduler_empty)
            yield self.ask_article(url, found_on=None, depth=0, seen_at=clock.timestamp())

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
