"""The paragraphs of a body, in the order of the page, whatever markup they are in."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from sabah.normalize.text import clean
from sabah.pages.tree import text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element

BREAK, PICTURE = "\x00", "\x01"
_PICTURE_TAGS = ("img", "amp-img")
_WITH_PICTURES = frozenset({*_PICTURE_TAGS, "figure", "picture"})
_PARAGRAPH = re.compile(r"\x00\s*\x00[\x00\s]*")
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_NO_TEXT = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "video",
        "audio",
        "object",
        "embed",
        "canvas",
        "svg",
        "img",
        "amp-img",
        "picture",
        "source",
        "figure",
        "figcaption",
        "form",
        "input",
        "button",
        "select",
        "textarea",
        "nav",
    ]
)


def blocks(body: Element, left_out: Collection[Element] = ()) -> list[str]:
    """Text of each paragraph, heading, list item or run of bare text inside `body`, one line each, none empty.

    Two or more line breaks in a row part paragraphs as well; one is a blank. Figures, scripts, players, forms and the
    elements `left_out` give none.
    """
    return [line for run, _ in runs(body, left_out) if (line := one_line(run))]


def one_line(run: str) -> str:
    """A raw run as a cleaned line."""
    return clean(run.replace(BREAK, " ").replace(PICTURE, ""))


def runs(body: Element, left_out: Collection[Element] = ()) -> Iterator[tuple[str, list[Element]]]:
    """The raw text of each block of `blocks`, with a mark for each line break and each picture, and these pictures; some hold nothing but pictures."""
    run: list[str] = []
    pictures: list[Element] = []
    stack: list[tuple[Element, bool]] = [(body, False)]
    while stack:
        node, leaving = stack.pop()
        name = node.tag
        inline = name in _INLINE
        ends = not inline and (leaving or (name not in _NO_TEXT and name != "br" and node not in left_out))
        if ends and run:
            yield from _parts("".join(run), pictures)
            run, pictures = [], []
        if leaving:
            pass
        elif name == "br":
            run.append(BREAK)
        elif name in _WITH_PICTURES and node not in left_out:
            found = [node] if name in _PICTURE_TAGS else _captionless_pictures(node)
            run.append(PICTURE * len(found))
            pictures += found
        elif name not in _NO_TEXT and node not in left_out:
            run.append(node.text or "")
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))
            continue
        if node is not body:
            run.append(node.tail or "")
    yield from _parts("".join(run), pictures)


def _parts(run: str, pictures: list[Element]) -> Iterator[tuple[str, list[Element]]]:
    if BREAK not in run:
        yield run, pictures
        return
    left = iter(pictures)
    for part in _PARAGRAPH.split(run):
        yield part, list(islice(left, part.count(PICTURE)))


def _captionless_pictures(figure: Element) -> list[Element]:
    """Pictures of an element that prints no caption of its own."""
    return [] if text(figure) else list(figure.iter(*_PICTURE_TAGS))
