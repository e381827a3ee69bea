"""Writes stories: a headline and blocks of text from one set of facts, so that text and headline speak of the same thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sabah.replica import phrases
from sabah.replica import vocabulary as words

if TYPE_CHECKING:
    from sabah.replica.dice import Dice

Facts = dict[str, Any]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NTH: Final = ("2nd", "3rd", "4th", "5th", "7th", "12th")
_FOLD: Final = str.maketrans("çğıöşüâîéèáÇĞİÖŞÜ", "cgiosuaieeacgiosu")
_APART: Final = re.compile(r"[^a-z0-9]+")


def facts(dice: Dice, group: str) -> Facts:
    """Who, where and what one story is about."""
    pick, below = dice.pick, dice.below
    first, last = pick(words.FIRST), pick(words.LAST)
    thing, body = pick(words.THINGS[group]), pick(words.BODIES)
    return {
        "p": f"{first} {last}", "last": last, "p2": f"{pick(words.FIRST)} {pick(words.LAST)}", "office": pick(words.OFFICES),
        "city": pick(words.CITIES), "city2": pick(words.CITIES), "thing": thing, "thing_c": thing[0].upper() + thing[1:],
        "body": body, "body_c": body[0].upper() + body[1:], "verb": pick(words.VERBS), "day": pick(_DAYS), "nth": pick(_NTH),
        "n": below(900) + 12, "n2": below(9000) + 1100, "pct": below(79) + 3,
    }  # fmt: skip


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
        return _paragraphs(dice, known, 1)
    if roll < 31:
        return [("p", _written(dice, known, text)) for text in phrases.LAW]
    blocks = _paragraphs(dice, known, 70 + dice.below(60) if roll > 992 else 7 + dice.below(8))
    _decorate(dice, known, blocks)
    return blocks


def _paragraphs(dice: Dice, known: Facts, count: int) -> list[tuple[str, str]]:
    texts = [_written(dice, known, dice.pick(phrases.OPENINGS))]
    size = len(phrases.SENTENCES)
    place, step = (
        dice.below(size),
        dice.pick((7, 11, 13, 17)),
    )  # prime to the number of sentences: none comes twice before all have
    for _ in range(count):
        sentences = []
        for _ in range(1 + dice.below(4) % 3):
            place = (place + step) % size
            sentences.append(_written(dice, known, phrases.SENTENCES[place]))
        texts.append(" ".join(sentences))
    texts.append(_written(dice, known, dice.pick(phrases.CLOSINGS)))
    return [("p", text) for text in dict.fromkeys(texts)]


def _written(dice: Dice, known: Facts, text: str) -> str:
    roll = dice.below(1 << 31)
    known["n"], known["n2"], known["pct"] = roll % 887 + 12, roll % 8999 + 1100, roll % 79 + 3
    known["month"], known["year"], known["d"], known["hour"] = (
        MONTHS[roll % 12],
        1996 + roll % 17,
        roll % 28 + 1,
        roll % 11 + 1,
    )
    known["mon"] = known["month"][:3]
    return text.format_map(known)


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
