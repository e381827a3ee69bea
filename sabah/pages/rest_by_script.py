"""Texts of which the page holds the beginning alone, and a script beside it the rest."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from sabah.pages.shells import ASKS

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_FEWEST_WORDS = 5
_WORDS_OF_TEXT = 25  # of one string; titles and labels in the settings of a player have fewer
_ADVERTISES = re.compile(
    r"googletag|adsbygoogle|googlesyndication|doubleclick|pbjs|prebid|taboola|outbrain|criteo|apstag|teads",
    re.IGNORECASE,
)
_FETCHES = re.compile(ASKS.pattern + r"|(?:\$|jQuery)\.(?:ajax|get|getJSON|post)\s*\(|\.load\s*\(\s*[\"'`]")
_TEXT = re.compile(
    r"\b(?:text|body|articleBody|paragraphs)[\"']?\s*+:\s*+(?:\[\s*+)?[\"'`][^\"'`\s]++\s[^\"'`\s]", re.IGNORECASE
)
_STRING = re.compile(
    r""""((?:\\.|[^"\\\n])*+)"|'((?:\\.|[^'\\\n])*+)'|`((?:\\.|[^`\\])*+)`|["'][^\n]*+|`.*+""", re.DOTALL
)  # what is no whole string is passed over as a whole
_MARKUP = re.compile(r"<[^<>]*>")
_PUNCTUATION = "“”‘’(),.;:!?"


def rest_by_script(body: Element, printed: str) -> bool:
    """Whether the text `printed` in the body is one block, and a script that carries or fetches text stands in the same element."""
    blocks = (block for block in printed.split("\n\n") if len(block.split()) > _FEWEST_WORDS)
    if len(list(islice(blocks, 2))) > 1:
        return False
    return any(_brings_text(one) for one in body.iterchildren("script"))


def _brings_text(script: Element) -> bool:
    code, kind = script.text or "", (script.get("type") or "").lower()
    if "ld+json" in kind or _ADVERTISES.search(code):
        return False
    if kind.startswith("text/") and not kind.endswith("script"):  # a template
        return _is_text(code)
    return bool(_FETCHES.search(code) or _TEXT.search(code)) or any(
        _is_text("".join(match.groups(""))) for match in _STRING.finditer(code)
    )


def _is_text(string: str) -> bool:
    words = (one.strip(_PUNCTUATION) for one in _MARKUP.sub(" ", string).split())
    return sum(map(str.isalpha, words)) >= _WORDS_OF_TEXT
