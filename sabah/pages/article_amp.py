"""AMP twins: headline, hero with caption, spot (where the article has one), body; no menus and, as a rule, no date (FACTS section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.normalize.text import unescape
from sabah.pages import labels
from sabah.pages.amp_body import boxes_in, find_body, is_dateline
from sabah.pages.article_media import NOT_OF_ARTICLE, article_area, own_players, pictures_outside
from sabah.pages.blocks import blocks
from sabah.pages.body import read_body
from sabah.pages.links import Links, card_links, links_in
from sabah.pages.media import PICTURES, read_pictures
from sabah.pages.picture_texts import captions_beside, captions_of
from sabah.pages.tree import finder, lineage, text

if TYPE_CHECKING:
    from collections.abc import Container

    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.pages.page import Page

_headlines = finder("//h1[not(contains(@class, 'logo'))]")


def matches(root: Element) -> bool:
    """Whether `html` is marked as AMP."""
    return root.get("amp") is not None or root.get("⚡") is not None


def fill(page: Page, loader: ArticleLoader) -> tuple[Links, Element | None]:
    """Load what the page prints, in its order, and give its links and the element that holds its text; classes of AMP pages are not known, so the structure leads."""
    headline = next((one for one in _headlines(page.root) if text(one)), None)
    if headline is None:
        return Links(), None
    loader.take("headline", "text", text(headline))
    body = find_body(page.root, headline)
    found = page.labels
    recommended = labels.recommended(found, page.root, page.base, body)
    left_out = {headline, *recommended}
    related = links_in(recommended, page.base)
    loader.take("related", "text", related)
    area = article_area(page.root, headline, body)
    above = _above(area, body, headline)
    before = [picture for node in above for picture in node.iter(*PICTURES)]
    _read_lines(loader, body, above, captions_of(before))
    pictures = pictures_outside(page, area, body, before, whole_page=True)
    captions = captions_beside(pictures)
    if body is not None:
        left_out.update(boxes_in(body, headline))
        read = read_body(body, left_out)
        captions.update(read.captions)
        loader.take("body", "text", read.lines)
    holders = [*pictures, *([] if body is None else [body])]
    loader.take("images", "text", read_pictures(holders, page.base, left_out, captions))
    loader.take("videos", None, own_players(page, area, whole_page=True))
    if body is None:
        return Links(related, card_links(page.root, page.base, recommended)), None
    cards = card_links(page.root, page.base, [*recommended, body])
    return Links(related, cards, links_in([body], page.base, left_out)), body


def _read_lines(loader: ArticleLoader, body: Element | None, above: list[Element], captions: Container[str]) -> None:
    """Date, city, byline and spot of the lines above the body; where there is none, no line is a spot."""
    for line in (line for node in above for line in blocks(node)):
        if unescape(line) in captions:
            continue
        if is_dateline(line):
            loader.take("published", "text", line)
            loader.take("dateline", "text", line)
        elif line.lower().startswith("by "):
            loader.take("byline", "text", line)
        elif body is not None:
            loader.take("standfirst", None, line)


def _above(area: Element, body: Element | None, headline: Element) -> list[Element]:
    """The largest elements between headline and body, in page order; without a body all behind the headline but the boxes that frame an article."""
    around = {*lineage(headline), *([] if body is None else lineage(body))}
    found: list[Element] = []
    seen_headline = False
    stack = [area]
    while stack:
        node = stack.pop()
        if node is body:
            return found
        seen_headline = seen_headline or node is headline
        if node in around:
            stack.extend(reversed(node))
        elif seen_headline and not (body is None and node.tag in NOT_OF_ARTICLE):
            found.append(node)
    return found
