"""From a filled draft to the values of a record."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sabah.items import KINDS_WITHOUT_TEXT
from sabah.normalize.dates import DateError, find_date, parse_date
from sabah.normalize.hashes import revision_hash, text_hash
from sabah.pages import labels
from sabah.pages.rest_by_script import rest_by_script

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from sabah.normalize.bylines import Byline
    from sabah.normalize.dates import Moment
    from sabah.pages.draft import Draft
    from sabah.pages.hint import Hint
    from sabah.pages.page import Page


_TEXTS = {  # field: names in `meta`, key in JSON-LD
    "headline": (("headline", "og:title"), "headline"),
    "byline": (("author",), "author"),
    "keywords": (("keywords", "news_keywords"), "keywords"),
}
_DATES = {
    "published_at": (("datePublished", "article:published_time"), "datePublished"),
    "modified_at": (("dateModified", "article:modified_time"), "dateModified"),
}
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


def fill_from_metadata(page: Page, draft: Draft, *, dates_alone: bool = True) -> None:
    """Gives the fields that the page did not print what its head says: `meta` before JSON-LD before the address.

    Where no publication date can be read in print, the head is the only witness left, and a CMS writes zones wrong there: then all that it says of the date
    must agree to the minute, and `datePublished` of a `meta` alone is not enough. `dates_alone`: whether JSON-LD is, which it is where the layout prints no dates.
    """
    metadata = page.metadata
    draft.take("article_id", None, metadata.first("identifier"))
    draft.take("description", None, metadata.first("description", "og:description"))
    for field, (names, key) in _TEXTS.items():
        if not draft.has(field) and field not in draft.unread:
            named = (("meta", metadata.first(name)) for name in names)
            for source, said in (*named, ("json-ld", metadata.json_ld_text(key))):
                if said and not (field == "keywords" and _of_newspaper(said)):
                    draft.take(field, source, said)
    trusted = draft.has("published_at") or _agreed(page, json_ld=dates_alone)
    for field, (names, key) in _DATES.items():
        if not draft.has(field) and (
            trusted if field == "published_at" else trusted and labels.LAST_UPDATE not in page.labels
        ):
            draft.take(field, "meta", _first_date(page, (metadata.first(name) for name in names)))
            draft.take(field, "json-ld", _first_date(page, [metadata.json_ld_text(key)]))
    if page.address and page.address.path_date:
        draft.take("published_at", "address", parse_date(page.address.path_date.isoformat()))
    draft.settle_zone(_dates_with_zone(page, draft))


def _of_newspaper(keywords: str) -> bool:
    """Whether the keywords are those of the newspaper as a whole, which some pages bear in place of their own."""
    return len(_NEWSPAPER.intersection(one.strip().lower() for one in keywords.split(","))) > 1


def _agreed(page: Page, *, json_ld: bool) -> bool:
    """Whether nothing in the head contradicts `article:published_time`, or JSON-LD where that is absent and `json_ld` will do."""
    (named, published_time), key = _DATES["published_at"]
    meta, linked = _minutes(page, page.metadata.first(named)), _minutes(page, page.metadata.json_ld_text(key))
    own = _minutes(page, page.metadata.first(published_time)) or (linked if json_ld else set())
    return bool(own) and meta | linked <= own


def _minutes(page: Page, text: str | None) -> set[dt.datetime]:
    """The minute a text of the head names, without its zone; empty for none."""
    return {moment.at.replace(tzinfo=None, second=0) for moment in _dates(page, [text])}


def fill_from_feed(hint: Hint, draft: Draft) -> None:
    """Gives what the page does not have at all what the feed says that named it."""
    draft.take("description", None, hint.description)
    draft.take("published_at", "feed", hint.published)


def _first_date(page: Page, texts: Iterable[str | None]) -> Moment | None:
    """The first of the texts that is a date. Metadata that is none is as good as absent: unlike print it is not the source of record."""
    return next(_dates(page, texts), None)


def _dates(page: Page, texts: Iterable[str | None]) -> Iterator[Moment]:
    for text in filter(None, texts):
        with suppress(DateError):
            yield parse_date(text, opinion=page.is_opinion)


def _dates_with_zone(page: Page, draft: Draft) -> Iterator[Moment]:
    """Dates of the page that print an offset, outside the text, which may speak of anything; then those of the metadata."""
    of_text = set() if draft.body is None else set(draft.body.iter())
    printed = (
        own
        for node in page.root.iter()
        if node not in of_text and node.tag not in _NO_PRINT and (own := node.text) and _ZONE.search(own)
    )
    yield from _dates(page, (find_date(one) for one in printed))
    for names, key in _DATES.values():
        yield from _dates(page, [*map(page.metadata.first, names), page.metadata.json_ld_text(key)])


def missing(page: Page, draft: Draft) -> str | None:
    """What keeps the page from being a record, in one sentence; None when nothing does. A missing date does not."""
    if not draft.has("headline"):
        return "the page has no headline"
    if draft.has("body"):
        if draft.body is not None and rest_by_script(draft.body, draft.get("body")):
            return "the page holds only the beginning of its text, the rest comes by script"
        return None if page.reaches_beyond(draft.body) else "the page is cut off: it ends inside its body"
    if page.kind in KINDS_WITHOUT_TEXT:
        return None
    return (
        "the page has a headline but no body"
        if page.reaches_beyond(draft.body)
        else "the page is cut off before its body"
    )


def values(page: Page, draft: Draft, layout: str, version: str) -> dict[str, Any]:
    """Every field of the record that the page decides, ready for `Article(**values)`."""
    loaded = draft.load()
    byline: Byline | None = loaded.pop("byline", None)
    published: Moment | None = loaded.pop("published", None)
    modified: Moment | None = loaded.pop("modified", None)
    body: str | None = loaded.get("body")
    record: dict[str, Any] = {
        **loaded,
        "url": page.url,
        "kind": page.kind,
        "section": page.address.section if page.address else None,
        "subsection": page.address.subsection if page.address else None,
        "byline": byline.printed if byline else None,
        "authors": list(byline.authors) if byline else [],
        "agencies": list(byline.agencies) if byline else [],
        "published_at": published.isoformat() if published else None,
        "published_precision": published.precision if published else None,
        "published_raw": published.raw if published else None,
        "zone_source": published.zone_source if published else None,
        "modified_at": modified.isoformat() if modified else None,
        "modified_raw": modified.raw if modified else None,
        "word_count": len(body.split()) if body else 0,
        "layout": layout,
        "sources": draft.sources,
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
