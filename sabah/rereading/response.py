"""From a stored capture to the response that the crawl's readers are given."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response
from scrapy.responsetypes import responsetypes
from scrapy.statscollectors import DummyStatsCollector

from sabah.pages.page import CUT
from sabah.warcs.packing import MOST_PACKINGS, codings

if TYPE_CHECKING:
    from sabah.storage.snapshots import Capture


class NotUnpackedError(ValueError):
    """The payload is not what its Content-Encoding says, or beyond DOWNLOAD_MAXSIZE; the text is one line."""


class Responses:
    """Calling it with a capture gives its response, unpacked as in a crawl; of a rendered page what the browser made of it."""

    def __init__(self, crawler: Crawler) -> None:
        """`crawler`: whose settings limit the size of a page and whose stats count it."""
        self._unpack = HttpCompressionMiddleware(crawler=crawler)
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    def __call__(self, capture: Capture) -> Response:
        """Raises NotUnpackedError."""
        status, headers = status_and_headers(capture)
        flags = [CUT] if capture.cut else []
        if capture.rendered is not None:
            return HtmlResponse(capture.url, status=status, body=capture.rendered, encoding="utf-8", flags=flags)
        kind = responsetypes.from_args(headers=headers, url=capture.url, body=capture.payload)
        response = kind(capture.url, status=status, headers=headers, body=capture.payload, flags=flags)
        if (times := len(codings(headers.getlist("Content-Encoding")))) > MOST_PACKINGS:
            raise NotUnpackedError(f"the page is packed {times} times, more than {MOST_PACKINGS}")
        try:
            unpacked = self._unpack.process_response(Request(capture.url), response)
        except IgnoreRequest as error:
            raise NotUnpackedError(str(error)) from error
        except Exception as error:  # each packing has errors of its own, and some are no more than Exception
            raise NotUnpackedError(f"the page cannot be unpacked ({type(error).__name__}: {error})") from error
        assert isinstance(unpacked, Response)
        if self._most and len(unpacked.body) > self._most:
            raise NotUnpackedError(f"the page has {len(unpacked.body)} B, more than DOWNLOAD_MAXSIZE ({self._most} B)")
        return unpacked


@cache
def responses(page_bytes: int) -> Responses:
    """Of this process, without a crawl: pages of `page_bytes` unpacked at most, as DOWNLOAD_MAXSIZE says (0: of any size)."""
    # With a log it would begin to log all there is.
    crawler = Crawler(Spider, {"LOG_ENABLED": False, "DOWNLOAD_MAXSIZE": page_bytes})
    crawler.stats = DummyStatsCollector(crawler)
    return Responses(crawler)


def status_and_headers(capture: Capture) -> tuple[int, Headers]:
    """Status and headers of the answer as received."""
    first, *lines = capture.head.rstrip(b"\r\n").split(b"\r\n")
    headers = Headers()
    for line in lines:
        name, _, value = line.partition(b":")
        headers.appendlist(name, value.strip())
    return int(first.split(None, 2)[1]), headers
