"""Renders responses of one crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.middlewares.rendering import waiting
from sabah.middlewares.rendering.browser import Browser, Options
from sabah.middlewares.rendering.rendered import TabLost
from sabah.middlewares.rendering.requests import Door, Memory
from sabah.pages.page import text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from scrapy.crawler import Crawler
    from scrapy.http import TextResponse

    from sabah.middlewares.rendering.rendered import Rendered
    from sabah.middlewares.rendering.tab import Tab
    from sabah.middlewares.rendering.waiting import Enough
    from sabah.site.addresses import Address

TRIES = 2
"""A page that crashes may have been struck by another's fault; one that crashes twice has a fault of its own."""


class Renderer:
    def __init__(self, crawler: Crawler, program: str | None) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.patience = settings.getfloat("RENDER_TIMEOUT")
        self.memory = Memory()
        self.browser = Browser(
            Options(
                program=program, pages=settings.getint("RENDER_PAGES"), user_agent=str(settings["USER_AGENT"]),
                sandbox=settings.getbool("RENDER_SANDBOX"),
            )
        )  # fmt: skip

    async def article(self, response: TextResponse, address: Address) -> Rendered:
        """Raises RenderError; IgnoreRequest where the run ends meanwhile."""
        document = text_of(response).encode("utf-8", "replace")
        return await self._shown(
            response.url,
            lambda tab, door: waiting.render_article(tab, door, response.url, document, address, self.patience),
        )

    async def listing(self, response: TextResponse, enough: Enough) -> Rendered:
        """As `article`."""
        document = text_of(response).encode("utf-8", "replace")
        return await self._shown(
            response.url,
            lambda tab, door: waiting.render_listing(tab, door, document, response.url, self.patience, enough),
        )

    async def close(self) -> None:
        await self.browser.close()

    async def _shown(self, url: str, show: Callable[[Tab, Door], Awaitable[Rendered]]) -> Rendered:
        left = TRIES
        while True:
            left -= 1
            try:
                async with self.browser.tab() as tab:
                    return await show(tab, Door(self.crawler, url, self.memory, self.patience))
            except TabLost:
                if not left:
                    raise
