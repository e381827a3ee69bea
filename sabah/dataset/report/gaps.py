"""Days and weeks with unusually few articles: where a crawl has missed something, or the newspaper was silent."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

AROUND: Final = 4
"""Periods before and after that tell what is usual. A day is compared with the same weekday of the weeks around it."""

FEW: Final = 0.25
"""Of what is usual. Half of it happens by itself: a holiday, an election."""

LEAST: Final = 4
"""Articles that must be usual: below, chance alone makes gaps."""


@attrs.frozen
class Gap:
    section: str | None
    """None: of the whole newspaper."""

    first: str
    days: int
    articles: int
    usual: float


def gaps(days: Mapping[str, Mapping[str, int]], most: int = 40) -> list[Gap]:
    """From articles by section and day (`2021-09-14`): days of the whole newspaper, weeks of a section; the latest first, `most` of them."""
    total: Counter[str] = Counter()
    for counts in days.values():
        total.update(counts)
    found = [Gap(None, first.isoformat(), 1, few, usual) for first, few, usual in _few(_by_period(total, 1), 1)]
    for section, counts in days.items():
        found += [
            Gap(section, first.isoformat(), 7, few, usual) for first, few, usual in _few(_by_period(counts, 7), 7)
        ]
    return sorted(found, key=lambda gap: (gap.first, gap.section or ""), reverse=True)[:most]


def _by_period(counts: Mapping[str, int], length: int) -> Counter[date]:
    """Weeks begin on Mondays."""
    found: Counter[date] = Counter()
    for day, count in counts.items():
        at = date.fromisoformat(day)
        found[at - timedelta(days=at.weekday()) if length == 7 else at] += count
    return found


def _few(counts: Counter[date], length: int) -> list[tuple[date, int, float]]:
    """Not of the first and the last period, which may not be whole."""
    if not counts:
        return []
    found = []
    days = Counter({day.toordinal(): count for day, count in counts.items()})
    first, last = min(days), max(days)
    steps = [7 * step for step in range(-AROUND, AROUND + 1) if step]
    # Far from every article nothing is usual: for one of the year 2999, a thousand years of days need no look.
    for at in sorted({day + step for day in days for step in steps}):
        if not first + length <= at < last:
            continue
        around = [days[near] for step in steps if first <= (near := at + step) < last]
        usual = median(around) if around else 0
        if usual >= LEAST and days[at] < FEW * usual:
            found.append((date.fromordinal(at), days[at], float(usual)))
    return found
