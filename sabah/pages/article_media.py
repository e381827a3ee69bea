"""Which pictures and players of a page are the article's own where no text leads to them: in galleries, videos and whatever has no body."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from lxml import etree

from sabah.pages.links import article_address
from sabah.pages.media import PICTURES, PLAYERS, address_of, player_addresses, read_players
from sabah.pages.tree import common_ancestor, lineage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lxml.etree import _Element as Element

    from sabah.pages.page import Page

NOT_OF_ARTICLE = ("nav", "footer", "header", "aside")
"""Tags of boxes that frame an article."""

_OTHER_BOX = re.compile(r"related-topic|newsletter|numbered_list|widget_content|logo|menu|navbar|author")
_PAGE = frozenset({"html", "body"})
_MEDIA = (*PICTURES, *PLAYERS)


def article_area(root: Element, headline: Element | None, body: Element | None) -> Element:
    """The smallest element around headline and body; without a body the smallest around headline and a picture or player."""
    if headline is None:
        return root
    if body is not None:
        return common_ancestor(headline, body)
    found = (around for inner, around in _outwards(headline) if _has_media_beside(inner, around))
    return next(found, root)


def pictures_outside(
    page: Page, area: Element, body: Element | None, above: Iterable[Element], *, whole_page: bool = False
) -> list[Element]:
    """The article's pictures outside its body: those that the layout has `above` it; of galleries, and where there is no body, all that belong to no other box.

    `whole_page`: whether they may stand anywhere in the page, as where it has no menus and cards.
    """
    if body is not None and page.kind != "gallery":
        return list(above)
    of_body = set() if body is None else set(body.iter(*PICTURES))
    return [one for one in _own_pictures(page, area, whole_page=whole_page) if one not in of_body]


def own_players(page: Page, area: Element, *, whole_page: bool = False) -> list[str]:
    """Addresses of the players in the area; of a video that has none there, those of the smallest element around it that has one, in no other box."""
    found = read_players([area], page.base)
    if found or page.kind != "video":
        return found
    for inner, around in _outwards(area):
        if around.tag in _PAGE and not whole_page:
            break
        beside = (child for child in around if inner is not None and child is not inner)
        players = chain.from_iterable(_own_in(child, page, PLAYERS) for child in beside)
        if found := player_addresses(players, page.base):
            break
    return found


def _own_pictures(page: Page, area: Element, *, whole_page: bool) -> list[Element]:
    """The pictures of the area or, where it has fewer than two, of the smallest element around it that has more."""
    found: list[Element] = []
    own: list[Element] = []
    for inner, around in _outwards(area):  # each step adds what is new in it, so no element is looked at twice
        if around.tag in _PAGE and not whole_page:
            break
        own = [picture for child in around for picture in _pictures_of(child, inner, own, page)]
        if len(own) > len(found):
            found = own
        if len(found) > 1:
            break
    return found


def _outwards(node: Element) -> Iterator[tuple[Element | None, Element]]:
    """The element and each one around it, with the one inside that came before."""
    inner: Element | None = None
    for around in lineage(node):
        yield inner, around
        inner = around


def _has_media_beside(inner: Element | None, around: Element) -> bool:
    return any(next(child.iter(*_MEDIA), None) is not None for child in around if child is not inner)


def _pictures_of(child: Element, inner: Element | None, own: list[Element], page: Page) -> Iterator[Element]:
    """The article's pictures in a child; of the `inner` one its `own` are known."""
    if child is not inner:
        yield from (one for one in _own_in(child, page, PICTURES) if _is_shown(one, page.base))
    elif not _is_other_box(child, page):
        yield from own


def _own_in(node: Element, page: Page, tags: Collection[str]) -> Iterator[Element]:
    """The elements of these tags, the node itself among them, that stand in no card, menu or other box."""
    walk = etree.iterwalk(node, events=("start",))
    for _, one in walk:
        if _is_other_box(one, page):
            walk.skip_subtree()
        elif one.tag in tags:
            yield one
            if one.tag == "amp-img":  # what it holds is itself once more, for readers without scripts
                walk.skip_subtree()


def _is_other_box(node: Element, page: Page) -> bool:
    return (
        node.tag in NOT_OF_ARTICLE
        or bool(_OTHER_BOX.search(node.get("class") or ""))
        or (node.tag == "a" and article_address(node, page.base) not in {None, page.url})
    )


def _is_shown(picture: Element, base: str) -> bool:
    """Whether it is neither a tracking pixel nor an icon nor a placeholder."""
    return (
        picture.get("width") != "1"
        and not (picture.get("src") or "").endswith(".svg")
        and address_of(picture, base) is not None
    )
