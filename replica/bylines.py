"""Bylines as the newspaper prints them, with the persons and agencies each means (FACTS section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from replica import vocabulary as words
from replica.model import Byline

if TYPE_CHECKING:
    from replica.dice import Dice

_AP, _AFP, _AA, _DPA, _DS = (
    "Associated Press",
    "Agence France-Presse",
    "Anadolu Agency",
    "Deutsche Presse-Agentur",
    "Daily Sabah",
)
_AGENCIES: Final = tuple(
    Byline(printed, (), agencies)
    for printed, agencies in (
        ("ASSOCIATED PRESS", (_AP,)), ("Associated Press", (_AP,)), ("AP", (_AP,)), ("Agence France-Presse", (_AFP,)),
        ("AGENCE FRANCE-PRESSE", (_AFP,)), ("French Press Agency - AFP", (_AFP,)), ("AFP", (_AFP,)), ("Reuters", ("Reuters",)), ("REUTERS", ("Reuters",)),
        ("Anadolu Agency", (_AA,)), ("ANADOLU AGENCY", (_AA,)), ("Anadolu Agency (AA)", (_AA,)), ("AA", (_AA,)), ("Deutsche Presse-Agentur - dpa", (_DPA,)),
        ("German Press Agency - DPA", (_DPA,)), ("dpa", (_DPA,)), ("Demirören News Agency", ("Demirören News Agency",)), ("DHA", ("Demirören News Agency",)),
        ("Ihlas News Agency", ("Ihlas News Agency",)), ("IHA", ("Ihlas News Agency",)), ("Daily Sabah", (_DS,)), ("DAILY SABAH", (_DS,)),
        ("Daily Sabah", (_DS,)), ("Daily Sabah Staff", (_DS,)), ("Daily Sabah with AA", (_DS, _AA)), ("DAILY SABAH WITH AA", (_DS, _AA)),
        ("Daily Sabah with AFP", (_DS, _AFP)), ("Daily Sabah with Reuters", (_DS, "Reuters")), ("Daily Sabah with AP", (_DS, _AP)),
        ("Daily Sabah with DHA", (_DS, "Demirören News Agency")), ("Daily Sabah with AA, Reuters", (_DS, _AA, "Reuters")),
        ("AP and Reuters", (_AP, "Reuters")), ("AFP / Reuters", (_AFP, "Reuters")), ("Bloomberg", ("Bloomberg",)), ("Xinhua", ("Xinhua",)),
        ("European Pressphoto Agency", ("European Pressphoto Agency",)),
    )
)  # fmt: skip


def person(dice: Dice) -> str:
    return f"{dice.pick(words.FIRST)} {dice.pick(words.LAST)}"


def byline(dice: Dice, kind: str, columnist: int) -> Byline | None:
    """What stands after "by"; None for the few articles without."""
    roll = dice.below(1000)
    if kind == "column":
        name = words.COLUMNISTS[columnist]
        return Byline(name, (name,))
    if kind in ("gallery", "editorial"):
        return Byline(_DS, (), (_DS,)) if roll < 500 else None
    if roll < 45:
        return None
    if kind in ("op-ed", "readers-corner") or roll < 250:
        return _persons(dice)
    return dice.pick(_AGENCIES)


def _persons(dice: Dice) -> Byline:
    one, other, roll = person(dice), person(dice), dice.below(100)
    if roll < 70 or one == other:
        return Byline(one, (one,))
    if roll < 78:
        return Byline(f"{one} and {other}", (one, other))
    if roll < 84:
        return Byline(f"{one}, {other}", (one, other))
    if roll < 88:
        return Byline(f"{one} & {other}", (one, other))
    if roll < 94:
        return Byline(f"{one} with AA", (one,), (_AA,))
    return Byline(f"{one}, Daily Sabah", (one,), (_DS,))
