"""When the next request may leave: arithmetic of gaps and waits, in seconds of one monotonic clock."""

from __future__ import annotations

import random
from typing import Final

import attrs

FIRST_STEP: Final = 0.5
"""Seconds that a slowed crawl's gap starts from where less is configured: doubling nothing gives nothing."""

RECOVERED: Final = 5
"""Good answers in a row after which the gap is halved: fewer would swing to and fro with every second bad answer."""


@attrs.define
class Pace:
    """Of one host. The gap between two requests is never below `delay`; jitter only adds to it."""

    delay: float
    """The smallest gap: as configured, or the host's Crawl-delay where that is more."""

    jitter: float
    """Share of the gap that chance adds at most."""

    slowest: float
    """To which the gap grows; a larger `delay` stays what it is."""

    level: int = 0
    """How often the gap is doubled."""

    troubled_since: float | None = None
    """When the first request left that had no good answer, if none had since."""

    _next: float = 0.0
    _not_before: float = 0.0
    _last: float = float("-inf")
    _counted_from: float = float("-inf")
    _changed: float = float("-inf")
    _told: float = float("-inf")
    _good: int = 0

    @property
    def gap(self) -> float:
        if not self.level:
            return self.delay
        doubled: float = max(self.delay, FIRST_STEP) * 2.0**self.level
        return max(self.delay, min(doubled, self.slowest))

    @property
    def free_at(self) -> float:
        """From when on a request may leave."""
        return max(self._next, self._not_before)

    def slow_to(self, delay: float) -> None:
        """Raises the smallest gap; it counts for what leaves next."""
        self.delay = delay
        self._count_from(self._counted_from)

    def sent(self, now: float) -> None:
        self._last = now
        self._count_from(now)

    def reached(self, sent: float, at: float) -> None:
        """The request that left at `sent` had reached the server by `at`. Where none left after it the gap counts from then.

        So that a slow connection before a fast one brings no two requests closer to each other at the server.
        """
        if sent == self._last:
            self._count_from(at)

    def good(self, sent: float, now: float) -> bool:
        """A good answer to the request that left at `sent`. Whether the gap is smaller for it."""
        self.troubled_since = None
        if not self.level or sent < self._changed:
            return False
        self._good += 1
        if self._good < RECOVERED:
            return False
        self._change(-1, now)
        return True

    def strained(self, sent: float, now: float) -> bool:
        """An answer that says the host has too much to do. Whether the gap is larger for it: once for all that were under way together."""
        self._trouble(sent)
        self._good = 0
        if sent < self._changed:
            return False
        before = self.gap
        self._change(1, now)
        if self.gap == before:
            self.level -= 1
            return False
        self._count_from(now)
        return True

    def told(self, sent: float, now: float, seconds: float) -> bool:
        """The host named a wait. Whether it has done so anew: not to a request that was under way when it did so before."""
        self._trouble(sent)
        self._not_before = max(self._not_before, now + seconds)
        anew, self._told = sent >= self._told, now
        return anew

    def _trouble(self, sent: float) -> None:
        if self.troubled_since is None:
            self.troubled_since = sent

    def _change(self, step: int, now: float) -> None:
        self.level += step
        self._changed, self._good = now, 0

    def _count_from(self, at: float) -> None:
        self._counted_from = max(self._counted_from, at)
        self._next = max(self._next, at + self.gap * (1 + random.uniform(0, self.jitter)))  # noqa: S311
