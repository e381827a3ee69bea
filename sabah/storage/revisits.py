"""When an article is looked at again: after some ages, each once; and a page that was refused asked for again. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

AGES: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=3), timedelta(days=14))
REFUSED: Final = (
    timedelta(minutes=30), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=14),
)  # fmt: skip
"""How long a page that gave no record rests: after the first time, the second, and so on. After the last it is refused for good."""

ASTRAY: Final = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""From the first look that meets another page in an article's place to those that confirm it; it is withdrawn at the last."""

ASTRAY_LOOKS: Final = 3
"""Looks that an article is withdrawn by that another page stands in place of; fewer where a crawl came late."""

CONFIRM: Final = timedelta(minutes=30)
DAY: Final = timedelta(days=1)
"""How long a page that is gone rests before a listing or feed that names it again is believed."""


@attrs.frozen
class Schedule:
    """Instants are ISO 8601 in UTC with whole seconds, as `clock.timestamp` gives them; so is what comes back."""

    ages: tuple[timedelta, ...] = AGES
    """Of an article, at which it is looked at again; in rising order."""

    confirm: timedelta = CONFIRM
    """From a visit that finds it gone to the one that shall confirm it."""

    refusals: tuple[timedelta, ...] = REFUSED
    """From a refusal to the next request, for an address without a record."""

    @property
    def farthest(self) -> timedelta:
        """Further ahead than this no schedule has ever set a due time: one that is was written by a wrong clock."""
        return max((*AGES, *self.ages, *REFUSED, *self.refusals, 2 * ASTRAY[-1])) + DAY

    def due(self, aged_from: str | None, at: str) -> str | None:
        """When an article is to be looked at that was looked at now, at `at`: at the next age it reaches; None where none is left."""
        if aged_from is None:
            return None
        start, now = datetime.fromisoformat(aged_from), datetime.fromisoformat(at)
        return next((_written(start + age) for age in self.ages if start + age > now), None)

    def refused(self, at: str, times: int) -> str | None:
        """When a page is to be asked for again that was refused at `at`, the `times`-th time in a row; None where it is for good."""
        return _written(datetime.fromisoformat(at) + self.refusals[times - 1]) if times <= len(self.refusals) else None

    def astray(self, aged_from: str | None, since: str, at: str) -> str | None:
        """When an article is to be looked at again in whose place another page stands, first seen `since`: at its next age as ever, and at the ages of that.

        Looks that did not count are made up for, one a day, for a second week.
        """
        first, now = datetime.fromisoformat(since), datetime.fromisoformat(at)
        confirming = next((first + one for one in ASTRAY if first + one > now), now + DAY)
        dues = [self.due(aged_from, at), _written(confirming) if now < first + 2 * ASTRAY[-1] else None]
        return min((one for one in dues if one is not None), default=None)

    def confirmation(self, at: str) -> str:
        """When a page is to be asked for again that was gone at `at`."""
        return _written(datetime.fromisoformat(at) + self.confirm)


@attrs.frozen
class Due:
    """Which due times have come, at one moment. What only a clock ahead can have written has, too: asking shows whose clock is right."""

    now: str
    tomorrow: str
    """Later than this nothing can have been fetched."""

    beyond: str
    """Later than this no due time can be meant."""

    @classmethod
    def at(cls, now: str, schedule: Schedule) -> Due:
        """For an instant as `clock.timestamp` gives it."""
        at = datetime.fromisoformat(now)
        return cls(now, _written(at + DAY), _written(at + schedule.farthest))

    def has_come(self, due_at: str | None, last_fetched_at: str | None) -> bool:
        """Whether an address that is due then, and was fetched last then, is due now."""
        return (due_at is not None and (due_at <= self.now or due_at > self.beyond)) or (
            last_fetched_at is not None and last_fetched_at > self.tomorrow
        )


def aged_from(published_at: str, precision: str | None, at: str, before: str | None = None) -> str:
    """From when on an article's age counts that was fetched at `at`.

    Its publication; where only the day of that is known, the end of the day in its own offset. Never later than the fetch, nor than what was
    taken `before`: else a date in the future, or one that moves, would have it looked at for ever.
    """
    published = datetime.fromisoformat(published_at)
    if precision == "day":
        published = published.replace(hour=0, minute=0, second=0) + DAY
    return min(one for one in (_written(published), at, before) if one is not None)


def rested(last_fetched_at: str | None, now: str) -> bool:
    """Whether a page that was gone then may be asked for again when it is named again."""
    return last_fetched_at is None or datetime.fromisoformat(last_fetched_at) + DAY <= datetime.fromisoformat(now)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
