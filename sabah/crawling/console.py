"""What a run says while it runs: one moving line at a terminal, a log line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Sized
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import signals
from scrapy.logformatter import LogFormatter
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler

from sabah.spiders.base import SabahSpider

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

REFRESHED = 4
"""Times a second at a terminal: moves, and costs nothing beside the crawl."""


class Progress:
    """Pages, articles stored, pages a second, addresses waiting, errors."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.interval = crawler.settings.getfloat("LOGSTATS_INTERVAL")
        self.started = time.monotonic()
        self.live: Live | None = None
        self.task: AsyncioLoopingCall | LoopingCall | None = None
        crawler.signals.connect(self.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_opened(self) -> None:
        self.started = time.monotonic()
        if sys.stderr.isatty() and not self.crawler.settings["LOG_FILE"]:
            self._open_line()
        elif self.interval:
            self.task = create_looping_call(lambda: logger.info(self.line()))
            self.task.start(self.interval, now=False)

    def spider_closed(self) -> None:
        if self.live:
            self.live.stop()
            self._log_to_stderr()
        elif self.task:
            self.task.stop()
        logger.info(self.line())

    def line(self) -> str:
        """The state of the run now: `120 pages, 100 articles, 1.0 pages/s, 40 waiting, 0 errors`."""
        stats = self.crawler.stats
        pages = stats.get_value("response_received_count", 0) - stats.get_value("robotstxt/response_count", 0)
        errors = sum(
            stats.get_value(name, 0) for name in ("fetch/failed", "pipeline/failed", "spider_exceptions/count")
        )
        rate = pages / max(time.monotonic() - self.started, 0.001)
        return f"{pages} pages, {self._kept()}, {rate:.1f} pages/s, {self._waiting()} waiting, {errors} errors"

    def _kept(self) -> str:
        """What the pages gave: of a spider that is none of the project's, its items."""
        stats = self.crawler.stats
        if isinstance(self.crawler.spider, SabahSpider):
            return f"{stats.get_value('store/articles', 0)} articles"
        return f"{stats.get_value('item_scraped_count', 0)} items"

    def _waiting(self) -> int:
        """Requests not yet under way; a scheduler that cannot count is taken to have none."""
        scheduler = self.crawler.engine.scheduler
        return len(scheduler) if isinstance(scheduler, Sized) else 0

    def _open_line(self) -> None:
        self.live = Live(
            get_renderable=lambda: Text(self.line()),
            console=Console(stderr=True),
            refresh_per_second=REFRESHED,
            transient=True,
        )
        self.live.start()
        self._log_to_stderr()

    def _log_to_stderr(self) -> None:
        """The log goes where stderr now goes: rich puts its lines above the moving one."""
        handler = get_scrapy_root_handler()
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(sys.stderr)


# ruff: noqa: ARG002 - the signatures are Scrapy's


class LineFormatter(LogFormatter):
    """Scrapy's messages about items, with the address in place of the item."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return {"level": logging.DEBUG, "msg": "Stored %(url)s", "args": {"url": _address(item)}}

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        level = logging.getLevelName(getattr(exception, "log_level", None) or "DEBUG")
        return {"level": level, "msg": "%(why)s: %(url)s", "args": {"why": exception, "url": _address(item)}}

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {"level": logging.ERROR, "msg": "Error while keeping %(url)s", "args": {"url": _address(item)}}


def quieten(level: str) -> None:
    """Keep Scrapy's lists of settings and components, printed at each start, for the level DEBUG."""
    if level != "DEBUG":
        for name in ("scrapy.addons", "scrapy.middleware"):
            logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger("scrapy.crawler").addFilter(_is_no_list)


def _is_no_list(record: logging.LogRecord) -> bool:
    return not record.msg.startswith("Overridden settings")


def _address(item: Any) -> str:
    return str(getattr(item, "url", None) or type(item).__name__)
