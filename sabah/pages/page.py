"""One page, parsed once: what every layout reads from."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from sabah.pages.labels import find_labels
from sabah.pages.tree import follows, parse, twin

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from sabah.pages.metadata import Metadata
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
