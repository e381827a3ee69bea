"""From RSS feeds to articles: what is new costs one request a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from w3lib.encoding import http_content_type_encoding

from sabah.pages.feed import read_feed
from sabah.spiders.arguments import FeedArguments, parse_feed_arguments
from sabah.spiders.base import TOO_DEEP, links_to, page_of
from sabah.spiders.sources import NOT_MODIFIED, SOURCE, Asked, SourceSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from sabah.site.addresses import Address


class FeedsSpider(SourceSpider):
    """`[-a feeds=politics,world/syrian-crisis|all|homepage|mostread] [-a related=0] [-a since=] [-a until=] [-a limit=]`.

    An article is asked for where the ledger does not have it or says it is due. What a feed dates before `since` is not asked for
    (unless its links are wanted too); `until` is decided by the page, because a feed may date an article by its last change.
    """

    name = "feeds"
    arguments: FeedArguments

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> FeedArguments:
        return parse_feed_arguments(given)

    @classmethod
    def reads(cls, address: Address) -> bool:
        return address.kind == "feed"

    def request_for(self, address: Address) -> Request:
        if not self.reads(address):
            return super().request_for(address)
        path = urlsplit(address.canonical).path
        return self.ask(Asked(path, path, "feed", conditional=False), self.parse_feed)

    async def start(self) -> AsyncIterator[Request]:
        for feed in self.arguments.feeds:
            yield self.ask(Asked(feed.name, feed.path, "feed"), self.parse_feed)

    def parse_feed(self, response: Response) -> None:
        asked: Asked = response.meta[SOURCE]
        if response.status == NOT_MODIFIED:
            self.tell(asked, response.status, 0)
            return
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        feed = read_feed(response.body, http_content_type_encoding(kind))
        self.tell(asked, response.status, len(feed.items), feed.fault)
        hints = {one.url: hint for one in feed.items if (hint := one.hint.to_json())}
        page_of(response).name(links_to((one.url for one in feed.items), hints))

    def wants(self, url: str, depth: int) -> str | None:  # noqa: ARG002 - depth alone decides
        return TOO_DEEP if depth > self.arguments.related else None
