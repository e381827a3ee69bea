"""Where bytes come from, apart from which address they are: SITE_ORIGIN, or ARCHIVE_ORIGIN, answers for the newspaper."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler

from sabah import clock
from sabah.configuration import ConfigurationError, check_contact, is_live, is_loopback, is_newspaper, site_origin
from sabah.crawling.run import Run
from sabah.middlewares.archive import HOPS, ROBOTS, archived_as, capture_led_to, captured_at, is_same_page
from sabah.middlewares.politeness import GateHandler, Politeness
from sabah.monitors.verdict import USAGE
from sabah.spiders.base import NotAsked, SabahSpider, page_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader.handlers import DownloadHandlerProtocol
    from scrapy.crawler import Crawler

CANONICAL = "https://www.dailysabah.com"


class OriginHandler(BaseDownloadHandler):
    """The handler whose gate every request passes, told at the last moment to connect to SITE_ORIGIN, or to ARCHIVE_ORIGIN for a capture.

    Everything above it (dupefilter, robots.txt, slots, redirects, records) knows the newspaper's addresses only. Each request's
    page gets `origin` (`live`, `replica` or `archive`) and `fetched_at` (ISO 8601, UTC) when its answer is there, and `captured_at` of a capture.
    """

    def __init__(self, crawler: Crawler, inner: DownloadHandlerProtocol) -> None:
        super().__init__(crawler)
        self.inner = inner
        self.politeness = Politeness.of(crawler)
        self.origin = None if is_live(crawler.settings) else site_origin(crawler.settings)
        self.archive = isinstance(crawler.spider, SabahSpider) and crawler.spider.arguments.archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, build_from_crawler(GateHandler, crawler))

    async def download_request(self, request: Request) -> Response:
        origin = "live" if self.origin is None else "replica"
        newspaper = is_newspaper(request.url)
        if newspaper and self.archive:
            origin, response = "archive", await self._from_archive(request)
        elif self.origin is None or not newspaper:
            if newspaper:
                self._check_asker(request)
            response = await self.inner.download_request(request)
        else:
            response = await self._from_origin(request, self.origin)
        if run := Run.get(self.crawler):
            run.heard(response)
        page = page_of(request)
        page.origin, page.fetched_at = origin, clock.timestamp()
        return response

    async def close(self) -> None:
        await self.inner.close()

    def _check_asker(self, request: Request) -> None:
        """A spider of the project is refused before it starts; of any other nobody knows whom it will ask."""
        agent = (request.headers.get("User-Agent") or b"").decode("latin-1")
        try:
            check_contact(self.crawler.settings, agent)
        except ConfigurationError as error:
            self.politeness.give_up(str(error), USAGE)
            raise NotAsked(str(error)) from error

    async def _from_origin(self, request: Request, origin: str) -> Response:
        response = await self._fetch(request, origin + request.url[len(_origin_of(request.url)) :])
        location = response.headers.get("Location")
        if location and _origin_of(location.decode("latin-1")) == origin:
            response.headers["Location"] = CANONICAL.encode() + location[len(origin) :]
        return _at(request.url, response)

    async def _from_archive(self, request: Request) -> Response:
        """The page as captured. From one capture of a page to another there is no redirect; to that of another page there is."""
        url, page_of(request).captured_at = archived_as(request, self.crawler.settings), None
        response = await self._fetch(request, url)
        for _ in range(HOPS):
            led_to = capture_led_to(response, url)
            if led_to is None or not is_same_page(led_to[1], request.url):
                break
            url = archived_as(request, self.crawler.settings, " ".join(led_to))
            response = await self._fetch(request, url)
        if led_to := capture_led_to(response, url):
            response.headers["Location"] = led_to[1]
        elif response.status == HTTPStatus.OK and not url.endswith(ROBOTS):
            page_of(request).captured_at = captured_at(response, url)
        return _at(request.url, response)

    async def _fetch(self, request: Request, url: str) -> Response:
        sent = request.replace(url=url)
        if is_loopback(urlsplit(url).hostname or ""):
            sent.meta.pop("proxy", None)  # was chosen for the newspaper's name
        response = await self.inner.download_request(sent)
        if "download_latency" in sent.meta:
            request.meta["download_latency"] = sent.meta["download_latency"]
        return response


def _at(url: str, response: Response) -> Response:
    # The class again rather than response.replace(), which would guess and fix the encoding of every page.
    kept = {name: getattr(response, name) for name in Response.attributes if name != "url"}
    return type(response)(url=url, **kept)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
