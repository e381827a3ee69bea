"""What an address of the newspaper says before its page is fetched: kind, canonical form, section, date."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from itertools import product
from typing import Final
from urllib.parse import quote, unquote

import attrs

from sabah.site.sections import TREE

_HOST: Final = re.compile(
    r"(?:https://(?:www\.)?dailysabah\.com\.?(?::(?:0*443)?)?|http://(?:www\.)?dailysabah\.com\.?(?::(?:0*80)?)?)(?=[/?#]|\Z)",
    re.IGNORECASE | re.ASCII,  # without ASCII the dotless ı and the long ſ would pass for i and s
)
_PLAIN_PATH: Final = re.compile(r"(?:/+[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/*\Z")
_BLANKS: Final = "".join(map(chr, range(0x21)))
_BREAKS: Final = str.maketrans("", "", "\t\n\r")
_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")


def split_address(url: str) -> tuple[list[str], str] | None:
    """Steps of the path (no empty ones, no dots) and the query, of an absolute http(s) address of the newspaper; else None.

    Its hosts are dailysabah.com and www.dailysabah.com in any case, with or without a trailing dot, at the scheme's own port,
    without a user name. Blanks around the address and line breaks inside it are dropped as browsers do; any other control
    character makes it rubbish. The path is percent-encoded only where it must be, in upper case.
    """
    if not url.isprintable() or url[:1] == " " or url[-1:] == " ":
        url = url.strip(_BLANKS).translate(_BREAKS)
        if _NO_TEXT.search(url):
            return None
    host = _HOST.match(url)
    if host is None:
        return None
    path, _, query = url[host.end() :].partition("#")[0].partition("?")
    if _PLAIN_PATH.match(path):
        return [step for step in path.split("/") if step], query
    return _without_dots(encoded(path)), query


def encoded(text: str) -> str:
    """A path or query percent-encoded where it must be and nowhere else, in upper case; doing it twice changes nothing."""
    return quote(_ESCAPE.sub(_one_escape, text), safe="/?%!$&'()*+,;=:@~")


def _one_escape(found: re.Match[str]) -> str:
    if found[1] is None:
        return "%25"
    char = chr(int(found[1], 16))
    return char if _UNRESERVED.match(char) else f"%{found[1].upper()}"


def _without_dots(path: str) -> list[str]:
    kept: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del kept[-1:]
        elif step not in {"", "."}:
            kept.append(step)
    return kept


ROOT: Final = "https://www.dailysabah.com/"
ARTICLE_KINDS: Final = frozenset({"article", "column", "op-ed", "editorial", "readers-corner", "video", "gallery"})
"""Kinds of address that stand for a record."""


@attrs.frozen(kw_only=True)
class Address:
    """One address of www.dailysabah.com, understood."""

    kind: str
    """One of ARTICLE_KINDS, or `listing`, `feed`, `other`."""

    canonical: str
    """https, www, no `/amp` after an article, no query or fragment (a search keeps its query: it names the page)."""

    section: str | None = None
    """Slug in today's tree; None for the home page, an unknown section, and a name that stands under two."""

    subsection: str | None = None
    """Slug in today's tree, or as in the address where the section is known and has no such entry."""

    path_date: dt.date | None = None
    """Day in an old address; agrees with the printed date."""

    reason: str | None = None
    """Of kind `other`: `search`, `feed-index`, `other-edition`, `asset`, `unknown-section` or `page`."""

    @property
    def is_article(self) -> bool:
        return self.kind in ARTICLE_KINDS


_Place = tuple[str | None, str | None]
_Dated = tuple[str | None, str | None, dt.date | None]

_FILE_NAME: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}\Z")
_DAY: Final = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})\Z")
_ENDS: Final = re.compile(r"\A[\W_]+|[\W_]+\Z")
_NO_SLUGS: Final = frozenset({"amp", "archive", "images"})
_NOWHERE: Final = (None, None)
_KINDS: Final[dict[_Place, str]] = {
    ("opinion", "columns"): "column",
    ("opinion", "op-ed"): "op-ed",
    ("opinion", "editorial"): "editorial",
    ("opinion", "readers-corner"): "readers-corner",
}
_KINDS_OF_SECTIONS: Final[dict[str | None, str]] = {"gallery": "gallery", "ds-tv": "video"}

_SECTIONS: Final[dict[str, str]] = {
    name: top.slug for top in TREE if top.parent is None for name in (top.slug, *top.aliases)
}
_SUBSECTIONS: Final[dict[_Place, str]] = {
    (sub.parent, name): sub.slug for sub in TREE if sub.parent is not None for name in (sub.slug, *sub.aliases)
}


def _places() -> dict[str, _Place]:
    places: dict[str, _Place] = {name: (slug, None) for name, slug in _SECTIONS.items()}
    for sub in TREE:
        if sub.parent is not None:
            for name in (sub.slug, *sub.aliases):
                places[name] = (None if name in places else sub.parent, sub.slug)
    return places


_PLACES: Final = _places()
"""Every name that can stand first in a path, and the section and sub-section it means today."""


def parse_address(url: str) -> Address | None:
    """What `url` is, from its text alone; None for what is no absolute http(s) address of this newspaper. Never raises.

    Names of sections are understood in any case; `canonical` keeps the path's own case and names, so that `/turkiye/…` stays
    as it is and says section `turkey`. The forms of address are those seen on the site between 2014 and 2026.
    """
    return _parse(url)


def slug_of(address: Address) -> str:
    """The step of an article's address that names it, as two spellings of it share it: without case, and without what is neither letter nor digit at its ends."""
    last = next(step for step in reversed(address.canonical.split("/")) if step not in {"news", "images"})
    return _ENDS.sub("", unquote(last)).casefold()


def is_respelled(one: Address, other: Address) -> bool:
    """Whether two addresses of articles differ in nothing but names of one section (`/turkey/x/news`, `/turkiye/x/news`) and spellings of one slug."""
    place = one.section, one.subsection
    return place != _NOWHERE and place == (other.section, other.subsection) and _may_be_one(one, other)


def is_in_one_section(one: Address, other: Address) -> bool:
    """Whether two addresses of articles have one slug in one section, of which at most one names a sub-section (`/world/x/news`, `/world/europe/x`)."""
    sections, subsections = {one.section, other.section}, {one.subsection, other.subsection}
    known = len(sections) == 1 and None not in sections
    fits = None in subsections if known else None in sections and None not in subsections and len(subsections) == 1
    return is_respelled(one, other) or (fits and _may_be_one(one, other))


def _may_be_one(one: Address, other: Address) -> bool:
    days = {one.path_date, other.path_date}
    return slug_of(one) == slug_of(other) and (len(days) == 1 or None in days)


def respelled(address: Address) -> tuple[str, ...]:
    """The same article's address under the other names that its section has or had."""
    head, *steps = address.canonical.removeprefix(ROOT).split("/")
    heads = [name for name, place in _PLACES.items() if place == _PLACES.get(head.lower())] or [head]
    middles, section = [*steps[:1]], _SECTIONS.get(head.lower())
    if len(steps) == 2 and (slug := _SUBSECTIONS.get((section, steps[0].lower()))):
        middles = [name for (top, name), one in _SUBSECTIONS.items() if name and (top, one) == (section, slug)]
    found = (ROOT + "/".join((first, middle, *steps[1:])) for first, middle in product(heads, middles))
    others = ((url, parse_address(url)) for url in found if url != address.canonical)
    return tuple(url for url, one in others if one is not None and one.is_article and is_respelled(address, one))


@lru_cache(maxsize=8192)  # the menu's links stand on every page
def _parse(url: str) -> Address | None:
    parts = split_address(url)
    return None if parts is None else _special(*parts) or _page(parts[0])


def _special(steps: list[str], query: str) -> Address | None:
    """Feeds, searches, other editions and files; None for what may be an article or a listing."""
    if not steps:
        return None
    canonical = ROOT + "/".join(steps)
    head = steps[0].lower()
    if head in {"rss", "rssfeed"}:
        if len(steps) == 1:
            return Address(kind="other", canonical=canonical, reason="feed-index")
        section, subsection = _feed_place(steps[1:]) if head == "rss" else _NOWHERE
        return Address(kind="feed", canonical=canonical, section=section, subsection=subsection)
    if head == "search":
        return Address(kind="other", canonical=f"{canonical}?{encoded(query)}" if query else canonical, reason="search")
    if head in {"arabic", "deutsch"}:
        return Address(kind="other", canonical=canonical, reason="other-edition")
    if _FILE_NAME.search(steps[-1]):
        return Address(kind="other", canonical=canonical, reason="asset")
    return None


def _page(steps: list[str]) -> Address:
    amp = steps[-1:] == ["amp"]
    bare = steps[:-1] if amp else steps
    article = _article(bare)
    if article is not None:
        section, subsection, day = article
        kind = _KINDS_OF_SECTIONS.get(section) or _KINDS.get((section, subsection), "article")
        canonical = ROOT + "/".join(bare)
        return Address(kind=kind, canonical=canonical, section=section, subsection=subsection, path_date=day)
    canonical = ROOT + "/".join(steps)
    listing = None if amp else _listing(steps)
    if listing is not None:
        section, subsection, day = listing
        return Address(kind="listing", canonical=canonical, section=section, subsection=subsection, path_date=day)
    return Address(kind="other", canonical=canonical, reason="unknown-section" if _is_stray(bare) else "page")


def _article(steps: list[str]) -> _Dated | None:
    match steps:
        case [head, _, "news"]:
            return (*_PLACES.get(head.lower(), _NOWHERE), None)
        case [head, middle, last]:
            return _in_section(_SECTIONS.get(head.lower()), middle, last)
        case [head, *date, _] if len(date) == 3:
            place = _PLACES.get(head.lower(), _NOWHERE)
        case [head, _, *date, _] if len(date) == 3 and head.lower() == "columns":
            place = _PLACES["columns"]
        case _:
            return None
    day = _day(date)
    return None if day is None else (*place, day)


def _in_section(section: str | None, middle: str, last: str) -> _Dated | None:
    """`/section/subsection/slug`; in the gallery `/gallery/slug/images` and the old `/gallery/section/slug`."""
    if section == "gallery" and last == "images":
        return section, None, None
    if section is None or last in _NO_SLUGS or middle.isdigit():
        return None
    return section, None if section == "gallery" else _SUBSECTIONS.get((section, middle.lower()), middle), None


def _listing(steps: list[str]) -> _Dated | None:
    if not steps:
        return None, None, None
    place = _PLACES.get(steps[0].lower())
    if place is None:
        return None
    match steps[1:]:
        case []:
            return (*place, None)
        case [_, "archive"] if place == ("opinion", "columns"):
            return (*place, None)
        case date:
            day = _day(date)
            return None if day is None else (*place, day)


def _feed_place(steps: list[str]) -> _Place:
    """Section and sub-section a feed is named after, as far as the tree knows its whole name."""
    section = _SECTIONS.get(steps[0].lower())
    if len(steps) == 1:
        return section, None
    subsection = _SUBSECTIONS.get((section, steps[1].lower())) if len(steps) == 2 else None
    return _NOWHERE if subsection is None else (section, subsection)


def _is_stray(steps: list[str]) -> bool:
    """Has it an article's or a day listing's form under a name that is no section?"""
    return (len(steps) == 3 or _day(steps[1:]) is not None) and steps[0].lower() not in _PLACES


def _day(steps: list[str]) -> dt.date | None:
    found = _DAY.match("/".join(steps))
    if found is None:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:  # no such day: the numbers mean something else
        return None
