"""From what a layout loaded to the values of a record."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import attrs

from sabah.items import KINDS_WITHOUT_TEXT
from sabah.normalize.dates import ISTANBUL, DateError, find_date, is_date, parse_date
from sabah.normalize.hashes import revision_hash, text_hash
from sabah.pages import labels
from sabah.pages.not_the_page import rest_by_script

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.normalize.dates import Moment
    from sabah.pages.page import Page

_TEXTS = {  # field: names in `meta`, key in JSON-LD
    "headline": (("headline", "og:title"), "headline"),
    "byline": (("author",), "author"),
    "keywords": (("keywords", "news_keywords"), "keywords"),
}
_DATES = {
    "published": (("datePublished", "article:published_time"), "datePublished"),
    "modified": (("dateModified", "article:modified_time"), "dateModified"),
}
_ABSENT = dict.fromkeys(
    ("byline", "published_at", "published_precision", "published_raw", "zone_source", "modified_at", "modified_raw")
)
_NEWSPAPER = frozenset(
    {
        "news",
        "newspaper",
        "breaking news",
        "daily news",
        "latest news",
        "world news",
        "turkey news",
        "daily sabah",
        "headlines",
    }
)
_ZONE = re.compile(r"\b(?:GMT|UTC)")
_NO_PRINT = frozenset({"script", "style", "title"})


def fill_from_metadata(page: Page, loader: ArticleLoader, body: Element | None, *, dates_alone: bool = True) -> None:
    """Gives the fields that the page did not print what its head says: `meta` before JSON-LD before the address.

    Where no publication date can be read in print, the head is the only witness left, and a CMS writes zones wrong there: then all that it says of the date
    must agree to the minute, and `datePublished` of a `meta` alone is not enough. `dates_alone`: whether JSON-LD is, which it is where the layout prints no dates.
    """
    metadata = page.metadata
    loader.take("article_id", None, metadata.first("identifier"))
    loader.take("description", None, metadata.first("description", "og:description"))
    for field, (names, key) in _TEXTS.items():
        if not loader.has(field) and field not in loader.unread:
            named = (("meta", metadata.first(name)) for name in names)
            for source, said in (*named, ("json-ld", metadata.json_ld_text(key))):
                if said and not (field == "keywords" and _of_newspaper(said)):
                    loader.take(field, source, said)
    if loader.has("published"):
        right = tuple(_in_step(page, loader.get_collected_values("published")[0]))
    else:
        right = tuple(_pairs(page)) if _agreed(page, json_ld=dates_alone) else ()
        for source, published, _ in right:
            loader.take("published", source, _first_date([published]))
    if not loader.has("modified") and labels.LAST_UPDATE not in page.labels:
        for source, _, modified in right:
            loader.take("modified", source, _first_date([modified]))
    if page.address and page.address.path_date:
        loader.take("published", "address", page.address.path_date.isoformat())
    _settle_zone(page, loader, body)


def _of_newspaper(keywords: str) -> bool:
    """Whether the keywords are those of the newspaper as a whole, which some pages bear in place of their own."""
    return len(_NEWSPAPER.intersection(one.strip().lower() for one in keywords.split(","))) > 1


def _agreed(page: Page, *, json_ld: bool) -> bool:
    """Whether nothing in the head contradicts `article:published_time`, or JSON-LD where that is absent and `json_ld` will do."""
    (named, published_time), key = _DATES["published"]
    meta, linked = _minutes(page.metadata.first(named)), _minutes(page.metadata.json_ld_text(key))
    own = _minutes(page.metadata.first(published_time)) or (linked if json_ld else set())
    return bool(own) and meta | linked <= own


def _pairs(page: Page) -> Iterator[tuple[str, str | None, str | None]]:
    """Publication and last change as each part of the head names them together, and the name of that source."""
    metadata = page.metadata
    (published, one), (modified, other) = _DATES.values()
    for first, last in zip(published, modified, strict=True):
        yield "meta", metadata.first(first), metadata.first(last)
    yield "json-ld", metadata.json_ld_text(one), metadata.json_ld_text(other)


def _in_step(page: Page, printed: Moment) -> Iterator[tuple[str, str | None, str | None]]:
    """The pairs whose publication is the printed one, in whatever zone: who writes a zone wrong there writes it wrong in the last change too.

    Where only the day is printed, another clock is no contradiction if two parts of the head name it.
    """
    pairs = list(_pairs(page))
    named = [clocks for _, published, _ in pairs for clocks in [_clocks(published, printed)]]
    minute = printed.at.replace(tzinfo=None, second=0)
    for pair, clocks in zip(pairs, named, strict=True):
        twice = sum(not clocks.isdisjoint(one) for one in named) > 1
        same_day = printed.precision == "day" and any(one.date() == minute.date() for one in clocks)
        if not clocks or minute in clocks or (twice and same_day):
            yield pair


def _clocks(text: str | None, printed: Moment) -> set[dt.datetime]:
    """The minute a text of the head names, as clocks of the printed zone and in Istanbul show it; as it says it where one of the two names no zone; empty for none."""
    found: set[dt.datetime] = set()
    for moment in _dates([text]):
        zoned = moment.zone_source == "printed"
        clocks = [] if zoned and printed.zone_source == "printed" else [moment.at]
        with suppress(OverflowError):  # in the years 1 and 9999
            clocks += [moment.at.astimezone(zone) for zone in (printed.at.tzinfo, ISTANBUL) if zoned]
        found |= {at.replace(tzinfo=None, second=0) for at in clocks}
    return found


def _minutes(text: str | None) -> set[dt.datetime]:
    """The minute a text of the head names, without its zone; empty for none."""
    return {moment.at.replace(tzinfo=None, second=0) for moment in _dates([text])}


def fill_from_feed(hint: Hint, loader: ArticleLoader) -> None:
    """Gives what the page does not have at all what the feed says that named it."""
    loader.take("description", None, hint.description)
    loader.take("published", "feed", hint.published and hint.published.raw)


def _first_date(texts: Iterable[str | None]) -> str | None:
    """The first of the texts that is a date. Metadata that is none is as good as absent: unlike print it is not the source of record."""
    return next(filter(is_date, filter(None, texts)), None)


def _dates(texts: Iterable[str | None]) -> Iterator[Moment]:
    for text in filter(None, texts):
        with suppress(DateError):
            yield parse_date(text)


def _settle_zone(page: Page, loader: ArticleLoader, body: Element | None) -> None:
    """Tell the loader the zone of the first date of the page that prints one, where a date it has taken prints none."""
    taken: list[Moment] = [loader.get_collected_values(field)[0] for field in _DATES if loader.has(field)]
    if any(moment.zone_source == "assumed" for moment in taken):
        moments = chain(taken, _dates_with_zone(page, body))
        zones = (moment.at.tzinfo for moment in moments if moment.zone_source == "printed")
        loader.context["zone"] = next(zones, None)


def _dates_with_zone(page: Page, body: Element | None) -> Iterator[Moment]:
    """Dates of the page that print an offset, outside the text, which may speak of anything; then those of the metadata."""
    of_text = set() if body is None else set(body.iter())
    printed = (
        own
        for node in page.root.iter()
        if node not in of_text and node.tag not in _NO_PRINT and (own := node.text) and _ZONE.search(own)
    )
    yield from _dates(find_date(one) for one in printed)
    for names, key in _DATES.values():
        yield from _dates([*map(page.metadata.first, names), page.metadata.json_ld_text(key)])


def missing(page: Page, loader: ArticleLoader, body: Element | None) -> str | None:
    """What keeps the page from being a record, in one sentence; None when nothing does. A missing date does not."""
    if not loader.has("headline"):
        return "the page has no headline"
    if loader.has("body"):
        if body is not None and rest_by_script(body, loader.get_output_value("body")):
            return "the page holds only the beginning of its text, the rest comes by script"
        return None if page.reaches_beyond(body) else "the page is cut off: it ends inside its body"
    if page.kind in KINDS_WITHOUT_TEXT:
        return None
    return "the page has a headline but no body" if page.reaches_beyond(body) else "the page is cut off before its body"


def values(page: Page, loader: ArticleLoader, layout: str, version: str) -> dict[str, Any]:
    """Every field of the record that the page decides, ready for `Article(**values)`."""
    loaded = loader.load_item()
    body: str | None = loaded.get("body")
    record: dict[str, Any] = {
        **_ABSENT,
        "authors": [],
        "agencies": [],
        **loaded,
        "url": page.url,
        "kind": page.kind,
        "section": page.address.section if page.address else None,
        "subsection": page.address.subsection if page.address else None,
        "word_count": len(body.split()) if body else 0,
        "layout": layout,
        "canonical_elsewhere": page.elsewhere,
        "sources": loader.sources,
        "text_hash": text_hash(loaded["headline"], body),
        "reader_version": version,
    }
    record["revision_hash"] = revision_hash(
        headline=loaded["headline"],
        standfirst=loaded.get("standfirst"),
        byline=record["byline"],
        dateline=loaded.get("dateline"),
        published_raw=record["published_raw"],
        body=body,
        keywords=loaded.get("keywords", []),
        images=[(image.caption, image.credit) for image in loaded.get("images", [])],
    )
    return record


@attrs.frozen
class Hint:
    published: Moment | None = None
    description: str | None = None
    """Plain text, one line."""

    def to_json(self) -> str | None:
        """An object with `published_at` (ISO 8601 with offset), `published_raw` (as the feed prints it) and `description`, those there are."""
        said = {
            "published_at": self.published and self.published.isoformat(),
            "published_raw": self.published and self.published.raw,
            "description": self.description,
        }
        known = {name: value for name, value in said.items() if value}
        return json.dumps(known, ensure_ascii=False) if known else None

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """As `to_json` wrote it; an empty hint for None."""
        said = json.loads(text) if text else {}
        raw = said.get("published_raw")
        return cls(parse_date(raw) if raw else None, said.get("description"))
