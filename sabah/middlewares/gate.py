"""The last door: nothing passes it before its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.utils.misc import build_from_crawler, load_object
from twisted.web.client import HTTPConnectionPool

from sabah.middlewares.causes import plain
from sabah.middlewares.heads import bound_heads, check_head
from sabah.middlewares.politeness import Politeness

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader.handlers import DownloadHandlerProtocol
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class GateHandler(BaseDownloadHandler):
    """Scrapy's own HTTP handler behind `Politeness`: the one place that every request passes, with the address it really goes to."""

    def __init__(self, crawler: Crawler, inner: DownloadHandlerProtocol) -> None:
        super().__init__(crawler)
        self.inner = inner
        self.head = crawler.settings.getint("HEADERS_MAXSIZE")
        self.politeness = Politeness.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        one = cls(
            crawler, build_from_crawler(load_object(crawler.settings["DOWNLOAD_HANDLERS_BASE"]["https"]), crawler)
        )
        pool = getattr(one.inner, "_pool", None)
        if isinstance(pool, HTTPConnectionPool):
            bound_heads(pool, one.head)
            if one.politeness.delay:
                pool.retryAutomatically = False  # Twisted would ask again at once where a kept connection was dropped
        return one

    async def download_request(self, request: Request) -> Response:
        sent = await self.politeness.turn(request)
        try:
            response = await self.inner.download_request(request)
            check_head(response, self.head)
        except Exception as error:
            said = plain(error, urlsplit(request.url).netloc)
            self.politeness.failed(request, said, sent)
            if said is error:
                raise
            raise said from error
        self.politeness.answered(request, response, sent)
        return response

    async def close(self) -> None:
        await self.inner.close()
