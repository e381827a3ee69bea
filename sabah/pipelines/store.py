"""Store a record: validate what the pipelines have left, await the commit of its page, hand on the record as stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import attrs
from scrapy.exceptions import DropItem

from sabah.crawling.run import Run
from sabah.items import Article, copied, what_is_missing
from sabah.normalize.hashes import text_hash
from sabah.pipelines.processor import FaultError, is_record_of, page_under_way
from sabah.storage import faults
from sabah.storage.lines import to_line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

OF_THE_READING: Final = (
    "layout", "sources", "language", "reader_version", "schema_version", "revision_hash", "revision", "reading", "duplicate_of", "found_on",
    "first_seen_at", "fetched_at", "status", "origin", "crawl_id", "snapshot", "withdrawn_at", "captured_at", "moved_to", "canonical_elsewhere", "marks",
)  # fmt: skip
"""Fields that say how, when and from where the page was read: what a pipeline writes into them does not count."""


class NotStoredError(DropItem):
    """Nothing new was stored, and that is as it should be; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why, log_level="DEBUG")


class StorePipeline:
    """The last pipeline: when it returns, record, raw page, links and outcome are on the disk, in one commit.

    Scrapy awaits it, so that the response counts as under way until then and a slow disk slows the crawl instead of filling the memory. What it
    returns is the record as stored, with `snapshot`, `revision` and `duplicate_of`; that is what `-o FILE` gets. Raises FaultError for what cannot be stored,
    DropItem for what is known already.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        page = page_under_way()
        if page is None or page.read is None:
            return item
        page.record = checked(item, page.read, page.spoilt_by)
        faults.point("record-checked")
        committed = await Run.of(self.crawler).settle(page)
        faults.point("record-stored")
        if committed is None:
            raise NotStoredError("Not stored, because the run has ended")
        if not committed.within:
            raise NotStoredError("Not stored, because the limit is reached")
        if not committed.articles:
            raise NotStoredError("Known already")
        return committed.articles[0]


def checked(item: object, read: Article, spoilt_by: str | None = None) -> Article:
    """A copy of the item that may be stored, with what the readers say of the reading and hashes of the text as it is now. Raises FaultError.

    `read` is the record as the readers left it, `spoilt_by` the pipeline that made something else of it. Lists may have been changed in place, which nothing has
    checked; and what the writer's thread could not write would end the run.
    """
    if not isinstance(item, Article) or not is_record_of(item, read):
        made = f"the record of another address, {item.url}" if isinstance(item, Article) else type(item).__name__
        raise FaultError(f"{spoilt_by or 'a pipeline'} made {made} of the record of {read.url}")
    if item == read:
        return copied(read)
    try:
        record = copied(item)
        for name in OF_THE_READING:
            setattr(record, name, getattr(read, name))
        record.word_count = len(record.body.split()) if record.body else 0
        record.text_hash = text_hash(record.headline, record.body)
        attrs.validate(record)
        for image in record.images:
            attrs.validate(image)
        to_line(record)
    except (ValueError, TypeError, AttributeError) as error:
        raise FaultError(f"a pipeline has left what cannot be stored: {error}") from error
    if missing := what_is_missing(record):
        raise FaultError(f"a pipeline has left a record with {missing}")
    return record
