"""Which articles a page links to, and in what form each address is written."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from replica import prose
from replica.desks import DESKS, GALLERY, NEIGHBOURS
from replica.model import SITE, Card, Link

if TYPE_CHECKING:
    from replica.dice import Dice
    from replica.model import Stub
    from replica.newspaper import Newspaper

_NEAR: Final = 4
"""How far back on its shelf four links in five lead: old articles are reached over several pages, not at once."""
_ROLL: Final = 1 << 31
"""One throw decides several things of a card: a page has fifteen of them."""


def written(roll: int, path: str) -> str:
    """An address in one of the forms it is linked in: the apex host, http, tracking parameters, the AMP twin, relative."""
    roll %= 1000
    if path.startswith("/gallery/") and not path.endswith("/images") and roll % 2:
        return f"{SITE}{path}?gallery_image={roll % 9 + 1}"
    if roll < 720:
        return SITE + path
    if roll < 790:
        return f"https://dailysabah.com{path}"
    if roll < 830:
        return f"http://www.dailysabah.com{path}"
    if roll < 880:
        return f"{SITE}{path}?utm_source=newsletter&utm_medium=card&gallery_image=1"
    if roll < 910:
        return f"{SITE}{path}/amp"
    if roll < 935:
        return f"{SITE}{path}#comments"
    if roll < 955:
        return f"{SITE}{path}/"
    if roll < 965:
        return f"HTTPS://WWW.DailySabah.com{path}"
    return path


def target(paper: Newspaper, source: Stub, dice: Dice) -> Stub | None:
    """An article to link to: mostly an older one of the same section, never an orphan; None where chance finds none."""
    number, near = source.number, NEIGHBOURS[source.desk]
    for _ in range(6):
        roll = dice.below(_ROLL)
        choice, roll = roll % 30, roll // 30
        shelf = paper.desks[near[roll % len(near)]] if choice < 21 else paper.desks[roll % len(DESKS)]
        roll //= len(DESKS)
        older = bisect_left(shelf, number)
        chosen = roll % (older or len(shelf) or 1) if choice % 5 == 0 else older - 1 - roll % _NEAR
        if not 0 <= chosen < len(shelf) or shelf[chosen] == number or paper.is_orphan(shelf[chosen]):
            continue
        if shelf[chosen] < max(number, paper.backlog):  # nobody links to what has not appeared
            return paper.stub(shelf[chosen])
    return None


def to(paper: Newspaper, stub: Stub, roll: int) -> Link:
    """A link to an article; one in three of those with a second address uses that one."""
    alias = paper.alias(stub.number) if roll % 3 == 0 else None
    path = alias or stub.path
    return Link(written(roll // 3, path), SITE + path)


def dead(dice: Dice, near: Stub) -> tuple[str, Link]:
    """Headline and link of an article that was taken away; its address answers 404."""
    known = prose.facts(dice, DESKS[near.desk].group)
    headline = f"{known['last']} on the {known['thing']}"
    path = f"/world/{prose.slug(headline)}-{900_000 + dice.below(99_999)}/news"
    return headline, Link(written(dice.below(_ROLL), path), SITE + path, dead=True)


def card(paper: Newspaper, stub: Stub, dice: Dice) -> Card:
    """A card with its picture; now and then for an article that is gone."""
    topic, shown = paper.face(stub.number)
    roll = dice.below(_ROLL)
    headline, link = (stub.headline, to(paper, stub, roll)) if roll % 83 else dead(dice, stub)
    image_link = link
    if roll % 5 == 0 and link.address:
        image_link = Link(written(roll // 5, link.address[len(SITE) :]), link.address, link.dead)
    return Card(headline, topic.upper() if roll % 7 < 3 else topic, shown, image_link, link)


def gallery(paper: Newspaper, source: Stub, dice: Dice) -> Card | None:
    """The PHOTOGALLERY card: an earlier gallery; None before the first one."""
    shelf = paper.desks[GALLERY]
    older = bisect_left(shelf, source.number)
    if not older:
        return None
    stub = paper.stub(shelf[dice.below(older)])
    link = to(paper, stub, dice.below(_ROLL))
    return Card(stub.headline, "PHOTOGALLERY", None, link, link)


def cards(paper: Newspaper, source: Stub, dice: Dice, count: int) -> tuple[Card, ...]:
    """Up to `count` cards of different articles."""
    found: dict[int, Stub] = {}
    for _ in range(count):
        stub = target(paper, source, dice)
        if stub:
            found[stub.number] = stub
    return tuple([card(paper, stub, dice) for stub in found.values()])
