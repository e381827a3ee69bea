"""A page's bytes as text."""

from __future__ import annotations

from codecs import BOM_UTF8, lookup
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scrapy.http import TextResponse

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
