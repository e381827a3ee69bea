"""The answer as it came, before anything unpacks or judges it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from sabah import clock
from sabah.spiders.base import claimed_page
from sabah.storage.snapshots import Capture, head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response


class SnapshotMiddleware:
    """The downloader middleware nearest the downloader: puts each answer to an article request on its page.

    Status line, headers and body as received, and the request as sent; with SNAPSHOTS=False only status and dates. Scrapy gives
    header names in title case, those of one name together, the reason phrase by its number, and the body without chunks.
    """

    def __init__(self, *, keep: bool) -> None:
        self.keep = keep

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(keep=crawler.settings.getbool("SNAPSHOTS"))

    def process_request(self, request: Request) -> None:
        if page := claimed_page(request):
            page.attempts += 1
            page.status = page.fetched_at = page.last_modified = page.raw_page = None
            page.cut = False

    def process_response(self, request: Request, response: Response) -> Response:
        if page := claimed_page(request):
            assert page.url is not None
            # A middleware that answers by itself keeps the request from those that note the time.
            page.fetched_at = page.fetched_at or clock.timestamp()
            page.status = response.status
            # Of a capture it says nothing that the newspaper could be asked with.
            modified = None if page.origin == "archive" else response.headers.get("Last-Modified")
            page.last_modified = modified.decode("latin-1") if modified else None
            if self.keep:
                page.raw_page = Capture(
                    url=page.url, at=page.fetched_at, request=_request(request), head=_head(response), payload=response.body
                )  # fmt: skip
        return response


def _request(request: Request) -> bytes:
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [(b"Host", parts.netloc.encode()), *_pairs(request.headers)]
    return head(f"{request.method} {target} HTTP/1.1", headers) + request.body


def _head(response: Response) -> bytes:
    phrase = HTTPStatus(response.status).phrase if response.status in _KNOWN else ""
    return head(f"{response.protocol or 'HTTP/1.1'} {response.status} {phrase}", _pairs(response.headers))


def _pairs(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name, values in headers.items():
        for value in values or ():
            yield name, value


_KNOWN = frozenset(HTTPStatus)
