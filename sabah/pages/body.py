"""The body of an article: its blocks without captions and without the notices that stick to its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah.normalize.captions import parse_caption
from sabah.normalize.dates import DateError, parse_date
from sabah.normalize.text import clean, unescape
from sabah.pages.blocks import blocks
from sabah.pages.notices import without_notice
from sabah.pages.tree import finder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lxml.etree import _Element as Element

_pictures = finder(".//img[@alt] | .//amp-img[@alt]")
asides = finder(
    ".//*[contains(@class, 'related-topic') or contains(@class, 'article-newsletter') or contains(@class, 'numbered_list')]"
)
_SECOND_BYLINE = re.compile(
    r"(?:by (?P<byline>.{1,80}?)\s*)?(?P<date>[A-Z][a-z]{2} \d{2}, \d{4} \d{1,2}:\d{2} [ap]m)", re.IGNORECASE
)
_SHARE = frozenset(
    {"shortlink copied", "Shortlink copied", "RECOMMENDED", "RELATED TOPICS", "ADVERTISEMENT", "Advertisement"}
)


def body_blocks(body: Element, left_out: Collection[Element] = ()) -> list[str]:
    """Paragraphs and sub-headings of the article.

    Not among them: captions (a block that repeats the `alt` of an image inside the body), the second byline with its date, the share block, and the
    cookie notice under Law No. 6698 at the end. An article about that law keeps its paragraphs.
    """
    captions = captions_of(_pictures(body))
    return without_notices([one for one in blocks(body, {*left_out, *asides(body)}) if unescape(one) not in captions])


def without_notices(found: list[str]) -> list[str]:
    """The blocks without second byline, share block and cookie notice."""
    kept = [one for one in found if one not in _SHARE and not _is_second_byline(one)]
    return without_notice(kept)


def captions_of(pictures: Iterable[Element]) -> set[str]:
    """What may be printed under the pictures: their `alt`, with and without the credit."""
    alts = {clean(unescape(picture.get("alt") or "")) for picture in pictures} - {""}
    without_credit = {caption.text for alt in alts if (caption := parse_caption(alt)).text}
    return {one for one in {*alts, *without_credit} if one}


def _is_second_byline(block: str) -> bool:
    match = _SECOND_BYLINE.fullmatch(block)
    if not match:
        return False
    try:
        parse_date(match["date"])
    except DateError:
        return False
    return True
