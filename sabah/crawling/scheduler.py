"""Scrapy's scheduler over the ledger: article requests are claimed from it in batches, the rest waits in memory."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from scrapy import Request, signals
from scrapy.core.scheduler import Scheduler
from scrapy.exceptions import CloseSpider

from sabah.archive.rereading import PipelineError
from sabah.crawling.run import STORAGE, Run
from sabah.monitors.verdict import UNDER_WAY
from sabah.pipelines.own import OwnPipelines
from sabah.site.addresses import parse_address
from sabah.site.link import Link
from sabah.spiders.base import NotAsked, claimed_page, page_of
from sabah.storage.errors import StorageError
from sabah.storage.locks import UnderWay

if TYPE_CHECKING:
    from scrapy import Spider
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from sabah.site.addresses import Address
    from sabah.spiders.base import SabahSpider
    from sabah.storage.pages import Page

logger = logging.getLogger(__name__)

LOW: Final = 16
"""Claimed requests waiting below which the next batch is asked for: a few milliseconds' work of the fastest crawl, so that it is there in time."""

_PERMANENT: Final = frozenset({301, 308})

AGAIN: Final = 0.5
"""Seconds until a claim is tried again that had to wait for what others have claimed."""


class LedgerScheduler(Scheduler):
    """Serves what the ledger has for the spider's scope, one depth after another; listings, retries and redirects from memory.

    A request carries its page in `meta["sabah_page"]`; that of a claimed page is waited for. A redirect to another article is not followed: the ledger
    names that one in its place, so that nothing is asked twice by whatever way it is reached. The spider is idle when nothing of
    its scope is pending, claimed, or held by a living run. Listings wait behind articles (they are fetched again after a death), and
    with a limit no more is under way than it leaves room for.
    """

    spider: SabahSpider
    run: Run | None = None

    def open(self, spider: Spider) -> Deferred[None] | None:
        assert self.crawler is not None
        opened = super().open(spider)
        try:
            with OwnPipelines(self.crawler.settings) as own:
                self.run = Run.begin(self.crawler, own or None)
        except StorageError as error:
            self.crawler.stats.set_value("store/error", str(error))
            self._end_at_once(STORAGE)
            return opened
        except UnderWay as other:
            self.crawler.stats.set_value("stop/why", str(other))
            self._end_at_once(UNDER_WAY)
            return opened
        except PipelineError as error:
            # Of a line that had to be rebuilt; what they made of it is stored.
            logger.error("Failed: %s", error)
        assert self.run is not None
        self.run.handed_in = self._changed
        self._ready = 0
        """Requests of claimed pages that wait here."""

        self._out: set[Page] = set()
        """Claimed pages whose requests were handed out: any of them may yet become an article."""

        self._changes = 0
        self._claiming = False
        self._waiting = False
        """The last claim brought nothing, and another makes no sense before something has changed."""

        self._exhausted = False
        self.crawler.signals.connect(self.run.end, signals.spider_closed)
        return opened

    def _end_at_once(self, reason: str) -> None:
        """Not from `open` itself: what Scrapy opens after its scheduler would then fail at being closed, with a traceback."""
        assert self.crawler is not None
        self._why = reason
        self.crawler.signals.connect(self._end, signals.spider_opened)

    def _end(self) -> None:
        raise CloseSpider(self._why)

    def has_pending_requests(self) -> bool:
        """Asked by the engine where nothing is under way in scraper and downloader: a record that has not come to the pipelines by then never will."""
        if self.run is not None:
            self.run.end_lost()
        return super().has_pending_requests() or (
            self.run is not None and (self.run.busy or self._claiming or not self._exhausted)
        )

    def enqueue_request(self, request: Request) -> bool:
        page = claimed_page(request)
        if page is None:
            return super().enqueue_request(request)
        redirects = request.meta.get("redirect_urls", ())
        if request.url in redirects:
            return False
        assert self.run is not None
        page.taken += 1
        self._out.discard(page)
        self.run.put_down(page)
        address = parse_address(request.url) if redirects else None
        if address is not None and address.is_article and address.canonical != page.url:
            self.run.spawn(self._redirect(request, page, address))
        else:
            self._push(request)
        return True

    def next_request(self) -> Request | None:
        if self.run is not None and self._ready < LOW:
            self._refill()
        if self._may_reach_the_limit() or (self._claiming and not self._ready):
            return None
        request = super().next_request()
        if request is not None and (page := claimed_page(request)):
            assert self.run is not None
            self._ready -= 1
            self._out.add(page)
            self.run.take_up(page)
        return request

    def _may_reach_the_limit(self) -> bool:
        """Whether the limit is reached if all that is under way becomes articles; if it does not, the rest is served then."""
        left = self.run.left if self.run is not None else None
        if left is None:
            return False
        self._out = {page for page in self._out if not page.ended}
        return len(self._out) >= left

    def _push(self, request: Request) -> None:
        assert self.stats is not None
        self._mqpush(request)
        self._ready += 1
        self.stats.inc_value("scheduler/enqueued/memory")
        self.stats.inc_value("scheduler/enqueued")

    def _request(self, page: Page) -> Request:
        request = self.spider.ask_article(page)
        page.taken = 1
        request.errback = self._failed
        return request

    async def _redirect(self, request: Request, page: Page, address: Address) -> None:
        assert self.run is not None
        capture = page.capture[:14] if page.capture else None
        page.for_good = page.origin != "archive" and all(one in _PERMANENT for one in request.meta["redirect_reasons"])
        committed = await self.run.settle(page, leads_to=Link.to(address, capture=capture))
        if committed is not None and committed.circle:
            self.spider.report(request, "redirect", f"redirected in a circle by {request.url}")
        if committed is not None and committed.chain:
            self.spider.report_chain(request, committed.chain)

    async def _failed(self, failure: Failure) -> None:
        """The end of an article request that brought no page, after all retries. One that never left has none: its address is given back."""
        if isinstance(failure.value, NotAsked):
            return
        assert self.run is not None
        request = failure.request  # type: ignore[attr-defined]  # set by Scrapy before it calls an errback
        try:
            self.spider.report_failure(failure)
        finally:
            page = page_of(request)
            await self.run.settle(page, "failed" if page.outcome == "done" else None)

    def _changed(self) -> None:
        """A page was handed to the writer: what it names can be claimed behind it."""
        self._changes += 1
        self._waiting = self._exhausted = False
        if not self._ready:
            self._refill()

    def _refill(self) -> None:
        if not (self._claiming or self._waiting or self._exhausted):
            self._claiming = True
            asyncio.ensure_future(self._claim()).add_done_callback(self._claimed)

    async def _claim(self) -> None:
        assert self.run is not None
        changes = self._changes
        claim = await self.run.claim()
        if claim is None:
            self._waiting = True
        elif claim.addresses:
            for one in claim.addresses:
                self._push(self._request(one))
        elif changes == self._changes:
            self._exhausted = not claim.waiting
            self._waiting = claim.waiting
            if claim.waiting:
                asyncio.get_running_loop().call_later(AGAIN, self._try_again)

    def _claimed(self, done: asyncio.Future[None]) -> None:
        self._claiming = False
        done.result()
        self._wake()

    def _try_again(self) -> None:
        self._waiting = False
        self._wake()

    def _wake(self) -> None:
        """Without this the engine would come by at its next heartbeat, after up to five seconds."""
        assert self.crawler is not None
        slot: Any = self.crawler.engine._slot
        if slot is not None and slot.closing is None:
            slot.nextcall.schedule()
