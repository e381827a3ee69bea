"""Run the pipelines over one record, and end its page where none of them has stored it."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from scrapy.exceptions import DropItem
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.python import global_object_name

from sabah.crawling.run import Run
from sabah.items import Article
from sabah.pipelines.validate import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from sabah.storage.pages import Page

_UNDER_WAY: Final[ContextVar[Page | None]] = ContextVar("page under way", default=None)
"""A context goes along into coroutines, tasks and `asyncio.to_thread`, so that each item's pipelines see its own page."""


UNCLAIMED: Final = "no claimed page"
"""What is named for a record whose page this run has not claimed."""


class FaultError(ValueError):
    """What came to the end of the pipelines cannot be stored; the text names the pipeline and what is wrong."""


def page_under_way() -> Page | None:
    """The page whose record the pipelines are at; None for any other item, which is none of this project's business."""
    return _UNDER_WAY.get()


class PageChain(ItemPipelineManager):
    """Scrapy's own chain of pipelines, which notes on the page under way which of them is at work."""

    def _add_middleware(self, mw: Any) -> None:
        super()._add_middleware(mw)
        if hasattr(mw, "process_item"):
            method = self.methods["process_item"].pop()
            step = _step(global_object_name(type(mw)), method)  # type: ignore[arg-type]  # it was put there by super
            if method in self._mw_methods_requiring_spider:
                self._mw_methods_requiring_spider.add(step)
            self.methods["process_item"].append(step)

    async def process_record(self, record: Any, page: Page) -> Any:
        """What the pipelines make of the record of `page`. Raises what they raise."""
        token = _UNDER_WAY.set(page)
        try:
            return await super().process_item_async(record)
        finally:
            _UNDER_WAY.reset(token)


class RecordProcessor(PageChain):
    """The project's `ITEM_PROCESSOR`: the pipelines are told which page a record is of, and every page ends that none of them has stored.

    A page ends when its record is stored, dropped (DropItem: a decision) or has met a fault: an exception of a pipeline, or what cannot be stored.
    Stats: `pipeline/dropped` and `pipeline/failed`, each also with `/PIPELINE`.
    """

    async def process_item_async(self, item: Any) -> Any:
        """The item as the pipelines leave it. Raises what they raise, after its page has ended."""
        assert self.crawler is not None
        run = Run.get(self.crawler)
        page = run.page_of(item) if run is not None else None
        if run is None or (page is None and not isinstance(item, Article)):
            return await super().process_item_async(item)
        if page is None or page.id is None:
            self._count("failed", UNCLAIMED)
            raise FaultError("a record of no page that this run has claimed: a spider names links (page_of(response).name) and does not ask for them")  # fmt: skip
        try:
            processed = await self.process_record(item, page)
            if not page.handed_in:
                raise FaultError("no pipeline has stored it: is sabah.pipelines.store missing in ITEM_PIPELINES?")
        except DropItem as dropped:
            if not page.handed_in:
                self._drop(page, dropped)
                await run.settle(page)
            raise
        except (Exception, asyncio.CancelledError, SystemExit, KeyboardInterrupt) as error:
            if not page.handed_in:
                page.fault = page.spoilt_by or page.pipeline or type(error).__name__
                self._count("failed", page.fault)
                await run.settle(page)
            if isinstance(error, Exception):
                raise
            # Let through, these would end the task that the whole crawl waits for, and not the crawl.
            raise FaultError(f"{page.pipeline}: {type(error).__name__}") from error
        return processed

    def _drop(self, page: Page, dropped: DropItem) -> None:
        if isinstance(dropped, Refused):
            page.reasons = [dropped.reason]
            return
        assert page.pipeline is not None
        page.dropped = True
        # The reason is a line of a file: what UTF-8 does not have would end the writer.
        why = " ".join(str(dropped).split()).encode("utf-8", "backslashreplace").decode()
        page.reasons = [f"dropped by {page.pipeline}: {why}"]
        self._count("dropped", page.pipeline)

    def _count(self, what: str, by: str) -> None:
        assert self.crawler is not None
        self.crawler.stats.inc_value(f"pipeline/{what}")
        self.crawler.stats.inc_value(f"pipeline/{what}/{by}")


def _step(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The pipeline's method, noting on the page that it is at work, and which one before it made something else of the record."""

    @wraps(method)
    def process_item(item: Any, *spider: Any) -> Any:
        page = _UNDER_WAY.get()
        if page is not None:
            if page.spoilt_by is None and page.read is not None and not is_record_of(item, page.read):
                page.spoilt_by = page.pipeline
            page.pipeline = name
        return method(item, *spider)

    return process_item


def is_record_of(item: object, read: Article) -> bool:
    """Whether the item is still a record of the page that `read` was read from."""
    return isinstance(item, Article) and item.url == read.url
