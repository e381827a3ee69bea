"""From section listings to articles, and from articles to related ones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from scrapy.http import TextResponse

from sabah.pages.listing import read_listing
from sabah.spiders.arguments import SectionArguments, parse_section_arguments
from sabah.spiders.base import OUT_OF_SCOPE, TOO_DEEP, known_address, links_to, page_of
from sabah.spiders.sources import NOT_MODIFIED, SOURCE, Asked, SourceSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from sabah.items import Article
    from sabah.site.addresses import Address

LISTED: Final = "listed"
"""In the meta of a listing that scripts have filled: its links, in the order they came."""

LACKS: Final = "lacks"
"""In the meta of a listing that names more than was read of it: why."""


class SectionSpider(SourceSpider):
    """`-a sections=world,syrian-crisis|all [-a related=1] [-a scope=site|section] [-a since=] [-a until=] [-a limit=]`.

    An article outside since and until is left out, but its links are followed: an old article recommends newer ones. A listing is read to
    its end, because its cards bear no dates and no order of theirs is known; what has a date already and no wanted links is not asked for.
    """

    name = "section"
    arguments: SectionArguments
    stand_ins: ClassVar[Mapping[str, str]] = {"sections": "all"}

    def __init__(self, name: str | None = None, **given: object) -> None:
        super().__init__(name, **given)
        self._oldest: dt.date | None = None

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> SectionArguments:
        return parse_section_arguments(given)

    @classmethod
    def reads(cls, address: Address) -> bool:
        return address.kind == "listing"

    def request_for(self, address: Address) -> Request:
        if not self.reads(address):
            return super().request_for(address)
        path = urlsplit(address.canonical).path
        return self.ask(Asked(path, path, "listing", conditional=False), self.parse_listing)

    async def start(self) -> AsyncIterator[Request]:
        for name in self.arguments.ambiguous:
            self.logger.info(
                "%s stands under two sections and both are meant; SECTION/%s means one of them", name, name
            )
        for path in self.arguments.listings:
            # Which of its articles are meant is decided for each run where two sections share a listing: it has to come whole.
            asked = Asked(path, path, "listing", conditional=self.arguments.is_of_one_section(path))
            yield self.ask(asked, self.parse_listing)

    def parse_listing(self, response: Response) -> None:
        asked: Asked = response.meta[SOURCE]
        if response.status == NOT_MODIFIED:
            self.tell(asked, response.status, 0)
            return
        links = response.meta.get(LISTED, ())
        if not links and isinstance(response, TextResponse):
            links = read_listing(response).links
        self.tell(asked, response.status, len(links), response.meta.get(LACKS))
        if not links:
            self.logger.warning("No article link on %s", response.url)
        found = links_to(links)
        path = urlsplit(response.url).path
        meant = [one for one in found if self.arguments.meant(path, one.section)]
        self.crawler.stats.inc_value("links/out_of_scope", len(found) - len(meant))
        page_of(response).name(meant)

    def wants(self, url: str, depth: int) -> str | None:
        if depth > self.arguments.related:
            return TOO_DEEP
        if not self.arguments.within:
            return None
        address = known_address(url)
        inside = address is not None and self.arguments.covers(address.section, address.subsection)
        return None if inside else OUT_OF_SCOPE

    def note(self, article: Article, depth: int) -> None:
        if depth == 0 and article.published_at is not None:
            day = dt.date.fromisoformat(article.published_at[:10])
            self._oldest = min(self._oldest or day, day)

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
