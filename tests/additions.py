"""What users of Scrapy add to a crawl: pipelines and a spider of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import CloseSpider, DropItem

from sabah.scheduler import LedgerScheduler
from sabah.spiders.addresses import AddressesSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

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
