"""Only whole records go on; what is refused is kept with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from sabah.configuration import output_dir
from sabah.items import KINDS_WITHOUT_TEXT, Article, Refusal
from sabah.pipelines.stop import stop_for_storage
from sabah.storage.segments import LineFile, to_line

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler


class ValidatePipeline:
    """Refuses a record without date, or without body unless it is a video or gallery, and takes the spider's own refusals.

    (A record without headline cannot be made.) Each refusal is a line of `rejected.jsonl` in the dataset's folder. Stats:
    `validate/refused`, and `validate/refused/REASON` with the reason up to its first colon.
    """

    def __init__(self, crawler: Crawler, output: Path) -> None:
        self.crawler = crawler
        self.rejected = LineFile(output / "rejected.jsonl")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, output_dir(crawler.settings))

    def close_spider(self) -> None:
        self.rejected.close()

    def process_item(self, item: object) -> object:
        if isinstance(item, Refusal):
            self._refuse(item)
        elif isinstance(item, Article) and (reason := _what_is_missing(item)):
            self._refuse(_refusal(item, reason))
        return item

    def _refuse(self, refusal: Refusal) -> None:
        self.crawler.stats.inc_value("validate/refused")
        self.crawler.stats.inc_value(f"validate/refused/{refusal.reason.split(':')[0]}")
        try:
            self.rejected.append(to_line(refusal))
        except OSError as error:
            stop_for_storage(self.crawler, error)
        raise DropItem(f"Refused ({refusal.reason})", log_level="WARNING")


def _what_is_missing(article: Article) -> str | None:
    if article.published_at is None:
        return "no date"
    if article.body is None and article.kind not in KINDS_WITHOUT_TEXT:
        return "no body"
    return None


def _refusal(article: Article, reason: str) -> Refusal:
    return Refusal(
        url=article.url,
        reason=reason,
        status=article.status,
        found_on=article.found_on,
        fetched_at=article.fetched_at,
        crawl_id=article.crawl_id,
    )
