"""From section listings to articles, and from articles to related ones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import TextResponse

from sabah import clock
from sabah.pages.listing import read_listing
from sabah.site.addresses import ROOT, parse_address
from sabah.spiders.arguments import SectionArguments, parse_section_arguments
from sabah.spiders.base import SabahSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from sabah.items import Article
    from sabah.pages import Links


LATELY = 100_000
"""Addresses remembered; about 20 MB, and more than a day's pages link."""


class SectionSpider(SabahSpider):
    """`-a sections=world,syrian-crisis|all [-a related=1] [-a scope=site|section] [-a since=] [-a until=] [-a limit=]`.

    An article outside since and until is left out, but its links are followed: an old article recommends newer ones.
    Stats: `source/read` and `source/empty` (listings), `scope/out_of_scope` (addresses, each once).
    """

    name = "section"
    arguments: SectionArguments

    def __init__(self, name: str | None = None, **given: object) -> None:
        super().__init__(name, **given)
        self._outside: set[str] = set()
        self._lately: dict[str, int] = {}
        self._oldest: dt.date | None = None

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> SectionArguments:
        return parse_section_arguments(given)

    async def start(self) -> AsyncIterator[Request]:
        for name in self.arguments.ambiguous:
            self.logger.info(
                "%s stands under two sections and both are meant; SECTION/%s means one of them", name, name
            )
        for path in self.arguments.listings:
            # The articles of a listing go before the next listing, so that a small limit asks little.
            yield Request(urljoin(ROOT, path), callback=self.parse_listing, errback=self.report_listing, priority=-1)

    def parse_listing(self, response: Response) -> Iterator[Request]:
        links = read_listing(response).links if isinstance(response, TextResponse) else ()
        self.crawler.stats.inc_value("source/read")
        if not links:
            self.crawler.stats.inc_value("source/empty")
            self.logger.warning("No article link on %s", response.url)
        yield from self._ask(links, found_on=response.url, depth=0)

    def follow(self, article: Article, links: Links, depth: int) -> Iterator[Request]:
        if depth == 0 and article.published_at is not None:
            day = dt.date.fromisoformat(article.published_at[:10])
            self._oldest = min(self._oldest or day, day)
        if depth < self.arguments.related:
            yield from self._ask((*links.recommended, *links.cards, *links.body), found_on=article.url, depth=depth + 1)

    def _ask(self, links: Iterable[str], *, found_on: str, depth: int) -> Iterator[Request]:
        seen_at = clock.timestamp()
        for link in links:
            address = parse_address(link)
            if address is None or not address.is_article or self._was_asked(address.canonical, depth):
                continue
            if not self.arguments.within or self.arguments.covers(address.section, address.subsection):
                yield self.ask_article(address.canonical, found_on=found_on, depth=depth, seen_at=seen_at)
            elif address.canonical not in self._outside:
                self._outside.add(address.canonical)
                self.crawler.stats.inc_value("scope/out_of_scope")

    def _was_asked(self, url: str, depth: int) -> bool:
        """Whether `url` came by lately at this depth or nearer, so that most links cost no request.

        That no article is fetched twice is the dupefilter's matter; this may forget.
        """
        if self._lately.get(url, depth + 1) <= depth:
            return True
        if len(self._lately) == LATELY:
            self._lately.clear()
        self._lately[url] = depth
        return False

    def report_listing(self, failure: Failure) -> None:
        self.crawler.stats.inc_value("source/failed")
        self.report_failure(failure)

    def closed(self, reason: str) -> None:
        """Scrapy calls this at the end; says how far back the listings reached when that was not far enough."""
        since = self.arguments.window.since_day
        if reason == "finished" and since and self._oldest and since < self._oldest:
            self.logger.info(
                "Listings reach back to %s; articles from %s on that are older than that need a list of addresses: "
                "scrapy crawl addresses -a file=FILE",
                self._oldest,
                since,
            )
