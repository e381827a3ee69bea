"""The newspaper's card index: which article is where. An article is a pure function of seed, number and total; only addresses are indexed."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sabah.replica import prose
from sabah.replica import vocabulary as words
from sabah.replica.desks import DESKS, SHARES, place
from sabah.replica.dice import Dice, seeded
from sabah.replica.model import Stub
from sabah.replica.pictures import picture
from sabah.replica.timeline import SLOTS_UNTIL, day_of, time_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sabah.replica.model import Picture

HEAD: Final = 1
FACTS: Final = 2
PERSONAS: Final = tuple(
    slug.replace("-", "_") if number % 3 == 2 else slug for number, slug in enumerate(map(prose.slug, words.COLUMNISTS))
)
"""Columnists as in the addresses of old columns, with `-` or `_`."""


class Newspaper:
    """`total` articles, 0 the oldest. Keeps 16 bytes an article: a checksum of its address, its number, its place on a desk."""

    def __init__(self, seed: int, total: int) -> None:
        self.seed = seeded(seed)
        self.total = total
        self.stub = lru_cache(maxsize=4096)(self._stub)
        self.face = lru_cache(maxsize=4096)(self._face)
        self._repeated: set[int] = set()
        """Articles whose address was taken when they came: their slug gets a trailing number."""
        self.desks = tuple(array("I") for _ in DESKS)
        """Numbers of each desk's articles, oldest first."""
        self.columns: dict[int, array[int]] = {}
        """Numbers of each persona's columns, oldest first."""
        self._index: array[int] = array("Q")
        self._second: dict[int, str] = {}
        """Second paths, which one article in forty has, by number; and the reverse."""
        self._first: dict[str, int] = {}
        self._build()

    def _build(self) -> None:
        keys = []
        for number in range(self.total):
            stub = self._stub(number)
            keys.append(_key(stub.path, number))
            if stub.section is not None or stub.subsection is not None:
                self.desks[stub.desk].append(number)
            if stub.kind == "column":
                self.columns.setdefault(stub.columnist, array("I")).append(number)
        keys.sort()
        self._repeated = {
            other & _LOW
            for one, other in pairwise(keys)
            if one >> 32 == other >> 32 and self._stub(one & _LOW).path == self._stub(other & _LOW).path
        }
        self.stub.cache_clear()
        keys = [
            key if (key & _LOW) not in self._repeated else _key(self._stub(key & _LOW).path, key & _LOW) for key in keys
        ]
        self._index = array("Q", sorted(keys))
        self._second = {number: path for number in range(self.total) if (path := self._alias(number))}
        self._first = {path: number for number, path in self._second.items()}

    def _stub(self, number: int) -> Stub:
        dice = Dice(self.seed, number, HEAD)
        day = day_of(number, self.total)
        desk = dice.pick(SHARES)
        columnist = dice.below(len(words.COLUMNISTS))
        role, layout_roll, back = dice.below(1000), dice.below(1000), 1 + dice.below(8)
        base = self._twin(number, back) if role < 22 and DESKS[desk].kind == "article" and number >= back else None
        text_of = number if base is None else base.number
        if base is None:
            known = Dice(self.seed, number, FACTS)
            group = DESKS[desk].group
            headline = prose.headline(known, prose.facts(known, group), group)
        else:
            headline = (
                base.headline if role < 11 else f"{base.headline}, {('officials say', 'report', 'sources')[role % 3]}"
            )
        slug = prose.slug(headline)
        if number in self._repeated:
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
            at=time_of(day, where.section == "opinion", dice),
            layout=_layout(where.path, where.kind, day >= SLOTS_UNTIL, layout_roll, base is None),
            text_of=text_of,
            near=base is not None and role >= 11,
            columnist=columnist,
        )

    def _twin(self, number: int, back: int) -> Stub | None:
        """The article whose text this one repeats; None where that one is no plain article of its own."""
        base = self.stub(number - back)
        own = base.text_of == base.number and base.kind == "article" and base.layout != "generic"
        return base if own else None

    def facts(self, number: int) -> prose.Facts:
        """What the article's story is about."""
        stub = self.stub(number)
        group = DESKS[self.stub(stub.text_of).desk].group
        return prose.facts(Dice(self.seed, stub.text_of, FACTS), group)

    def _face(self, number: int) -> tuple[str, Picture]:
        """Topic label and picture of the article's cards."""
        known = self.facts(number)
        day = self.stub(number).at.date()
        known.update(mon="June", d=day.day, year=day.year)
        return prose.slug(known["thing"]), picture(Dice(self.seed, number, HEAD + 102), known, day, "398x208")

    def alias(self, number: int) -> str | None:
        """A second path of the article: `/turkey/…` for `/turkiye/…` and the reverse, or its section's own form."""
        return self._second.get(number)

    def _alias(self, number: int) -> str | None:
        roll = Dice(self.seed, number, HEAD + 100).below(200)
        if roll >= 40:
            return None
        stub = self.stub(number)
        top, _, rest = stub.path[1:].partition("/")
        path = None
        if top in ("turkey", "turkiye") and not rest.startswith("20"):
            path = f"/{'turkiye' if top == 'turkey' else 'turkey'}/{rest}"
        elif roll < 5 and stub.kind == "article" and stub.subsection and rest.startswith(f"{stub.subsection}/"):
            path = f"/{top}/{rest.rpartition('/')[2]}/news"
        return path if path and self.find(path) is None else None

    def alias_redirects(self, number: int) -> bool:
        """Whether the second path answers 301, or 200 with the same page."""
        return number % 3 != 0

    def find(self, path: str) -> int | None:
        """The article at a path; None for an unknown one."""
        return next((one for one in _candidates(self._index, path) if self.stub(one).path == path), None)

    def find_alias(self, path: str) -> int | None:
        """The article that has `path` as its second one."""
        return self._first.get(path)

    def is_orphan(self, number: int) -> bool:
        """No box, card or text links to these."""
        return (number * 2_654_435_761 + self.seed) % 1009 < 30


_LOW: Final = (1 << 32) - 1


def _key(path: str, number: int) -> int:
    return zlib.crc32(path.encode()) << 32 | number


def _candidates(index: array[int], path: str) -> Iterator[int]:
    checksum = zlib.crc32(path.encode())
    place = bisect_left(index, checksum << 32)
    while place < len(index) and index[place] >> 32 == checksum:
        yield index[place] & _LOW
        place += 1


def _layout(path: str, kind: str, new: bool, roll: int, own_text: bool) -> str:
    dated = any(part.startswith("20") and len(part) == 4 and part.isdigit() for part in path.split("/"))
    if dated and roll < 250:
        return "legacy"
    if new and kind == "article" and own_text and roll < 18:
        return "generic"
    return "2020"
