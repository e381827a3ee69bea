"""The newspaper's card index: which article is where. An article is a pure function of seed, number and total; only addresses are indexed."""

from __future__ import annotations

import datetime as dt
import zlib
from array import array
from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from replica import prose, stubs
from replica.desks import DESKS
from replica.dice import Dice, seeded
from replica.pictures import picture
from replica.timeline import LAST, day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replica.life import Life
    from replica.model import Picture, Stub

_STUBS_KEPT: Final = 32_768
_FACES_KEPT: Final = 8192
"""Stubs (0.7 KB) and card faces (1 KB) at hand, some 30 MB: a page shows some fifteen, many of them on its neighbours too."""
_ALIAS: Final = 100
_FACE: Final = 102
_LOW: Final = (1 << 32) - 1
MOVED: Final = "-updated"
"""What the slug of an article has more once it has moved."""


class Newspaper:
    """`total` articles, 0 the oldest. Keeps 16 bytes an article: a checksum of its address, its number, its place on a desk.

    With a `life`, the articles from its backlog on are yet to appear.
    """

    def __init__(self, seed: int, total: int, life: Life | None = None) -> None:
        self.seed = seeded(seed)
        self.total = total
        self.life = life
        self.backlog = life.backlog if life else total
        """How many articles are there from the beginning."""
        self._last = life.midnight.date() - dt.timedelta(days=1) if life else LAST
        self.stub = lru_cache(maxsize=_STUBS_KEPT)(self._stub)
        self.face = lru_cache(maxsize=_FACES_KEPT)(self._face)
        self._repeated: frozenset[int] = frozenset()
        self.desks = tuple(array("I") for _ in DESKS)
        """Numbers of each desk's articles, oldest first."""
        self.columns: dict[int, array[int]] = {}
        """Numbers of each persona's columns, oldest first."""
        self._index: array[int] = array("Q")
        self._second: dict[int, str] = {}
        """Second paths, which one article in forty has, by number; and the reverse."""
        self._first: dict[str, int] = {}
        self._build()
        self.events = self._events()
        """Every correction and withdrawal with its time, in order."""

    def day(self, number: int) -> dt.date:
        """The day an article prints. Never falls as `number` rises."""
        if self.life and number >= self.backlog:
            return self.life.printed(number).date()
        return day_of(number, self.backlog, self._last)

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
        self._repeated = frozenset(
            other & _LOW
            for one, other in pairwise(keys)
            if one >> 32 == other >> 32 and self._stub(one & _LOW).path == self._stub(other & _LOW).path
        )
        self.stub.cache_clear()
        numbers = ((key, key & _LOW) for key in keys)
        again = (_key(self._stub(number).path, number) if number in self._repeated else key for key, number in numbers)
        self._index = array("Q", sorted(again))
        self._second = {number: path for number in range(self.total) if (path := self._alias(number))}
        self._first = {path: number for number, path in self._second.items()}

    def is_repeated(self, number: int) -> bool:
        """Whether the article's address was taken when it came: its slug then gets a trailing number."""
        return number in self._repeated

    def is_orphan(self, number: int) -> bool:
        """No box, card or text links to these."""
        return (number * 2_654_435_761 + self.seed) % 1009 < 30

    def facts(self, number: int) -> prose.Facts:
        """What the article's story is about."""
        stub = self.stub(number)
        group = DESKS[self.stub(stub.text_of).desk].group
        return prose.facts(Dice(self.seed, stub.text_of, stubs.FACTS), group)

    def alias(self, number: int) -> str | None:
        """A second path of the article: `/turkey/…` for `/turkiye/…` and the reverse, or its section's own form."""
        return self._second.get(number)

    def alias_redirects(self, number: int) -> bool:
        """Whether the second path answers 301, or 200 with the same page."""
        return number % 3 != 0

    def find(self, path: str) -> int | None:
        """The article at a path; None for an unknown one."""
        return next((one for one in self._candidates(path) if self.stub(one).path == path), None)

    def find_alias(self, path: str) -> int | None:
        """The article that has `path` as its second one."""
        return self._first.get(path)

    def moved_path(self, number: int) -> str:
        """The path that the article gets if it moves: its headline's words, and one more."""
        parts = self.stub(number).path.split("/")
        parts[-2 if parts[-1] == "news" else -1] += MOVED
        return "/".join(parts)

    def find_moved(self, path: str) -> int | None:
        """The article that would have `path` once it has moved."""
        number = self.find(path.replace(MOVED, "")) if MOVED in path else None
        return number if number is not None and self.moved_path(number) == path else None

    def _candidates(self, path: str) -> Iterator[int]:
        checksum = zlib.crc32(path.encode())
        place = bisect_left(self._index, checksum << 32)
        while place < len(self._index) and self._index[place] >> 32 == checksum:
            yield self._index[place] & _LOW
            place += 1

    def _events(self) -> list[tuple[dt.datetime, int]]:
        if self.life is None:
            return []
        fates = ((self.life.fate(number), number) for number in range(self.backlog, self.total))
        return sorted(
            (at, number) for fate, number in fates for at in (*fate.corrected, fate.withdrawn) if at is not None
        )

    def _stub(self, number: int) -> Stub:
        return stubs.make(self, number)

    def _face(self, number: int) -> tuple[str, Picture]:
        """Topic label and picture of the article's cards."""
        known = self.facts(number)
        day = self.stub(number).at.date()
        known.update(mon="June", d=day.day, year=day.year)
        return prose.slug(known["thing"]), picture(Dice(self.seed, number, _FACE), known, day, "398x208")

    def _alias(self, number: int) -> str | None:
        roll = Dice(self.seed, number, _ALIAS).below(200)
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


def _key(path: str, number: int) -> int:
    return zlib.crc32(path.encode()) << 32 | number
