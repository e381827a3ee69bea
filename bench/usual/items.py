"""The record's fields, as far as a page prints them."""

from __future__ import annotations

import scrapy


class ArticleItem(scrapy.Item):
    url = scrapy.Field()
    article_id = scrapy.Field()
    section = scrapy.Field()
    subsection = scrapy.Field()
    headline = scrapy.Field()
    standfirst = scrapy.Field()
    description = scrapy.Field()
    byline = scrapy.Field()
    dateline = scrapy.Field()
    published_at = scrapy.Field()
    published_raw = scrapy.Field()
    modified_at = scrapy.Field()
    modified_raw = scrapy.Field()
    body = scrapy.Field()
    word_count = scrapy.Field()
    keywords = scrapy.Field()
    images = scrapy.Field()
    videos = scrapy.Field()
    related = scrapy.Field()
    language = scrapy.Field()
    found_on = scrapy.Field()
    fetched_at = scrapy.Field()
    status = scrapy.Field()
