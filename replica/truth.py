"""The record each article must give, straight from the newspaper's own model and the record's definition.

Nothing here reads a rendered page, and nothing is shared with the code that does: values are right or wrong on their own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from replica import editor, rss
from replica.model import SITE
from replica.timeline import SLOTS_UNTIL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replica.model import Article, Byline, Link, Picture
    from replica.newspaper import Newspaper

_ISTANBUL: Final = ZoneInfo("Europe/Istanbul")
_PRINTED: Final = dt.timezone(dt.timedelta(hours=3))
"""`GMT+3`, which the newspaper prints at every time of every year."""

Found = tuple[Any, str | None]
"""A value and where a reader finds it."""


def entry(article: Article) -> dict[str, Any]:
    """One line of `/_truth.jsonl`."""
    stub = article.stub
    recommended = [card for box in article.recommended for card in box]
    every = (
        [card.link for card in (*recommended, *article.cards)]
        + [link for _, link in article.most_read]
        + _body_links(article)
    )
    return {
        "record": record(article),
        "links": {
            "recommended": addresses(card.link for card in recommended),
            "cards": addresses(card.link for card in article.cards),
            "body": addresses(_body_links(article)),
            "most_read": addresses(link for _, link in article.most_read),
            "dead": addresses(link for link in every if link.dead),
        },
        "paths": {"page": stub.path, "amp": f"{stub.path}/amp"},
        "amp": {
            "headline": stub.headline,
            "standfirst": article.standfirst,
            "body": _body(article),
            "images": [_amp_image(article)] if article.hero else [],
        },
        "aliases": [SITE + path for path in article.aliases],
        "served_as": [SITE + path for path in article.served_as],
        "same_text_as": article.same_text_as,
        "number": stub.number,
    }


def lived(paper: Newspaper, number: int) -> dict[str, Any]:
    """The line of an article of a living newspaper: as it is in the end, with the time of every version."""
    life = paper.life
    if life is None or number < life.backlog:
        article = editor.article(paper, number)
        at = article.stub.at.replace(tzinfo=_PRINTED)
        return entry(article) | {
            "published_at": at.isoformat(),
            "revisions": [_revision(at, article)],
            "withdrawn_at": None,
            "heals_at": None,
            "moved_at": None,
            "moved_to": None,
        }
    fate = life.fate(number)
    versions = [editor.article(paper, number, version) for version in range(len(fate.corrected) + 1)]
    times = (fate.appears, *fate.corrected)
    return entry(versions[-1]) | {
        "published_at": fate.appears.isoformat(),
        "revisions": [_revision(at, one) for at, one in zip(times, versions, strict=True)],
        "withdrawn_at": fate.withdrawn.isoformat() if fate.withdrawn else None,
        "heals_at": fate.heals.isoformat() if fate.heals else None,
        "moved_at": fate.moved.isoformat() if fate.moved else None,
        "moved_to": SITE + paper.moved_path(number) if fate.moved else None,
    }


def _revision(at: dt.datetime, article: Article) -> dict[str, Any]:
    """`feed` is what the feeds say of this version: a page without a description of its own gets theirs."""
    return {"at": at.isoformat(), "record": record(article), "feed": {"description": rss.description(article)}}


def addresses(links: Iterable[Link]) -> list[str]:
    """Canonical article addresses in page order, each once."""
    return list(dict.fromkeys(link.address for link in links if link.address))


def record(article: Article) -> dict[str, Any]:
    """Every field of the record that the page decides, in the record's order."""
    stub, body = article.stub, _body(article)
    byline, byline_source = _byline(article)
    (published, raw, zone_source), published_source = _published(article)
    (modified, modified_raw), modified_source = _modified(article)
    keywords, keywords_source = _keywords(article)
    images, images_source = _images(article)
    related = addresses(card.link for box in article.recommended for card in box)
    shots = [[one["caption"], one["credit"]] for one in images]
    revision = [
        stub.headline,
        article.standfirst,
        byline.printed if byline else None,
        article.city,
        raw,
        body,
        keywords,
        shots,
    ]
    return {
        "url": stub.url,
        "article_id": article.meta.identifier,
        "kind": stub.kind,
        "section": stub.section,
        "subsection": stub.subsection,
        "headline": stub.headline,
        "standfirst": article.standfirst,
        "description": article.meta.description or article.meta.og_description,
        "byline": byline.printed if byline else None,
        "authors": list(byline.authors) if byline else [],
        "agencies": list(byline.agencies) if byline else [],
        "dateline": article.city,
        "published_at": published.isoformat(),
        "published_precision": "day" if _is_slot(published, stub.is_opinion) else "minute",
        "published_raw": raw,
        "modified_at": modified.isoformat() if modified else None,
        "modified_raw": modified_raw,
        "zone_source": zone_source,
        "body": body,
        "word_count": len(body.split()) if body else 0,
        "keywords": keywords,
        "images": images,
        "videos": list(article.videos),
        "related": related,
        "language": "en",
        "layout": stub.layout,
        "sources": {
            "headline": "meta" if stub.layout == "generic" else "css",
            "byline": byline_source,
            "dateline": "css" if article.city else None,
            "published_at": published_source,
            "modified_at": modified_source,
            "body": None if body is None else "text" if stub.layout == "generic" else "css",
            "keywords": keywords_source,
            "images": images_source,
            "related": "text" if related else None,
        },
        "text_hash": _sha256(f"{_folded(stub.headline)}\n{_folded(body or '')}"),
        "revision_hash": _sha256(json.dumps(revision, ensure_ascii=False, separators=(",", ":"))),
    }


def _body(article: Article) -> str | None:
    return "\n\n".join(block.text for block in article.blocks) or None


def _body_links(article: Article) -> list[Link]:
    return [run.link for block in article.blocks for run in block.runs if run.link]


def _byline(article: Article) -> tuple[Byline | None, str | None]:
    ld = article.meta.json_ld
    if article.byline:
        return article.byline, "text" if article.stub.layout == "legacy" else "css"
    if article.meta.author:
        return article.meta.author, "meta"
    if ld and ld.form == "article" and ld.author:
        return ld.author, "json-ld"
    return None, None


def _page_zone(article: Article) -> tuple[dt.tzinfo, str]:
    """The zone of dates without an offset, and where it is from: another date of the page that prints one, or Istanbul."""
    meta, ld = article.meta, article.meta.json_ld
    stated = [article.modified_raw, meta.published, meta.published_time, meta.modified]
    if ld and ld.form == "article":
        stated += [ld.published, ld.modified]
    if any(raw and raw.endswith(("GMT+3", "+03:00")) for raw in stated):
        return _PRINTED, "page"
    return _ISTANBUL, "assumed"


def _published(article: Article) -> tuple[tuple[dt.datetime, str, str], str]:
    """Moment, raw text and source of the zone; and the source of the date."""
    at, meta = article.stub.at, article.meta
    zone, zone_source = _page_zone(article)
    if article.published_raw:
        if article.published_raw.endswith("GMT+3"):
            zone, zone_source = _PRINTED, "printed"
        source = "text" if article.stub.layout == "legacy" else "css"
        return (at.replace(tzinfo=zone), article.published_raw, zone_source), source
    for raw, source in (
        (meta.published, "meta"),
        (meta.published_time, "meta"),
        (meta.json_ld.published if meta.json_ld else None, "json-ld"),
    ):
        if raw:
            moment = dt.datetime.fromisoformat(raw)
            if moment.tzinfo:
                return (moment, raw, "printed"), source
            return (moment.replace(tzinfo=zone), raw, zone_source), source
    raise ValueError(f"article {article.stub.number} has no date")


def _modified(article: Article) -> tuple[tuple[dt.datetime | None, str | None], str | None]:
    zone = _PRINTED if (article.published_raw or "").endswith("GMT+3") else _page_zone(article)[0]
    if article.modified:
        return (article.modified.replace(tzinfo=zone), article.modified_raw), "text"
    ld = article.meta.json_ld
    for published, raw, source in (
        (article.meta.published, article.meta.modified, "meta"),
        *([(ld.published, ld.modified, "json-ld")] if ld and ld.form == "article" else []),
    ):
        if raw and (not article.published_raw or _in_step(article, published)):
            moment = dt.datetime.fromisoformat(raw)
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone), raw), source
    return (None, None), None


def _in_step(article: Article, published: str | None) -> bool:
    """Whether a part of the head names the publication that the page prints: else nobody can know by how much its last change is wrong."""
    if published is None:
        return True
    said = dt.datetime.fromisoformat(published).replace(second=0)
    clocks = {said, said.astimezone(_ISTANBUL)} if said.tzinfo else {said}
    return article.stub.at in {one.replace(tzinfo=None) for one in clocks}


def _is_slot(at: dt.datetime, opinion: bool) -> bool:
    clock = (at.hour, at.minute)
    return (clock == (0, 0) and at.date() < SLOTS_UNTIL) or (clock == (0, 5) and opinion)


def _keywords(article: Article) -> Found:
    meta, ld = article.meta, article.meta.json_ld
    for printed, source in (
        (article.keywords, "text"),
        (meta.keywords or meta.news_keywords, "meta"),
        (ld.keywords if ld and ld.form == "article" else (), "json-ld"),
    ):
        if printed:
            return list(dict.fromkeys(one.replace("İ", "i").replace("I", "i").lower() for one in printed)), source
    return [], None


def _images(article: Article) -> Found:
    if article.stub.layout == "generic":
        hero = article.hero
        return ([{"url": hero.url, "caption": None, "credit": None}], "meta") if hero else ([], None)
    shown = [*([article.hero] if article.hero else []), *(picture for _, picture in article.pictures)]
    images = [_image(picture) for picture in shown]
    return images, ("text" if article.stub.layout == "legacy" else "css") if images else None


def _image(picture: Picture) -> dict[str, str | None]:
    return {"url": picture.url, "caption": picture.caption, "credit": picture.credit}


def _amp_image(article: Article) -> dict[str, str | None]:
    assert article.hero
    image = _image(article.hero)
    if article.amp_damaged and image["caption"]:
        image["caption"] = image["caption"].replace("ş", "u015f")
    return image


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
