"""The end of a run that a pipeline asks for."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

STORAGE: Final = "storage"

_tasks: set[asyncio.Task[None]] = set()


def stop(crawler: Crawler, reason: str) -> None:
    """Ask for the spider's end; what is under way ends first. Only the first call of a run counts. Stat `stop/reason`."""
    if crawler.stats.get_value("stop/reason"):
        return
    crawler.stats.set_value("stop/reason", reason)
    task = asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))
    _tasks.add(task)  # the event loop keeps no strong reference
    task.add_done_callback(_tasks.discard)


def stop_for_storage(crawler: Crawler, error: OSError) -> None:
    """End the run because the dataset's folder takes no more. Stat `store/error`: why."""
    if not crawler.stats.get_value("store/error"):
        logger.error(
            "Cannot write the dataset: %s. What is stored is whole; make room or repair OUTPUT_DIR, then run again",
            error,
        )
        crawler.stats.set_value("store/error", str(error))
    stop(crawler, STORAGE)
