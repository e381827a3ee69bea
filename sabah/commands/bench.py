"""`scrapy bench`: Scrapy's, without the delay that is the newspaper's: it asks this machine only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.bench import Command as ScrapyBench
from scrapy.settings import SETTINGS_PRIORITIES

from sabah.cli import ScrapyTool

if TYPE_CHECKING:
    import argparse

_SCRAPYS = {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "CONCURRENT_ITEMS": 100, "LOGSTATS_INTERVAL": 1}


class Command(ScrapyTool, ScrapyBench):
    only_looks = False  # its progress lines are what it is for; the spider is none of the project's

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        assert self.settings is not None
        for name, value in _SCRAPYS.items():
            self.settings.set(name, value, priority=SETTINGS_PRIORITIES["spider"])
