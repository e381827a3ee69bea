"""The layouts of 2014 to early 2020, as old captures have them (FACTS section 1)."""

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from sabah.pages import labels
from sabah.pages.body import read_body
from sabah.pages.captions import captions_beside
from sabah.pages.links import Links, card_links, cards_in, linked_pictures, links_in
from sabah.pages.media import article_area, own_players, pictures_outside, read_pictures
from sabah.pages.share_block import read_share_block
from sabah.pages.tree import common_ancestor, finder, lineage, text

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.pages.page import Page

_headlines = finder("//h1[@id='newsTitle']")
_other_headlines = finder("//h1[not(contains(@class, 'logo'))]")
_bodies = finder("//*[@id='newsDescription']//div{.txt}")
_older_bodies = finder("//div{.txtIn}")
_DATE = r"(?P<date>\d{2}\.\d{2}\.\d{4}(?: \d{2}:\d{2})?)"
_PUBLISHED = re.compile(rf"\bPublished\s*:?\s*{_DATE}", re.IGNORECASE)
_UPDATED = re.compile(rf"\bUpdated\s*:?\s*{_DATE}", re.IGNORECASE)
_DATED = re.compile(
    r"\s*+(?:Published|Updated)\b\s*+:?\s*+(?!(?:in|by|at|as|with|under|since)\b)(?=[^.!?]*\d{4})(?=[^.!?]*\d{1,2}[:.]\d{2}|[^\n]{0,20}\s*\Z)[^!?\n]{0,50}\Z",
    re.IGNORECASE,
)
"""A line of one of the dates, in whatever form that is written: one that is not understood is no text either."""

_LONGEST_BYLINE = 100
_MOST_PARTS = 4
_WHOLE_PAGE = frozenset({"html", "body"})
"""Around headline and text of an article that has no element of its own: the pictures above the text are anybody's."""


def matches(root: Element) -> bool:
    """Whether the page bears one of the layout's own marks."""
    return bool(_headlines(root) or _bodies(root) or _older_bodies(root))


def fill(page: Page, loader: ArticleLoader) -> tuple[Links, Element | None]:
    """Load what the page prints, and give its links and the element that holds its text; metadata is left to the caller."""
    headline = next(iter(_headlines(page.root)), None)
    body = next(iter(_bodies(page.root) or _older_bodies(page.root)), None)
    if headline is not None:
        loader.take("headline", "css", text(headline))
    else:
        headline = next((one for one in _other_headlines(page.root) if text(one)), None)
        loader.take("headline", "text", None if headline is None else text(headline))
    area = page.root if headline is None or body is None else common_ancestor(headline, body)
    above = list(takewhile(lambda node: node is not body, area.iter()))
    _read_dates(page, loader, body, area, above)
    byline = next((line for node in above if _begins_with_by(node) and _is_byline(line := text(node))), None)
    loader.take("byline", "text", byline)

    found = page.labels
    recommended = labels.recommended(found, page.root, page.base, body)
    related = links_in(recommended, page.base)
    loader.take("related", "text", related)
    left_out = {*recommended, *read_share_block(page, loader, found)}
    if body is not None:
        left_out.update(cards_in(area, page.base), linked_pictures(area, page.base, page.url))
    area = article_area(page.root, headline, body)
    of_article = (node for node in above if node.tag == "img" and area.tag not in _WHOLE_PAGE)
    pictures = pictures_outside(page, area, body, of_article)
    captions = captions_beside(pictures)
    if body is not None:
        read = read_body(body, {*left_out, *_details_in(body)})
        captions.update(read.captions)
        loader.take("body", "css", read.lines)
    holders = [*pictures, *([] if body is None else [body])]
    loader.take("images", "text", read_pictures(holders, page.base, left_out, captions))
    loader.take("videos", None, own_players(page, area))
    if body is None:
        return Links(related, card_links(page.root, page.base, recommended)), None
    cards = card_links(page.root, page.base, [*recommended, body])
    return Links(related, cards, links_in([body], page.base, left_out)), body


def _read_dates(page: Page, loader: ArticleLoader, body: Element | None, area: Element, above: list[Element]) -> None:
    """`Published 24.03.2016 02:56`, and behind it or in an element of its own `Updated 24.03.2016 02:59`; above the text, else anywhere outside it."""
    of_text = {area} if body is None else {*body.iter(), *lineage(body)}
    lines = [text(node) for node in above if node not in of_text and len(node) < _MOST_PARTS]
    for field, label, form in (("published", "published", _PUBLISHED), ("modified", "updated", _UPDATED)):
        match = next((match for line in lines if (match := form.search(line))), None)
        match = match or next(_elsewhere(page.root, label, form, of_text), None)
        if match:
            loader.take(field, "text", match["date"])


def _elsewhere(
    root: Element, label: str, form: re.Pattern[str], of_text: Container[Element]
) -> Iterator[re.Match[str]]:
    for node in root.iter():
        if label not in (node.text or "").lower() or node.tag in {"script", "style"}:
            continue
        for holder in islice(lineage(node), 2):
            if holder not in of_text and len(holder) < _MOST_PARTS and (match := form.search(text(holder))):
                yield match


def _details_in(body: Element) -> list[Element]:
    """Dates and byline where the element of the text holds them too."""
    return [
        node for node in body.iter("div", "span")
        if len(node) < _MOST_PARTS and (_begins_with_by(node) or any(form(node.text or "") for form in (_PUBLISHED.search, _UPDATED.search, _DATED.match))) and len(text(node)) < _LONGEST_BYLINE
    ]  # fmt: skip


def _begins_with_by(node: Element) -> bool:
    return (node.text or "").lstrip()[:2].lower() == "by" and len(node) < _MOST_PARTS


def _is_byline(line: str) -> bool:
    return line.lower().startswith("by ") and len(line) < _LONGEST_BYLINE
