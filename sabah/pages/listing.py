"""Section, subsection and home pages: cards whose heading is a link (FACTS section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sabah.pages.decoded import text_of
from sabah.pages.links import card_links, links_in, ranked_lists
from sabah.pages.tree import parse

if TYPE_CHECKING:
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
