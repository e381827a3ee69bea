"""Which desk an article comes from, and the address it gets: today's forms and the dated ones until March 2020 (FACTS section 2)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from sabah.site.sections import TREE

if TYPE_CHECKING:
    from replica.dice import Dice

NEW_ADDRESSES_FROM: Final = dt.date(2020, 3, 20)
_RENAMED: Final = dt.date(2022, 6, 1)
"""The country's new name appears in addresses, beside the old one."""

_KINDS: Final = {"columns": "column", "op-ed": "op-ed", "editorial": "editorial", "readers-corner": "readers-corner"}
_WEIGHTS: Final = {"columns": 12, "op-ed": 8, "readers-corner": 3, "editorial": 3, "gallery": 14, "ds-tv": 14}
_GROUPS: Final = {"turkey": "politics", "gallery": "lifestyle", "ds-tv": "world"}
_UNKNOWN: Final = {"world": "antarctica", "business": "shipping", "arts": "crafts", "sports": "wrestling"}
"""Sub-sections that occur in addresses but not in the menu."""


@attrs.frozen
class Desk:
    """Where an article belongs; `subsection` None for one that stands in the section itself."""

    kind: str
    section: str
    subsection: str | None
    group: str
    """Which vocabulary its stories use."""


@attrs.frozen
class Place:
    """An address and what it says: the section the address names is not always one of today's tree."""

    path: str
    kind: str
    section: str | None
    subsection: str | None


def _desks() -> tuple[tuple[Desk, int], ...]:
    found = []
    for entry in TREE:
        top = entry.parent or entry.slug
        if entry.slug == "opinion":
            continue
        kind = {"gallery": "gallery", "ds-tv": "video"}.get(entry.slug, _KINDS.get(entry.slug, "article"))
        desk = Desk(kind, top, entry.slug if entry.parent else None, _GROUPS.get(top, top))
        found.append((desk, _WEIGHTS.get(entry.slug, 6 if entry.parent else 9)))
    return tuple(found)


DESKS: Final = tuple(desk for desk, _ in _desks())
SHARES: Final = tuple(number for number, (_, weight) in enumerate(_desks()) for _ in range(weight))
"""Numbers of the desks, each as often as its share of the articles says."""
GALLERY: Final = next(number for number, desk in enumerate(DESKS) if desk.kind == "gallery")
NEIGHBOURS: Final = tuple(
    tuple(number for number, other in enumerate(DESKS) if other.section == desk.section) for desk in DESKS
)
"""Numbers of the desks of the same section, by desk."""


def place(desk: Desk, slug: str, day: dt.date, columnist: str, dice: Dice) -> Place:
    """The address of an article: dated before March 2020 (but for one in eight), in today's form since."""
    roll = dice.below(1000)
    if day < NEW_ADDRESSES_FROM and roll >= 125:
        return _dated(desk, slug, day, columnist, roll)
    if desk.kind == "gallery":
        return Place(f"/gallery/{slug}/images", "gallery", "gallery", None)
    if desk.kind == "video":
        return Place(f"/ds-tv/{slug}/news", "video", "ds-tv", None)
    if roll > 997 and desk.kind == "article":
        return Place(f"/coronavirus/{slug}/news", "article", None, None)
    if desk.subsection is None:
        if roll > 970 and desk.section in _UNKNOWN:
            return Place(
                f"/{desk.section}/{_UNKNOWN[desk.section]}/{slug}", "article", desk.section, _UNKNOWN[desk.section]
            )
        return Place(f"/{_printed(desk.section, day, roll)}/{slug}/news", "article", desk.section, None)
    return Place(
        f"/{_printed(desk.section, day, roll)}/{desk.subsection}/{slug}", desk.kind, desk.section, desk.subsection
    )


def _printed(section: str, day: dt.date, roll: int) -> str:
    return "turkiye" if section == "turkey" and day >= _RENAMED and roll % 2 else section


def _dated(desk: Desk, slug: str, day: dt.date, columnist: str, roll: int) -> Place:
    date = day.isoformat().replace("-", "/")
    if desk.kind == "gallery":
        return Place(f"/gallery/{('world', 'turkey', 'life')[roll % 3]}/{slug}", "gallery", "gallery", None)
    if desk.kind == "video":
        return Place(f"/ds-tv/{slug}/news", "video", "ds-tv", None)
    if desk.kind == "column":
        return Place(f"/columns/{columnist}/{date}/{slug}", "column", "opinion", "columns")
    if desk.kind == "readers-corner":
        return Place(f"/opinion/readers-corner/{slug}", "readers-corner", "opinion", "readers-corner")
    if desk.subsection in ("news-analysis", "expat-corner"):  # each stands under two sections of today's tree
        return Place(f"/{desk.subsection}/{date}/{slug}", "article", None, desk.subsection)
    if desk.section == "arts":
        return Place(f"/arts-culture/{date}/{slug}", "article", "arts", None)
    return Place(f"/{desk.subsection or desk.section}/{date}/{slug}", desk.kind, desk.section, desk.subsection)
