"""One depth after another, so that an address is read at the smallest depth that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import DontCloseSpider
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class LevelMiddleware(BaseSpiderMiddleware):
    """Holds requests whose `meta["depth"]` is beyond the present one until nothing of it is left.

    Priorities alone do not give that: of several requests under way, a deep one may answer before the listing that also names
    its article, and the links of that article would then count as one step too far. What is asked for at a smaller depth
    meanwhile is known to the dupefilter, so a held request costs nothing when it is let go. Stat `levels/held`: requests waiting.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.depth = 0
        self.held: dict[int, dict[str, Request]] = {}
        crawler.signals.connect(self.spider_idle, signal=signals.spider_idle)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:  # noqa: ARG002 - Scrapy's signature
        depth = request.meta.get("depth", 0)
        if depth <= self.depth:
            return request
        self.held.setdefault(depth, {}).setdefault(request.url, request)
        self._count()
        return None

    def spider_idle(self) -> None:
        if not self.held:
            return
        self.depth = min(self.held)
        for request in self.held.pop(self.depth).values():
            self.crawler.engine.crawl(request)
        self._count()
        raise DontCloseSpider

    def _count(self) -> None:
        self.crawler.stats.set_value("levels/held", sum(map(len, self.held.values())))
