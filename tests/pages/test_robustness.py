"""Whatever the bytes, reading a page gives a record that can be written, or NotAnArticle."""

from __future__ import annotations

import json
from contextlib import suppress

import attrs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from sabah.items import Article
from sabah.pages import NotAnArticle, read
from sabah.pages.listing import read_listing
from tests.pages.saved import FOLDER, reading

ADDRESS = "https://www.dailysabah.com/world/europe/slug"
PAGES = [path.read_bytes() for path in sorted(FOLDER.glob("*.html"))]
CHARSETS = ["utf-8", "utf-16", "iso-8859-9", "windows-1254", "ascii"]
PIECES = [
    b"\x00", b"\xed\xa0\x80", b"\xff\xfe", b"&#55296;", b"&#0;", b"&#99999999999999999999;", b"&amp;amp;amp;amp;", b"<", b"<!--", b"<![CDATA[", b"]]>",
    b"<br>" * 9, b"</div>", b"<div>" * 300, b"</body></html>", b"<h1 id=newsTitle>", b"<html amp>", b"<base href='http://[bad'>", b"<a href='http://[bad'>x</a>",
    b"<h3><a href='//[bad/'>x</a></h3>", b"<img src='http://[bad' alt='((('>", b"<meta name=datePublished content='0000-99-99T99:99'>", b"KEYWORDS", b"Last Update: ",
    b"RECOMMENDED", b"<span>Sep 14, 2021 - 10:51 am GMT+99</span>", b"<script type='application/ld+json'>[[[[{\"@type\": 3, \"@graph\": {}}]]]]</script>",
    b"<script type='application/ld+json'>{\"@type\": [[]], \"keywords\": [null, 1, {}]}</script>",
    b"<script type='application/ld+json'>{\"@type\": \"NewsArticle\", \"headline\": {\"name\": [1]}, \"keywords\": {\"a\": \"\\ud800\"}, \"datePublished\": 5}</script>",
    b"<meta charset=utf-16>", b"<meta charset=no-such-charset>", b"<svg><title>x</title></svg>", b"<template><p>x</p></template>", b"<frameset>", b"<plaintext>",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A saved page with pieces cut out, doubled, or put in."""
    page = draw(st.sampled_from(PAGES))
    for _ in range(draw(st.integers(1, 6))):
        at, to = sorted((draw(st.integers(0, len(page))), draw(st.integers(0, len(page)))))
        to = min(to, at + 2000)
        middle = draw(
            st.sampled_from([b"", page[at:to] * 2, *(page[at:to] + piece for piece in PIECES)]) | st.binary(max_size=9)
        )
        page = page[:at] + middle + page[to:]
    return page


def check(body: bytes, charset: str | None = None) -> None:
    response = HtmlResponse(ADDRESS, body=body, encoding=charset) if charset else HtmlResponse(ADDRESS, body=body)
    read_listing(response)
    with suppress(NotAnArticle):
        json.dumps(attrs.asdict(Article(**read(response, ADDRESS).values)), ensure_ascii=False).encode()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(damaged(), st.none() | st.sampled_from(CHARSETS))
@example(b"<html amp><h1>x</h1>" + b"<div>" * 20_000 + b"text", None)
@example(b"<h1 class=main_page_title>x</h1><div class=article_body>" + b"<b>" * 20_000 + b"text</html>", None)
@example(b"<h1 class=main_page_title>x</h1><div class=article_body>" + b"<p>" * 20_000 + b"text</html>", None)
@example(b"<script type='application/ld+json'>" + b"[" * 100_000, None)
def test_nothing_but_not_an_article_is_raised(body: bytes, charset: str | None) -> None:
    check(body, charset)


@pytest.mark.parametrize("charset", ["iso-8859-9", "windows-1254"])
def test_a_wrong_charset_spoils_letters_only(charset: str) -> None:
    page = (FOLDER / "bare-minimum.html").read_bytes()
    values = read(HtmlResponse(ADDRESS, body=page, encoding=charset), ADDRESS).values
    assert values["published_at"] == "2022-12-31T00:01:00+03:00"


def test_what_cannot_be_written_is_dropped_from_texts() -> None:
    page = (FOLDER / "bare-minimum.html").read_bytes()
    spoiled = page.replace(b"It said nothing.", b"It\x00 said\xed\xa0\x80 &#55296;noth&#8203;ing&#1;.")
    body = reading(spoiled).values["body"]
    assert body.startswith("The council of Marlo met on Friday.\n\nIt said")
    assert body.endswith("nothing.")
    body.encode()
