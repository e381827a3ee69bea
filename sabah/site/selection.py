"""Which articles are wanted: `since` and `until`, as they are given and what lies between them."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final, TypeGuard

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


class ArgumentError(ValueError):
    """An argument that cannot be used; the message is one line that names the valid values."""


NEWSPAPER: Final = dt.timezone(dt.timedelta(hours=3))
"""The zone its pages print."""

_EARLIEST, _LATEST = NEWSPAPER, dt.timezone(dt.timedelta(hours=2))
"""Zones of the newspaper's days: a day begins first where it is three hours ahead, and ends last in the winters in which it was two."""

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")


@attrs.frozen
class Window:
    """Publication dates wanted, both ends included; None is open.

    A `date` is compared with the day in the offset the page prints, a naive `datetime` with the printed clock, an aware one
    with the instant, whoever says when something was published: page, address, feed, card or capture.
    """

    since: dt.date | dt.datetime | None = None
    until: dt.date | dt.datetime | None = None

    @property
    def since_day(self) -> dt.date | None:
        """The newspaper's day in which `since` lies."""
        return None if self.since is None else _day(self.since)

    def holds_day(self, day: dt.date) -> bool:
        """Whether what was published on that day of the newspaper may lie in the window."""
        first = dt.datetime.combine(day, dt.time.min, _EARLIEST)
        last = dt.datetime.combine(day, dt.time.max, _LATEST)
        return not _is_before(last, self.since, day) and not (
            self.until is not None and (first > self.until if _is_instant(self.until) else day > _day(self.until))
        )

    def begins_after(self, at: dt.datetime) -> bool:
        """Whether what was published at that instant or before it is too old; days of the newspaper are compared where `since` has no offset."""
        return _is_before(at, self.since, _day(at))

    def holds(self, published_at: str) -> bool:
        """Whether an ISO 8601 date with offset lies in the window."""
        at = dt.datetime.fromisoformat(published_at)
        return (self.since is None or _seen_as(self.since, at) >= self.since) and (
            self.until is None or _seen_as(self.until, at) <= self.until
        )


def parse_window(given: Mapping[str, str]) -> Window:
    """The dates of `since` and `until`. Raises ArgumentError."""
    since, until = (_bound(name, given[name]) if name in given else None for name in ("since", "until"))
    if since is not None and until is not None and _is_after(since, until):
        raise ArgumentError(f"since={given['since']!r} is after until={given['until']!r}")
    return Window(since, until)


def _bound(name: str, text: str) -> dt.date | dt.datetime:
    try:
        return dt.date.fromisoformat(text) if _DAY.match(text) else _moment(text)
    except ValueError as error:
        raise ArgumentError(
            f"{name}={text!r}: must be a date like 2021-09-14, or with a time 2021-09-14T10:51[+03:00]"
        ) from error


def _moment(text: str) -> dt.datetime:
    if not _DAY.match(text[:10]) or text[10:11] not in {"T", " "}:
        raise ValueError(text)
    return dt.datetime.fromisoformat(text)


def _is_after(since: dt.date | dt.datetime, until: dt.date | dt.datetime) -> bool:
    """Times are compared where both have an offset or neither has; else the days."""
    if isinstance(since, dt.datetime) and isinstance(until, dt.datetime) and bool(since.tzinfo) == bool(until.tzinfo):
        return since > until
    return _day(since) > _day(until)


def _is_instant(bound: dt.date | dt.datetime | None) -> TypeGuard[dt.datetime]:
    """Whether a bound has an offset: then no day of anybody's counts."""
    return isinstance(bound, dt.datetime) and bound.tzinfo is not None


def _is_before(at: dt.datetime, since: dt.date | dt.datetime | None, day: dt.date) -> bool:
    """Whether an instant, on that day of the newspaper, lies before a bound."""
    if since is None:
        return False
    return at < since if _is_instant(since) else day < _day(since)


def _day(bound: dt.date | dt.datetime) -> dt.date:
    """The newspaper's day in which a bound lies."""
    if not isinstance(bound, dt.datetime):
        return bound
    if not _is_instant(bound):
        return bound.date()
    try:
        return bound.astimezone(NEWSPAPER).date()
    except OverflowError:  # within hours of the first or the last year there is
        return bound.date()


def _seen_as(bound: dt.date | dt.datetime, at: dt.datetime) -> dt.date | dt.datetime:
    if not isinstance(bound, dt.datetime):
        return at.date()
    return at.replace(tzinfo=None) if bound.tzinfo is None else at
