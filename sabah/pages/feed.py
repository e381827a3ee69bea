"""RSS feeds: which articles each names, with date and teaser (FACTS section 4)."""

from __future__ import annotations

import codecs
import io
import re
import sys
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

import attrs
import feedparser  # type: ignore[import-untyped]

from sabah.normalize.dates import DateError, parse_date
from sabah.normalize.text import clean, unescape
from sabah.pages.record import Hint
from sabah.pages.tree import parse, text
from sabah.site.addresses import ROOT, parse_address

if TYPE_CHECKING:
    from sabah.normalize.dates import Moment

_ITEM: Final = re.compile(rb"<(?:item|entry)[\s>/]")
_ITEM_END: Final = re.compile(rb"</(?:item|entry)\s*>")
_END: Final = re.compile(rb"</(?:rss|feed|rdf:RDF)\s*>", re.IGNORECASE)
_DECLARED: Final = re.compile(r"\A\s*<\?xml[^>]*\?>")
_WIDE: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"),
)  # fmt: skip
"""By what a feed begins with whose characters are more than a byte each (XML 1.0, appendix F)."""

_WIDE_UNMARKED: Final = ((re.compile(rb"[^\0]\0[^\0]\0"), "utf-16-le"), (re.compile(rb"\0[^\0]\0[^\0]"), "utf-16-be"))
_SAID_WIDE: Final = re.compile(r"(?:utf-?|ucs-?|iso-10646-ucs-)(?:16|32|2|4)", re.IGNORECASE)
_DECLARED_WIDE: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"'](?:utf-?|ucs-?)(?:16|32|2|4)[^>]*\?>", re.IGNORECASE)  # fmt: skip
"""What a program writes that makes the text as a string of wide characters and sends it as UTF-8."""

_REFERENCE: Final = re.compile(rb"&#([0-9]+|[xX][0-9a-fA-F]+);?")
_MOST_DIGITS: Final = 100
_HTML: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)  # fmt: skip


@attrs.frozen
class FeedItem:
    url: str
    """Canonical address of the article."""

    published: Moment | None = None
    description: str | None = None
    """Teaser as plain text, one line."""

    @property
    def hint(self) -> Hint:
        return Hint(self.published, self.description)


@attrs.frozen
class Feed:
    items: tuple[FeedItem, ...] = ()
    """Articles in the feed's order, without repeats."""

    fault: str | None = None
    """What is wrong with it, in one sentence; its items count nevertheless."""


def read_feed(body: bytes, charset: str | None = None) -> Feed:
    """The articles a feed names; `charset` is what its Content-Type says. Never raises.

    Faults: an empty answer, HTML in place of XML, no item, XML cut off (the items before that are read) or so broken that items
    are lost, no item with an article's address, none with a date. XML that breaks a rule but gives every item is no fault.
    """
    if not body.strip():
        return Feed(fault="the answer is empty")
    body, charset = _narrowed(body, charset)
    if _HTML.match(body):
        return Feed(fault="it is HTML, not XML")
    whole = _is_whole(body)
    items, broken = _entries(body if whole else _whole_items(body), charset)
    read = tuple({one.url: one for one in reversed(items) if one is not None}.values())[::-1]
    return Feed(read, _fault(len(_ITEM.findall(body)), items, whole=whole, broken=broken))


def _fault(printed: int, items: list[FeedItem | None], *, whole: bool, broken: bool) -> str | None:
    if not whole:
        return (
            f"its XML is cut off after {len(items)} items"
            if items
            else "it is no XML of a feed, or cut off before its first item"
        )
    if not items:
        return "its XML is broken" if printed or broken else "it has no item"
    if broken and (len(items) < printed or not all(items)):
        return f"its XML is broken: {sum(map(bool, items))} of {printed} items can be read"
    if not any(items):
        return "no item has the address of an article"
    return None if any(item and item.published for item in items) else "no item has a date that can be read"


def _is_whole(body: bytes) -> bool:
    """Whether a feed has come to its end. What stands behind that, as a script that a proxy adds, is nobody's; another item is not."""
    ends = [found.end() for found in _END.finditer(body)]
    items = [found.start() for found in _ITEM.finditer(body)]
    closed = [found.start() for found in _ITEM_END.finditer(body)]
    return bool(ends) and (not items or (bool(closed) and items[-1] < closed[-1] < ends[-1]))


def _narrowed(body: bytes, charset: str | None) -> tuple[bytes, str | None]:
    """A feed in UTF-16 or UTF-32 as UTF-8, and its charset; any other as it is, but for a declaration that cannot be true."""
    wide = next((name for begins, name in _WIDE if body.startswith(begins)), None)
    wide = wide or next((name for form, name in _WIDE_UNMARKED if form.match(body)), None)
    if wide is None:
        said = _DECLARED_WIDE.match(body)
        narrow = None if charset is None or _SAID_WIDE.match(charset) else charset
        return body[said.end() :] if said else body, narrow or ("utf-8" if said or charset else None)
    text = body[: len(body) - len(body) % (4 if "32" in wide else 2)].decode(wide, "replace")
    return _DECLARED.sub("", text).encode("utf-8", "replace"), "utf-8"


def _whole_items(body: bytes) -> bytes:
    """What a feed that was cut off holds up to the end of its last whole item; nothing without one."""
    ends = [found.end() for found in _ITEM_END.finditer(body)]
    return body[: ends[-1]] if ends else b""


def _entries(body: bytes, charset: str | None) -> tuple[list[FeedItem | None], bool]:
    """Every item (None: without the address of an article), and whether the XML is broken."""
    if not body:
        return [], True
    kind = f"application/xml; charset={charset}" if charset else "application/xml"
    # A stream, because feedparser takes bytes for a file's name first.
    stream = io.BytesIO(_REFERENCE.sub(_possible, body))
    try:
        found = feedparser.parse(
            stream, response_headers={"content-type": kind}, sanitize_html=False, resolve_relative_uris=False
        )
    except (
        ValueError,
        TypeError,
        LookupError,
        OverflowError,
    ):  # as of a picture without its height, and of a declaration whose charset is not even ASCII
        return [], True
    broken = bool(found.bozo) and not isinstance(found.bozo_exception, feedparser.CharacterEncodingOverride)
    return [_item(entry) for entry in found.entries], broken


def _possible(reference: re.Match[bytes]) -> bytes:
    """The reference, or one to the replacement character where there is no such character: feedparser fails there."""
    digits = reference[1]
    number = (
        int(digits[1:], 16)
        if digits[:1] in b"xX"
        else int(digits)
        if len(digits) < _MOST_DIGITS
        else sys.maxunicode + 1
    )
    return b"&#65533;" if number > sys.maxunicode or 0xD800 <= number <= 0xDFFF else reference[0]


def _item(entry: Any) -> FeedItem | None:
    for link in (entry.get("link"), entry.get("id")):
        try:
            address = parse_address(urljoin(ROOT, (link or "").strip()))
        except ValueError:  # an impossible port or host
            continue
        if address is not None and address.is_article:
            return FeedItem(address.canonical, _published(entry), _teaser(entry.get("summary") or ""))
    return None


def _published(entry: Any) -> Moment | None:
    """None for a date that is none: of a feed it is a hint, the page's own is what counts."""
    try:
        return parse_date(entry.get("published") or "")
    except DateError:
        return None


def _teaser(summary: str) -> str | None:
    return clean(unescape(text(parse(summary)) if "<" in summary else summary)) or None
