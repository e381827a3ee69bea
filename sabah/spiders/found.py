"""The page that a request is of, the links that pages name, and the words for what is not asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from scrapy.exceptions import IgnoreRequest

from sabah.site.addresses import parse_address
from sabah.site.link import Link
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scrapy import Request
    from scrapy.http import Response

PAGE: Final = "sabah_page"
"""A key that no spider of a user's has. Where a request's meta has its page under way. Copies made by retries and redirects share the one object."""

OUT_OF_SCOPE: Final = "out of scope"
TOO_DEEP: Final = "too deep"

known_address = lru_cache(maxsize=20_000)(parse_address)
"""Most links of a page were on pages shortly before; twenty thousand addresses are about 12 MB."""


class NotAsked(IgnoreRequest):
    """The run ended before the request's turn: it never left, and its address is still pending."""


def page_of(asked: Request | Response) -> Page:
    """The page under way of a request or of its answer; one that nobody has claimed where it has none yet, as in `scrapy shell`."""
    page: Page | None = asked.meta.get(PAGE)
    if page is None:
        page = asked.meta[PAGE] = Page(url=asked.url)
    return page


def claimed_page(request: Request) -> Page | None:
    """The page under way of a request for an article that this run has claimed; None for any other request."""
    page: Page | None = request.meta.get(PAGE)
    return page if page is not None and page.id is not None else None


def links_to(urls: Iterable[str], hints: Mapping[str, str] | None = None) -> tuple[Link, ...]:
    """Links to those of the addresses that are of articles, in their order. `hints` is what a feed says of them, by address as given."""
    hints = hints or {}
    known = ((url, known_address(url)) for url in urls)
    return tuple(Link.to(one, hint=hints.get(url)) for url, one in known if one is not None and one.is_article)
