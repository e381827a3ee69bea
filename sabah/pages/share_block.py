"""KEYWORDS and Last Update: found by their printed labels, since their classes are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.pages import labels
from sabah.pages.keyword_block import keyword_block

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.pages.page import Page


def read_share_block(page: Page, loader: ArticleLoader, found: dict[str, list[Element]]) -> list[Element]:
    """Takes keywords and modified_at, and gives the elements that held them.

    The share block follows the text, so of several labels the last one that has a value is meant: a paragraph may begin with the same words.
    """
    held: list[Element] = []
    for label in reversed(found.get(labels.KEYWORDS, [])):
        if not loader.has("keywords"):
            block = keyword_block(label, page.root, page.base)
            if block:
                loader.take("keywords", "text", block.texts)
                held += block.elements
    for label in reversed(found.get(labels.LAST_UPDATE, [])):
        date, elements = labels.last_update(label, page.root)
        if date and not loader.has("modified"):
            loader.take("modified", "text", date)
            held += elements
    return held
