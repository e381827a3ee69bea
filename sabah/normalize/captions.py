"""Caption and credit of an image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from sabah.normalize.text import clean, unescape

if TYPE_CHECKING:
    from collections.abc import Iterable

_POSITION = re.compile(
    r"(?:(?:l|r|c|left|right|cent(?:er|re)|middle|top|bottom|upper|lower|front|back|rear|far|first|second|third|fourth|fifth|row"
    r"|[0-9]+(?:st|nd|rd|th)|from|to|the|and|in|on|at|background|foreground|seated|standing|sitting|not|seen|unseen|pictured|shown"
    r")(?:[\s,./&–-]+|\Z))+",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"(?:(?:about|around|nearly|almost|over|some|roughly|approximately)\s)?(?:TL|EUR|USD|GBP|[A-Z]{0,3}[$€£₺¥])?\s?[~+-]?[0-9]"
    r"(?:[^\W\dA-Z_]|[0-9\s°%²³.,/–-]|Fahrenheit|Celsius|TL\b|[FCK]\b)*"
)
_DATE = re.compile(
    r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?)\s*(?:[0-9]{1,2})?(?:,?\s*[0-9]{4})?",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\b[^\W\d_a-zçğıöşü]")


@attrs.frozen
class Caption:
    text: str | None
    credit: str | None


def parse_caption(text: str) -> Caption:
    """Caption and credit from the `alt` (or the printed caption) of an image.

    The credit is what stands in the final brackets, which may hold brackets themselves and may be followed by a full stop:
    `(Qatar Fund For Development (QFFD) via AA Photo)`. Brackets that do not balance, or that hold a position (`R`, `2nd L`), a number, measure or
    year, a date, or the initials of the words before them, are part of the caption. `No Image`, the theme's placeholder, is neither.
    """
    line = clean(unescape(text))
    if not line or line.casefold() == "no image":
        return Caption(None, None)
    trimmed = line.rstrip(". ")
    start = _final_bracket(trimmed)
    if start is None:
        return Caption(line, None)
    before, content = trimmed[:start].rstrip(), trimmed[start + 1 : -1].strip()
    if not _is_credit(content, before):
        return Caption(line, None)
    return Caption(before or None, content)


def first_caption(texts: Iterable[str]) -> Caption:
    """Caption and credit of the first text that says either: the `alt` of an image, then what is printed beside it."""
    for text in texts:
        caption = parse_caption(text)
        if caption.text or caption.credit:
            return caption
    return Caption(None, None)


def _final_bracket(line: str) -> int | None:
    """Where the bracket opens that the last character closes."""
    if not line.endswith(")"):
        return None
    depth = 0
    for at in range(len(line) - 1, -1, -1):
        if line[at] == ")":
            depth += 1
        elif line[at] == "(":
            depth -= 1
            if depth == 0:
                return at
    return None


def _is_credit(content: str, before: str) -> bool:
    if not any(one.isalpha() for one in content):
        return False
    if _POSITION.fullmatch(content) or _MEASURE.fullmatch(content) or _DATE.fullmatch(content):
        return False
    initials = "".join(_INITIAL.findall(before))
    return not (content.isalpha() and len(content) > 2 and initials.endswith(content))
