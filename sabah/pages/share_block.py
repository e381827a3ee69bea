"""KEYWORDS, Last Update and the boxes beside them: found by their printed labels, since their classes are not known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from sabah.normalize.text import clean
from sabah.pages import labels
from sabah.pages.labels import wrappers
from sabah.pages.links import NO_PAGE, article_address
from sabah.pages.tree import finder, joined, pieces, text
from sabah.site.addresses import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.pages.page import Page


_NO_KEYWORDS = frozenset(["h1", "h2", "h3", "input", "form", "script"])
_OTHER_BOX = re.compile(r"numbered_list|widget_content|related-topic|newsletter|share|image_holder")
_SHARED_TO = re.compile(
    r"(?:share (?:on|via|by) )?(?:facebook|twitter|x|whatsapp|linkedin|pinterest|telegram|reddit|messenger|e-?mail|mail)"
    r"|share|tweet|print|copy|(?:copy )?link",
    re.IGNORECASE,
)
_SHARING = re.compile(
    r"(?:mailto|whatsapp|tg|fb-messenger):"
    r"|(?:https?:)?//(?:[a-z]+\.)*(?:facebook\.com|twitter\.com|x\.com|linkedin\.com|pinterest\.com|reddit\.com|telegram\.me|t\.me|wa\.me|whatsapp\.com)/",
    re.IGNORECASE,
)


def is_other_box(node: Element, base: str) -> bool:
    """Whether a block bears the marks of a box that is not the keywords: headings, forms, pictures, links to articles or to share the page."""
    for one in node.iter():
        name, printed_class = one.tag, one.get("class")
        if name in _NO_KEYWORDS or (printed_class and _OTHER_BOX.search(printed_class)):
            return True
        if name == "img" and next(one.iterancestors("a"), None) is None:
            return True
        if name == "a" and (_SHARING.match(_href(one)) or article_address(one, base) is not None):
            return True
    return False


def is_share_box(nodes: list[Element], texts: list[str], base: str) -> bool:
    """Whether all `texts` are places to share a page at. A keyword may bear such a name (`x`, `Facebook`): among others, or where every link leads to a page of the newspaper."""
    if not all(_SHARED_TO.fullmatch(clean(one)) for one in texts):
        return False
    links = [one for node in nodes for one in node.iter("a")]
    return not links or not all(_leads_to_page(one, base) for one in links)


def _leads_to_page(anchor: Element, base: str) -> bool:
    href = _href(anchor)
    return bool(href) and not href.startswith(NO_PAGE) and parse_address(joined(base, href) or "") is not None


def _href(anchor: Element) -> str:
    return (anchor.get("href") or "").strip()


_INLINE = frozenset(
    ["a", "b", "br", "button", "em", "font", "i", "img", "label", "small", "span", "strong", "svg", "u", "wbr"]
)
_items = (
    finder("descendant-or-self::a"),
    finder("descendant-or-self::button"),
    finder("descendant-or-self::li[not(.//li)]"),
)
_spans = finder("descendant-or-self::span[not(.//span)]")
_boxes = finder(
    "descendant-or-self::*[self::p or self::div or self::dd or self::td][not(.//p or .//div or .//dd or .//td)]"
)
_LONGEST_KEYWORD = 60
_LABEL = re.compile(r"\A\s*keywords\s*:?", re.IGNORECASE)
_COLON = re.compile(r"\A\s*:")
_BREAK = "\x00"
_SENTENCE = re.compile(r"[^\s.]{2}[.!?][”’\"')]*\Z")


@attrs.frozen
class KeywordBlock:
    texts: list[str]
    """One of each link, item or inline element; else of each box, or the block's text, a line break for each of its own."""

    elements: list[Element]
    """What printed label and keywords."""


def keyword_block(label: Element, end: Element, base: str) -> KeywordBlock | None:
    """The keywords behind a label: inside its element, beside it, or beside the wrappers that hold nothing else.

    None where nothing stands there, or what does is another box (it has a heading, picture, form or link to an article) or a sentence: then the words are
    running text, or an article without keywords prints the label alone.
    """
    rest = list(_inside(label))
    if _says(rest):
        return _block(rest, [label], base)
    for wrapper in wrappers(label, end):
        rest = list(_after(wrapper))
        if _says(rest):
            near = list(_near(rest, base))
            return _block(near, _held(wrapper, near), base)
    return None


def _inside(label: Element) -> Iterator[Element | str]:
    yield _LABEL.sub("", label.text or "")
    for child in label:
        yield child
        yield _LABEL.sub("", child.tail or "")


def _after(node: Element) -> Iterator[Element | str]:
    yield _COLON.sub("", node.tail or "")
    for sibling in node.itersiblings():
        yield sibling
        yield sibling.tail or ""


def _near(rest: list[Element | str], base: str) -> Iterator[Element | str]:
    """The first block that says something, or all inline elements and text before the next block."""
    inline = False
    for part in rest:
        if isinstance(part, str) or part.tag in _INLINE:
            yield part
            inline = inline or _says([part])
        elif inline:
            return
        elif _says([part]):
            yield part
            yield from _alike(part, base)
            return


def _alike(first: Element, base: str) -> Iterator[Element]:
    """The blocks right behind a block of one short keyword that are such blocks too: one block for each keyword."""
    form = (first.tag, first.get("class"))
    if not _is_one_keyword(first):
        return
    for sibling in first.itersiblings():
        if (sibling.tag, sibling.get("class")) != form or not _is_one_keyword(sibling) or is_other_box(sibling, base):
            return
        yield sibling


def _is_one_keyword(node: Element) -> bool:
    printed = text(node)
    return (
        bool(printed)
        and len(printed) <= _LONGEST_KEYWORD
        and "," not in printed
        and not _SENTENCE.search(printed)
        and len(node.findall(".//*")) < 3
    )


def _held(wrapper: Element, near: list[Element | str]) -> list[Element]:
    """The element around label and keywords where some of these are text of its own, else their elements."""
    around = wrapper.getparent()
    if (
        around is not None
        and any(isinstance(part, str) and _says([part]) for part in near)
        and _LABEL.match(text(around))
    ):
        return [around]
    return [wrapper, *(part for part in near if not isinstance(part, str))]


def _says(parts: list[Element | str]) -> bool:
    return bool(clean(_line(parts)))


def _block(parts: list[Element | str], elements: list[Element], base: str) -> KeywordBlock | None:
    nodes = [part for part in parts if not isinstance(part, str)]
    if any(is_other_box(node, base) for node in nodes):
        return None
    for find in () if _begins_bare(parts) else (*_items, _spans, _boxes):
        printed_in_each = (_line([one]) for node in nodes for one in find(node))
        texts = [one if find is _boxes else clean(one) for one in printed_in_each if clean(one)]
        if texts:
            is_text = _is_prose(texts, in_items=find in _items) or is_share_box(nodes, texts, base)
            return None if is_text else KeywordBlock(texts, elements)
    texts = [_line(parts)]
    return None if _is_prose(texts) or is_share_box(nodes, texts, base) else KeywordBlock(texts, elements)


def _begins_bare(parts: list[Element | str]) -> bool:
    """Whether words stand in front of the first element: what is inside the elements is not all then."""
    first = next((part for part in parts if _says([part])), None)
    return isinstance(first, str) and any(map(str.isalnum, first))


def _is_prose(texts: list[str], *, in_items: bool = False) -> bool:
    """Whether the texts are sentences. A short one that ends as they do (`Alphabet Inc.`, `Yahoo!`) may be a keyword in a list of links or items, or among others."""
    sentences = [one for one in texts if _SENTENCE.search(one.rstrip())]
    return any(len(one) > _LONGEST_KEYWORD for one in sentences) or (not in_items and 2 * len(sentences) > len(texts))


def _line(parts: list[Element | str]) -> str:
    """All text of the parts; line breaks are those that `br` prints."""
    texts = (text for part in parts for text in ([part] if isinstance(part, str) else pieces(part, _BREAK)))
    return "".join(texts).replace("\n", " ").replace(_BREAK, "\n")


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
