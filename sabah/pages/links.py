"""Links of a page to articles, sorted by the box they stand in."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING

import attrs
from lxml import etree

from sabah.normalize.text import clean
from sabah.pages.tree import finder, joined, lineage
from sabah.site.addresses import parse_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lxml.etree import _Element as Element

_with_picture = finder("descendant-or-self::a[.//img or .//amp-img]")
NO_PAGE = ("#", "javascript:", "mailto:")
_CARD_HEADINGS = ("h3", "h4")
_LINK_OR_HEADING = frozenset({"a", *_CARD_HEADINGS})
_MOST_LEVELS = 12  # of elements around a heading, in one card
_LONGEST_LABEL = 40
ranked_lists = finder("//ul{.numbered_list} | //ol")
"""What is most read, in an order of its own."""

_SLUG = re.compile(r"[\w-]+")
_SLUG_OR_DATE = re.compile(r"[^\s.,;:!?]*|[A-Z][a-z]{2} \d{2}, \d{4}|\d+")


@attrs.frozen
class Links:
    """Canonical article addresses, each box in page order without repeats. Menus and most-read are in none."""

    recommended: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    body: tuple[str, ...] = ()

    @property
    def articles(self) -> tuple[str, ...]:
        """All of them, in the order in which they are told of."""
        return (*self.recommended, *self.cards, *self.body)


def article_address(anchor: Element, base: str) -> str | None:
    """Canonical address of a link to an article; None for every other link."""
    href = anchor.get("href")
    return _canonical(href, base) if href else None


@lru_cache(maxsize=1024)  # a link is asked for by several readers of its page
def _canonical(href: str, base: str) -> str | None:
    href = href.strip()
    if not href or href.startswith(NO_PAGE):
        return None
    address = parse_address(href if href.startswith(("https://", "http://")) else joined(base, href) or "")
    return address.canonical if address and address.is_article else None


def address_finder(base: str) -> Callable[[Element], str | None]:
    """`article_address` for links that are met again and again: each is looked at once."""
    return cache(lambda anchor: article_address(anchor, base))


def links_in(nodes: Iterable[Element], base: str, left_out: Iterable[Element] = ()) -> tuple[str, ...]:
    """Article addresses of every link inside the elements but those inside `left_out`."""
    return _addresses(_without((anchor for node in nodes for anchor in node.iter("a")), left_out), base)


def card_links(root: Element, base: str, left_out: Iterable[Element] = ()) -> tuple[str, ...]:
    """Article addresses of the cards (a heading in a link, or with one) of a page; most-read and what lies inside `left_out` are not."""
    found = (anchor for heading in root.iter(*_CARD_HEADINGS) for anchor in _links_of(heading))
    return _addresses(_without(found, [*left_out, *ranked_lists(root)]), base)


def cards_in(body: Element, base: str) -> list[Element]:
    """The cards inside a text: the largest elements around a linked heading that hold nothing but such headings, their pictures, a slug or date for each, and one label."""
    found: dict[Element, None] = {}
    is_card_like, is_illustrated = cache(_is_card_like), cache(_has_picture_or_topic)
    address = address_finder(base)
    for heading in body.iter(*_CARD_HEADINGS):
        if next(heading.iterdescendants(*_CARD_HEADINGS), None) is not None:
            continue  # the one inside leads to the same card
        if any(address(anchor) for anchor in _links_of(heading)) and _is_all_linked(heading):
            around = list(takewhile(is_card_like, islice(lineage(heading, body), _MOST_LEVELS)))
            if around and is_illustrated(around[-1]):
                found[around[-1]] = None
    return list(found)


def linked_pictures(area: Element, base: str, url: str) -> list[Element]:
    """The links to other articles that hold a picture: parts of cards, whatever box they stand in."""
    return [anchor for anchor in _with_picture(area) if article_address(anchor, base) not in {None, url}]


def _is_all_linked(heading: Element) -> bool:
    """Whether the heading is a link and nothing else."""
    inside = heading.iter("a") if next(heading.iter("a"), None) is not None else [heading]  # the link is around it
    linked = "".join(clean("".join(anchor.itertext())) for anchor in inside)
    return clean("".join(heading.itertext())) in linked


def _has_picture_or_topic(card: Element) -> bool:
    """Whether there is a picture, or a slug under the heading: what a sub-heading of a text that is a link does not have."""
    return next(card.iter("img", "amp-img"), None) is not None or any(
        "-" in line and _SLUG.fullmatch(line) for one in card.iter() if (line := clean(one.text or ""))
    )


def _is_card_like(node: Element) -> bool:
    lines = (clean(one) for one in _texts_beside(node))
    others = list(islice((line for line in lines if not _SLUG_OR_DATE.fullmatch(line)), 2))
    return (
        next(node.iter(*_CARD_HEADINGS), None) is not None
        and len(others) <= 1
        and all(len(one) <= _LONGEST_LABEL and not one.endswith((".", "!", "?", "”")) for one in others)
    )


def _texts_beside(node: Element) -> Iterator[str]:
    """The stretches of text inside an element that stand in no heading and no link."""
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, one in walk:
        if event == "start" and one.tag in _LINK_OR_HEADING:
            walk.skip_subtree()
        elif event == "start" and one.text:
            yield one.text
        if event != "start" and one is not node and one.tail:
            yield one.tail


def is_heading_link(anchor: Element) -> bool:
    """Whether a link holds the heading of a card or stands in it."""
    around = anchor.iterancestors(*_CARD_HEADINGS)
    return next(anchor.iter(*_CARD_HEADINGS), None) is not None or next(around, None) is not None


def _links_of(heading: Element) -> Iterator[Element]:
    """The links in a heading; without one, the link around it."""
    inside = list(heading.iter("a"))
    yield from inside or list(heading.iterancestors("a"))


def _addresses(anchors: Iterable[Element], base: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for anchor in dict.fromkeys(anchors) if (one := article_address(anchor, base))))


def _without(anchors: Iterable[Element], left_out: Iterable[Element]) -> Iterator[Element]:
    foreign = {anchor for node in left_out for anchor in node.iter("a")}
    return (anchor for anchor in anchors if anchor not in foreign)
