"""Pictures and players inside an article."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from lxml import etree

from sabah.loaders import Picture
from sabah.pages.links import article_address
from sabah.pages.tree import common_ancestor, joined, lineage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from lxml.etree import _Element as Element

    from sabah.pages.page import Page

PICTURES = ("img", "amp-img")
PLAYERS = ("iframe", "video", "source", "amp-youtube", "amp-iframe", "amp-video")
_OF_THEME = re.compile(r"/theme_\w+/|/no-image\d*x?\d*\.\w+|\.svg(?:\?|$)|/adsct\?")
"""Logos, icons, placeholders and pixels that count visits."""
_NO_PLAYER = re.compile(
    r"doubleclick|googletag|googlesyndication|recaptcha|analytics|facebook\.com/plugins|adsct|/ads?/"
)


def of_theme(url: str) -> bool:
    """Whether a picture belongs to the site's design and to no article."""
    return bool(_OF_THEME.search(url))


def address_of(node: Element, base: str) -> str | None:
    """Where a picture or player loads from: `src`, or `data-src` of a lazy one; of an AMP player of YouTube the film's number. None for a picture of the theme."""
    if node.tag == "amp-youtube" and (film := node.get("data-videoid")):
        return f"https://www.youtube.com/embed/{film}"
    for name in ("src", "data-src"):
        value = (node.get(name) or "").strip()
        if not value or value.startswith(("data:", "about:", "javascript:")) or of_theme(value):
            continue
        if url := joined(base, value):
            return url
    return None


def read_pictures(
    nodes: Iterable[Element], base: str, left_out: Iterable[Element] = (), captions: Mapping[Element, str] | None = None
) -> list[Picture]:
    """Every `img` inside the elements, page order, each address once; those inside `left_out` are not the article's.

    `captions` are those printed beside pictures, for the ones without an `alt`.
    """
    printed = captions or {}
    foreign = {picture for node in left_out for picture in node.iter(*PICTURES)}
    found: dict[str, Picture] = {}
    for node in nodes:
        for one in node.iter(*PICTURES):
            url = None if one in foreign or _is_of_card(one) else address_of(one, base)
            if url is not None and url not in found:
                found[url] = Picture(url, (one.get("alt") or "", printed.get(one, "")))
    return list(found.values())


def _is_of_card(picture: Element) -> bool:
    """Whether a card holds it, by the shape alone that pictures of cards have: the rest of the card, which `heroes` looks for, may have changed."""
    return any("ratio398x208" in (one.get("class") or "") for one in islice(picture.iterancestors(), 2))


def read_players(nodes: Iterable[Element], base: str) -> list[str]:
    """Addresses of embedded players inside the elements, page order, each once."""
    return player_addresses((one for node in nodes for one in node.iter(*PLAYERS) if one is not node), base)


def player_addresses(players: Iterable[Element], base: str) -> list[str]:
    """What the players load, each once, in their order."""
    addresses = (address_of(player, base) for player in players if _plays(player))
    return list(dict.fromkeys(one for one in addresses if one and not _NO_PLAYER.search(one)))


def _plays(player: Element) -> bool:
    """Whether it is no `source` of a picture."""
    return player.tag != "source" or next(player.iterancestors("video"), None) is not None


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
