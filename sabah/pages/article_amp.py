"""AMP twins: headline, hero with caption, spot (where the article has one), body; no menus and, as a rule, no date (FACTS section 1)."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from lxml import etree

from sabah.normalize.dates import find_date
from sabah.normalize.text import unescape
from sabah.pages import labels
from sabah.pages.blocks import blocks
from sabah.pages.body import read_body, without_notice
from sabah.pages.captions import captions_beside, captions_of
from sabah.pages.links import Links, card_links, links_in
from sabah.pages.media import NOT_OF_ARTICLE, PICTURES, article_area, own_players, pictures_outside, read_pictures
from sabah.pages.tree import finder, lineage, text

if TYPE_CHECKING:
    from collections.abc import Container

    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.pages.page import Page


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
