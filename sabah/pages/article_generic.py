"""The fallback for pages whose layout is not recognised but which say in their metadata that they are an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.loaders import Picture
from sabah.normalize.text import clean, stream_safe, without_endless_numbers
from sabah.pages import labels
from sabah.pages.body import without_notices
from sabah.pages.links import Links, card_links, links_in
from sabah.pages.media import of_theme
from sabah.pages.tree import holds_more, with_fewer_attributes

if TYPE_CHECKING:
    from sabah.loaders import ArticleLoader
    from sabah.pages.metadata import Metadata
    from sabah.pages.page import Page


DEEPEST = 64
"""Levels of elements that a page may have here (the newspaper's have about 25): trafilatura goes through all that is inside for each of them."""

_MOST_ELEMENTS = 1_500  # the newspaper's pages have half as many
_ENDS = (".", "!", "?", "…", ":", '"', "”", "’", "'", ")")


def matches(metadata: Metadata) -> bool:
    """Whether the metadata says that this is an article: its type, its date, or JSON-LD of an article."""
    kind = metadata.first("og:type", "pageType")
    dated = metadata.first("datePublished", "article:published_time")
    return kind == "article" or bool(dated) or bool(metadata.json_ld)


def fill(page: Page, loader: ArticleLoader) -> Links:
    """Takes the body that trafilatura finds; everything else is left to the metadata."""
    from trafilatura import extract  # takes most of a second to import, and few pages need it  # noqa: PLC0415

    recommended = labels.recommended(page.labels, page.root, page.base)
    related = links_in(recommended, page.base)
    loader.take("related", "text", related)
    html = with_fewer_attributes(without_endless_numbers(stream_safe(page.html)).encode("utf-8", "replace")).decode()
    # The slow way asks jusText as well, which for each paragraph goes through all others.
    fast = holds_more(page.root, _MOST_ELEMENTS)
    extracted = extract(html, fast=fast, include_comments=False, include_tables=False, include_formatting=False)
    lines = without_notices([line for part in (extracted or "").splitlines() if (line := clean(part))])
    for frame in (_headlines(page.metadata), _bylines(page.metadata)):
        if lines and lines[0].lower() in frame:
            lines.pop(0)
    while lines and lines[-1].startswith("©"):  # the footer
        lines.pop()
    loader.take("body", "text", lines if _is_running_text(lines) else None)
    picture = page.metadata.first("og:image", "twitter:image", "image")
    loader.take("images", "meta", [Picture(picture)] if picture and not of_theme(picture) else None)
    return Links(related, card_links(page.root, page.base, recommended))


def _headlines(metadata: Metadata) -> set[str]:
    """What the head says the headline is, in lower case."""
    found = (metadata.first("headline"), metadata.first("og:title"), metadata.json_ld_text("headline"))
    return {one.lower() for one in found if one}


def _bylines(metadata: Metadata) -> set[str]:
    """What the page prints as byline where the head says who the author is, in lower case."""
    found = (metadata.first("author"), metadata.json_ld_text("author"))
    return {f"by {one.lower()}" for one in found if one}


def _is_running_text(lines: list[str]) -> bool:
    """Whether most of it stands in lines that end as sentences do: a menu's lines do not."""
    sentences = sum(len(one) for one in lines if one.endswith(_ENDS))
    return 2 * sentences >= sum(map(len, lines))
