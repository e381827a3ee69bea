"""Store a record: validate what the pipelines have left, await the commit of its page, hand on the record as stored."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, Self

import attrs
from scrapy import Request, signals
from scrapy.exceptions import DropItem

from sabah.crawling.run import Run
from sabah.items import Article, Refusal, copied, what_is_missing
from sabah.middlewares.sources import answered
from sabah.normalize.hashes import text_hash
from sabah.pipelines.processor import FaultError, is_record_of, page_under_way
from sabah.pipelines.validate import count_refused
from sabah.spiders.base import PAGE, claimed_page, page_of
from sabah.storage import faults
from sabah.storage.lines import to_line
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

OF_THE_READING: Final = (
    "layout", "sources", "language", "reader_version", "schema_version", "revision_hash", "revision", "reading", "duplicate_of", "found_on",
    "first_seen_at", "fetched_at", "status", "origin", "crawl_id", "snapshot", "withdrawn_at", "captured_at", "moved_to", "canonical_elsewhere", "marks",
)  # fmt: skip
"""Fields that say how, when and from where the page was read: what a pipeline writes into them does not count."""


class NotStoredError(DropItem):
    """Nothing new was stored, and that is as it should be; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why, log_level="DEBUG")


class StorePipeline:
    """The last pipeline: when it returns, record, raw page, links and outcome are on the disk, in one commit.

    Scrapy awaits it, so that the response counts as under way until then and a slow disk slows the crawl instead of filling the memory. What it
    returns is the record as stored, with `snapshot`, `revision` and `duplicate_of`; that is what `-o FILE` gets. Raises FaultError for what cannot be stored,
    DropItem for what is known already.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        page = page_under_way()
        if page is None or page.read is None:
            return item
        page.record = checked(item, page.read, page.spoilt_by)
        faults.point("record-checked")
        committed = await Run.of(self.crawler).settle(page)
        faults.point("record-stored")
        if committed is None:
            raise NotStoredError("Not stored, because the run has ended")
        if not committed.within:
            raise NotStoredError("Not stored, because the limit is reached")
        if not committed.articles:
            raise NotStoredError("Known already")
        return committed.articles[0]


def checked(item: object, read: Article, spoilt_by: str | None = None) -> Article:
    """A copy of the item that may be stored, with what the readers say of the reading and hashes of the text as it is now. Raises FaultError.

    `read` is the record as the readers left it, `spoilt_by` the pipeline that made something else of it. Lists may have been changed in place, which nothing has
    checked; and what the writer's thread could not write would end the run.
    """
    if not isinstance(item, Article) or not is_record_of(item, read):
        made = f"the record of another address, {item.url}" if isinstance(item, Article) else type(item).__name__
        raise FaultError(f"{spoilt_by or 'a pipeline'} made {made} of the record of {read.url}")
    if item == read:
        return copied(read)
    try:
        record = copied(item)
        for name in OF_THE_READING:
            setattr(record, name, getattr(read, name))
        record.word_count = len(record.body.split()) if record.body else 0
        record.text_hash = text_hash(record.headline, record.body)
        attrs.validate(record)
        for image in record.images:
            attrs.validate(image)
        to_line(record)
    except (ValueError, TypeError, AttributeError) as error:
        raise FaultError(f"a pipeline has left what cannot be stored: {error}") from error
    if missing := what_is_missing(record):
        raise FaultError(f"a pipeline has left a record with {missing}")
    return record


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
