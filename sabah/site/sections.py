"""The section tree of the newspaper's menu, with listing address, feed and other names of each entry."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class Section:
    """One entry of the menu."""

    slug: str
    """As in today's addresses: `syrian-crisis`."""

    name: str
    """As printed in the menu: `Syrian Crisis`."""

    parent: str | None
    """Slug of the section it stands under; None for a top section."""

    listing: str
    """Path of its listing page. A sub-section's stands at the root: `/business/tech` answers 404, `/tech` is the page."""

    aliases: tuple[str, ...] = ()
    """Other names in addresses, old addresses or print, folded like a slug: `turkiye`, `arts-culture`, `tv`."""

    feed: str | None = None
    """Path of its RSS feed where one is known to exist. None does not invite a guess: a wrong name answers 200 with another channel."""


_MENU: Final = (
    ("Politics", "Diplomacy", "Legislation", "War On Terror", "EU Affairs", "Elections", "News Analysis"),
    ("TÜRKİYE", "Istanbul", "Education", "Investigations", "Minorities", "Expat Corner", "Diaspora"),
    ("World", "Mid-East", "Europe", "Americas", "Asia Pacific", "Africa", "Syrian Crisis", "Islamophobia"),
    (
        "Business", "Automotive", "Economy", "Energy", "Finance", "Tourism", "Tech", "Defense", "Transportation",
        "News Analysis",
    ),
    (
        "Lifestyle", "Health", "Environment", "Travel", "Food", "Fashion", "Science", "Religion", "History", "Feature",
        "Expat Corner",
    ),
    ("Arts", "Cinema", "Music", "Events", "Portrait", "Reviews", "Performing Arts"),
    ("Sports", "Football", "Basketball", "Motorsports", "Tennis"),
    ("Gallery",),
    ("Opinion", "Columns", "Op-Ed", "Reader's Corner", "Editorial"),
    ("TV",),
)  # fmt: skip
"""Names as printed in the page's menu, in its order; the first of each row is the section."""

_SLUGS: Final = {"turkiye": "turkey", "tv": "ds-tv"}
"""Entries whose address is not the folded name."""

_ALIASES: Final = {
    "turkey": ("turkiye",),  # both occur since the country's change of name in 2022
    "lifestyle": ("life",),  # the old name, still that of its feed
    "arts": ("arts-culture",),
    "tech": ("technology",),
    "gallery": ("photo-gallery",),  # printed in the footer
    "ds-tv": ("tv",),
}

_FEEDS: Final = {
    "politics": "/rss/politics",
    "war-on-terror": "/rss/politics/war-on-terror",
    "turkey": "/rss/turkey",
    "world": "/rss/world",
    "mid-east": "/rss/world/mid-east",
    "europe": "/rss/world/europe",
    "americas": "/rss/world/americas",
    "asia-pacific": "/rss/world/asia-pacific",
    "africa": "/rss/world/africa",
    "syrian-crisis": "/rss/world/syrian-crisis",
    "islamophobia": "/rss/world/islamophobia",
    "business": "/rss/business",
    "energy": "/rss/business/energy",
    "tech": "/rss/business/tech",
    "lifestyle": "/rssFeed/26",
    "op-ed": "/rss/opinion/op-ed",
}
"""Feeds seen delivering or listed by feed readers. `/rss/turkiye` is listed beside `/rss/turkey`, `/rssFeed/13` beside `/rss/business`."""


@attrs.frozen
class Feed:
    name: str
    """As a user names it: `homepage`, `mostread`, or the section's name as `names` gives it."""

    path: str


def _fold(name: str) -> str:
    """A name as the newspaper folds it into a slug: `Reader's Corner` -> `readers-corner`, `TÜRKİYE` -> `turkiye`."""
    letters = unicodedata.normalize("NFKD", name.replace("ı", "i")).lower()
    bare = "".join(one for one in letters if not unicodedata.combining(one) and one not in "'’")
    return re.sub(r"[\s_-]+", "-", bare).strip("-")


def _entry(name: str, parent: str | None) -> Section:
    folded = _fold(name)
    slug = _SLUGS.get(folded, folded)
    return Section(
        slug=slug,
        name=name,
        parent=parent,
        listing=f"/{slug}",
        aliases=_ALIASES.get(slug, ()),
        feed=_FEEDS.get(slug),
    )


def _plant() -> tuple[Section, ...]:
    tree = []
    for first, *rest in _MENU:
        top = _entry(first, None)
        tree += [top, *(_entry(name, top.slug) for name in rest)]
    return tuple(tree)


TREE: Final = _plant()
"""Every entry in menu order, a section before its sub-sections. News Analysis and Expat Corner stand in it twice."""


def find(name: str) -> tuple[Section, ...]:
    """Every entry called `name`: slug, printed name, alias, or `section/subsection`, in any case, Turkish letters or not.

    Empty for an unknown name; two entries for `news-analysis` and `expat-corner`, which stand under two sections each.
    """
    *above, last = (_fold(part) for part in name.strip().strip("/").split("/"))
    found = tuple(entry for entry in TREE if last == entry.slug or last in entry.aliases)
    if not above:
        return found
    parents = {top.slug for top in find("/".join(above)) if top.parent is None}
    return tuple(entry for entry in found if entry.parent in parents)


def children(slug: str) -> tuple[Section, ...]:
    """Sub-sections of the section `slug` in menu order; empty for a section without any and for an unknown slug."""
    return tuple(entry for entry in TREE if entry.parent == slug)


def names() -> list[str]:
    """One name for every entry, valid for `find` and meaning that entry alone: its slug, or `section/slug` where two share the slug."""
    return [entry.slug if len(find(entry.slug)) == 1 else f"{entry.parent}/{entry.slug}" for entry in TREE]


def _feeds() -> tuple[Feed, ...]:
    of_sections = (Feed(name, entry.feed) for name, entry in zip(names(), TREE, strict=True) if entry.feed is not None)
    return (Feed("homepage", "/rss/homepage.xml"), *of_sections, Feed("mostread", "/rss/mostread"))


FEEDS: Final = _feeds()
"""Every feed known: the home page's, which has what is newest, those of sections in menu order, and the most read."""


def find_feed(name: str) -> Feed | None:
    """The feed called `name`: `homepage`, `mostread`, or a section in any form that `find` knows; None for an unknown name and for a section without one."""
    wanted = {entry.feed for entry in find(name)}
    return next((feed for feed in FEEDS if feed.path in wanted or feed.name == name.strip().casefold()), None)
