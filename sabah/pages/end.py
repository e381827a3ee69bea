"""Whether the end of a page has come, or the answer was cut off before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sabah.pages.decoded import text_and_source
from sabah.pages.labels import find_labels
from sabah.pages.marks import behind_the_text, marks
from sabah.pages.metadata import Metadata
from sabah.pages.tree import DEEPEST, is_deeper, parse

if TYPE_CHECKING:
    from scrapy.http import TextResponse

CUT: Final = "cut"
"""Flag of a response that was taken without its end."""

_PARTIAL: Final = "partial"
"""Scrapy's flag of an answer without a length, which ends where the connection does."""

_TAG: Final = b"</html>"
_BEGIN: Final = re.compile(rb"<(?:html|body)\b", re.IGNORECASE)
_END: Final = re.compile(r"</html\s*>\s*(?:\Z|<!|<script\b)", re.IGNORECASE)
"""What else stands behind the end of a page are comments and counting scripts; `</html>` in a script or amid the text has something else behind it."""


def has_end(response: TextResponse) -> bool:
    """Whether `</html>` ends the page."""
    if response.body[-32:].rstrip().lower().endswith(_TAG):
        return True
    return _END.search(text_and_source(response)[0]) is not None


def is_cut(response: TextResponse, before: int | None) -> bool:
    """Whether a page was cut off, as far as anyone can tell. `before` are the marks of the page that is stored of it, None where none is.

    Each sign alone is none: many servers send no length, HTML may end without `</html>`, and the newspaper changes what stands behind a text. Without a stored page nothing
    speaks for one that has no end.
    """
    is_open = _PARTIAL in response.flags
    if has_end(response):
        return is_open and _lacks(response, before)
    return is_open or (_BEGIN.search(response.body) is not None if before is None else _lacks(response, before))


def _lacks(response: TextResponse, before: int | None) -> bool:
    """Whether something is missing that the stored page has behind its text."""
    root = parse(text_and_source(response)[1]) if before else None
    if before is None or root is None or is_deeper(root, DEEPEST):
        return False
    return bool(behind_the_text(before) & ~marks(root, Metadata(root), find_labels(root), response.url))
