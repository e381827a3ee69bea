"""Keywords, however a page lists them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah.normalize.text import clean, lower

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATOR = re.compile(r"[,，،、\n\r\v\f\x85\u2028\u2029•‣▪■●◦∙]|\s·\s")
_LABEL = re.compile(r"\s*(?:KEYWORDS(?=\W|[a-zıçğöşü])|(?i:keywords)\s*(?::|[\n\r]|\Z))[\s:]*")


def parse_keywords(values: Iterable[str]) -> list[str]:
    """Keywords in lower case, trimmed, without repeats, in page order.

    A value is the text of one link, a comma-separated string, or the text of a whole block; a leading `KEYWORDS` label is dropped.
    Values are divided at commas, line ends and bullets, never at blanks: keywords are phrases (`syrian crisis`).
    """
    found: dict[str, None] = {}
    label_expected = True
    for value in values:
        text = _LABEL.sub("", value, count=1) if label_expected and _LABEL.match(value) else value
        label_expected = label_expected and not value.strip()
        for part in _SEPARATOR.split(text):
            if keyword := lower(clean(part)):
                found[keyword] = None
    return list(found)
