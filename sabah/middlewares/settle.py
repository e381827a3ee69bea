"""A page's record goes to the pipelines last, when all else that the page gave is on its ticket; a page without one ends here."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals

from sabah.items import Article, Refusal, copied
from sabah.middlewares.sources import answered
from sabah.middlewares.ticket import TICKET, Ticket, named
from sabah.pipelines.validate import count_refused
from sabah.run import Run
from sabah.spiders.found import Due, Found
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)


class SettleMiddleware:
    """The spider middleware nearest the engine: it reads a callback to its end before it lets the record pass.

    Links and refusals go to the page's ticket, requests and a user's own items pass at once, the record comes last: so the page is complete when the first
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
            if isinstance(one, Due):
                if not await self._want_due():
                    return
                continue
            if not isinstance(one, Found):
                yield one
                continue
            links = tuple(named(one.addresses, one.hints, one.captures))
            committed = await Run.of(self.crawler).commit(Page(url=None, links=links, depth=one.depth, namer=one.namer))
            if committed is None or not committed.within:
                return

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
        ticket = response.meta.setdefault(TICKET, None) or Ticket(response.url)
        response.meta[TICKET] = ticket
        records: list[Article] = []
        async for one in result:
            if isinstance(one, Found):
                ticket.name(one)
            elif isinstance(one, Refusal):
                self._refuse(ticket, one)
            elif isinstance(one, Article):
                records.append(one)
            elif one is not None:
                yield one
        if len(records) > 1:
            raise ValueError(f"two records of one page: {response.url}")
        ticket.left_out = response.meta.get("left_out")
        ticket.marks = response.meta.get("marks")
        ticket.source = answered(response)
        if records:
            ticket.read = copied(records[0])
            run.expect(records[0], ticket)
            # Not kept here: where a middleware nearer the engine swallows it, nothing else may hold it.
            yield records.pop()
        elif ticket.claim is not None or ticket.links or ticket.source is not None:
            await run.settle(ticket)

    def _refuse(self, ticket: Ticket, refusal: Refusal) -> None:
        count_refused(self.crawler.stats, refusal.reason)
        logger.warning("Refused (%s): %s", refusal.reason, refusal.url)
        ticket.reasons.append(refusal.reason)

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
