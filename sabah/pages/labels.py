"""Values that stand beside a printed label. The classes around them are not known, so label and structure lead to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah.normalize.dates import find_date
from sabah.normalize.text import clean
from sabah.pages.tree import finder, lineage, tag, text

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.etree import _Element as Element

RECOMMENDED = "recommended"
KEYWORDS = "keywords"
RELATED_TOPICS = "related topics"
LAST_UPDATE = "last update"
_EXACT = frozenset({RECOMMENDED, KEYWORDS, RELATED_TOPICS})
_BEGINNINGS = (*_EXACT, LAST_UPDATE)
_LONGEST = 80
_BLOCKS = frozenset(
    [
        "div",
        "ul",
        "ol",
        "li",
        "p",
        "section",
        "aside",
        "table",
        "dl",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "article",
        "main",
        "footer",
        "form",
    ]
)
_SLUG_OR_NOTHING = re.compile(r"[^\s.,;:!?]*")
_LAST_UPDATE = re.compile(r"last update\s*:?\s*(?P<date>.+)", re.IGNORECASE)
_card_links = finder(".//h3//a[@href]")


def find_labels(area: Element) -> dict[str, list[Element]]:
    """The elements whose own text is one of the labels (`Last Update` also with its date behind it), by label."""
    found: dict[str, list[Element]] = {}
    for node in area.iter("*"):
        own = node.text
        if not own or not own.strip().lower().startswith(_BEGINNINGS):
            continue
        label = clean(own).lower().rstrip(": ")
        if label in _EXACT:
            found.setdefault(label, []).append(node)
        elif label.startswith(LAST_UPDATE) and len(label) < _LONGEST:
            found.setdefault(LAST_UPDATE, []).append(node)
    return found


def beside(label: Element, end: Element) -> list[Element]:
    """The elements that hold a label's values: what follows it, or follows the wrappers that hold nothing but the label.

    Inline siblings belong together; of block siblings the first one that says something does.
    """
    for node in lineage(label, end):
        following = [one for one in node.itersiblings("*") if text(one)]
        if following and tag(following[0]) not in _BLOCKS:
            return [one for one in following if tag(one) not in _BLOCKS]
        if following:
            return following[:1]
        if clean(node.tail or ""):
            return []
    return []


def keyword_texts(label: Element, end: Element) -> list[str]:
    """Texts of a KEYWORDS block: one of each link, item or inline element, else the block's whole text."""
    found: list[str] = []
    for block in beside(label, end):
        parts = [block] if tag(block) in {"a", "span"} else []
        parts = parts or list(block.iter("a")) or list(block.iter("li")) or list(block.iter("span")) or [block]
        found.extend(text(part) for part in parts)
    return found or [clean(label.tail or "")]


def last_update(label: Element, end: Element) -> tuple[str | None, list[Element]]:
    """The date of `Last Update: Sep 14, 2021 11:57 am` and the elements that print it: the label's own, or also what is beside it."""
    for held in ([label], [label, *beside(label, end)]):
        match = _LAST_UPDATE.fullmatch(" ".join(map(text, held)))
        if match and find_date(match["date"]) == match["date"]:
            return match["date"], held
    return None, []


def box(label: Element, labels: Collection[Element], end: Element) -> list[Element]:
    """The elements that make up the RECOMMENDED box of a label, the label's own first; empty where it has no card.

    Cards (`h3` with a link) follow the label or a wrapper that holds nothing else; between them stand pictures and topic
    labels, which are slugs. A paragraph or another label ends the box.
    """
    others = {node for other in labels if other is not label for node in lineage(other, end)}
    for wrapper in lineage(label, end):
        found = [wrapper]
        cards = 0
        for sibling in wrapper.itersiblings("*"):
            if sibling in others or tag(sibling) == "p":
                break
            if _card_links(sibling) or (tag(sibling) == "h3" and sibling.find(".//a[@href]") is not None):
                found.append(sibling)
                cards += 1
            elif _SLUG_OR_NOTHING.fullmatch(text(sibling)):
                found.append(sibling)
            else:
                break
        if cards:
            return found
    return []


def recommended(found: dict[str, list[Element]], end: Element) -> list[Element]:
    """The elements of all RECOMMENDED boxes of a page."""
    every = [label for same in found.values() for label in same]
    return [node for label in found.get(RECOMMENDED, []) for node in box(label, every, end)]
