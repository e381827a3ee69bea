"""sabah's section spider, which here asks for what it finds by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sabah import clock
from sabah.spiders.found import Found
from sabah.spiders.section import SectionSpider
from sabah.spiders.sources import Asked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy import Request
    from scrapy.http import Response


class PlainSpider(SectionSpider):
    """The same listings, reader and links; an address becomes a request once, when it is first named."""

    name = "plain"

    def __init__(self, name: str | None = None, **given: object) -> None:
        super().__init__(name, **given)
        self.depths: dict[str, int] = {}
        """Of every address asked for, the smallest at which it was named."""

    async def start(self) -> AsyncIterator[Request]:
        """Listings before articles and those before what they link, so that an address is known at its smallest depth when its page comes."""
        for path in self.arguments.listings:
            yield self.ask(Asked(path, path, "listing", conditional=False), self.parse_listing).replace(priority=1)

    def parse_listing(self, response: Response) -> Iterator[Any]:
        yield from self._ask(super().parse_listing(response), response)

    def parse_article(self, response: Response) -> Iterator[Any]:
        response.meta["depth"] = self.depths.get(response.url, response.meta["depth"])
        yield from self._ask(super().parse_article(response), response)

    def _ask(self, results: Iterable[Any], response: Response) -> Iterator[Any]:
        for one in results:
            if not isinstance(one, Found):
                yield one
                continue
            seen_at = clock.timestamp()
            for address in one.addresses:
                url = address.canonical
                known = self.depths.get(url)
                if known is not None:
                    self.depths[url] = min(known, one.depth)
                elif self.wants(url, one.depth) is None:
                    self.depths[url] = one.depth
                    request = self.ask_article(url, found_on=response.url, depth=one.depth, seen_at=seen_at)
                    request.priority = -one.depth
                    yield request
