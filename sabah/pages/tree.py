"""Small questions to an lxml tree. Every class is matched by token: the site writes `image_holder ` with a trailing blank."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urljoin

from lxml import etree

from sabah.normalize.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element as Element

DEEPEST: Final = 256
"""Levels of elements that a page may have: as many as libxml2 takes of a document that nobody vouches for (the newspaper's pages have about 25)."""

_LARGE: Final = 130_000  # bytes; of a smaller page, as those of the newspaper are, no tag can cost much
_ATTRIBUTE: Final = r"""(?>[\s/]*(?:[^\s/=<>"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>]*))?|[="'][^\s<>]*))"""
_MANY_ATTRIBUTES: Final = re.compile(rf"(<[^\s<>]*+{_ATTRIBUTE}{{1000}}){_ATTRIBUTE}++".encode())


def finder(path: str) -> Callable[[Element], list[Element]]:
    """A compiled XPath that gives elements. `{.name}` after a tag asks for a class token: `.//div{.article_body}`."""
    while "{." in path:
        before, _, rest = path.partition("{.")
        name, _, after = rest.partition("}")
        # The plain `contains` passes over most elements at a third of the price.
        token = f"contains(@class, '{name}') and contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"
        path = f"{before}[{token}]{after}"
    # libxml2 goes through the page once for `descendant::div[…]`, but makes a list of every node for `//div[…]`.
    path = path.replace(".//", "descendant::").replace("//", "/descendant::")
    compiled = etree.XPath(path, regexp=False, smart_strings=False)
    return lambda node: cast("list[Element]", compiled(node))


def parse(html: str | bytes) -> Element:
    """The tree of a page, given as text or in UTF-8, of elements alone, without comments; `<html/>` for a text without any element.

    Plain lxml elements instead of parsel's, which ask a Python function for the class of every element: going through a page is three times as fast.
    """
    if isinstance(html, str):
        html = html.strip().encode("utf-8", "replace")
    sent = html.replace(b"\x00", b"").replace(b"\x01", b"") or b"<html/>"
    root = etree.fromstring(with_fewer_attributes(sent), _parser())
    return etree.Element("html") if root is None else root


def with_fewer_attributes(html: bytes) -> bytes:
    """The page without what follows the thousandth attribute of a tag: the parser takes n² steps for n of them."""
    return html if len(html) < _LARGE else _MANY_ATTRIBUTES.sub(rb"\1", html)


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)


def is_deeper(root: Element, most: int) -> bool:
    """Whether elements of the page stand more than so many deep in one another; the parser leaves out what stands behind the 2,048th."""
    return bool(_deeper(most)(root))


@cache
def _deeper(most: int) -> etree.XPath:
    return etree.XPath("/*" * (most + 1))


def text(node: Element) -> str:
    """All text inside the element, on one line; a line break is a blank."""
    if next(node.iter("br"), None) is None:
        return clean("".join(node.itertext()))
    return clean("".join(pieces(node, " ")))


def beginning(node: Element, length: int) -> str:
    """The first `length` characters of `text`, without going through the rest."""
    parts: list[str] = []
    size, enough = 0, 2 * length
    for part in pieces(node, " "):
        parts.append(part)
        size += len(part)
        if size >= enough:
            if len(line := clean("".join(parts))) >= length:
                return line[:length]
            enough *= 2
    return clean("".join(parts))[:length]


def pieces(node: Element, line_break: str) -> Iterator[str]:
    """The stretches of text inside the element, `line_break` for each `br`."""
    for event, one in etree.iterwalk(node, events=("start", "end")):
        if event == "start":
            yield line_break if one.tag == "br" else one.text or ""
        elif one is not node:
            yield one.tail or ""


def holds_more(node: Element, most: int) -> bool:
    """Whether more than so many elements are inside the element, without counting the rest."""
    return next(islice(node.iterdescendants(), most, None), None) is not None


def has_class(node: Element, *names: str) -> bool:
    """Whether the element bears one of the class tokens."""
    return not set(names).isdisjoint((node.get("class") or "").split())


def lineage(node: Element, end: Element | None = None) -> Iterator[Element]:
    """The element and its ancestors, up to and without `end`."""
    if node is end:
        return
    yield node
    for parent in node.iterancestors():
        if parent is end:
            return
        yield parent


def common_ancestor(one: Element, other: Element) -> Element:
    """The smallest element that holds both."""
    chain = set(lineage(one))
    return next((node for node in lineage(other) if node in chain), one)


def follows(node: Element) -> bool:
    """Whether anything stands behind the element."""
    return any(one.getnext() is not None or (one.tail or "").strip() for one in lineage(node))


def twin(node: Element, root: Element) -> Element | None:
    """The element that stands where `node` does in another tree. (Not by a path of names: a page can make any name.)"""
    places = [parent.index(one) for one in lineage(node) if (parent := one.getparent()) is not None]
    for place in reversed(places):
        if place >= len(root):
            return None
        root = root[place]
    return root


_QUERY: Final = r"(?:\?[\w.=&%+-]+)?"
_WHOLE: Final = re.compile(rf"https?://[a-z0-9.-]+/[\w./~%-]*{_QUERY}", re.ASCII)
_FROM_ROOT: Final = re.compile(rf"(?:/[\w~-]+)+/?{_QUERY}", re.ASCII)
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(?=/)")


def joined(base: str, href: str) -> str | None:
    """What `urljoin` gives; None where it raises ValueError. The forms that nearly all links have are spared its parsing."""
    if _WHOLE.fullmatch(href):
        return href
    if _FROM_ROOT.fullmatch(href) and (origin := _ORIGIN.match(base)):
        return origin.group() + href
    try:
        return urljoin(base, href)
    except ValueError:
        return None
