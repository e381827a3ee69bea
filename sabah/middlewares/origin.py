"""Where bytes come from, apart from which address they are: SITE_ORIGIN answers for the newspaper."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler

from sabah import clock
from sabah.configuration import LIVE_HOSTS, is_live, site_origin
from sabah.middlewares.gate import GateHandler

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader.handlers import DownloadHandlerProtocol
    from scrapy.crawler import Crawler

CANONICAL = "https://www.dailysabah.com"


class OriginHandler(BaseDownloadHandler):
    """The handler whose gate every request passes, told at the last moment to connect to SITE_ORIGIN.

    Everything above it (dupefilter, robots.txt, slots, redirects, records) knows the newspaper's addresses only. Each request's
    meta gets `origin` (`live` or `replica`) and `fetched_at` (ISO 8601, UTC) when its answer is there.
    """

    def __init__(self, crawler: Crawler, inner: DownloadHandlerProtocol) -> None:
        super().__init__(crawler)
        self.inner = inner
        self.origin = None if is_live(crawler.settings) else site_origin(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, build_from_crawler(GateHandler, crawler))

    async def download_request(self, request: Request) -> Response:
        if self.origin is None or urlsplit(request.url).hostname not in LIVE_HOSTS:
            response = await self.inner.download_request(request)
        else:
            response = await self._from_origin(request, self.origin)
        request.meta["origin"] = "live" if self.origin is None else "replica"
        request.meta["fetched_at"] = clock.timestamp()
        return response

    async def close(self) -> None:
        await self.inner.close()

    async def _from_origin(self, request: Request, origin: str) -> Response:
        sent = request.replace(url=origin + request.url[len(_origin_of(request.url)) :])
        if _is_loopback(origin):
            sent.meta.pop("proxy", None)  # was chosen for the newspaper's name
        response = await self.inner.download_request(sent)
        if "download_latency" in sent.meta:
            request.meta["download_latency"] = sent.meta["download_latency"]
        location = response.headers.get("Location")
        if location and _origin_of(location.decode("latin-1")) == origin:
            response.headers["Location"] = CANONICAL.encode() + location[len(origin) :]
        # The class again rather than response.replace(), which would guess and fix the encoding of every page.
        kept = {name: getattr(response, name) for name in Response.attributes if name != "url"}
        return type(response)(url=request.url, **kept)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _is_loopback(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
