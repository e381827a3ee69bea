"""What must hold of every input, whatever it is."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import jsonschema  # type: ignore[import-untyped]
from scrapy.http import HtmlResponse

from sabah.items import Article, article_schema
from sabah.pages import NotAnArticle, read
from sabah.pages.feed import read_feed
from sabah.pages.listing import card_dates, read_listing
from sabah.pages.not_the_page import article_shell, challenge, listing_shell
from sabah.pages.page import text_of
from sabah.site.addresses import parse_address
from sabah.storage.lines import from_line, to_line
from tests.processor import seconds

if TYPE_CHECKING:
    from sabah.pages import Reading
    from tests.fuzz.mutations import Input

ADDRESS: Final = "https://www.dailysabah.com/world/europe/slug"
PROVENANCE: Final[dict[str, Any]] = {
    "found_on": "https://www.dailysabah.com/world", "first_seen_at": "2026-01-01T00:00:00+00:00", "fetched_at": "2026-01-01T00:00:01+00:00", "status": 200, "origin": "live",
    "crawl_id": "1",
}  # fmt: skip
AT_LEAST: Final = 0.5
PER_100_KB: Final = 1.5
"""Seconds of processor time that all readers together may take for a page: a quadratic one takes many times as much. Trafilatura alone, which reads pages of
no layout, takes up to 1.2 for text nested in short ladders, in proportion to its length, and machines differ by a fifth from hour to hour."""


class Broken(AssertionError):
    """An input for which something does not hold."""


def bound(size: int) -> float:
    """Seconds that a page of so many bytes may take."""
    return AT_LEAST + PER_100_KB * size / 100_000


def check(given: Input) -> str:
    """Reads the input with every reader; says what it was: `article`, `wrong` (the record's own validators refuse it), `refused` or `feed`. Raises what a reader should not raise, and Broken."""
    most = bound(len(given.body))
    said, took = seconds(lambda: _check_feed(given) if given.is_feed else _check_page(given), most)
    if took > most:
        raise Broken(f"{took:.1f} s for {len(given.body):,} bytes")
    return said


def _check_feed(given: Input) -> str:
    for item in read_feed(given.body, given.charset).items:
        type(item.hint).from_json(item.hint.to_json())
    return "feed"


def _check_page(given: Input) -> str:
    address = parse_address(ADDRESS)
    assert address is not None
    response = HtmlResponse(ADDRESS, body=given.body, encoding=given.charset)
    read_listing(response)
    listing_shell(response)
    html = text_of(response)
    challenge(html)
    article_shell(html, address)
    card_dates(html, ADDRESS)
    try:
        reading = read(response, ADDRESS if given.named else None)
    except NotAnArticle as refusal:
        if len(str(refusal).splitlines()) != 1:
            raise Broken(f"the refusal is no line: {refusal}") from refusal
        return "refused"
    return _check_record(reading)


def _check_record(reading: Reading) -> str:
    try:
        article = Article(**reading.values, **PROVENANCE)
    except ValueError:
        return "wrong"
    line = to_line(article)
    if line.count(b"\n") != 1 or from_line(line) != article:
        raise Broken("the line of the record does not give the record again")
    _validator().validate(json.loads(line))
    return "article"


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(article_schema())
