"""A page ends when its record, its refusal and all it names are on the disk; not before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals

from sabah.items import Article, Refusal
from sabah.middlewares.sources import answered
from sabah.middlewares.ticket import TICKET, Ticket, named
from sabah.pipelines.validate import Refused
from sabah.run import Run
from sabah.spiders.found import Due, Found
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure


class SettleMiddleware:
    """The spider middleware nearest the engine: collects what a page gave on its ticket, then waits for the commit.

    So a page's request counts as under way until it is stored, and a slow disk slows the crawl instead of filling the memory.
    Records count as the item pipelines leave them: what one of them drops is refused with its words, what one fails over is failed
    and fetched again by the next run. Links that a spider yields as `Found` go to the ledger and come back from the scheduler.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.item_scraped, signals.item_scraped)
        crawler.signals.connect(self.item_dropped, signals.item_dropped)
        crawler.signals.connect(self.item_error, signals.item_error)
        crawler.signals.connect(self.spider_error, signals.spider_error)
        crawler.signals.connect(self.request_scheduled, signals.request_scheduled)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in start:
            if isinstance(one, Due):
                if not await self._want_due():
                    return
                continue
            if not isinstance(one, Found):
                yield one
                continue
            links = tuple(named(one.addresses, one.hints, one.captures))
            committed = await Run.of(self.crawler).commit(Page(url=None, links=links, depth=one.depth))
            if committed is None or not committed.within:
                return

    async def _want_due(self) -> bool:
        """Whether the run goes on."""
        wanted = await Run.of(self.crawler).want_due()
        self.crawler.stats.inc_value("source/read")
        self.crawler.stats.set_value("revisit/due", wanted or 0)
        return wanted is not None

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        ticket = response.meta.setdefault(TICKET, None) or Ticket(response.url)
        response.meta[TICKET] = ticket
        async for one in result:
            if isinstance(one, Found):
                ticket.name(one)
                continue
            if not isinstance(one, Request) and one is not None:
                ticket.item_yielded()
            yield one
        await ticket.items_settled()
        ticket.left_out = response.meta.get("left_out")
        ticket.marks = response.meta.get("marks")
        ticket.source = answered(response)
        if ticket.claim is not None or ticket.links or ticket.source is not None:
            await Run.of(self.crawler).settle(ticket)

    def item_scraped(self, item: object, response: Response | None) -> None:
        if ticket := _ticket(response):
            if isinstance(item, Article):
                ticket.articles.append(item)
            else:
                ticket.reasons.append(f"a pipeline made a {type(item).__name__} of the record")
            ticket.item_settled()

    def item_dropped(self, item: object, response: Response | None, exception: BaseException) -> None:
        if ticket := _ticket(response):
            if isinstance(exception, Refused):
                ticket.reasons.append(exception.reason)
            elif isinstance(item, Article | Refusal):
                ticket.reasons.append(f"dropped by a pipeline: {exception}")
            ticket.item_settled()

    def item_error(self, response: Response | None) -> None:
        if ticket := _ticket(response):
            self.crawler.stats.inc_value("fetch/failed")
            self.crawler.stats.inc_value("fetch/failed/pipeline")
            ticket.failed = True
            ticket.item_settled()

    def spider_error(self, response: Response | Failure | None) -> None:
        if ticket := _ticket(response):
            run = Run.of(self.crawler)
            run.spawn(run.settle(ticket, "failed"))

    def request_scheduled(self, request: Request) -> None:
        """A redirect or retry may be refused on its way to the scheduler, without a word to anyone."""
        if ticket := request.meta.get(TICKET):
            asyncio.get_running_loop().call_soon(self._look_after, ticket, ticket.taken)

    def _look_after(self, ticket: Ticket, taken_before: int) -> None:
        if ticket.taken == taken_before and not ticket.settled:
            run = Run.of(self.crawler)
            run.spawn(run.settle(ticket, "failed"))


def _ticket(response: Response | Failure | None) -> Ticket | None:
    request = getattr(response, "request", None)
    return request.meta.get(TICKET) if request is not None else None
