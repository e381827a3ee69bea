"""Run a user's own pipelines over records that are read again, where there is no crawl."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.conf import build_component_list
from scrapy.utils.log import get_scrapy_root_handler
from scrapy.utils.misc import load_object
from scrapy.utils.python import global_object_name

from sabah.archive.rereading import DroppedError, PipelineError
from sabah.items import copied
from sabah.pipelines.deduplicate import DeduplicatePipeline
from sabah.pipelines.processor import FaultError, PageChain
from sabah.pipelines.store import StorePipeline, checked
from sabah.pipelines.validate import ValidatePipeline
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from types import TracebackType

    from scrapy.settings import BaseSettings, Settings

    from sabah.items import Article

_OURS: Final = (ValidatePipeline, DeduplicatePipeline, StorePipeline)


class _OwnChain(PageChain):
    @classmethod
    def _get_mwlist_from_settings(cls, settings: Settings) -> list[Any]:
        return own(settings)


def own(settings: BaseSettings) -> list[Any]:
    """What ITEM_PIPELINES has beside the project's own, in order."""
    listed = build_component_list(settings.get_component_priority_dict_with_base("ITEM_PIPELINES"))
    return [one for one in listed if load_object(one) not in _OURS]


class OwnPipelines:
    """A context, in which calling it with a record gives what the user's pipelines make of it, checked as in a crawl.

    They are built and opened at the first call (or before, by `open`), for a crawler that does not run: its spider is called `reparse`, it has stats and settings, and no engine.
    """

    def __init__(self, settings: Settings) -> None:
        self.paths = own(settings)
        self._settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None

    def __bool__(self) -> bool:
        return bool(self.paths)

    @property
    def names(self) -> list[str]:
        """Their import paths, in order."""
        return [one if isinstance(one, str) else global_object_name(one) for one in self.paths]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is None:
            return
        loop, self._loop = self._loop, None
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # In the thread that opened them: what a pipeline holds (a connection of SQLite's, say) may be of that alone.
            self._close(loop)
        else:
            # A crawl is begun, whose own loop runs in this thread.
            with ThreadPoolExecutor(1) as beside:
                beside.submit(self._close, loop).result()

    def _close(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._chain.close_spider_async())
        except Exception as error:
            raise PipelineError(f"the pipelines cannot be closed: {type(error).__name__}: {error}") from error
        finally:
            loop.close()

    def __call__(self, record: Article) -> Article:
        """Raises DroppedError where one of them drops it, PipelineError where one fails or makes what cannot be stored."""
        if not self.paths:
            return record
        self.open()
        assert self._loop is not None
        page = Page(url=record.url, read=copied(record))
        assert page.read is not None
        try:
            item = self._loop.run_until_complete(self._chain.process_record(record, page))
            return checked(item, page.read, page.spoilt_by or page.pipeline)
        except DropItem as dropped:
            raise DroppedError(f"dropped by {page.pipeline}: {dropped}") from dropped
        except FaultError as fault:
            raise PipelineError(str(fault)) from fault
        except Exception as error:
            raise PipelineError(f"{page.spoilt_by or page.pipeline}: {type(error).__name__}: {error}") from error

    def open(self) -> None:
        """Builds and opens them, unless that is done. Raises PipelineError."""
        if self._loop is not None or not self.paths:
            return
        settings = self._settings.copy()
        settings.frozen = False  # those of a crawl under way are frozen
        if get_scrapy_root_handler() is None:
            settings.set("LOG_ENABLED", value=False)  # outside a crawl a crawler would begin to log all there is
        crawler = Crawler(Spider, settings)
        crawler.stats = MemoryStatsCollector(crawler)
        crawler.spider = Spider("reparse")
        self._loop = asyncio.new_event_loop()
        try:
            self._chain = _OwnChain.from_crawler(crawler)
            self._loop.run_until_complete(self._chain.open_spider_async())
        except Exception as error:
            self._loop.close()
            self._loop = None
            raise PipelineError(
                f"the pipelines cannot be opened without a crawl: {type(error).__name__}: {error}"
            ) from error
