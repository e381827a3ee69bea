"""The body of an article: its blocks without captions and without the notices that stick to its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah.normalize.dates import DateError, find_date, parse_date
from sabah.pages.byline_and_date import is_city
from sabah.pages.notices import without_notice
from sabah.pages.picture_texts import PictureTexts, read_picture_texts
from sabah.pages.tree import finder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element

_ASIDE = re.compile(r"related-topic|article-newsletter|numbered_list")
_controls = finder(".//a[starts-with(@href, 'javascript:')]")
_SECOND_BYLINE = re.compile(
    r"(?:by (?P<byline>.{1,80}?)\s*)?(?P<date>[A-Z][a-z]{2} \d{2}, \d{4} \d{1,2}:\d{2} [ap]m)", re.IGNORECASE
)
_SLUG = re.compile(r"\w+(?:-\w+)+")
"""A topic label, as cards bear it."""

_TEXT_TAGS = frozenset({"p", "h2", "h3", "h4", "blockquote"})
_LONGEST_BYLINE, _LONGEST_DATE = 100, 60
_SHARE = frozenset(
    {"shortlink copied", "Shortlink copied", "RECOMMENDED", "RELATED TOPICS", "ADVERTISEMENT", "Advertisement"}
)


def read_body(body: Element, left_out: Collection[Element] = ()) -> PictureTexts:
    """Paragraphs and sub-headings of the article, and the captions printed among them.

    Not among the paragraphs: these captions, the second byline with its date, the share block, and the cookie notice under Law No. 6698 at the end. An
    article about that law keeps its paragraphs.
    """
    found = read_picture_texts(body, {*left_out, *asides(body), *_buttons(body)})
    found.lines = without_notices(found.lines)
    return found


def asides(body: Element) -> list[Element]:
    """The boxes inside a body that are known by their class."""
    return [one for one in body.iterdescendants() if (names := one.get("class")) and _ASIDE.search(names)]


def _buttons(body: Element) -> Iterator[Element]:
    """Links that lead nowhere and stand alone: words to press, as those of a share block. In a sentence they are text, around a picture they are its."""
    for link in _controls(body):
        around, before = link.getparent(), link.getprevious()
        if around is None or len(link) or around.tag in _TEXT_TAGS:
            continue
        if not f"{(around.text if before is None else before.tail) or ''}{link.tail or ''}".strip():
            yield link


def without_notices(found: list[str]) -> list[str]:
    """The blocks without second byline, details, share block and cookie notice."""
    kept = [one for one in _without_details(found) if one not in _SHARE and not _is_second_byline(one)]
    if len(kept) > 1 and _SLUG.fullmatch(kept[-1]):
        kept.pop()
    return without_notice(kept)


def _without_details(found: list[str]) -> list[str]:
    """The blocks without one that is nothing but a date with a clock, and the city in capitals and the byline right before it."""
    kept: list[str] = []
    for block in found:
        if len(block) > _LONGEST_DATE or ":" not in block or find_date(block) != block:
            kept.append(block)
            continue
        if kept and kept[-1].isupper() and is_city(kept[-1]):
            kept.pop()
        if (
            kept
            and kept[-1].lower().startswith("by ")
            and len(kept[-1]) < _LONGEST_BYLINE
            and not kept[-1].endswith(".")
        ):
            kept.pop()
    return kept


def _is_second_byline(block: str) -> bool:
    match = _SECOND_BYLINE.fullmatch(block)
    if not match:
        return False
    try:
        parse_date(match["date"])
    except DateError:
        return False
    return True
