"""Renders the newspaper's pages. Nothing is kept but the constant surroundings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from replica import boxes_html, editor, json_ld, timeline
from replica.body_html import body_html, notices, notices_are_glued
from replica.look import VARIANTS, look
from replica.pictures import THEME
from replica.surroundings import surroundings, template

if TYPE_CHECKING:
    from replica.listings import Listing, Results
    from replica.model import Article
    from replica.newspaper import Newspaper

_TEMPLATES: Final = {"2020": "article.html", "legacy": "legacy.html", "generic": "generic.html"}
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DEFAULT_PICTURE: Final = f"{THEME}/daily-sabah-share.jpg"


def article_page(paper: Newspaper, article: Article) -> bytes:
    """The page of an article in its own layout."""
    stub, appearance = article.stub, look(paper.seed, article.stub.number)
    ld = json_ld.block(article)
    head = _render(
        "head.html", title=stub.headline, url=stub.url, meta=article.meta, separator=", " if stub.number % 2 else ",", twice_escaped=stub.number % 3 == 0,
        picture=article.hero.url if article.hero else _DEFAULT_PICTURE, json_ld=ld,
    )  # fmt: skip
    date = (article.published_raw or "").replace(" GMT", f"{appearance.date_apart}GMT")
    before, after = (boxes_html.recommended(cards, appearance) for cards in article.recommended)
    inside = (before, after) if appearance.boxes == "inside" else ("", "")
    is_slides = stub.kind == "gallery" and stub.layout == "2020" and bool(appearance.slides)
    text = attrs.evolve(article, pictures=()) if is_slides else article
    body = _render(
        _TEMPLATES[stub.layout],
        article=article,
        look=appearance,
        date=date,
        second_date=timeline.printed(stub.at),
        before=before,
        after=after,
        body=body_html(text, appearance, *inside),
        notices="" if notices_are_glued(article, appearance) else "".join(notices(appearance)),
        slides=boxes_html.slides((one for _, one in article.pictures), appearance) if is_slides else "",
        share=boxes_html.share(article.modified_raw, appearance),
        keywords=boxes_html.keywords(article.keywords, appearance),
        cards=boxes_html.bottom(article.cards, appearance),
        most_read=boxes_html.most_read(article.most_read),
    )
    return surroundings(appearance.variant).around(head, body)


def amp_page(paper: Newspaper, article: Article) -> bytes:
    """The AMP twin: headline, hero with caption, spot, body."""
    appearance = look(paper.seed, article.stub.number)
    alt = article.hero.alt if article.hero else ""
    plain = attrs.evolve(article, pictures=(), videos=())
    return _render(
        "amp.html",
        article=plain,
        body=body_html(plain, appearance, "", ""),
        look=appearance,
        mark=("amp", "\N{HIGH VOLTAGE SIGN}", "amp")[appearance.variant % 3],
        alt=alt.replace("ş", "u015f") if article.amp_damaged else alt,
        body_class=("article_body", "content", "detail")[appearance.variant % 3],
    ).encode()


def listing_page(paper: Newspaper, listing: Listing) -> bytes:
    head = _plain_head(listing.title, listing.path)
    dates = [timeline.printed_day(day) for day in listing.days] if listing.path == "/" else []
    body = _render(
        "listing.html",
        title=listing.title,
        cards=listing.cards,
        dates=dates,
        query=listing.query,
        most_read=boxes_html.most_read(editor.most_read(paper)),
        look=look(paper.seed, 0),
    )
    return surroundings(len(listing.path) % VARIANTS).around(head, body)


def search_page(results: Results) -> bytes:
    body = _render(
        "search.html", count=results.count, rows=[{"url": one.url, "headline": one.headline, "day": timeline.printed_day(one.at.date())} for one in results.rows],
        pages=results.pages, page=results.page, last=results.last, query=results.query,
    )  # fmt: skip
    return surroundings(0).around(_plain_head("Search", "/search"), body)


def not_found_page() -> bytes:
    return surroundings(1).around(_plain_head("404", "/404"), _render("not_found.html"))


def changed(article: Article) -> dt.datetime:
    """The printed time of the last change, in UTC."""
    return ((article.modified or article.stub.at) - dt.timedelta(hours=3)).replace(tzinfo=dt.UTC)


def http_date(at: dt.datetime) -> str:
    """A UTC time as HTTP writes it: `Tue, 14 Sep 2021 07:51:00 GMT`."""
    return f"{_DAYS[at.weekday()]}, {at.day:02} {timeline.MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S} GMT"


def _plain_head(title: str, path: str) -> str:
    return f'<title>{title} | Daily Sabah</title>\n<meta name="description" content="News from Türkiye and the world.">\n<link href="https://www.dailysabah.com{path}" rel="canonical" >\n'


def _render(name: str, **values: object) -> str:
    return template(name).render(values)
