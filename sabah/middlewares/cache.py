"""Scrapy's cache of answers (HTTPCACHE_ENABLED), which keeps with each when it was really fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware

from sabah.configuration import site_origin
from sabah.spiders.base import SabahSpider, page_of

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response
    from scrapy.settings import Settings
    from scrapy.statscollectors import StatsCollector

FETCHED: Final = "X-Sabah-Fetched"
"""Header of a cached answer, never of one that is handed on: when it was fetched, and `live` or `replica` with where from."""

_KEPT: Final = frozenset({200, 301, 302, 303, 307, 308})
"""Statuses of answers that are kept. An error or a 304 is about the moment it was sent in, and would be repeated for ever."""


class DatedCacheMiddleware(HttpCacheMiddleware):
    """As Scrapy's, with its policy that takes every answer as it was kept; a record's `fetched_at` and `origin` are those of the answer.

    Not taken from the cache: pages of a stored article that is looked at again (`dont_cache`: the cache cannot say what is so now), captures of
    the web archive (many of one address), what was kept from another SITE_ORIGIN or by another program.
    """

    def __init__(self, settings: Settings, stats: StatsCollector) -> None:
        super().__init__(settings, stats)
        self.storage = _Dated(self.storage, site_origin(settings))


class _Dated:
    """A storage of Scrapy's, by the interface that its documentation gives."""

    def __init__(self, inner: Any, site: str) -> None:
        self.inner, self.site = inner, site

    def open_spider(self, spider: Spider) -> None:
        self.archive = isinstance(spider, SabahSpider) and spider.arguments.archive
        self.inner.open_spider(spider)

    def close_spider(self, spider: Spider) -> None:
        self.inner.close_spider(spider)

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        response: Response | None = None if self.archive else self.inner.retrieve_response(spider, request)
        if response is None:
            return None
        said = (response.headers.get(FETCHED) or b"").decode().split(" ")
        if len(said) != 3 or said[2] != self.site:
            return None
        del response.headers[FETCHED]
        page = page_of(request)
        page.fetched_at, page.origin = said[:2]
        return response

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        # What has no length may have been cut off, and the cache does not keep that it may.
        if response.status in _KEPT and not self.archive and "partial" not in response.flags:
            page, kept = page_of(request), response.copy()
            kept.headers[FETCHED] = f"{page.fetched_at} {page.origin} {self.site}"
            self.inner.store_response(spider, request, kept)
