"""The articles of some feeds, as a spider run by cron every hour: it knows nothing of the hour before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request

from bench.usual.links import SITE, articles
from bench.usual.spiders.section import SectionSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class FeedsSpider(SectionSpider):
    """`-a feeds=/rss/politics,/rss/world`."""

    name = "feeds"
    feeds: str

    async def start(self) -> AsyncIterator[Request]:
        for path in self.feeds.split(","):
            yield Request(SITE + path, self.parse_feed)

    def parse_feed(self, response: Any) -> Iterator[Request]:
        for url in articles(response.xpath("//item/link/text()").getall(), response.url):
            yield Request(url, self.parse_article, cb_kwargs={"related": 0, "found_on": response.url})
