"""A packed body that is not whole is no page."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Final, Self

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_PACKED: Final = frozenset({b"gzip", b"x-gzip"})


class WholeMiddleware:
    """Checks the length and checksum of gzip bodies before Scrapy unpacks them, which takes what it can get and is content.

    Asked again as often as other failures (RETRY_TIMES), then ResponseDataLossError. robots.txt is left to those who read it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if (response.headers.get("Content-Encoding") or b"").strip().lower() not in _PACKED or not response.body:
            return response
        try:
            gzip.decompress(response.body)
        except (EOFError, OSError, zlib.error) as error:
            assert self.crawler.spider is not None
            again = get_retry_request(request, spider=self.crawler.spider, reason="gzip")
            if again is None:
                raise ResponseDataLossError(f"the packed body is not whole ({error})") from error
            return again
        return response
