"""The least that a crawl of the same pages can do: the same links, and one field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import scrapy

from bench.usual.links import SITE, articles

if TYPE_CHECKING:
    from collections.abc import Iterator


class HeadlineSpider(scrapy.Spider):
    name = "headline"
    allowed_domains = ("dailysabah.com",)

    start_urls = [f"{SITE}/"]  # noqa: RUF012 - as Scrapy declares it

    def parse(self, response: Any) -> Iterator[scrapy.Request]:
        """The home page: its menu leads to the listings, which go before what they list."""
        yield from response.follow_all(css="div.main_menu_inner a", callback=self.parse_listing, priority=10)

    def parse_listing(self, response: Any) -> Iterator[scrapy.Request]:
        for url in articles(response.xpath("//h3//a/@href").getall(), response.url):
            yield scrapy.Request(url, self.parse_article, cb_kwargs={"related": 1})

    def parse_article(self, response: Any, related: int) -> Iterator[Any]:
        yield {"url": response.url, "headline": response.xpath("//h1[@class='main_page_title']/text()").get()}
        if related:
            links = response.xpath("//h3//a/@href | //div[@class='article_body']//a/@href").getall()
            for url in articles(links, response.url):
                yield scrapy.Request(url, self.parse_article, cb_kwargs={"related": related - 1}, priority=-10)
