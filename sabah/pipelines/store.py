"""The record becomes a line of the run's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from sabah.configuration import output_dir
from sabah.items import Article
from sabah.pipelines.stop import stop, stop_for_storage
from sabah.spiders.base import SabahSpider
from sabah.storage.segments import LineFile, articles_dir, to_line
from sabah.verdict import LIMIT

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler


class StorePipeline:
    """Appends to `articles/CRAWL_ID.jsonl` in the dataset's folder, made with the first record.

    With the spider argument `limit` it takes that many and ends the run. Stats: `store/articles`, `store/file`,
    `store/over_limit` (records that came while the run was ending).
    """

    def __init__(self, crawler: Crawler, articles: Path) -> None:
        self.crawler = crawler
        self.articles = articles
        self.stored = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, articles_dir(output_dir(crawler.settings)))

    def open_spider(self) -> None:
        spider = self.crawler.spider
        assert isinstance(spider, SabahSpider)
        self.limit = spider.arguments.limit
        self.file = LineFile(self.articles / f"{spider.crawl_id}.jsonl")

    def close_spider(self) -> None:
        self.file.close()

    def process_item(self, item: object) -> object:
        if not isinstance(item, Article):
            return item
        stats = self.crawler.stats
        if self.stored == self.limit:
            stats.inc_value("store/over_limit")
            raise DropItem("Over the limit")
        try:
            self.file.append(to_line(item))
        except OSError as error:
            stop_for_storage(self.crawler, error)
            raise DropItem("Not stored", log_level="ERROR") from error
        self.stored += 1
        stats.inc_value("store/articles")
        stats.set_value("store/file", str(self.file.path))
        if self.stored == self.limit:
            stop(self.crawler, LIMIT)
        return item
