"""What users of Scrapy add to a crawl: pipelines and a spider of their own."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from typing import TYPE_CHECKING, Any

import attrs
from itemadapter import ItemAdapter
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.http import HtmlResponse

from sabah.crawling.scheduler import LedgerScheduler
from sabah.pipelines.processor import page_under_way
from sabah.spiders.addresses import AddressesSpider
from tests.running import article

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.http import Response

    from sabah.items import Article


class DropPipeline:
    def process_item(self, item: Article) -> Article:
        if item.headline == "Drop":
            raise DropItem("not wanted")
        return item


class BrokenPipeline:
    def process_item(self, item: Article) -> Article:
        if item.headline == "Break":
            raise RuntimeError("the pipeline's own")
        return item


class AsyncPipeline:
    """Waits, works in another thread, and gives a changed copy."""

    async def process_item(self, item: Article) -> Article:
        await asyncio.sleep(0.01)
        assert await asyncio.to_thread(page_under_way) is page_under_way()
        return attrs.evolve(item, headline=f"{item.headline}, later")


class OddPipeline:
    """Gives what is no record of the page, by its headline."""

    def process_item(self, item: Article) -> object:
        if item.headline == "Break":
            raise RuntimeError("the pipeline's own")
        if item.headline == "Copy":
            return attrs.evolve(item, headline="A copy")
        made: dict[str, object] = {
            "None": None,
            "Dict": attrs.asdict(item),
            "Other": attrs.evolve(item, url="https://www.dailysabah.com/world/other/news"),
        }
        return made.get(item.headline, item)


class AfterPipeline:
    """Behind the odd one: falls over what that has made."""

    def process_item(self, item: Article) -> Article:
        item.headline = item.headline.strip()
        return item


class SwallowMiddleware:
    """A spider middleware nearer the engine than the project's own, that lets no record pass; some it keeps."""

    def __init__(self) -> None:
        self.kept: list[Article] = []

    async def process_spider_output(
        self,
        response: Response,  # noqa: ARG002 - Scrapy's signature
        result: AsyncIterator[Any],
    ) -> AsyncIterator[Any]:
        async for one in result:
            headline = getattr(one, "headline", None)
            if headline == "Kept":
                self.kept.append(one)
            elif headline != "Swallowed":
                yield one


class EagerScheduler(LedgerScheduler):
    """A redirect is asked at once, as happens where the engine comes by in that moment."""

    def enqueue_request(self, request: Request) -> bool:
        taken = super().enqueue_request(request)
        if "redirect_urls" in request.meta:
            assert self.crawler is not None
            assert self.crawler.engine is not None
            self.crawler.engine._start_scheduled_requests()
        return taken


class RaisingSpider(AddressesSpider):
    """Its callback raises on some pages, before or after it has yielded the record."""

    name = "raising"

    def parse_article(self, response: Response) -> Iterator[Any]:
        if "early" in response.url:
            raise RuntimeError("the callback's own")
        if "close" in response.url:
            raise CloseSpider("enough")
        yield from super().parse_article(response)
        if "late" in response.url:
            raise RuntimeError("the callback's own")


class ShoutPipeline:
    """Changes a field in the way that Scrapy's documentation has it."""

    def process_item(self, item: object) -> object:
        adapter = ItemAdapter(item)
        adapter["headline"] = adapter["headline"].upper()
        return item


class UnopenedPipeline:
    def open_spider(self) -> None:
        raise RuntimeError("no database")

    def process_item(self, item: object) -> object:
        return item


class UnclosedPipeline:
    def process_item(self, item: object) -> object:
        return item

    def close_spider(self) -> None:
        raise RuntimeError("the database has gone")


class FailMiddleware:
    """A spider middleware that fails over every article's page."""

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in result:
            if response.url.endswith("/news"):
                raise RuntimeError("the middleware's own")
            yield one


class CountPipeline:
    """Writes to a database of its own, whose connection is of the thread that made it."""

    def open_spider(self) -> None:
        self.connection = sqlite3.connect(os.environ["COUNT_DATABASE"])
        self.connection.execute("CREATE TABLE IF NOT EXISTS seen (url TEXT)")

    def process_item(self, item: Article) -> Article:
        self.connection.execute("INSERT INTO seen VALUES (?)", (item.url,))
        return item

    def close_spider(self) -> None:
        self.connection.commit()
        self.connection.close()


class StopPipeline:
    """Ends what it runs in, or drops for a reason that no file can hold, by the headline."""

    async def process_item(self, item: Article) -> Article:
        if item.headline == "Cancel":
            raise asyncio.CancelledError
        if item.headline == "Cancel-itself":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
        if item.headline == "Exit":
            raise SystemExit(3)
        if item.headline == "Drop-oddly":
            raise DropItem("two\nlines, \ud800")
        return item


class AnswerMiddleware:
    """A downloader middleware that answers for articles by itself, as one that asks elsewhere does."""

    def process_request(self, request: Request) -> Response | None:
        if not request.url.endswith("/news"):
            return None
        return HtmlResponse(request.url, body=article("From elsewhere").encode(), encoding="utf-8")
