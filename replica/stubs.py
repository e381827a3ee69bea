"""Makes the stub of an article: as much as an address, a card or a listing needs, and no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from replica import prose
from replica import vocabulary as words
from replica.desks import DESKS, SHARES, Desk, place
from replica.dice import Dice
from replica.model import Stub
from replica.timeline import SLOTS_UNTIL, time_of

if TYPE_CHECKING:
    import datetime as dt

    from replica.newspaper import Newspaper

HEAD: Final = 1
FACTS: Final = 2
_COPIES: Final = range(11)
_NEAR_TWINS: Final = range(11, 22)
_RECURRING: Final = range(22, 34)
"""Of a thousand articles: the same text under a second address; nearly the same text; a headline that comes again and again."""
_RECURRING_DESKS: Final = [number for number, desk in enumerate(DESKS) if desk.kind == "article"][
    : 5 * len(words.RECURRING) : 5
]
"""One desk for each recurring headline, so that its addresses collide."""
_DATED: Final = re.compile(r"/20\d\d/")
_LEGACY: Final = 250
_GENERIC: Final = 18
_ENDINGS: Final = ("officials say", "report", "sources")
PERSONAS: Final = tuple(
    slug.replace("-", "_") if number % 3 == 2 else slug for number, slug in enumerate(map(prose.slug, words.COLUMNISTS))
)
"""Columnists as in the addresses of old columns, with `-` or `_`."""


def make(paper: Newspaper, number: int) -> Stub:
    """The stub of article `number`. Asks the paper for an earlier one where this article repeats its text."""
    dice = Dice(paper.seed, number, HEAD)
    day = paper.day(number)
    desk = dice.pick(SHARES)
    columnist = dice.below(len(words.COLUMNISTS))
    role, layout_roll, back = dice.below(1000), dice.below(1000), 1 + dice.below(8)
    if role in _RECURRING:
        desk = _RECURRING_DESKS[role % len(words.RECURRING)]
    base = _original(paper, number - back) if role < _RECURRING.start and DESKS[desk].kind == "article" else None
    headline = _headline(paper, number, DESKS[desk], role, base)
    slug = prose.slug(headline)
    if paper.is_repeated(number):
        slug = f"{slug}-{100_000 + number}"
    where = place(DESKS[desk], slug, day, PERSONAS[columnist], dice)
    return Stub(
        number=number,
        kind=where.kind,
        desk=desk,
        section=where.section,
        subsection=where.subsection,
        path=where.path,
        headline=headline,
        at=_at(paper, number, where.section == "opinion", dice),
        layout=_layout(where.path, where.kind, day >= SLOTS_UNTIL and base is None, layout_roll),
        text_of=number if base is None else base.number,
        near=base is not None and role in _NEAR_TWINS,
        columnist=columnist,
    )


def _at(paper: Newspaper, number: int, opinion: bool, dice: Dice) -> dt.datetime:
    """The printed time; of what appears along the clock the minute it does so, or the slot of opinion pieces."""
    at = time_of(paper.day(number), opinion, dice)
    if paper.life is None or number < paper.backlog or (opinion and (at.hour, at.minute) == (0, 5)):
        return at
    return paper.life.printed(number)


def _headline(paper: Newspaper, number: int, desk: Desk, role: int, base: Stub | None) -> str:
    if base:
        return base.headline if role in _COPIES else f"{base.headline}, {_ENDINGS[role % len(_ENDINGS)]}"
    if role in _RECURRING:
        return words.RECURRING[role % len(words.RECURRING)]
    known = Dice(paper.seed, number, FACTS)
    return prose.headline(known, prose.facts(known, desk.group), desk.group)


def _original(paper: Newspaper, number: int) -> Stub | None:
    """The article whose text is repeated; None where that one is no plain article with a text of its own."""
    if number < 0:
        return None
    base = paper.stub(number)
    own = base.text_of == base.number and base.kind == "article" and base.layout != "generic"
    return base if own else None


def _layout(path: str, kind: str, may_be_generic: bool, roll: int) -> str:
    if roll < _LEGACY and _DATED.search(path):
        return "legacy"
    return "generic" if may_be_generic and kind == "article" and roll < _GENERIC else "2020"
