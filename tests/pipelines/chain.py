"""The project's pipelines over records of a real run, in this process and without a newspaper."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.project import get_project_settings

from sabah import clock
from sabah.crawling.run import Run
from sabah.items import copied
from sabah.pipelines.processor import RecordProcessor
from sabah.site.link import Link
from sabah.spiders.addresses import AddressesSpider
from sabah.storage.pages import Page
from sabah.storage.snapshots import Capture, head
from tests.records import record
from tests.running import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.items import Article
    from sabah.storage.snapshots import Capture as RawPage

NUMBERS = itertools.count()
HTML = "<html>The page of {}.</html>"


def capture(url: str, body: str) -> RawPage:
    answered = head("HTTP/1.1 200 OK", [(b"Content-Type", b"text/html")])
    asked = head("GET /page HTTP/1.1", [(b"Host", b"www.dailysabah.com")])
    return Capture(url=url, at=clock.timestamp(), request=asked, head=answered, payload=body.encode())


class Chain:
    """One run in a data folder; `give` hands a record to validate, `own` pipelines, deduplicate and store, as a crawl does."""

    def __init__(self, folder: Path, **own: int) -> None:
        settings = get_project_settings()
        settings.set("OUTPUT_DIR", str(folder))
        settings.set("SITE_ORIGIN", "http://127.0.0.1:1")
        settings.set("ITEM_PIPELINES", {**settings["ITEM_PIPELINES"], **{f"tests.additions.{name}": order for name, order in own.items()}})  # fmt: skip
        self.loop = asyncio.new_event_loop()
        self.crawler = Crawler(AddressesSpider, settings)
        self.crawler.stats = MemoryStatsCollector(self.crawler)
        self.crawler.spider = AddressesSpider.from_crawler(self.crawler, url=f"{SITE}/world/none/news")
        self.run = Run.begin(self.crawler)
        self.processor = RecordProcessor.from_crawler(self.crawler)

    def __enter__(self) -> Self:
        self.loop.run_until_complete(self.processor.open_spider_async())
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.run_until_complete(self.processor.close_spider_async())
        self.run.close("finished")
        self.loop.close()

    def page(self, asked: str, read: Article) -> Page:
        """A page under way at `/world/ASKED/news`, claimed and answered, from which `read` was read."""

        async def claimed() -> Page:
            self.crawler.stats.inc_value("source/read")
            link = Link(url=f"{SITE}/world/{asked}/news", kind="article", section="world")
            await self.run.commit(Page(links=(link,)))
            claim = await self.run.claim()
            assert claim is not None
            (page,) = claim.addresses
            page.attempts, page.status, page.fetched_at = 1, 200, clock.timestamp()
            page.raw_page = capture(link.url, HTML.format(asked))
            page.name([Link(url=f"{SITE}/world/linked-from-{asked}/news", kind="article")])
            page.read = copied(read)
            return page

        return self.loop.run_until_complete(claimed())

    def give(self, read: Article, asked: str | None = None, page: Page | None = None) -> Any:
        """What comes out of the last pipeline for the record of a page, at an address of its own where none is named."""
        page = page or self.page(asked or f"asked-{next(NUMBERS)}", read)

        async def given() -> Any:
            self.run.expect(read, page)
            return await self.processor.process_item_async(read)

        return self.loop.run_until_complete(given())

    def stats(self) -> dict[str, Any]:
        return dict(self.crawler.stats.get_stats())


def revised(name: str, **more: Any) -> Article:
    """The record of `/world/NAME/news` as the newspaper has changed it."""
    return record(
        name, **{"headline": f"Headline {name}, corrected", "revision_hash": "b" * 64, "text_hash": "c" * 64} | more
    )
