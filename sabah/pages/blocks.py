"""The paragraphs of a body, in the order of the page, whatever markup they are in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah.normalize.text import clean
from sabah.pages.tree import tag

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.etree import _Element as Element

_BREAK = "\x00"
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
    found: list[str] = []
    run: list[str] = []

    def end_run() -> None:
        for part in _PARAGRAPH.split("".join(run)):
            line = clean(part.replace(_BREAK, " "))
            if line:
                found.append(line)
        run.clear()

    stack: list[tuple[Element, bool]] = [(body, False)]
    while stack:
        node, leaving = stack.pop()
        name = tag(node)
        inline = name in _INLINE
        if leaving:
            if not inline:
                end_run()
        elif name == "br":
            run.append(_BREAK)
        elif name and name not in _NO_TEXT and node not in left_out:
            if not inline:
                end_run()
            run.append(node.text or "")
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))
            continue
        if node is not body:
            run.append(node.tail or "")
    end_run()
    return found
