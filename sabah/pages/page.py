"""One page, parsed once: what every layout reads from."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, lookup
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from sabah.pages.labels import find_labels
from sabah.pages.marks import behind_the_text, marks
from sabah.pages.metadata import Metadata
from sabah.pages.tree import DEEPEST, follows, is_deeper, parse, twin

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
    from scrapy.http import TextResponse

    from sabah.site.addresses import Address

_MARK = "end-of-what-was-sent"
_BEGUN_TAG = re.compile(r"<(?:[a-z/!?]|\Z)", re.IGNORECASE)
_WHOLE_TAG = re.compile(r"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*+>")
_ENDS_OF_COMMENT = ("-->", "--!>", "</script")  # one that a script begins with needs no end
OPINION_KINDS = frozenset({"column", "op-ed", "editorial", "readers-corner"})


@attrs.frozen(slots=False)
class Page:
    root: Element
    base: str
    """Address that relative links are resolved against."""

    url: str
    """Canonical address of the record."""

    address: Address | None
    """None for a page of another newspaper."""

    metadata: Metadata

    html: str
    """The document as text."""

    elsewhere: str | None = None
    """Its canonical link as it says it, where that names another site."""

    @cached_property
    def labels(self) -> dict[str, list[Element]]:
        """The elements that print a label, by label."""
        return find_labels(self.root)

    @property
    def kind(self) -> str:
        return self.address.kind if self.address else "article"

    @property
    def is_opinion(self) -> bool:
        """Opinion pieces print `12:05 am` where they have no time."""
        return self.kind in OPINION_KINDS

    def reaches_beyond(self, body: Element | None) -> bool:
        """Whether the document came to the end of its body, so that no text is lost. What is behind the body may be cut off, and `</html>` missing."""
        return self._is_closed() or (body is not None and follows(body)) or self._ends_outside(body)

    def _is_closed(self) -> bool:
        last = -1
        for end in ("</html", "</body", "</HTML", "</BODY"):
            last = max(last, self.html.rfind(end, max(last, 0)))
        if last < 0:
            return False
        behind = self.html[last:].lower()
        script_end, script = behind.find("</script"), behind.find("<script")
        return script_end < 0 or 0 <= script < script_end

    def _ends_outside(self, body: Element | None) -> bool:
        """Whether what came next would have stood outside the body; without a body, outside every element."""
        whole = parse(f'{_without_begun_markup(self.html)}<i id="{_MARK}"></i>')
        mark = next((one for one in whole.iter("i") if one.get("id") == _MARK), None)
        if mark is None:
            return False
        around = list(mark.iterancestors())
        if body is None:
            return all(one.tag in ("html", "body") for one in around)
        same = twin(body, whole)
        return same is not None and same not in around


def _without_begun_markup(html: str) -> str:
    """The document without the comment or the tag that it was cut off in."""
    comment = html.rfind("<!--")
    if comment >= 0 and all(html.find(end, comment + 2) < 0 for end in _ENDS_OF_COMMENT):
        return html[:comment]
    tag = html.rfind("<")
    if tag >= 0 and _BEGUN_TAG.match(html, tag) and not _WHOLE_TAG.match(html, tag):
        return html[:tag]
    return html


_UTF_8: Final = lookup("utf-8").name


def text_of(response: TextResponse) -> str:
    """As UTF-8 where the bytes are that, whatever the header says; the newspaper sends nothing else. Else as declared.

    Text of another encoding that is more than ASCII is hardly ever valid UTF-8 by chance, so a wrong header does no harm.
    """
    return text_and_source(response)[0]


def text_and_source(response: TextResponse) -> tuple[str, str | bytes]:
    """The text of a page as `text_of` gives it, and what its tree is made from: the bytes as sent where they are that text, which spares encoding it."""
    body = response.body
    try:
        text = body.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError:
        text = _as_declared(response)
        return text, text
    if b"\0" in body and not _is_utf_8(response.encoding):  # as in UTF-16
        text = _as_declared(response)
        return text, text
    sent = body.strip()
    return text, sent if sent[:1] == b"<" and sent[-1:] == b">" else text


def _as_declared(response: TextResponse) -> str:
    try:
        return response.text
    except (UnicodeError, LookupError):  # a codec for something else than pages, as IDNA and ROT13
        return response.body.decode("utf-8", "replace")


def _is_utf_8(encoding: str) -> bool:
    try:
        return lookup(encoding).name == _UTF_8
    except LookupError:
        return False


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
