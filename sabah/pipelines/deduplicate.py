"""Compare a record with the one stored last of its address: is it new, a revision, or known already?"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Self

from sabah.archive.rereading import Rehash, Responses
from sabah.crawling.run import Run
from sabah.items import Article
from sabah.pipelines.processor import page_under_way
from sabah.storage import faults
from sabah.storage.errors import StorageError
from sabah.storage.identity import compare
from sabah.storage.ledger import Ledger

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from sabah.storage.pages import Page


class DeduplicatePipeline:
    """Leave on the page what the record is beside what is stored; nothing is dropped here, because the page has still to be committed.

    Compared is what the *readers* read (address and revision hash), not what pipelines made of it: a user's change is no revision of the newspaper's.
    The record stored last may have been read by older readers. Then its raw page is read again, which is the dear part and is done here, on a connection
    that only reads. The answer is a hint: the commit uses it only while the row that was compared with is still the last one, and else decides again,
    so that two processes at once store no revision twice. Which other address has the same text (`duplicate_of`) only the commit can know.
    A page of which nothing was stored when it was claimed is not looked up: the commit does that in any case, and there is nothing to read again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.rehash = Rehash(Responses(crawler))
        self._ledger: Ledger | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: object) -> object:
        page = page_under_way()
        if page is not None and page.read is not None and not _is_new(page):
            run = Run.of(self.crawler)
            try:
                if self._ledger is None:
                    self._ledger = Ledger.read(run.store.folder)
                piped = item if isinstance(item, Article) else None
                page.compared = compare(self._ledger, page, run.store.run, self.rehash, piped)
            except StorageError as error:
                run.fail(error)
                raise
        if page is not None and page.read is not None:
            faults.point("record-compared")
        return item

    def close_spider(self) -> None:
        if self._ledger is not None:
            with closing(self._ledger):
                self._ledger = None


def _is_new(page: Page) -> bool:
    """Whether a page is of an address that was claimed without any record, and its record bears that address."""
    return page.id is not None and not page.known and page.read is not None and page.read.url == page.url
