"""The newspaper's clock: it stands still until it is moved, or goes at a rate."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, Final

_FASTEST: Final = 1_000_000.0
"""Seconds in a second."""

_FORWARD: Final = 3_600_000_000.0
"""Seconds, in either direction: more than a hundred years."""


class ClockError(ValueError):
    """What is wrong with a demand on the clock, in one line."""


class Clock:
    """Stands at `start` (aware); without a start it is the machine's own clock and cannot be moved."""

    def __init__(self, start: dt.datetime | None) -> None:
        self._start = start.astimezone(dt.UTC) if start else None
        self._since = time.monotonic()
        self.rate = 0.0 if start else 1.0

    @property
    def now(self) -> dt.datetime:
        """Aware, in UTC."""
        if self._start is None:
            return dt.datetime.now(dt.UTC)
        if not self.rate:
            return self._start
        try:
            return self._start + dt.timedelta(seconds=(time.monotonic() - self._since) * self.rate)
        except OverflowError:
            return dt.datetime.max.replace(tzinfo=dt.UTC)

    def state(self) -> dict[str, Any]:
        """As `/_clock` answers: `now` in ISO 8601 with offset, and seconds gone by in a second."""
        return {"now": self.now.isoformat(), "rate": self.rate}

    def move(self, at: str | None = None, forward: str | None = None, rate: str | None = None) -> None:
        """Sets the clock to a time (ISO 8601 with offset), forward by seconds, or to a rate. ClockError for anything else."""
        if self._start is None:
            raise ClockError("this newspaper has no clock; start it with --clock")
        moved = instant(at) if at is not None else self.now
        if forward is not None:
            try:
                moved += dt.timedelta(seconds=_number(forward, "forward", -_FORWARD, _FORWARD, " of seconds"))
            except OverflowError as error:
                raise ClockError(f"forward={forward} leads out of the calendar") from error
        new = _number(rate, "rate", 0, _FASTEST, "") if rate is not None else self.rate
        self._start, self._since, self.rate = moved, time.monotonic(), new


def instant(text: str) -> dt.datetime:
    """A time in ISO 8601 with offset, in UTC; ClockError for anything else. A blank in it was a `+` before it was sent."""
    try:
        found = dt.datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
        if found.tzinfo is None:
            raise ClockError(f"{text!r} has no offset; write it like 2026-03-02T06:00:00+03:00")
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, ClockError):
            raise
        raise ClockError(f"{text!r} is no time; write it like 2026-03-02T06:00:00+03:00") from error


def _number(text: str, name: str, least: float, most: float, unit: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not least <= found <= most:
        raise ClockError(f"{name}={text}: must be a number{unit} from {least:.0f} to {most:.0f}")
    return found
