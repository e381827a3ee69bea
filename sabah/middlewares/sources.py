"""Listings and feeds are sent whole only when they have changed since all they named was recorded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import IgnoreRequest

from sabah import clock
from sabah.crawling.run import Run
from sabah.spiders.base import page_of
from sabah.spiders.sources import NOT_MODIFIED, SOURCE, source_failed
from sabah.storage.errors import StorageError
from sabah.storage.pages import Page
from sabah.storage.sources import Source

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from sabah.spiders.sources import Asked


class SourceMiddleware:
    """Puts If-Modified-Since on requests for sources, and has the ledger told of those that did not come."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.source_failed, source_failed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        asked: Asked | None = request.meta.get(SOURCE)
        if asked is None or not asked.conditional:
            return
        run = Run.of(self.crawler)
        try:
            delivered = await asyncio.wrap_future(run.store.delivered(asked.path))
        except StorageError as error:
            run.fail(error)
            raise IgnoreRequest(str(error)) from error
        asked.before = None
        if delivered is not None:
            request.headers["If-Modified-Since"] = delivered.last_modified
            asked.before = delivered.found

    def source_failed(self, asked: Asked) -> None:
        run = Run.of(self.crawler)
        source = Source(name=asked.path, kind=asked.kind, status=asked.status, at=clock.timestamp(), fault=asked.fault)
        run.spawn(run.commit(Page(source=source)))


def answered(response: Response) -> Source | None:
    """The source that a response is, as the ledger takes it; None for any other page."""
    asked: Asked | None = response.meta.get(SOURCE)
    if asked is None:
        return None
    modified, sent = (response.headers.get(name) for name in ("Last-Modified", "Date"))
    return Source(
        name=asked.path, kind=asked.kind, status=asked.status, at=page_of(response).fetched_at,
        # What changed in the second it was sent may change in it once more.
        last_modified=modified.decode("latin-1") if modified and modified != sent and asked.conditional and asked.found else None,
        unchanged=asked.status == NOT_MODIFIED, fault=asked.fault,
    )  # fmt: skip
