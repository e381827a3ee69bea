"""Which feed is at which address, and which articles it holds (FACTS section 4)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from replica import editor, listings, rss
from replica.dice import Dice
from replica.edition import Edition
from replica.surroundings import surroundings
from sabah.site.sections import TREE

if TYPE_CHECKING:
    import datetime as dt

    from replica.model import Article
    from replica.newspaper import Newspaper

_HOME, _SECTION, _SUBSECTION, _MOST_READ = 46, 34, 50, 50
"""Items of each feed, as measured."""
_RANKS: Final = 230
_NUMBERS: Final = {"13": "business", "26": "lifestyle"}
_WITHOUT: Final = frozenset({"lifestyle", "gallery", "ds-tv"})
"""Sections that have no feed by name."""
_ITEMS_KEPT: Final = 1024


@attrs.frozen
class Feed:
    path: str
    title: str
    numbers: tuple[int, ...]
    """Articles in the feed's order."""
    changed: dt.datetime
    """When it last changed, in UTC."""


class Feeds:
    """The feeds of one newspaper; the articles that they show now are kept."""

    def __init__(self, paper: Newspaper) -> None:
        self.paper = paper
        self._article = lru_cache(maxsize=_ITEMS_KEPT)(self._make)

    def find(self, path: str, now: dt.datetime | None) -> Feed | None:
        """The feed at a path; a generic or an empty one for a name that is none; None for the index at `/rss` and other paths."""
        head, _, name = path.strip("/").partition("/")
        if head not in ("rss", "rssFeed") or not name:
            return None
        edition = Edition(self.paper, now)
        if name == "mostread":
            return self._most_read(edition, path)
        if name == "homepage.xml":
            return self._home(edition, path, "Daily Sabah - Home Page")
        slug = _NUMBERS.get(name) if head == "rssFeed" else _slug(name)
        if slug is None:
            is_generic = sum(path.encode()) % 2 == 0 and name.count("/") == 0 and head == "rss"
            return (
                self._home(edition, path, "Daily Sabah")
                if is_generic
                else Feed(path, "Daily Sabah", (), edition.changed((), lambda _: False))
            )
        entry = next(one for one in TREE if one.slug == slug)
        numbers = listings.newest_of(edition, slug, _SUBSECTION if entry.parent else _SECTION)
        return self._feed(edition, path, f"Daily Sabah - {entry.name}", numbers, slug)

    def xml(self, feed: Feed, now: dt.datetime | None) -> bytes:
        """The feed as it is sent."""
        edition = Edition(self.paper, now)
        articles = (self._article(number, edition.version(number)) for number in feed.numbers)
        return rss.feed(self.paper.seed, feed.path, feed.title, articles)

    def _home(self, edition: Edition, path: str, title: str) -> Feed:
        return self._feed(edition, path, title, edition.newest(range(self.paper.total), _HOME), None)

    def _feed(self, edition: Edition, path: str, title: str, numbers: list[int], slug: str | None) -> Feed:
        ordered = sorted(numbers, key=edition.appeared, reverse=True)

        def belongs(number: int) -> bool:
            return slug is None or listings.stands_in(self.paper, number, slug)

        return Feed(path, title, tuple(ordered), edition.changed(ordered, belongs))

    def _most_read(self, edition: Edition, path: str) -> Feed:
        """Ranked anew every hour: some of the latest articles, in no order of time."""
        recent = edition.newest(range(self.paper.total), 4 * _MOST_READ)
        hour = edition.now.replace(minute=0, second=0, microsecond=0) if edition.now else None
        dice = Dice(self.paper.seed, int(hour.timestamp()) // 3600 if hour else 0, _RANKS)
        ranked = sorted(recent, key=lambda number: (dice.below(1000) + (recent[0] - number), number))[:_MOST_READ]
        changed = edition.changed(recent, lambda _: True)
        return Feed(path, "Daily Sabah - Most Read", tuple(ranked), max(changed, hour) if hour else changed)

    def _make(self, number: int, version: int) -> Article:
        return editor.article(self.paper, number, version)


def index_page() -> bytes:
    """`/rss`: a page that names the feeds, and no feed."""
    paths = [f"/rss/{one.parent}/{one.slug}" if one.parent else f"/rss/{one.slug}" for one in TREE]
    rows = "".join(
        f'<li><a href="https://www.dailysabah.com{path}">{path[5:]}</a></li>'
        for path in paths
        if path[5:] not in _WITHOUT
    )
    body = (
        f'<main class="rss_page"><h2>RSS</h2><ul><li><a href="/rss/homepage.xml">Home Page</a></li>{rows}</ul></main>'
    )
    return surroundings(2).around("<title>RSS | Daily Sabah</title>\n", body)


def _slug(name: str) -> str | None:
    """The section or sub-section that a name means; sub-sections are named below their section only."""
    top, _, sub = name.partition("/")
    tops = [
        one.slug
        for one in TREE
        if one.parent is None and top in (one.slug, *(("turkiye",) if one.slug == "turkey" else ()))
    ]
    if not tops:
        return None
    if not sub:
        return None if tops[0] in _WITHOUT else tops[0]
    return next((one.slug for one in TREE if one.parent == tops[0] and one.slug == sub), None)
