"""sabah's section spider, which here asks for what it finds by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sabah import clock
from sabah.spiders.base import page_of
from sabah.spiders.section import SectionSpider
from sabah.spiders.sources import Asked
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

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

    def parse_listing(self, response: Response) -> Iterator[Any]:  # type: ignore[override]  # what it names is asked for here
        super().parse_listing(response)
        yield from self._ask(response)

    def parse_article(self, response: Response) -> Iterator[Any]:
        page = page_of(response)
        page.depth = self.depths.get(response.url, page.depth)
        yield from super().parse_article(response)
        yield from self._ask(response)

    def _ask(self, response: Response) -> Iterator[Request]:
        page, seen_at = page_of(response), clock.timestamp()
        depth = page.depth + 1
        for link in page.links:
            known = self.depths.get(link.url)
            if known is not None:
                self.depths[link.url] = min(known, depth)
            elif self.wants(link.url, depth) is None:
                self.depths[link.url] = depth
                request = self.ask_article(
                    Page(url=link.url, found_on=response.url, depth=depth, first_seen_at=seen_at)
                )
                request.priority = -depth
                yield request
