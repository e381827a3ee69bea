"""Writes stories: a headline and blocks of text from one set of facts, so that text and headline speak of the same thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from replica import phrases
from replica import vocabulary as words

if TYPE_CHECKING:
    from replica.dice import Dice

Facts = dict[str, Any]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NTH: Final = ("2nd", "3rd", "4th", "5th", "7th", "12th")
_STEPS: Final = (7, 11, 13, 17)
"""Prime to the number of sentences: none comes twice before all have."""
_NUMBERS: Final = tuple(
    {
        "n": roll % 887 + 12,
        "n2": roll % 8999 + 1100,
        "pct": roll % 79 + 3,
        "month": MONTHS[roll % 12],
        "mon": MONTHS[roll % 12][:3],
        "year": 1996 + roll % 17,
        "d": roll % 28 + 1,
        "hour": roll % 11 + 1,
    }
    for roll in range(7, 7919 * 1000, 7919)
)
"""Figures and a date to fill a paragraph's gaps with."""
_FOLD: Final = str.maketrans("çğıöşüâîéèáÇĞİÖŞÜ", "cgiosuaieeacgiosu")
_APART: Final = re.compile(r"[^a-z0-9]+")


def facts(dice: Dice, group: str) -> Facts:
    """Who, where and what one story is about. Three throws decide sixteen things: every card asks for these."""
    things = words.THINGS[group]
    first, last, city, city2 = dice.several(len(words.FIRST), len(words.LAST), len(words.CITIES), len(words.CITIES))
    what, verb, nth, number = dice.several(len(things), len(words.VERBS), len(_NTH), 9900)
    first2, last2, office, body, day = dice.several(
        len(words.FIRST), len(words.LAST), len(words.OFFICES), len(words.BODIES), len(_DAYS)
    )
    thing, who = things[what], words.BODIES[body]
    return {
        "p": f"{words.FIRST[first]} {words.LAST[last]}",
        "last": words.LAST[last],
        "p2": f"{words.FIRST[first2]} {words.LAST[last2]}",
        "office": words.OFFICES[office],
        "city": words.CITIES[city],
        "city2": words.CITIES[city2],
        "thing": thing,
        "thing_c": thing[0].upper() + thing[1:],
        "body": who,
        "body_c": who[0].upper() + who[1:],
        "verb": words.VERBS[verb],
        "day": _DAYS[day],
        "nth": _NTH[nth],
        "n": number % 887 + 12,
        "n2": number + 1100,
        "pct": number % 79 + 3,
    }


def headline(dice: Dice, known: Facts, group: str) -> str:
    return dice.pick(words.HEADLINES[group]).format_map(known)


def slug(text: str) -> str:
    """As the newspaper folds a headline into an address."""
    plain = (text if text.isascii() else text.translate(_FOLD)).lower().replace("'", "").replace("’", "")
    return _APART.sub("-", plain).strip("-")


def story(dice: Dice, known: Facts, kind: str, plain: bool) -> list[tuple[str, str]]:
    """Blocks of (tag, text). `plain` leaves out all but paragraphs; videos and galleries may have no text."""
    roll = dice.below(1000)
    if kind in ("video", "gallery"):
        return [("p", _written(dice, known, dice.pick(phrases.OPENINGS)))][: 0 if roll < 450 else 1]
    if plain:
        return _paragraphs(dice, known, 7 + dice.below(6))
    if roll < 12:
        return [("p", _written(dice, known, phrases.SHORT))]
    if roll < 25:
        return _paragraphs(dice, known, 1)[:2]
    if roll < 31:
        return [("p", _written(dice, known, text)) for text in phrases.LAW]
    blocks = _paragraphs(dice, known, 70 + dice.below(60) if roll > 992 else 7 + dice.below(8))
    _decorate(dice, known, blocks)
    return blocks


def _paragraphs(dice: Dice, known: Facts, count: int) -> list[tuple[str, str]]:
    size = len(phrases.SENTENCES)
    place, step = dice.below(size), dice.pick(_STEPS)
    texts = [_written(dice, known, dice.pick(phrases.OPENINGS))]
    for _ in range(count):
        _throw_numbers(dice, known)
        places = range(place, place + step * (1 + known["n"] % 4 % 3), step)
        place += step * len(places)
        texts.append(" ".join([phrases.SENTENCES[one % size].format_map(known) for one in places]))
    texts.append(_written(dice, known, dice.pick(phrases.CLOSINGS)))
    return [("p", text) for text in dict.fromkeys(texts)]


def _written(dice: Dice, known: Facts, text: str) -> str:
    _throw_numbers(dice, known)
    return text.format_map(known)


def _throw_numbers(dice: Dice, known: Facts) -> None:
    """New figures and a new date; the people and places of the story stay."""
    known.update(dice.pick(_NUMBERS))


def _decorate(dice: Dice, known: Facts, blocks: list[tuple[str, str]]) -> None:
    """Sub-headings, a list, and paragraphs that look like what stands around a text."""
    if dice.chance(250):
        for place in range(3, len(blocks) - 2, 4 + dice.below(4)):
            blocks.insert(
                place, (dice.pick(("h2", "h3", "h3", "h4")), _written(dice, known, dice.pick(words.SUBHEADINGS)))
            )
    if dice.chance(80):
        place = min(3 + dice.below(4), len(blocks) - 1)
        start = dice.below(3)
        points = [("li", _written(dice, known, text)) for text in words.POINTS[start : start + 3]]
        blocks[place:place] = [("p", "The text lists three steps:"), *points]
    for text in phrases.MENTIONS.values():
        if dice.chance(12):
            blocks.insert(2 + dice.below(len(blocks) - 1), ("p", _written(dice, known, text)))
