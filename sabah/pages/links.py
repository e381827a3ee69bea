"""Links of a page to articles, sorted by the box they stand in."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

import attrs

from sabah.normalize.text import clean
from sabah.pages.joined import joined
from sabah.pages.tree import finder, has_class, lineage
from sabah.site.addresses import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

_with_picture = finder("descendant-or-self::a[.//img or .//amp-img]")
_NO_PAGE = ("#", "javascript:", "mailto:")
_CARD_HEADINGS = ("h3", "h4")
_LONGEST_LABEL = 40
_SLUG = re.compile(r"[\w-]+")
_SLUG_OR_DATE = re.compile(r"[^\s.,;:!?]*|[A-Z][a-z]{2} \d{2}, \d{4}|\d+")


@attrs.frozen
class Links:
    """Canonical article addresses, each box in page order without repeats. Menus and most-read are in none."""

    recommended: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    body: tuple[str, ...] = ()


def article_address(anchor: Element, base: str) -> str | None:
    """Canonical address of a link to an article; None for every other link."""
    href = (anchor.get("href") or "").strip()
    if not href or href.startswith(_NO_PAGE):
        return None
    address = parse_address(href if href.startswith(("https://", "http://")) else joined(base, href) or "")
    return address.canonical if address and address.is_article else None


def links_in(nodes: Iterable[Element], base: str, left_out: Iterable[Element] = ()) -> tuple[str, ...]:
    """Article addresses of every link inside the elements but those inside `left_out`."""
    return _addresses(_without((anchor for node in nodes for anchor in node.iter("a")), left_out), base)


def card_links(root: Element, base: str, left_out: Iterable[Element] = ()) -> tuple[str, ...]:
    """Article addresses of the cards (a heading in a link, or with one) of a page; most-read and what lies inside `left_out` are not."""
    found = (anchor for heading in root.iter(*_CARD_HEADINGS) for anchor in _links_of(heading))
    cards = (anchor for anchor in _without(found, left_out) if not _is_ranked(anchor))
    return _addresses(cards, base)


def cards_in(body: Element, base: str) -> list[Element]:
    """The cards inside a text: the largest elements around a linked heading that hold nothing but such headings, their pictures, a slug or date for each, and one label."""
    found: list[Element] = []
    for heading in body.iter(*_CARD_HEADINGS):
        if any(article_address(anchor, base) for anchor in _links_of(heading)) and _is_all_linked(heading):
            around = list(takewhile(_is_card_like, lineage(heading, body)))
            if around and (next(around[-1].iter("img", "amp-img"), None) is not None or _says_topic(around[-1])):
                found.append(around[-1])
    return found


def linked_pictures(area: Element, base: str, url: str) -> list[Element]:
    """The links to other articles that hold a picture: parts of cards, whatever box they stand in."""
    return [anchor for anchor in _with_picture(area) if article_address(anchor, base) not in {None, url}]


def _is_all_linked(heading: Element) -> bool:
    """Whether the heading is a link and nothing else."""
    linked = "".join(clean("".join(anchor.itertext())) for anchor in _links_of(heading))
    return clean("".join(heading.itertext())) in linked


def _says_topic(card: Element) -> bool:
    """Whether a slug stands under the heading: what a sub-heading of a text that is a link does not have."""
    return any(
        "-" in line and _SLUG.fullmatch(line)
        for one in card.iter()
        if isinstance(one.tag, str) and (line := clean(one.text or ""))
    )


def _is_card_like(node: Element) -> bool:
    headings = list(node.iter(*_CARD_HEADINGS))
    of_headings = {inner for one in headings for inner in one.iter()}
    linked = {inner for one in node.iter("a") for inner in one.iter()}
    texts = [
        one.text for one in node.iter() if isinstance(one.tag, str) and one not in of_headings and one not in linked
    ]
    texts += [
        one.tail
        for one in node.iter()
        if one is not node and one.getparent() not in of_headings and one.getparent() not in linked
    ]
    others = [line for one in texts if one and not _SLUG_OR_DATE.fullmatch(line := clean(one))]
    return (
        bool(headings)
        and len(others) <= 1
        and all(len(one) <= _LONGEST_LABEL and not one.endswith((".", "!", "?", "”")) for one in others)
    )


def is_heading_link(anchor: Element) -> bool:
    """Whether a link holds the heading of a card or stands in it."""
    around = anchor.iterancestors(*_CARD_HEADINGS)
    return next(anchor.iter(*_CARD_HEADINGS), None) is not None or next(around, None) is not None


def _links_of(heading: Element) -> Iterator[Element]:
    """The links in a heading; without one, the link around it."""
    inside = list(heading.iter("a"))
    yield from inside or list(heading.iterancestors("a"))


def _addresses(anchors: Iterable[Element], base: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for anchor in anchors if (one := article_address(anchor, base))))


def _without(anchors: Iterable[Element], left_out: Iterable[Element]) -> Iterator[Element]:
    foreign = {anchor for node in left_out for anchor in node.iter("a")}
    return (anchor for anchor in anchors if anchor not in foreign)


def _is_ranked(anchor: Element) -> bool:
    return any(node.tag == "ol" or has_class(node, "numbered_list") for node in anchor.iterancestors("ol", "ul"))
