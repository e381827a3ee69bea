"""Section, subsection and home pages: cards whose heading is a link, and the dates that cards print (FACTS section 3)."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import attrs

from sabah.normalize.dates import DateError, find_date, parse_date
from sabah.pages.links import address_finder, card_links, links_in, ranked_lists
from sabah.pages.page import text_of
from sabah.pages.tree import beginning, finder, holds_more, parse
from sabah.site.addresses import parse_address

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from lxml.etree import _Element as Element
    from scrapy.http import TextResponse


@attrs.frozen
class Listing:
    links: tuple[str, ...]
    """Canonical article addresses, in page order, without repeats; never of menus or most-read."""

    from_cards: bool
    """Whether they come from cards; False when none was found and every article link of the page was taken instead."""


def read_listing(response: TextResponse) -> Listing:
    """Article addresses of a listing page; empty for a page that names none."""
    root = parse(text_of(response))
    cards = card_links(root, response.url)
    if cards:
        return Listing(cards, from_cards=True)
    ranked = set(links_in(ranked_lists(root), response.url))
    return Listing(tuple(one for one in links_in([root], response.url) if one not in ranked), from_cards=False)


_headings = finder("//h3 | //h4")
_times = finder(".//time[@datetime]")
_CARD_LEVELS = 4
_MOST_INSIDE = 8  # elements in one that prints a day and nothing else
_LONGEST = 80


def card_dates(html: str, base: str) -> dict[str, dt.date]:
    """The day of each article of a listing whose card or old address says one: the day as printed, by canonical address."""
    found: dict[str, dt.date] = {}
    in_card, address = cache(_in_card), address_finder(base)
    for heading in _headings(parse(html)):
        card = _card(heading)
        for link in card.iter("a"):
            url = address(link)
            if url is not None and url not in found and (day := _in_address(url) or in_card(card)):
                found[url] = day
    return found


def _card(heading: Element) -> Element:
    """The largest element around a heading that holds no other one."""
    card = heading
    for _, around in zip(range(_CARD_LEVELS), heading.iterancestors(), strict=False):
        if len(list(islice(around.iterdescendants("h3", "h4"), 2))) > 1 or around.tag in ("body", "html"):
            break
        card = around
    return card


def _in_address(url: str) -> dt.date | None:
    address = parse_address(url)
    return address.path_date if address else None


def _in_card(card: Element) -> dt.date | None:
    for printed in _printed(card):
        try:
            return parse_date(printed).at.date()
        except DateError:
            continue
    return None


def _printed(card: Element) -> Iterator[str]:
    yield from (one.get("datetime") or "" for one in _times(card))
    for one in card.iter("div", "span", "p", "small"):
        if holds_more(one, _MOST_INSIDE):
            continue
        line = beginning(one, _LONGEST)
        if (date := find_date(line)) and line == date:  # a headline may name a day as well
            yield date
