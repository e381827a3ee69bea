"""The picture above the text of 2020, in a holder of its own and linked; and the linked pictures of cards, which may stand in such holders too."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from sabah.pages.links import article_address, card_links, linked_pictures
from sabah.pages.tree import finder, has_class, lineage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element

    from sabah.pages.page import Page

_of_card = finder("descendant::h3 | descendant::h4 | descendant::div{.ratio398x208}")


def in_holder(area: Element, body: Element | None) -> Iterator[Element]:
    """Images of the hero's holder, above the body."""
    above = takewhile(lambda node: node is not body, area.iter("img", "div"))
    return (
        node
        for node in above
        if node.tag == "img" and any(has_class(one, "image_holder") for one in lineage(node, area))
    )


def pictures_of_cards(page: Page, area: Element, body: Element, above: Collection[Element]) -> list[Element]:
    """The links to other articles that hold a picture, but for those around a hero: the newspaper links it, perhaps to a gallery or an older article."""
    linked = linked_pictures(area, page.base, page.url)
    heroes = set(above)
    of_hero = {one for one in linked if next(one.iter("img"), None) in heroes and not _of_card(one)}
    if not of_hero:
        return linked
    cards = set(card_links(area, page.base, [body]))
    return [one for one in linked if one not in of_hero or article_address(one, page.base) in cards]
