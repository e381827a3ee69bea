"""The KEYWORDS block. Neither its tags nor its classes are known: what stands beside or inside its label tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from sabah.normalize.text import clean
from sabah.pages.labels import wrappers
from sabah.pages.links import article_address
from sabah.pages.tree import finder, pieces, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

_INLINE = frozenset(
    ["a", "b", "br", "button", "em", "font", "i", "img", "label", "small", "span", "strong", "svg", "u", "wbr"]
)
_PARTS = (
    finder("descendant-or-self::a"),
    finder("descendant-or-self::button"),
    *(finder(f"descendant-or-self::{name}[not(.//{name})]") for name in ("li", "span")),
)
_boxes = finder(
    "descendant-or-self::*[self::p or self::div or self::dd or self::td][not(.//p or .//div or .//dd or .//td)]"
)
_NO_KEYWORDS = frozenset(["h1", "h2", "h3", "input", "form", "script"])
_OTHER_BOX = re.compile(r"numbered_list|widget_content|related-topic|newsletter|share|image_holder")
_SHARED_TO = frozenset(
    [
        "facebook",
        "twitter",
        "x",
        "whatsapp",
        "linkedin",
        "pinterest",
        "telegram",
        "mail",
        "email",
        "e-mail",
        "print",
        "share",
        "copy",
        "link",
    ]
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
        if (sibling.tag, sibling.get("class")) != form or not _is_one_keyword(sibling) or _is_other_box(sibling, base):
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
    if any(_is_other_box(node, base) for node in nodes):
        return None
    for find in (*_PARTS, _boxes):
        printed_in_each = (_line([one]) for node in nodes for one in find(node))
        texts = [one if find is _boxes else clean(one) for one in printed_in_each if clean(one)]
        if texts:
            is_list = not any(_SENTENCE.search(one.rstrip()) for one in texts)
            return KeywordBlock(texts, elements) if is_list else None
    printed = _line(parts)
    return None if _SENTENCE.search(printed.rstrip()) else KeywordBlock([printed], elements)


def _is_other_box(node: Element, base: str) -> bool:
    """Whether a block bears the marks of a box that is not the keywords: headings, forms, pictures, links to articles or to share."""
    for one in node.iter():
        name, printed_class = one.tag, one.get("class")
        if name in _NO_KEYWORDS or (printed_class and _OTHER_BOX.search(printed_class)):
            return True
        if name == "img" and next(one.iterancestors("a"), None) is None:
            return True
        if name in {"a", "button"} and (text(one).lower() in _SHARED_TO or article_address(one, base) is not None):
            return True
    return text(node).lower() in _SHARED_TO


def _line(parts: list[Element | str]) -> str:
    """All text of the parts; line breaks are those that `br` prints."""
    texts = (text for part in parts for text in ([part] if isinstance(part, str) else pieces(part, _BREAK)))
    return "".join(texts).replace("\n", " ").replace(_BREAK, "\n")
