"""Pages that need a browser go through one; no other page does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Self

import attrs
from scrapy import signals
from scrapy.http import HtmlResponse

from sabah.crawling.run import Run
from sabah.middlewares.rendering.browser import find
from sabah.middlewares.rendering.rendered import NeedsBrowser, RenderError
from sabah.middlewares.rendering.renderer import Renderer
from sabah.middlewares.rendering.requests import FOR_PAGE
from sabah.middlewares.rendering.waiting import Enough
from sabah.pages.not_the_page import LOADS_MORE, NO_LINKS, article_shell, challenge, listing_shell
from sabah.pages.page import text_of
from sabah.site.addresses import parse_address
from sabah.spiders.base import SabahSpider, page_of
from sabah.spiders.section import LACKS, LISTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from sabah.middlewares.rendering.rendered import Rendered
    from sabah.site.addresses import Address

logger = logging.getLogger(__name__)

_DROPPED: Final = ("Content-Length", "Content-Encoding", "Transfer-Encoding", "Last-Modified", "Content-Type")
"""Of the frame, not of the page: that a frame has not changed says nothing of what scripts put into it."""


class RenderMiddleware:
    """Behind redirects, retries and unpacking: what it gets is the page as it came, what it gives is the page to read.

    The document is not asked for a second time; what its scripts ask for passes the downloader as every request does. Stats: `render/seen`
    (articles and listings that came), `render/pages` (of them shown in the browser), `render/reason/REASON`, `render/failed` with
    `render/failed/KIND`, `render/unfinished`, `render/ended/WHY` (of listings), `render/needed` (no browser there), `render/requests` (made by pages),
    `render/starts`, `render/replaced` (browsers started, tabs thrown away).
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.listings = frozenset(settings.getlist("RENDER_LISTINGS"))
        self.rounds = settings.getint("RENDER_ROUNDS")
        spider = crawler.spider
        given = spider.arguments.render if isinstance(spider, SabahSpider) else None
        self.mode = given or str(settings["RENDER"])
        self.renderer = Renderer(crawler, None if self.mode == "never" else find(str(settings["CHROMIUM_PATH"] or "")))
        self.said = False
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        spider = self.crawler.spider
        if not isinstance(spider, SabahSpider) or FOR_PAGE in request.meta or spider.arguments.archive:
            return response
        address = parse_address(response.url)
        if response.status != 200 or not isinstance(response, HtmlResponse) or address is None:
            return response
        if address.is_article or address.kind == "listing":
            self.crawler.stats.inc_value("render/seen")
            reason = self._reason(response, address)
            if reason is not None:
                return await self._rendered(request, response, address, reason)
        return response

    async def spider_closed(self) -> None:
        await self.renderer.close()
        for name, value in (("starts", self.renderer.browser.starts), ("replaced", self.renderer.browser.replaced)):
            if value:
                self.crawler.stats.set_value(f"render/{name}", value)

    def _reason(self, response: HtmlResponse, address: Address) -> str | None:
        if address.is_article:
            reason = article_shell(text_of(response), address)
        else:
            reason = LOADS_MORE if _path(response.url) in self.listings else listing_shell(response)
        reason = reason or (self.mode if self.mode == "always" else None)
        # Last, because it looks through the whole page.
        return None if reason is None or challenge(text_of(response), marked=False) is not None else reason

    async def _rendered(self, request: Request, response: HtmlResponse, address: Address, reason: str) -> Response:
        stats = self.crawler.stats
        try:
            if self.mode == "never":
                raise NeedsBrowser("RENDER=never keeps it from them")
            rendered = await self._render(response, address)
        except NeedsBrowser as error:
            stats.inc_value("render/needed")
            self._say(str(error))
            if not address.is_article:
                return _not_whole(request, response, reason, error)
            Run.of(self.crawler).give_back(page_of(request))
            raise NeedsBrowser("scripts bring what it says") from error
        except RenderError as error:
            stats.inc_value("render/failed")
            stats.inc_value(f"render/failed/{type(error).__name__}")
            if not address.is_article:
                return _not_whole(request, response, reason, error)
            Run.of(self.crawler).give_back(page_of(request))
            raise
        stats.inc_value("render/pages")
        stats.inc_value(f"render/reason/{reason}")
        if rendered.why is not None:
            stats.inc_value(f"render/ended/{rendered.why}")
        if rendered.unfinished:
            stats.inc_value("render/unfinished")
            logger.warning("Taken as it was while it still loaded: %s", response.url)
            request.meta[LACKS] = "taken as it was while it still loaded"
        return self._replaced(request, response, rendered)

    async def _render(self, response: HtmlResponse, address: Address) -> Rendered:
        if address.is_article:
            return await self.renderer.article(response, address)
        run = Run.of(self.crawler)
        spider = self.crawler.spider
        assert isinstance(spider, SabahSpider)

        async def unknown(urls: Sequence[str]) -> int:
            return await run.unknown(urls)

        enough = Enough(rounds=self.rounds, since=spider.arguments.window.since_day, limit=run.left, unknown=unknown)
        return await self.renderer.listing(response, enough)

    def _replaced(self, request: Request, response: HtmlResponse, rendered: Rendered) -> Response:
        body = rendered.html.encode("utf-8", "replace")
        page = page_of(request)
        page.last_modified = None
        if page.raw_page is not None:
            page.raw_page = attrs.evolve(page.raw_page, rendered=body)
        if rendered.links:
            request.meta[LISTED] = rendered.links
        headers = response.headers.copy()
        for name in _DROPPED:
            headers.pop(name, None)
        headers["Content-Type"] = "text/html; charset=utf-8"
        return response.replace(headers=headers, body=body, encoding="utf-8", flags=[*response.flags, "rendered"])

    def _say(self, why: str) -> None:
        if not self.said:
            self.said = True
            logger.error("Some pages come by script only and need a browser: %s", why)


def _not_whole(request: Request, response: Response, reason: str, error: RenderError) -> Response:
    """A listing as it came, at fault where it has more, and to be asked for again even if it has not changed. Raises `error`'s kind for the frame of one."""
    why = f"scripts bring what it names; {error}"
    if reason == NO_LINKS:
        raise type(error)(why) from error
    if reason == LOADS_MORE:
        request.meta[LACKS] = why
    response.headers.pop("Last-Modified", None)
    return response


def _path(url: str) -> str:
    return "/" + url.split("://", 1)[-1].partition("/")[2].partition("?")[0].rstrip("/")
