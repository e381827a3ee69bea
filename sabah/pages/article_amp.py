"""AMP twins: headline, hero with caption, spot (where the article has one), body; no menus and, as a rule, no date (FACTS section 1)."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from sabah.normalize.dates import find_date, split_dateline
from sabah.normalize.text import unescape
from sabah.pages import labels
from sabah.pages.blocks import blocks
from sabah.pages.body import read_body
from sabah.pages.links import Links, card_links, links_in
from sabah.pages.media import read_images, read_players
from sabah.pages.picture_texts import captions_beside, captions_of
from sabah.pages.tree import common_ancestor, finder, lineage, text

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from sabah.pages.draft import Draft
    from sabah.pages.page import Page

_headlines = finder("//h1[not(contains(@class, 'logo'))]")
_bodies = finder("//div{.article_body}")
_pictures = finder("descendant-or-self::amp-img | descendant-or-self::img")


def matches(root: Element) -> bool:
    """Whether `html` is marked as AMP."""
    return root.get("amp") is not None or root.get("⚡") is not None


def fill(page: Page, draft: Draft) -> Links:
    """Reads what the page prints, in its order; classes of AMP pages are not known, so the structure leads."""
    headline = next((one for one in _headlines(page.root) if text(one)), None)
    if headline is None:
        return Links()
    draft.take("headline", "text", text(headline))
    body = _body(page.root, headline)
    found = page.labels
    recommended = labels.recommended(found, page.root, page.base, body)
    left_out = {headline, *recommended}
    draft.take("related", "text", links_in(recommended, page.base))
    if body is None:
        return Links()
    draft.body = body
    area = common_ancestor(headline, body)
    above = _above(area, body, headline)
    pictures = [picture for node in above for picture in node.iter("amp-img", "img")]
    captions = captions_of(pictures)
    for line in (line for node in above for line in blocks(node)):
        if unescape(line) in captions:
            continue
        if _is_dateline(line):
            city, moment = split_dateline(line, opinion=page.is_opinion)
            draft.take("published_at", "text", moment)
            draft.take("dateline", "text", city)
        elif line.lower().startswith("by "):
            draft.take("byline", "text", line)
        else:
            draft.take("standfirst", None, line)
    read = read_body(body, left_out)
    beside = {**captions_beside(pictures), **read.captions}
    draft.take("body", "text", read.lines)
    draft.take("images", "text", read_images([*pictures, body], page.base, left_out, beside))
    draft.take("videos", None, read_players([area], page.base))
    return Links(
        links_in(recommended, page.base),
        card_links(page.root, page.base, [*recommended, body]),
        links_in([body], page.base, left_out),
    )


def _is_dateline(line: str) -> bool:
    """Whether a line ends with a date and its hour; a spot may speak of a day."""
    date = find_date(line)
    return date is not None and ":" in date and line.endswith(date)


def _body(root: Element, headline: Element) -> Element | None:
    """The element that bears the body's class; else the one whose own text and paragraphs are the longest, or the largest around it that holds neither
    the headline nor a picture before its text: paragraphs may stand in boxes of their own.
    """
    marked = _bodies(root)
    if marked:
        return marked[0]
    lengths: dict[Element, int] = {}
    for node in root.iter("p", "div", "section", "article"):
        holder = node.getparent() if node.tag == "p" else node
        if holder is not None:
            own = text(node) if node.tag == "p" else "".join([node.text or "", *(one.tail or "" for one in node)])
            lengths[holder] = lengths.get(holder, 0) + len(own.strip())
    longest = max(lengths, key=lengths.__getitem__, default=None)
    if longest is None:
        return None
    above = set(lineage(headline))
    around = takewhile(lambda node: node not in above and not _begins_with_picture(node), longest.iterancestors())
    return [longest, *around][-1]


def _begins_with_picture(node: Element) -> bool:
    first = next((child for child in node if text(child) or _pictures(child)), None)
    return first is not None and bool(_pictures(first))


def _above(area: Element, body: Element, headline: Element) -> list[Element]:
    """The largest elements between headline and body, in page order."""
    around = {*lineage(body), *lineage(headline)}
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
        elif seen_headline:
            found.append(node)
    return found
