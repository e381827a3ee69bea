"""Sections, their articles, and the articles that those link."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import scrapy

from bench.usual.items import ArticleItem
from bench.usual.links import SITE, articles
from bench.usual.loaders import ArticleLoader

if TYPE_CHECKING:
    from collections.abc import Iterator


DATE = r"[A-Z][a-z]{2} \d{2}, \d{4}.*"


class SectionSpider(scrapy.Spider):
    name = "section"
    allowed_domains = ("dailysabah.com",)

    start_urls = [f"{SITE}/"]  # noqa: RUF012 - as Scrapy declares it

    def parse(self, response: Any) -> Iterator[scrapy.Request]:
        """The home page: its menu leads to the listings, which go before what they list."""
        yield from response.follow_all(css="div.main_menu_inner a", callback=self.parse_listing, priority=10)

    def parse_listing(self, response: Any) -> Iterator[scrapy.Request]:
        for url in articles(response.css("h3 a::attr(href)").getall(), response.url):
            yield response.follow(url, self.parse_article, cb_kwargs={"related": 1, "found_on": response.url})

    def parse_article(self, response: Any, related: int, found_on: str) -> Iterator[Any]:
        steps = response.url.removeprefix(SITE).split("/")
        loader = ArticleLoader(item=ArticleItem(), response=response)
        loader.add_value("url", response.url)
        loader.add_css("article_id", "meta[itemprop=identifier]::attr(content)")
        loader.add_value("section", steps[1])
        loader.add_value("subsection", steps[2] if len(steps) > 3 and steps[-1] not in {"news", "images"} else None)
        loader.add_css("headline", "h1.main_page_title::text")
        loader.add_css("standfirst", "div.top_title_widget > :not(h1):not(script)::text")
        loader.add_css("description", "meta[name=description]::attr(content)")
        loader.add_css("description", "meta[property='og:description']::attr(content)")
        loader.add_css("byline", "div.left_mobile_details > span:first-child", re=r"(?i)by\s+(.*)")
        loader.add_css("dateline", "div.left_mobile_details > span:nth-child(2):not(:last-child)")
        loader.add_css("published_at", "div.left_mobile_details > span:last-child::text", re=DATE)
        loader.add_css("published_raw", "div.left_mobile_details > span:last-child::text", re=DATE)
        loader.add_xpath("modified_at", "//text()[contains(., 'Last Update')]", re=DATE)
        loader.add_xpath("modified_raw", "//text()[contains(., 'Last Update')]", re=DATE)
        loader.add_css("body", "div.article_body p, div.article_body h2, div.article_body h3")
        loader.add_value("word_count", len((loader.get_output_value("body") or "").split()))
        loader.add_xpath("keywords", "//*[normalize-space(text())='KEYWORDS']/following-sibling::*//a/text()")
        loader.add_value(
            "images", [self._image(image) for image in response.css("div.image_holder img, div.article_body img")]
        )
        loader.add_css("videos", "div.article_body iframe::attr(src), div.article_body video::attr(src)")
        loader.add_xpath("related", "//*[normalize-space(text())='RECOMMENDED']/following-sibling::*//h3/a/@href")
        loader.add_value("language", "en")
        loader.add_value("found_on", found_on)
        loader.add_value("fetched_at", dt.datetime.now(dt.UTC).isoformat())
        loader.add_value("status", response.status)
        yield loader.load_item()
        if related:
            links = response.css("h3 a::attr(href), div.article_body a::attr(href)").getall()
            for url in articles(links, response.url):
                yield response.follow(
                    url, self.parse_article, cb_kwargs={"related": related - 1, "found_on": response.url}, priority=-10
                )

    @staticmethod
    def _image(image: Any) -> dict[str, str | None]:
        caption, _, credit = (image.attrib.get("alt") or "").rpartition(" (")
        return {
            "url": image.attrib.get("data-src") or image.attrib.get("src"),
            "caption": caption or credit,
            "credit": credit.rstrip(")") if caption else None,
        }
