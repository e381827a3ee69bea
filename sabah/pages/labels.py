"""Values that stand beside a printed label. The classes around them are not known, so label and structure lead to them."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from sabah.normalize.dates import find_date
from sabah.normalize.text import clean
from sabah.pages.links import article_address, is_heading_link
from sabah.pages.tree import beginning, lineage, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element

RECOMMENDED = "recommended"
KEYWORDS = "keywords"
RELATED_TOPICS = "related topics"
LAST_UPDATE = "last update"
SHORTLINK = "shortlink copied"
_EXACT = frozenset({RECOMMENDED, KEYWORDS, RELATED_TOPICS})
_begins = re.compile(rf"(?>\s*)(?:{'|'.join((*_EXACT, LAST_UPDATE))})", re.IGNORECASE).match
_SHORTEST, _LONGEST = len(KEYWORDS), 80
_MOST_WRAPPERS = 16
_MOST = 32  # of one label; a page has a few, and each is looked at with all that stands around it
_SLUG_OR_NOTHING = re.compile(r"[^\s.,;:!?]*")
_LISTED = re.compile(r"KEYWORDS(?: |(?=\w?[a-zçğıöşü]))[^,•·]*+[,•·]")
"""Keywords in one text with their label in capitals, even without a blank where a comment parted them."""

_TITLES = frozenset({"a", "button", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "script", "style", "title"})
_LAST_UPDATE = re.compile(r"(?:shortlink copied )?last update ?:? ?(?P<date>.+)", re.IGNORECASE)


def find_labels(area: Element) -> dict[str, list[Element]]:
    """The elements whose text begins with one of the labels, alone or behind an icon, by label (`Last Update` also with its date behind it,
    `KEYWORDS` with a list of them); of very many the last.
    """
    found: dict[str, list[Element]] = {}
    opening = cache(lambda holder: beginning(holder, _LONGEST))
    for node in area.iter():
        own = node.text
        if own and len(own) >= _SHORTEST and _begins(own):
            _sort(found, own, node)
        behind = node.tail
        if behind and len(behind) >= _SHORTEST and _begins(behind):
            holder = node.getparent()
            if holder is not None and opening(holder).startswith((clean(behind)[:_LONGEST], SHORTLINK)):
                _sort(found, behind, holder)
    return {label: holders[-_MOST:] for label, holders in found.items()}


def _sort(found: dict[str, list[Element]], printed: str, holder: Element) -> None:
    line = clean(printed)
    label = line.lower().rstrip(": ")
    if label in _EXACT or label.startswith(f"{KEYWORDS}:"):
        found.setdefault(label.partition(":")[0], []).append(holder)
    elif _LISTED.match(line) and not line.isupper() and all(one.tag not in _TITLES for one in lineage(holder)):
        found.setdefault(KEYWORDS, []).append(holder)
    elif label.startswith(LAST_UPDATE) and len(label) < _LONGEST:
        found.setdefault(LAST_UPDATE, []).append(holder)


def last_update(label: Element, end: Element) -> tuple[str | None, list[Element]]:
    """The date of `Last Update: Sep 14, 2021 11:57 am` and the element that prints it: the label's own, or the smallest around both.

    Nothing else may stand in it but the share block's `shortlink copied`: running text that speaks of an update is none.
    """
    for holder in lineage(label, end):
        printed = clean(" ".join(holder.itertext()))
        if len(printed) > _LONGEST:
            break
        match = _LAST_UPDATE.fullmatch(printed)
        if match and find_date(match["date"]) == match["date"]:
            return match["date"], [holder]
    return None, []


def box(label: Element, others: Collection[Element], end: Element, base: str) -> list[Element]:
    """The elements that make up the RECOMMENDED box of a label, the label's own first; empty where it leads to no article.

    Cards and lists (links to articles and hardly a word beside them) stand in the label's element, or follow it or a wrapper that holds nothing else;
    between them stand pictures and topic labels, which are slugs. A paragraph or one of the `others` ends the box.
    """
    ends = {node for other in others if other is not label for node in lineage(other, end)}
    if label in ends:
        return []
    if _leads_to_article(label, base):
        return [label]
    for wrapper in wrappers(label, end):
        found = [wrapper]
        cards = 0
        for sibling in wrapper.itersiblings():
            if sibling in ends or sibling.tag == "p":
                break
            if _leads_to_article(sibling, base) and _is_card(sibling):
                found.append(sibling)
                cards += 1
            elif _SLUG_OR_NOTHING.fullmatch(text(sibling)):
                found.append(sibling)
            else:
                break
        if cards:
            return found
    return []


def _leads_to_article(node: Element, base: str) -> bool:
    return any(article_address(anchor, base) for anchor in node.iter("a"))


def _is_card(node: Element) -> bool:
    """Whether a heading is linked, or nothing but slugs and dates stands beside the links: running text with a link in it is no card."""
    if any(is_heading_link(anchor) for anchor in node.iter("a")):
        return True
    linked = {one for anchor in node.iter("a") for one in anchor.iter()}
    beside = [one.text for one in node.iter() if one not in linked]
    beside += [one.tail for one in node.iter() if one is not node and one.getparent() not in linked]
    lines = (clean(part) for part in beside if part)
    return all(_SLUG_OR_NOTHING.fullmatch(line) or find_date(line) == line for line in lines)


def recommended(found: dict[str, list[Element]], end: Element, base: str, body: Element | None = None) -> list[Element]:
    """The elements of all RECOMMENDED boxes of a page; the `body` is in none of them."""
    others = [label for same in found.values() for label in same] + ([] if body is None else [body])
    return [node for label in found.get(RECOMMENDED, []) for node in box(label, others, end, base)]


def alone(found: dict[str, list[Element]]) -> list[Element]:
    """The elements that hold nothing but the label of a box, in capitals: never text, wherever they stand."""
    return [
        one
        for name in (RECOMMENDED, RELATED_TOPICS)
        for one in found.get(name, [])
        if text(one).rstrip(": ") == name.upper()
    ]


def wrappers(label: Element, end: Element) -> Iterator[Element]:
    """The label and the elements around it that hold nothing else."""
    printed = text(label)
    return takewhile(lambda node: text(node) == printed, islice(lineage(label, end), _MOST_WRAPPERS))
