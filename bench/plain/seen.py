"""The cheapest way to ask nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.dupefilters import BaseDupeFilter

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class SeenSet(BaseDupeFilter):
    """A set of addresses as they are: no fingerprints, nothing kept."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003 - as Scrapy calls it
        return cls()

    def request_seen(self, request: Request) -> bool:
        if request.url in self.seen:
            return True
        self.seen.add(request.url)
        return False
