"""Pages that a script fills: whether what came is the page or only the frame for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sabah.normalize.text import clean
from sabah.pages.body import without_notices
from sabah.pages.decoded import text_of
from sabah.pages.instead import instead
from sabah.pages.joined import joined
from sabah.pages.links import links_in
from sabah.pages.metadata import Metadata
from sabah.pages.tree import beginning, finder, has_class, holds_more, lineage, parse, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element
    from scrapy.http import TextResponse

    from sabah.site.addresses import Address

NO_ARTICLE: Final = "no_article"
NO_BODY: Final = "no_body"
NO_LINKS: Final = "no_links"
LOADS_MORE: Final = "loads_more"
"""Why a page needs a browser: neither headline nor body; a headline without body; a listing without a link to any article, most-read included; one that shows the rest later."""

SITE_HOSTS: Final = ("dailysabah.com", "tmgrup.com.tr")
"""The newspaper's own hosts and its publisher's, which serve its scripts (FACTS section 2); their sub-domains too."""

_BODY: Final = re.compile(
    r"<[^<>]+(?:class=[\"'][^\"'<>]*\b(?:article_body|txtIn)\b|id=[\"']?newsDescription\b)[^<>]*>"
)
_BODY_NAMES: Final = ("article_body", "txtIn", "newsDescription")
_AMP: Final = re.compile(r"<html[^>]*\s(?:amp|⚡)[\s=>]", re.IGNORECASE)
_MARKUP: Final = re.compile(
    r"<(script|style|noscript)\b.*?(?:</\1>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL
)
_LOOKED_AT: Final = 8000
_WAITS: Final = re.compile(r"(?:loading|please wait)\b.{0,20}", re.IGNORECASE | re.DOTALL)
_WORDS_OF_SENTENCE: Final = 8
_WORDS_OF_PROSE: Final = 50
_WORDS_UNDER_HEADLINE: Final = 20
"""A page without any mark has a body when it has that many words in sentences outside its links (menus and buttons have none); fewer are enough
under a headline of its own."""

_TO_THE_READER: Final = re.compile(
    r"cookies?\b|personal data|\bconsent\b|privacy|our partners|javascript|your (?:browser|device|choice)|subscri|sign up|newsletter|all rights reserved|6698",
    re.IGNORECASE,
)
"""Sentences of walls, notices and boxes, which stand around an empty frame as well."""

_NOT_SHOWN: Final = frozenset({"script", "style", "noscript", "template", "option", "label", "button", "title"})
_WITHOUT_BODY: Final = frozenset({"video", "gallery"})
ASKS: Final = re.compile(r"\bfetch\s*\(|XMLHttpRequest|\bimport\s*\(|__NEXT_DATA__|__NUXT__")
_ASKING: Final = ("fetch", "XMLHttpRequest", "import", "__NEXT_DATA__", "__NUXT__")
"""What `ASKS` does not match without."""

_MORE_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:(?:load|show)[-_]?more|infinite(?:[-_]?scroll)?|endless[-_]?scroll)(?:$|[\s_-])", re.IGNORECASE
)
MORE_LABEL: Final = r"^(?:(?:load|show|see|read) (?:more|older)\b.{0,20}|more (?:news|stories|articles)|older (?:news|stories|articles))$"
"""What a button says that brings more of a listing, as a regular expression of Python and JavaScript alike, for any case."""

_LABEL: Final = re.compile(MORE_LABEL, re.IGNORECASE)
_LONGEST_LABEL: Final = 60
_MOST_IN_BUTTON: Final = 60  # elements: an icon has many
_scripts = finder("//script")
_headlines = finder("//h1")
_buttons = finder("//button | //a | //*[@role='button']")
_classed = finder("//*[@class]")


def article_shell(html: str, address: Address) -> str | None:
    """Why the article at `address` is not in the page but will be put there by the site's scripts: NO_ARTICLE or NO_BODY; None where it is there.

    A page without scripts of the site is no shell, whatever it lacks; nor is one that says that it is another page than the article.
    """
    if _has_marked_body(html) or _AMP.search(html[:2000]):
        return None
    root = parse(html)
    if not _has_site_scripts(root, address.canonical) or instead(root, Metadata(root), frame=True):
        return None
    has_headline = any(text(one) and not _is_logo(one) for one in _headlines(root))
    if _words_of_prose(root) >= (_WORDS_UNDER_HEADLINE if has_headline else _WORDS_OF_PROSE):
        return None
    if not has_headline:
        return NO_ARTICLE
    return None if address.kind in _WITHOUT_BODY else NO_BODY


def listing_shell(response: TextResponse) -> str | None:
    """Why a listing's links are not all in the page: NO_LINKS or LOADS_MORE; None where nothing says so."""
    root = parse(text_of(response))
    if not _has_site_scripts(root, response.url):
        return None
    if _loads_more(root):
        return LOADS_MORE
    return None if links_in([root], response.url) else NO_LINKS


def is_of_site(url: str) -> bool:
    """Whether an http(s) address is on one of SITE_HOSTS."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and any(host == one or host.endswith(f".{one}") for one in SITE_HOSTS)


def _has_marked_body(html: str) -> bool:
    return any(_says(html[end : end + _LOOKED_AT]) for end in _bodies_marked(html))


def _bodies_marked(html: str) -> Iterator[int]:
    """Where each start tag of a body ends. The names are found first: an expression would try every tag of the page."""
    for name in _BODY_NAMES:
        at, last = html.find(name), 0
        while at >= 0:
            start = html.rfind("<", last, at)  # before the last one is a tag that was looked at
            if start >= 0 and (match := _BODY.match(html, start)):
                yield match.end()
            at, last = html.find(name, at + 1), at


def _says(markup: str) -> bool:
    """Whether there is any text before the first part of a body ends."""
    said = _MARKUP.sub(" ", markup.partition("</div>")[0]).strip()
    return bool(said) and not _WAITS.fullmatch(said)


def _has_site_scripts(root: Element, base: str) -> bool:
    for script in _scripts(root):
        source = (script.get("src") or "").strip()
        if source and is_of_site(joined(base, source) or ""):
            return True
        if not source and _asks(script.text or ""):
            return True
    return False


def _asks(script: str) -> bool:
    # An expression of several ways is tried at every letter, which took a millisecond for each listing's scripts.
    return any(word in script for word in _ASKING) and ASKS.search(script) is not None


def _words_of_prose(root: Element) -> int:
    lines = [line for node in root.iter() if node.tag not in _NOT_SHOWN and (line := _sentence(node))]
    return sum(len(line.split()) for line in without_notices(lines) if not _TO_THE_READER.search(line))


def _sentence(node: Element) -> str:
    """The text of an element without that of the elements in it; empty for a few words, a link, and what is shown without scripts only."""
    line = clean(" ".join([node.text or "", *(one.tail or "" for one in node)]))
    if len(line.split()) < _WORDS_OF_SENTENCE or any(one.tag in ("a", "noscript") for one in lineage(node)):
        return ""
    return line


def _is_logo(heading: Element) -> bool:
    return any(has_class(one, "logo_holder", "logo") for one in lineage(heading))


def _loads_more(root: Element) -> bool:
    return any(_is_button(one) and _LABEL.match(_label(one)) for one in _buttons(root)) or any(
        _MORE_CLASS.search(one.get("class") or "") for one in _classed(root)
    )


def _label(button: Element) -> str:
    """The first words of a button; none of what holds half a page."""
    return "" if holds_more(button, _MOST_IN_BUTTON) else beginning(button, _LONGEST_LABEL)


def _is_button(node: Element) -> bool:
    """Whether a click stays on the page."""
    href = (node.get("href") or "").strip()
    return node.tag != "a" or not href or href.startswith(("#", "javascript:"))
