"""`scrapy check [SPIDER]`: Scrapy's check of contracts, with all manners towards the newspaper and nothing recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.check import Command as ScrapyCheck

from sabah.cli import ScrapyTool, find_spider, load_spiders

if TYPE_CHECKING:
    import argparse


class Command(ScrapyTool, ScrapyCheck):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check([], opts)
        assert self.settings is not None
        for name in args:
            find_spider(load_spiders(self.settings), name)
