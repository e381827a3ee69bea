"""One record for each address; the same text under two addresses is kept twice and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs
from scrapy.exceptions import CloseSpider, DropItem

from sabah.configuration import output_dir
from sabah.items import Article
from sabah.pipelines.stop import STORAGE
from sabah.storage.segments import articles_dir, read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler


class DeduplicatePipeline:
    """Drops an article whose canonical address the dataset has, from this run or an earlier one.

    Never by headline or text: different articles with nearly the same headline exist. An article whose `text_hash` was stored
    before gets `duplicate_of`. Stats: `deduplicate/known`, `deduplicate/same_text`.
    """

    def __init__(self, crawler: Crawler, articles: Path) -> None:
        self.crawler = crawler
        self.articles = articles
        self.known: set[str] = set()
        self.first_with: dict[bytes, str] = {}
        """By digest of the text; shares its addresses with `known`, so an article costs about 350 bytes."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, articles_dir(output_dir(crawler.settings)))

    def open_spider(self) -> None:
        try:
            for line in read_lines(self.articles):
                self._remember(line["url"], line["text_hash"])
        except OSError as error:
            self.crawler.stats.set_value("store/error", str(error))
            raise CloseSpider(STORAGE) from error

    def process_item(self, item: object) -> object:
        if not isinstance(item, Article):
            return item
        if item.url in self.known:
            self.crawler.stats.inc_value("deduplicate/known")
            raise DropItem("Stored before")
        first = self._remember(item.url, item.text_hash)
        if first == item.url:
            return item
        self.crawler.stats.inc_value("deduplicate/same_text")
        return attrs.evolve(item, duplicate_of=first)

    def _remember(self, url: str, text_hash: str) -> str:
        """The address first stored with this text."""
        self.known.add(url)
        return self.first_with.setdefault(bytes.fromhex(text_hash), url)
