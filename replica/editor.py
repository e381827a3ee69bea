"""Puts an article together: text, byline, dates, pictures, boxes, metadata."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from replica import corrections, links, parts, prose, timeline
from replica.body import blocks_of
from replica.bylines import byline
from replica.dice import Dice, spread
from replica.metadata import head, head_alone
from replica.model import Article, Byline
from replica.pictures import picture
from replica.variants import varied

if TYPE_CHECKING:
    from replica.life import Life
    from replica.model import Card, Link, Meta, Stub
    from replica.newspaper import Newspaper

PARTS: Final = 4
BOXES: Final = 5
_BOXES: Final = spread(both=60, before=14, after=14, neither=12)
_MOST_READ: Final = 10
_NEWSROOM: Final = Byline("Daily Sabah", (), ("Daily Sabah",))


@attrs.frozen
class _Known:
    """What is true of the article, whether or not its page prints it."""

    keywords: tuple[str, ...]
    modified: dt.datetime | None
    author: Byline | None
    city: str
    description: str | None


@attrs.frozen
class _Printed:
    byline: Byline | None = None
    city: str | None = None
    published_raw: str | None = None
    modified: dt.datetime | None = None
    modified_raw: str | None = None
    keywords: tuple[str, ...] = ()


def article(paper: Newspaper, number: int, version: int = 0) -> Article:
    """The whole article `number` as it appeared, or after its first `version` corrections; nothing of it is kept."""
    stub = paper.stub(number)
    own = Dice(paper.seed, number, PARTS)
    facts = paper.facts(number)
    blocks = blocks_of(paper, stub, own, facts)
    facts.update(mon=prose.MONTHS[stub.at.month - 1], d=stub.at.day, year=stub.at.year)
    spot = parts.standfirst(own, facts) if own.chance(550) and stub.layout == "2020" else None
    modified = (
        stub.at + dt.timedelta(minutes=3 + own.below(4000 if own.chance(200) else 90)) if own.chance(850) else None
    )
    if paper.life:
        modified = _lived(paper.life, number, version, modified)
    author = byline(own, stub.kind, stub.columnist)
    known = _Known(
        parts.keywords(own, facts, stub), modified, author, facts["city"].upper(), parts.teaser(spot, blocks)
    )
    printed = _printed(own, stub, known)
    has_hero = stub.layout == "generic" or (stub.kind != "video" and own.chance(940))
    second = paper.alias(number)
    redirects = paper.alias_redirects(number)
    plain = Article(
        stub=stub,
        standfirst=spot,
        byline=printed.byline,
        city=printed.city,
        published_raw=printed.published_raw,
        modified=printed.modified,
        modified_raw=printed.modified_raw,
        blocks=blocks,
        keywords=printed.keywords,
        hero=picture(own, facts, stub.at.date(), "800x531") if has_hero else None,
        pictures=parts.pictures(own, facts, stub, len(blocks)),
        videos=parts.videos(own, stub),
        recommended=_recommended(paper, stub),
        cards=_bottom(paper, stub, 4 + own.below(4)),
        most_read=most_read(paper),
        meta=_meta(own, stub, known, printed),
        aliases=(second,) if second and redirects else (),
        served_as=(second,) if second and not redirects else (),
        same_text_as=paper.stub(stub.text_of).url if stub.text_of != number and not stub.near else None,
        amp_damaged=own.chance(60),
    )
    return varied(paper, corrections.corrected(paper, plain, version) if version else plain)


@lru_cache(maxsize=1)
def most_read(paper: Newspaper) -> tuple[tuple[str, Link], ...]:
    """The list beside every page: recent articles, in an order of its own."""
    dice = Dice(paper.seed, 0, BOXES + 2)
    recent = dict.fromkeys(paper.backlog - 1 - dice.below(min(paper.backlog, 60)) for _ in range(_MOST_READ))
    return tuple(
        (paper.stub(number).headline, links.to(paper, paper.stub(number), dice.below(1 << 31))) for number in recent
    )


def _lived(life: Life, number: int, version: int, modified: dt.datetime | None) -> dt.datetime | None:
    """The last update by the newspaper's clock: never one that is still to come."""
    if number >= life.backlog:
        return life.modified(number, version, modified is not None)
    return min(modified, life.midnight) if modified else None


def _printed(dice: Dice, stub: Stub, known: _Known) -> _Printed:
    """What the layout has a place for, and this page shows."""
    if stub.layout == "generic":
        return _Printed()
    if stub.layout == "legacy":
        updated = known.modified if dice.chance(500) else None
        return _Printed(
            byline=known.author if dice.chance(400) else None,
            published_raw=f"{stub.at:%d.%m.%Y %H:%M}",
            modified=updated,
            modified_raw=f"{updated:%d.%m.%Y %H:%M}" if updated else None,
            keywords=known.keywords if dice.chance(450) else (),
        )
    updated = known.modified if dice.chance(800) else None
    raw = timeline.printed(stub.at, " - ")
    return _Printed(
        byline=known.author,
        city=known.city if stub.kind == "article" and dice.chance(480) else None,
        published_raw=(raw[:-2] + raw[-2:].upper() if dice.chance(15) else raw) + " GMT+3",
        modified=updated,
        modified_raw=timeline.printed(updated) if updated else None,
        keywords=known.keywords if dice.chance(820) else (),
    )


def _meta(dice: Dice, stub: Stub, known: _Known, printed: _Printed) -> Meta:
    if printed.published_raw is None:
        later = known.modified or stub.at + dt.timedelta(minutes=5)
        return head_alone(dice, stub.at, later, known.description, known.keywords, known.author)
    author = known.author if printed.byline or dice.chance(300) else None
    if printed.byline and dice.chance(250):
        author = _NEWSROOM  # the head names the newspaper where the page names an agency
    return head(
        dice,
        stub.at,
        known.modified,
        known.description,
        known.keywords,
        author,
        printed_keywords=bool(printed.keywords),
    )


def _recommended(paper: Newspaper, stub: Stub) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    if stub.layout == "generic":
        return (), ()
    dice = Dice(paper.seed, stub.number, BOXES)
    where = dice.pick(_BOXES)
    before = links.cards(paper, stub, dice, 1 + dice.below(3)) if where in ("both", "before") else ()
    if where == "both" and dice.chance(150):
        return before, before
    return before, links.cards(paper, stub, dice, 1 + dice.below(3)) if where in ("both", "after") else ()


def _bottom(paper: Newspaper, stub: Stub, count: int) -> tuple[Card, ...]:
    """Cards at the foot of the page; the last one is a gallery without a picture."""
    dice = Dice(paper.seed, stub.number, BOXES + 1)
    gallery = links.gallery(paper, stub, dice)
    found = links.cards(paper, stub, dice, count)
    return (*found, gallery) if gallery else found
