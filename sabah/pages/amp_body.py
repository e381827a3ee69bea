"""Which element of an AMP page holds the text: its classes are not known."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from lxml import etree

from sabah.normalize.dates import find_date
from sabah.normalize.text import unescape
from sabah.pages.article_media import NOT_OF_ARTICLE
from sabah.pages.notices import without_notice
from sabah.pages.picture_texts import captions_of
from sabah.pages.tree import finder, lineage, text

if TYPE_CHECKING:
    from collections.abc import Container

    from lxml.etree import _Element as Element

_bodies = finder("//div{.article_body}")
_pictures = finder("descendant-or-self::amp-img | descendant-or-self::img")
_LONGEST_LINE = 100  # of a byline or a date


def find_body(root: Element, headline: Element) -> Element | None:
    """The element that bears the body's class; else the one whose own text and paragraphs are the longest, or the largest around it that holds neither
    the headline nor a picture before its text: paragraphs may stand in boxes of their own.
    """
    marked = _bodies(root)
    if marked:
        return marked[0]
    texts = _texts(root)
    captions = captions_of(_pictures(root))
    by_length = sorted(texts, key=lambda holder: len(texts[holder]), reverse=True)
    longest = next((one for one in by_length if _is_running_text(texts[one], captions)), None)
    if longest is None:
        return None
    above = set(lineage(headline))
    around = takewhile(lambda node: node not in above and not _begins_with_picture(node), longest.iterancestors())
    return [longest, *around][-1]


def boxes_in(body: Element, headline: Element) -> list[Element]:
    """The boxes that frame an article where they stand in its body; the headline's own holds its spot, perhaps."""
    above = set(lineage(headline))
    return [box for box in body.iterdescendants(*NOT_OF_ARTICLE) if box not in above]


def is_dateline(line: str) -> bool:
    """Whether a line ends with a date and its hour; a spot may speak of a day."""
    date = find_date(line)
    return date is not None and ":" in date and line.endswith(date)


def _texts(root: Element) -> dict[Element, str]:
    """The own text and paragraphs of each element that has any, in page order; boxes that frame an article have none."""
    parts: dict[Element, list[str]] = {}
    walk = etree.iterwalk(root, events=("start",), tag=("p", "div", "section", "article", *NOT_OF_ARTICLE))
    for _, node in walk:
        holder = node.getparent() if node.tag == "p" else node
        if node.tag in NOT_OF_ARTICLE:
            walk.skip_subtree()
        elif holder is not None:
            own = [text(node)] if node.tag == "p" else [node.text or "", *(one.tail or "" for one in node)]
            parts.setdefault(holder, []).extend(own)
    joined = ((holder, " ".join(filter(None, map(str.strip, own)))) for holder, own in parts.items())
    return {holder: line for holder, line in joined if line}


def _is_running_text(line: str, captions: Container[str]) -> bool:
    """Whether a text is neither the cookie notice, a caption, a byline nor a date."""
    if unescape(line) in captions or not without_notice([line]):
        return False
    return len(line) > _LONGEST_LINE or not (is_dateline(line) or line.lower().startswith("by "))


def _begins_with_picture(node: Element) -> bool:
    first = next((child for child in node if text(child) or _pictures(child)), None)
    return first is not None and bool(_pictures(first))
