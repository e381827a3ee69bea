"""Whether two samples may well be of one kind: exact, so that a short history does not pass for a sure one."""

from __future__ import annotations

from math import exp, lgamma


def at_least(count: int, of: int, before: int, of_before: int) -> float:
    """The chance that of all pages that show something (`count` of `of` now, `before` of `of_before`) so many or more fall among those of now."""
    total, shown = of + of_before, count + before
    return min(1.0, sum(_exactly(number, of, shown, total) for number in range(count, min(of, shown) + 1)))


def none_of(of: int, before: int, of_before: int) -> float:
    """The chance that none of the pages that show something is among the `of` newest."""
    return _exactly(0, of, before, of + of_before)


def _exactly(number: int, drawn: int, marked: int, total: int) -> float:
    if number < drawn + marked - total:
        return 0.0
    return exp(_ways(marked, number) + _ways(total - marked, drawn - number) - _ways(total, drawn))


def _ways(of: int, number: int) -> float:
    """The logarithm of how many ways there are to choose `number` of `of`."""
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
