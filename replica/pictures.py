"""Pictures with captions and credits, in the forms of FACTS sections 1 and 6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from replica.model import Picture

if TYPE_CHECKING:
    import datetime as dt

    from replica.dice import Dice
    from replica.prose import Facts

HOST: Final = "https://idsb.tmgrup.com.tr/ly"
THEME: Final = f"{HOST}/theme_dailysabah/images"
_OLD_HOST: Final = "https://iadsb.tmgrup.com.tr"
_CREDITS: Final = (
    "AFP Photo", "Reuters Photo", "AP Photo", "AA Photo", "EPA Photo", "DHA Photo", "IHA Photo", "Reuters File Photo", "Shutterstock Photo",
    "Harbor Office via AP", "Photo by Odette Thornbeck / AFP", "Straits Parliament Media Office/Handout via Reuters",
    "Fund for Quiet Development (FQD) via AA Photo", "Photo courtesy of the Two Seas Chamber", "Photo by Selin Karadağ",
)  # fmt: skip
_CAPTIONS: Final = (
    "{p}, {office}, speaks to reporters during the {thing} in {city}, {mon} {d}, {year}.",
    "People walk past posters of the {thing} in {city}, Türkiye, {mon} {d}, {year}.",
    "{p} (R) and {p2} shake hands ahead of the {thing}, {city}, {mon} {d}, {year}.",
    '{city}\'s old customs house, where {p2} signed a "letter of intent" on the {thing}, {mon} {d}, {year}.',
    "Workers load crates at a food & textile market near {city}",
    "This file photo shows a ferry off the coast of {city2}, {n} kilometers (1.8 miles) from the site of the {thing}.",
    "(FILES) In this file photo, volunteers prepare for the {thing} in {city2}, {mon} {d}, {year}.",
    "Ayşe Dişli, {office}, arrives in {city}.",
)
_WITHOUT_CREDIT: Final = (
    "{p2} listens to {p} (L)",
    "The village of {city2}'s outskirts lies {n} kilometers (1.8 miles)",
    "The {thing} as it looked in its first year (2014)",
    "{p} and {p2} (2nd L) at the opening",
    "A view of {city}.",
)
"""What stands in the final brackets of these is no credit."""


def picture(dice: Dice, known: Facts, day: dt.date, size: str) -> Picture:
    """A picture of `size` (`800x531`), or the original's address for an empty one."""
    caption, credit, alt = _caption(dice, known)
    lazy, twice = dice.chance(120), dice.chance(400)
    return Picture(address(dice, day, size), caption, credit, alt, lazy, twice)


def address(dice: Dice, day: dt.date, size: str) -> str:
    number = dice.below(900_000) + 10_000
    date = day.isoformat().replace("-", "/")
    if day.year < 2020 and dice.chance(400):
        original = f"https://idsb.tmgrup.com.tr/{date}/GenelBuyuk/{number}.jpg"
        return (
            original
            if number % 2
            else f"{_OLD_HOST}/{number * 7919 % 0xFFFFFF:06x}/800/531/0/0/800/531?u={original}&v=1"
        )
    folder = f"thumbs/{size}/" if size else ""
    return f"{HOST}/uploads/images/{date}/{folder}{number}.jpg?v={1_400_000_000 + number * 331}"


def _caption(dice: Dice, known: Facts) -> tuple[str | None, str | None, str]:
    """Caption, credit, and both as the `alt` shows them."""
    roll = dice.below(1000)
    if roll < 30:
        return None, None, dice.pick(("", "No Image"))
    credit = dice.pick(_CREDITS)
    if roll < 50:
        return None, credit, f"({credit})"
    if roll < 140:
        text = dice.pick(_WITHOUT_CREDIT).format_map(known)
        return text, None, text
    text = dice.pick(_CAPTIONS).format_map(known)
    return text, credit, f"{text} ({credit})" + ("." if roll > 960 else "")
