"""`scrapy runspider FILE`: Scrapy's, with the checks, the manners and the end of `scrapy crawl`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands.runspider import _import_file
from scrapy.spiderloader import DummySpiderLoader
from scrapy.utils.spider import iter_spider_classes

from sabah import addon
from sabah.commands.crawl import Command as Crawl
from sabah.configuration import CommandLineError

if TYPE_CHECKING:
    from scrapy import Spider


class Command(Crawl):
    default_settings: ClassVar[dict[str, Any]] = {"SPIDER_LOADER_CLASS": DummySpiderLoader}

    def syntax(self) -> str:
        return "[options] FILE"

    def short_desc(self) -> str:
        return "Run the spider in a Python file"

    def find_spider(self, args: list[str]) -> type[Spider]:
        if len(args) != 1:
            raise CommandLineError("name one Python file with a spider")
        file = Path(args[0])
        if not file.exists():
            raise CommandLineError(f"there is no file {args[0]!r}")
        try:
            spiders = list(iter_spider_classes(_import_file(file)))
        except Exception as error:
            raise CommandLineError(f"{args[0]!r} cannot be loaded: {addon.where(error)}") from error
        if not spiders:
            raise CommandLineError(f"no spider is in {args[0]!r}: a class of scrapy.Spider with a name")
        return spiders.pop()
