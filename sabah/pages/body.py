"""The body of an article: its blocks without captions and without the notices that stick to its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah.normalize.dates import DateError, parse_date
from sabah.pages.notices import without_notice
from sabah.pages.picture_texts import PictureTexts, read_picture_texts
from sabah.pages.tree import finder

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.etree import _Element as Element

asides = finder(
    ".//*[contains(@class, 'related-topic') or contains(@class, 'article-newsletter') or contains(@class, 'numbered_list') or contains(@class, 'share_')]"
)
_SECOND_BYLINE = re.compile(
    r"(?:by (?P<byline>.{1,80}?)\s*)?(?P<date>[A-Z][a-z]{2} \d{2}, \d{4} \d{1,2}:\d{2} [ap]m)", re.IGNORECASE
)
_SLUG = re.compile(r"\w+(?:-\w+)+")
"""A topic label, as cards bear it."""

_SHARE = frozenset(
    {"shortlink copied", "Shortlink copied", "RECOMMENDED", "RELATED TOPICS", "ADVERTISEMENT", "Advertisement"}
)


def read_body(body: Element, left_out: Collection[Element] = ()) -> PictureTexts:
    """Paragraphs and sub-headings of the article, and the captions printed among them.

    Not among the paragraphs: these captions, the second byline with its date, the share block, and the cookie notice under Law No. 6698 at the end. An
    article about that law keeps its paragraphs.
    """
    found = read_picture_texts(body, {*left_out, *asides(body)})
    found.lines = without_notices(found.lines)
    return found


def without_notices(found: list[str]) -> list[str]:
    """The blocks without second byline, share block and cookie notice."""
    kept = [one for one in found if one not in _SHARE and not _is_second_byline(one)]
    if len(kept) > 1 and _SLUG.fullmatch(kept[-1]):
        kept.pop()
    return without_notice(kept)


def _is_second_byline(block: str) -> bool:
    match = _SECOND_BYLINE.fullmatch(block)
    if not match:
        return False
    try:
        parse_date(match["date"])
    except DateError:
        return False
    return True
