"""sabah's own reader, for `bench.worker`: from bytes to the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
        return {"title": article.headline, "body": article.body, "date": article.published_at}

    return to_article
