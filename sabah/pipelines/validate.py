"""Refuse records that lack what every record has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from sabah.items import Article, what_is_missing

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector


class Refused(DropItem):
    """A page gives no record; `reason` becomes its line in `rejected.jsonl` when the page is committed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Refused ({reason})", log_level="WARNING")
        self.reason = reason


class ValidatePipeline:
    """Refuse a record without date, or without body unless it is a video or gallery. (A record without headline cannot be made.)"""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: object) -> object:
        if isinstance(item, Article) and (reason := what_is_missing(item)) is not None:
            count_refused(self.crawler.stats, reason)
            raise Refused(reason)
        return item


def count_refused(stats: StatsCollector, reason: str) -> None:
    """Count a page that gave no record: `validate/refused`, and `validate/refused/REASON` with the reason up to its first colon."""
    stats.inc_value("validate/refused")
    stats.inc_value(f"validate/refused/{reason.split(':', maxsplit=1)[0]}")
