from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from sabah.pages import read
from sabah.pages.listing import read_listing
from sabah.pages.page import text_of
from tests.running import SITE, article, listing

TEXT = "<html><p>Türkiye’de İstanbul</p></html>"


def _response(body: bytes, charset: str | None) -> HtmlResponse:
    kind = "text/html" + (f"; charset={charset}" if charset else "")
    return HtmlResponse(f"{SITE}/world/one/news", headers={"Content-Type": kind}, body=body)


@pytest.mark.parametrize(
    "charset", ["UTF-8", "iso-8859-9", "windows-1254", "utf-16", "x-user-defined-8", "us-ascii", None]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf_8_whatever_the_header_says(charset: str | None, mark: bytes) -> None:
    assert text_of(_response(mark + TEXT.encode(), charset)) == TEXT


@pytest.mark.parametrize("charset", ["windows-1254", "utf-16"])
def test_another_encoding_that_is_declared(charset: str) -> None:
    text = TEXT.replace("’", "'")
    assert text_of(_response(text.encode(charset), charset)) == text


@pytest.mark.parametrize("charset", ["iso-8859-9", "utf-16", "x-user-defined-8"])
def test_records_and_listings_are_read_so(charset: str) -> None:
    values = read(_response(article("Türkiye’s İzmir").encode(), charset), f"{SITE}/world/one/news").values
    assert values["headline"] == "Türkiye’s İzmir"
    assert read_listing(_response(listing("/world/one/news").encode(), charset)).links == (f"{SITE}/world/one/news",)
