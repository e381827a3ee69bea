"""The cheapest way to keep records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from sabah.items import Article
from sabah.storage.lines import to_line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class BufferedLines:
    """Records as sabah prints them, to `out.jsonl` in OUTPUT_DIR through Python's buffer: no fsync, what a death finds there is lost."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Path(crawler.settings["OUTPUT_DIR"]) / "out.jsonl")

    def open_spider(self) -> None:
        self.file = self.path.open("wb")

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            self.file.write(to_line(item))
        return item

    def close_spider(self) -> None:
        self.file.close()
