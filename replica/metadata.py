"""What the head of an article's page says: nothing, something, everything, or something wrong where print says better."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from replica import vocabulary as words
from replica.dice import spread
from replica.model import JsonLd, Meta

if TYPE_CHECKING:
    from replica.dice import Dice
    from replica.model import Byline

_AMOUNTS: Final = spread(nothing=12, description=22, keywords=24, all=22, twins=14, graph=6)
_JSON_LD: Final = spread(none=55, webpage=14, breadcrumb=10, invalid=16, article=5)


def iso(at: dt.datetime, second: int, offset: str = "+03:00") -> str:
    return f"{at.isoformat(timespec='minutes')}:{second:02}{offset}"


def head(
    dice: Dice, at: dt.datetime, modified: dt.datetime | None, description: str | None, keywords: tuple[str, ...], author: Byline | None,
    *, printed_keywords: bool,
) -> Meta:  # fmt: skip
    """Metadata of a page that prints its date: `modified` and `keywords` are what the article has, printed or not."""
    amount = dice.pick(_AMOUNTS)
    wrong = dt.timedelta(hours=dice.below(11) - 5) if dice.chance(300) else dt.timedelta()
    second = dice.below(60)
    offset = "+03:00" if dice.chance(600) else ""
    named = keywords
    if printed_keywords and dice.chance(250):
        named = words.SITE_KEYWORDS
    json_ld = _json_ld(dice, at + wrong, modified, named, author)
    if amount == "nothing":
        return Meta(json_ld=json_ld)
    if amount == "description":
        return Meta(description=description, og_description=description, json_ld=json_ld)
    if amount == "graph":
        return Meta(og_description=description, published_time=iso(at, second, "").replace("T", " "), json_ld=json_ld)
    news = dice.chance(150)
    if amount == "keywords":
        return Meta(
            description=description,
            keywords=() if news else named,
            news_keywords=named if news else (),
            json_ld=json_ld,
        )
    twins = amount == "twins"
    return Meta(
        description=description,
        og_description=description if dice.chance(500) else None,
        keywords=named,
        published=iso(at + wrong, second, offset),
        modified=iso(modified + wrong, second, offset) if modified and dice.chance(800) else None,
        published_time=iso(at, second, "").replace("T", " ") if dice.chance(600) else None,
        author=author,
        identifier=str(1_000_000 + dice.below(900_000)) if twins else None,
        named=not twins or dice.chance(600),
        twins=twins,
        json_ld=json_ld,
    )


def head_alone(
    dice: Dice, at: dt.datetime, modified: dt.datetime, description: str | None, keywords: tuple[str, ...], author: Byline | None,
) -> Meta:  # fmt: skip
    """Metadata of a page whose template prints no date: by names, by a date without offset, or by JSON-LD alone."""
    form, second = dice.below(100), dice.below(60)
    twins = dice.chance(600)
    if form < 75:
        offset = "+03:00" if dice.chance(850) else ""
        return Meta(
            description=description, og_description=description, keywords=keywords, published=iso(at, second, offset), modified=iso(modified, second, offset),
            published_time=iso(at, second, "").replace("T", " "), author=author, twins=twins, identifier=str(1_000_000 + dice.below(900_000)) if twins else None,
        )  # fmt: skip
    if form < 90:
        return Meta(
            og_description=description,
            keywords=keywords,
            published_time=iso(at, second, "").replace("T", " "),
            author=author,
        )
    ld = JsonLd(
        form="article", published=iso(at, second), modified=iso(modified, second), keywords=keywords, author=author
    )
    return Meta(description=description, json_ld=ld)


def _json_ld(
    dice: Dice, at: dt.datetime, modified: dt.datetime | None, keywords: tuple[str, ...], author: Byline | None
) -> JsonLd | None:
    form = dice.pick(_JSON_LD)
    if form == "none":
        return None
    later = iso(modified, 11) if modified else None
    return JsonLd(form=form, published=iso(at, 11), modified=later, keywords=keywords, author=author)
