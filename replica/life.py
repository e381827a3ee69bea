"""When the articles of a living newspaper appear, are corrected and are withdrawn. Nothing is kept: every time is worked out from the seed."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from replica.dice import Dice

_ISTANBUL: Final = ZoneInfo("Europe/Istanbul")
_LIFE: Final = 200
_KEPT: Final = 65_536
_MINUTES: Final = ((10, 360), (360, 2880), (2880, 8640))
"""Minutes from an article to its first correction: soon, within two days, late (two to six days)."""
_HOW_LATE: Final = (0,) * 12 + (1,) * 5 + (2,) * 3


class Fate(NamedTuple):
    """What becomes of one article; every time is aware, in UTC, to the second."""

    appears: dt.datetime
    corrected: tuple[dt.datetime, ...]
    withdrawn: dt.datetime | None
    status: int
    """What its address answers once it is withdrawn: 404 or 410."""

    heals: dt.datetime | None = None
    """Until when its page is not ready: some other answer stands in its place."""

    moved: dt.datetime | None = None
    """When it gets another address, to which its first one redirects for good."""

    def version(self, now: dt.datetime) -> int:
        """How many corrections there were by `now`."""
        return bisect_right(self.corrected, now)

    def changed(self, version: int) -> dt.datetime:
        """When the version came about."""
        return self.corrected[version - 1] if version else self.appears


class Life:
    """Articles from number `backlog` on appear `per_hour` from `start`; the ones before are older and stay as they are.

    `correct`, `withdraw` and `trouble` are shares of the articles that appear: one in five of the corrected ones is corrected twice. Half of those in trouble
    are announced before their pages are ready, the others move; none of them is withdrawn.
    """

    def __init__(self, seed: int, *, start: dt.datetime, backlog: int, per_hour: float, correct: float, withdraw: float, trouble: float = 0) -> None:  # fmt: skip
        """`seed` as `seeded` gives it, `start` aware."""
        self.seed = seed
        self.start = start.astimezone(dt.UTC)
        self.backlog = backlog
        self.per_hour = per_hour
        self.correct = round(correct * 1000)
        self.withdraw = round(withdraw * 1000)
        self.trouble = round(trouble * 1000)
        self.fate = lru_cache(maxsize=_KEPT)(self._fate)

    @property
    def midnight(self) -> dt.datetime:
        """The midnight before the start, as the newspaper's clock shows it, without zone: all that is older lies before it."""
        return dt.datetime.combine(self.start.astimezone(_ISTANBUL).date(), dt.time())

    def printed(self, number: int) -> dt.datetime:
        """The minute an article appears, without zone, as the newspaper prints it."""
        return local(self._appears(number))

    def modified(self, number: int, version: int, is_known: bool) -> dt.datetime | None:
        """The printed minute of a version's last update; an uncorrected article has none, or that of its appearance."""
        return local(self.fate(number).changed(version)) if version or is_known else None

    def _appears(self, number: int) -> dt.datetime:
        dice = Dice(self.seed, number, _LIFE)
        place = number - self.backlog + dice.below(1000) / 1000
        minutes = int(
            ((self.start - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds() + place * 3600 / self.per_hour) // 60
        )
        return dt.datetime.fromtimestamp(
            minutes * 60 + 59, dt.UTC
        )  # no date of its metadata, to the second, lies after it

    def _fate(self, number: int) -> Fate:
        appears = self._appears(number)
        dice = Dice(self.seed, number, _LIFE + 1)
        is_corrected, is_withdrawn, twice = dice.chance(self.correct), dice.chance(self.withdraw), dice.chance(200)
        least, most = _MINUTES[dice.pick(_HOW_LATE)]
        first = appears + dt.timedelta(minutes=least + dice.below(most - least), seconds=dice.below(60))
        second = first + dt.timedelta(minutes=30 + dice.below(2850), seconds=dice.below(60))
        gone = appears + dt.timedelta(minutes=60 + dice.below(7140), seconds=dice.below(60)) if is_withdrawn else None
        status = 410 if dice.chance(300) else 404
        heals = moved = None
        if gone is None and dice.chance(self.trouble):
            if dice.chance(500):
                heals = appears + dt.timedelta(minutes=20 + dice.below(900), seconds=dice.below(60))
            else:
                moved = appears + dt.timedelta(minutes=120 + dice.below(7080), seconds=dice.below(60))
        times = ((first, second) if twice else (first,)) if is_corrected else ()
        return Fate(appears, tuple(one for one in times if gone is None or one < gone), gone, status, heals, moved)


def local(at: dt.datetime) -> dt.datetime:
    """The minute of an instant as the newspaper prints it: Istanbul's, without zone."""
    return at.astimezone(_ISTANBUL).replace(second=0, microsecond=0, tzinfo=None)
