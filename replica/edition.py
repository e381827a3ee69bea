"""What of the newspaper is live at an instant: which articles, in which version, and when something changed last."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Final

import attrs

from replica import corrections
from replica.life import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from replica.model import Stub
    from replica.newspaper import Newspaper

ZONE: Final = dt.timezone(dt.timedelta(hours=3))
"""The newspaper's own, of every date it prints."""
_NOTHING_YET: Final = dt.datetime(2014, 1, 1, tzinfo=dt.UTC)
_STAYS: Final = Fate(_NOTHING_YET, (), None, 200)


class Edition:
    """The newspaper at `now` (aware); with None, and of one without a clock, everything is published."""

    def __init__(self, paper: Newspaper, now: dt.datetime | None) -> None:
        self.paper = paper
        self.now = now if paper.life else None

    @property
    def count(self) -> int:
        """How many articles have appeared."""
        life = self.paper.life
        if life is None or self.now is None:
            return self.paper.total
        later = range(self.paper.backlog, self.paper.total)
        return self.paper.backlog + bisect_right(later, self.now, key=lambda number: life.fate(number).appears)

    def status(self, number: int) -> int:
        """What the address of an article answers: 200, 404 before it appears, 404 or 410 once it is withdrawn."""
        fate = self._fate(number)
        if fate is _STAYS:
            return 200
        if not self._has_come(fate.appears):
            return 404
        return fate.status if self._has_come(fate.withdrawn) else 200

    def is_ready(self, number: int) -> bool:
        """Whether the page of an article that has appeared is its own yet."""
        heals = self._fate(number).heals
        return heals is None or self._has_come(heals)

    def moved(self, number: int) -> bool:
        """Whether the first address of an article redirects to its second one for good."""
        return self._has_come(self._fate(number).moved)

    def version(self, number: int) -> int:
        """Which version of an article is live: 0 as it appeared, then one more with every correction."""
        return self._fate(number).version(self.now) if self.now else 0

    def changed_page(self, number: int) -> dt.datetime | None:
        """When the page of an article changed last; None for one older than the clock, whose page says it itself."""
        fate = self._fate(number)
        if fate is _STAYS:
            return None
        return max(one for one in (fate.changed(self.version(number)), fate.heals) if one is not None)

    def _has_come(self, at: dt.datetime | None) -> bool:
        return at is not None and self.now is not None and at <= self.now

    def _fate(self, number: int) -> Fate:
        life = self.paper.life
        return _STAYS if life is None or self.now is None or number < self.paper.backlog else life.fate(number)

    def stub(self, number: int) -> Stub:
        """The stub with the headline of the live version."""
        stub, version = self.paper.stub(number), self.version(number)
        return attrs.evolve(stub, headline=corrections.headline(self.paper, stub, version)) if version else stub

    def appeared(self, number: int) -> dt.datetime:
        """When an article appeared; of the ones older than the clock, the time they print."""
        life = self.paper.life
        if life is None or number < self.paper.backlog:
            return self.paper.stub(number).at.replace(tzinfo=ZONE)
        return life.fate(number).appears

    def newest(self, shelf: Sequence[int], count: int) -> list[int]:
        """The latest `count` live numbers of a shelf, which is in the order of appearance; latest first."""
        found: list[int] = []
        for place in range(bisect_left(shelf, self.count) - 1, -1, -1):
            if len(found) == count:
                break
            if self.status(shelf[place]) == 200:
                found.append(shelf[place])
        return found

    def changed(self, shown: Iterable[int], belongs: Callable[[int], bool]) -> dt.datetime:
        """When a list last changed: something in it appeared, or something that `belongs` was corrected or withdrawn."""
        times = [self.appeared(number) for number in shown]
        events = self.paper.events
        last = bisect_right(events, self.now, key=lambda event: event[0]) if self.now else 0
        earlier = islice(reversed(events), len(events) - last, None)
        times += next(([at] for at, number in earlier if belongs(number)), [])
        return max(times, default=_NOTHING_YET).astimezone(dt.UTC)
