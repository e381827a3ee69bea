"""A stats collector that leaves its figures in a file, the same for every crawler that is measured."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.statscollectors import MemoryStatsCollector

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsT

PLACE = "BENCH_STATS_FILE"
"""Environment variable that names the file."""


class FileStats(MemoryStatsCollector):
    """Stats of the run with `cpu_seconds`, what the process has computed between opening and closing the spider."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._cpu = 0.0

    def open_spider(self, spider: Spider | None = None) -> None:
        super().open_spider(spider)
        self._cpu = time.process_time()

    def _persist_stats(self, stats: StatsT) -> None:
        stats["cpu_seconds"] = time.process_time() - self._cpu
        Path(os.environ[PLACE]).write_text(json.dumps(stats, default=str))
