"""Persons and agencies of a byline."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import attrs

from sabah.normalize.text import clean, lower

_NAMES: Final = {
    "Associated Press": ("associated press", "ap", "ap news", "associated press ap"),
    "Agence France-Presse": ("agence france presse", "afp", "french press agency", "agence france presse afp"),
    "Reuters": ("reuters", "thomson reuters", "reuters staff", "reuters news agency"),
    "Anadolu Agency": ("anadolu agency", "aa", "anadolu", "anadolu ajansi", "anadolu news agency"),
    "Deutsche Presse-Agentur": ("deutsche presse agentur", "dpa", "german press agency", "german news agency"),
    "Demirören News Agency": ("demiroren news agency", "dha", "demiroren", "dogan news agency"),
    "Ihlas News Agency": ("ihlas news agency", "iha", "ihlas"),
    "Daily Sabah": ("daily sabah", "daily sabah staff", "daily sabah desk", "dailysabah", "dailysabah com", "ds"),
    "Bloomberg": ("bloomberg", "bloomberg news"),
    "Xinhua": ("xinhua", "xinhua news agency"),
    "European Pressphoto Agency": ("european pressphoto agency", "epa", "epa efe"),
    "Wire Services": (
        "wire services", "wire service", "wires", "agencies", "news agencies", "wire agencies",
        "compiled from wire services", "compiled from wires", "compiled from agencies",
    ),
}  # fmt: skip
_AGENCIES: Final = {alias: name for name, aliases in _NAMES.items() for alias in aliases}

_BY = re.compile(r"by(?:\s*:|\s|\Z)\s*", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"\s*[,;&/|+]\s*|(?:\A|\s+)(?:and|with|via)(?=\s|\Z)\s*|(?:\A|\s+)[-–—](?:\s+|\Z)", re.IGNORECASE
)
_BRACKETS = re.compile(r"(.*?)\s*\(([^()]*)\)\s*")
_AFTER_NAME = re.compile(r"(?:ph\.?\s?d|m\.?d|m\.?a|m\.?sc|mba|j\.?d|ll\.?m|esq|jr|sr|ii|iii|iv)\.?", re.IGNORECASE)


@attrs.frozen
class Byline:
    printed: str
    authors: tuple[str, ...]
    agencies: tuple[str, ...]


def parse_byline(text: str) -> Byline | None:
    """The byline without its "by", the persons as printed, the agencies and newspapers in one spelling each; None where no name is printed.

    `and`, `with`, `via`, commas, `&`, `/` and a dash between blanks separate names; what follows a name (`Ph.D.`, `Jr.`) stays with it.
    `Agencies` and `wire services` give `Wire Services`.
    """
    printed = clean(text)
    if label := _BY.match(printed):
        printed = printed[label.end() :]
    authors: dict[str, None] = {}
    agencies: dict[str, None] = {}
    for name in _names(printed):
        persons, known = _divide(name)
        authors.update(dict.fromkeys(persons))
        agencies.update(dict.fromkeys(known))
    if not authors and not agencies:
        return None
    return Byline(printed, tuple(authors), tuple(agencies))


def _names(printed: str) -> list[str]:
    names: list[list[str]] = []
    for part in _SEPARATOR.split(printed):
        if not any(one.isalnum() for one in part):
            continue
        if names and _AFTER_NAME.fullmatch(part) and (len(names[-1]) > 1 or _agency(names[-1][0]) is None):
            names[-1].append(part)
        else:
            names.append([part.strip()])
    return [", ".join(parts) for parts in names]


def _divide(name: str) -> tuple[list[str], list[str]]:
    """Persons and agencies of one name, which may bear an agency in brackets: `Anadolu Agency (AA)`, `Jane Roe (AP)`."""
    if agency := _agency(name):
        return [], [agency]
    if bracketed := _BRACKETS.fullmatch(name):
        outside, inside = _agency(bracketed[1]), _agency(bracketed[2])
        if outside:
            return [], [outside, *([inside] if inside else [])]
        if inside:
            return [bracketed[1]] if bracketed[1] else [], [inside]
    return [name], []


def _agency(name: str) -> str | None:
    plain = unicodedata.normalize("NFD", lower(name).replace("ı", "i"))
    words = re.sub(r"[^a-z0-9]+", " ", re.sub("[.\u0300-\u036f]", "", plain)).split()
    return _AGENCIES.get(" ".join(words[1:] if words[:1] == ["the"] else words))
