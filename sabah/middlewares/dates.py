"""What the Date of a run's answers says of the machine's clock."""

from __future__ import annotations

import datetime as dt
from bisect import insort
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from sabah import clock

if TYPE_CHECKING:
    from scrapy.http import Response

NEEDED: Final = 2
"""Answers with a Date from which a clock is judged: robots.txt and one page."""

TOLERANCE: Final = dt.timedelta(days=1)
"""How far a clock may be off. A newspaper's own clock or a cache may be wrong by minutes or hours; what is due after days is not hurt by it."""


class Dates:
    """The answers of one run. Of an even number the one of the middle two counts that is nearer to the clock: a single stale answer judges nobody."""

    def __init__(self) -> None:
        self._off: list[float] = []

    def take(self, response: Response) -> None:
        """Takes an answer along. One without a Date that can be read says nothing; one from a cache is as old as its Age says."""
        said = _header(response, "Date")
        try:
            at = parsedate_to_datetime(said)
        except (ValueError, OverflowError):
            return
        if at.tzinfo is None:
            at = at.replace(tzinfo=dt.UTC)
        age = _header(response, "Age")
        seconds = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
        insort(self._off, (at - clock.of_machine()).total_seconds() + seconds)

    @property
    def off(self) -> dt.timedelta | None:
        """How much later it is than the clock shows, in the middle of all answers (negative: earlier); None while there are too few."""
        if len(self._off) < NEEDED:
            return None
        low, high = self._off[(len(self._off) - 1) // 2], self._off[len(self._off) // 2]
        return dt.timedelta(seconds=round(min(max(0.0, low), high) if high > 0 else high))

    @property
    def wrong_by(self) -> dt.timedelta | None:
        """`off` where that is more than the tolerance."""
        off = self.off
        return off if off is not None and abs(off) > TOLERANCE else None


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1").strip()
