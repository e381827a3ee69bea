"""sabah's own reader, for `bench.worker`: from bytes to the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree
from scrapy.http import HtmlResponse

from sabah.items import Article
from sabah.pages import read

if TYPE_CHECKING:
    from bench.worker import Read

_SENT = {"Content-Type": "text/html; charset=UTF-8"}


def sabah() -> Read:
    """All fields of the record, validated, as a crawl makes it."""

    def to_article(url: str, html: bytes) -> dict[str, Any]:
        article = Article(**read(HtmlResponse(url, body=html, headers=_SENT), url).values)
        return {
            "title": article.headline, "body": article.body, "date": article.published_at, "keywords": article.keywords,
            "captions": [one.caption for one in article.images if one.caption],
        }  # fmt: skip

    return to_article


def parse_only() -> Read:
    """lxml's tree of the page and nothing else: what no reader over lxml can be faster than."""

    def to_nothing(_: str, html: bytes) -> dict[str, Any]:
        etree.fromstring(html, etree.HTMLParser(encoding="utf-8", huge_tree=True))
        return {}

    return to_nothing
