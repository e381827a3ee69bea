"""From what a layout loaded to the values of a record."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from sabah.items import KINDS_WITHOUT_TEXT
from sabah.normalize.dates import DateError, find_date, is_date, parse_date
from sabah.normalize.hashes import revision_hash, text_hash
from sabah.pages import labels
from sabah.pages.rest_by_script import rest_by_script

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.normalize.dates import Moment
    from sabah.pages.hint import Hint
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
    trusted = loader.has("published") or _agreed(page, json_ld=dates_alone)
    for field, (names, key) in _DATES.items():
        if not loader.has(field) and (
            trusted if field == "published" else trusted and labels.LAST_UPDATE not in page.labels
        ):
            loader.take(field, "meta", _first_date(metadata.first(name) for name in names))
            loader.take(field, "json-ld", _first_date([metadata.json_ld_text(key)]))
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
