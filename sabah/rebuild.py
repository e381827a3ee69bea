"""A stored page read again, for a line that was lost."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Headers, HtmlResponse, Response
from scrapy.responsetypes import responsetypes

from sabah.items import Article
from sabah.pages import read
from sabah.pages.hint import Hint
from sabah.site.captures import instant

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from sabah.storage.missing import Missing
    from sabah.storage.snapshots import Capture


class Rebuilder:
    """Calling it with a missing record reads its snapshot; None where the page gives no record any more."""

    def __init__(self, crawler: Crawler) -> None:
        self.unpack = HttpCompressionMiddleware(crawler=crawler)

    def __call__(self, missing: Missing) -> Article | None:
        response = self._response(missing.capture)
        captured_at = _captured_at(response, missing.captured) if missing.origin == "archive" else None
        try:
            reading = read(response, missing.capture.url, Hint.from_json(missing.hint))
            return Article(**reading.values, **missing.provenance(), captured_at=captured_at)
        except ValueError:  # NotAnArticle is one
            return None

    def _response(self, capture: Capture) -> Response:
        if capture.rendered is not None:
            status = int(capture.head.split(None, 2)[1])
            return HtmlResponse(capture.url, status=status, body=capture.rendered, encoding="utf-8")
        first, *lines = capture.head.rstrip(b"\r\n").split(b"\r\n")
        headers = Headers()
        for line in lines:
            name, _, value = line.partition(b":")
            headers.appendlist(name, value.strip())
        kind = responsetypes.from_args(headers=headers, url=capture.url, body=capture.payload)
        response = kind(capture.url, status=int(first.split()[1]), headers=headers, body=capture.payload)
        unpacked = self.unpack.process_response(Request(capture.url), response)
        assert isinstance(unpacked, Response)
        return unpacked


def _captured_at(response: Response, named: str | None) -> str | None:
    """When the archive captured the page: as the answer said, else as the index that named it."""
    said = (response.headers.get("Memento-Datetime") or b"").decode("latin-1")
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        if named is None:
            return None
        at = instant(named[:14])
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
