"""Only whole records go on; what is refused goes with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from sabah.items import Article, Refusal, what_is_missing

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Refused(DropItem):
    """A page gives no record; `reason` becomes its line in `rejected.jsonl` when the page is committed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Refused ({reason})", log_level="WARNING")
        self.reason = reason


class ValidatePipeline:
    """Refuses a record without date, or without body unless it is a video or gallery, and takes the spider's own refusals.

    (A record without headline cannot be made.) Stats: `validate/refused`, and `validate/refused/REASON` with the reason up to its
    first colon.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: object) -> object:
        reason = None
        if isinstance(item, Refusal):
            reason = item.reason
        elif isinstance(item, Article):
            reason = what_is_missing(item)
        if reason is None:
            return item
        self.crawler.stats.inc_value("validate/refused")
        self.crawler.stats.inc_value(f"validate/refused/{reason.split(':')[0]}")
        raise Refused(reason)
