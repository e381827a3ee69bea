"""The columns of a chart of months."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BREAK: Final = 24
"""Months without anything that are drawn as one empty column: a date that is wrong by centuries must not stretch a chart."""

_APART: Final = 12
"""Columns between two texts below them at least."""


def columns(months: Iterable[str]) -> list[str | None]:
    """From the first month (`2021-09`) to the last, each of them once, in order; None where `BREAK` and more are left out."""
    found: list[str | None] = []
    last = None
    for month in sorted(set(months)):
        at = _number(month)
        if last is not None and at - last > BREAK:
            found.append(None)
        elif last is not None:
            found += [_month(one) for one in range(last + 1, at)]
        found.append(month)
        last = at
    return found


def ticks(months: Sequence[str | None]) -> dict[int, str]:
    """Texts below columns: the first, those after a break, and Januaries, where there is room."""
    found: dict[int, str] = {}
    for place, month in enumerate(months):
        begins = place == 0 or months[place - 1] is None
        if month and (begins or month.endswith("-01")):
            if begins and found and place - max(found) < _APART:
                del found[max(found)]
            if not found or place - max(found) >= _APART:
                found[place] = named(month)
    return found


def named(month: str) -> str:
    """`Sep 2021`."""
    return f"{date.fromisoformat(f'{month}-01'):%b} {month[:4]}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
