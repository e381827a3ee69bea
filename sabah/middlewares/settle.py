"""A page's record goes to the pipelines last, when all that the page names is known; a page without one ends here."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals

from sabah.crawling.run import Run
from sabah.items import Article, Refusal, copied
from sabah.middlewares.sources import answered
from sabah.pipelines.validate import count_refused
from sabah.spiders.base import PAGE, claimed_page, page_of
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)


class SettleMiddleware:
    """The spider middleware nearest the engine: it reads a callback to its end before it lets the record pass.

    Refusals go to the page, which has its links already; requests and a user's own items pass at once, the record comes last: so the page is complete when the first
    pipeline meets its record, and a callback that raises behind it has failed. Of what a page gave no record, the end is awaited here: its request counts as
    under way until then.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.spider_error, signals.spider_error)
        crawler.signals.connect(self.request_scheduled, signals.request_scheduled)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in start:
            if not isinstance(one, Page):
                yield one
            elif not await (self._want_due() if one.all_due else self._given(one)):
                return

    async def _given(self, page: Page) -> bool:
        """Has the links that were given recorded; whether the run goes on."""
        committed = await Run.of(self.crawler).commit(page)
        return committed is not None and committed.within

    async def _want_due(self) -> bool:
        """Whether the run goes on."""
        wanted = await Run.of(self.crawler).want_due()
        self.crawler.stats.inc_value("source/read")
        self.crawler.stats.set_value("revisit/due", wanted or 0)
        return wanted is not None

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        run = Run.get(self.crawler)
        if run is None:
            async for one in result:
                yield one
            return
        page = page_of(response)
        records: list[Article] = []
        async for one in result:
            if isinstance(one, Refusal):
                self._refuse(page, one)
            elif isinstance(one, Article):
                records.append(one)
            elif one is not None:
                yield one
        if len(records) > 1:
            raise ValueError(f"two records of one page: {response.url}")
        page.source = answered(response)
        if records:
            page.read = page.read or copied(records[0])
            run.expect(records[0], page)
            # Not kept here: where a middleware nearer the engine swallows it, nothing else may hold it.
            yield records.pop()
        elif page.read is not None:
            await run.lose(page)
        elif page.id is not None or page.links or page.source is not None:
            await run.settle(page)

    def _refuse(self, page: Page, refusal: Refusal) -> None:
        count_refused(self.crawler.stats, refusal.reason)
        logger.warning("Refused (%s): %s", refusal.reason, refusal.url)
        page.reasons = [*page.reasons, refusal.reason]

    def spider_error(self, response: Response | Failure | None) -> None:
        request = getattr(response, "request", None)
        run = Run.get(self.crawler)
        if run is not None and request is not None and (page := request.meta.get(PAGE)):
            run.spawn(run.settle(page, "failed"))

    def request_scheduled(self, request: Request) -> None:
        """A redirect or retry may be refused on its way to the scheduler, without a word to anyone."""
        if page := claimed_page(request):
            asyncio.get_running_loop().call_soon(self._look_after, page, page.taken)

    def _look_after(self, page: Page, taken_before: int) -> None:
        if page.taken == taken_before and not page.handed_in:
            run = Run.of(self.crawler)
            run.spawn(run.settle(page, "failed"))
