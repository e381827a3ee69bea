"""The smaller parts of an article: keywords, spot, teaser, players, pictures in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from replica.bylines import person
from replica.desks import DESKS
from replica.pictures import picture

if TYPE_CHECKING:
    from replica.dice import Dice
    from replica.model import Block, Picture, Stub
    from replica.prose import Facts

_KEYWORDS: Final = (
    "İSTANBUL", "IRAN", "Islamophobia", "İŞ DÜNYASI", "ısırgan", "TÜRKİYE", "Türkiye", "eu", "U.N.", "G-20", "Reader's Corner", "R&D",
    "food & drink", "COVID-19",
)  # fmt: skip
_SPOTS: Final = (
    "As {city2} watches, {body} prepares for another round over the {thing}",
    "{p} calls for calm & patience in {city}",
    "Some say the {thing} is overdue; others, like {p2}, call it “a show”",
    "{body_c} wants answers within {n} days",
)
_TEASER: Final = 183
"""Characters of a description, as measured in the newspaper's feed."""


def keywords(dice: Dice, known: Facts, stub: Stub) -> tuple[str, ...]:
    """As printed: any case, now and then one twice in two cases; none for a few articles."""
    if dice.chance(40):
        return ()
    desk = DESKS[stub.desk]
    found = [
        known["thing"], known["city"], (desk.subsection or desk.section).replace("-", " "), known["last"], known["city2"],
        known["body"].removeprefix("the "),
    ]  # fmt: skip
    found += [dice.pick(_KEYWORDS) for _ in range(dice.below(4))]
    found = found[dice.below(3) : 3 + dice.below(len(found) - 2)]
    if dice.chance(200):
        found = [one.upper() for one in found]
    if dice.chance(150):
        found.append(found[0].title())
    return tuple(found)


def standfirst(dice: Dice, known: Facts) -> str:
    return str(dice.pick(_SPOTS).format_map(known))


def teaser(spot: str | None, blocks: tuple[Block, ...]) -> str | None:
    """The description of an article: its spot or the beginning of its text; None where it has neither."""
    text = spot or (blocks[0].text if blocks else None)
    return text if text is None or len(text) < _TEASER else text[:_TEASER].rstrip() + "..."


def videos(dice: Dice, stub: Stub) -> tuple[str, ...]:
    """Addresses of players: of every video, and in a few other articles."""
    if stub.layout == "generic" or not (stub.kind == "video" or dice.chance(30)):
        return ()
    key = f"{dice.below(1 << 30):08x}tr"
    players = (
        f"https://www.youtube.com/embed/{key}",
        f"https://idsb.tmgrup.com.tr/ly/video/{key}.mp4",
        f"https://www.dailysabah.com/player/{key}",
    )
    return players[:2] if dice.chance(80) else (dice.pick(players),)


def pictures(dice: Dice, known: Facts, stub: Stub, blocks: int) -> tuple[tuple[int, Picture], ...]:
    """Pictures in the text, each with the number of the block before it; all those of a gallery follow its text."""
    day = stub.at.date()
    if stub.layout == "generic":
        return ()
    if stub.kind == "gallery":
        count = 5 + dice.below(14)
        return tuple((blocks - 1, picture(dice, {**known, "p2": person(dice)}, day, "800x531")) for _ in range(count))
    if not blocks or not dice.chance(260):
        return ()
    places = sorted(dice.below(blocks) for _ in range(1 + dice.below(3)))
    return tuple((place, picture(dice, known, day, "")) for place in places)
