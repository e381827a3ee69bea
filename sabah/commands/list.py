"""`scrapy list`: Scrapy's; a spider's module that cannot be imported is one line."""

from __future__ import annotations

from scrapy.commands.list import Command as ScrapyList

from sabah.cli import ScrapyTool


class Command(ScrapyTool, ScrapyList):
    pass
