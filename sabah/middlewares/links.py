"""What one page may name: an endless list of addresses would be the whole ledger's from then on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from sabah.spiders.base import PAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from sabah.storage.pages import Page

logger = logging.getLogger(__name__)


class LinksMiddleware:
    """Takes the first PAGE_LINKS_MAX articles that a page names, and says so. Lists of addresses are no page. Stat: `links/cut` (left out)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = crawler.settings.getint("PAGE_LINKS_MAX")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in result:
            yield one
        page: Page | None = response.meta.get(PAGE)
        more = 0 if page is None else len(page.links) - self.most
        if page is not None and more > 0:
            self.crawler.stats.inc_value("links/cut", more)
            logger.warning(
                "%s names %d articles more than PAGE_LINKS_MAX, %d: they are left out", response.url, more, self.most
            )
            page.links = page.links[: self.most]
