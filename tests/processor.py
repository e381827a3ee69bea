"""Processor time as a quiet machine takes it: for limits that hold beside other work, which slows caches and shared cores for all."""

from __future__ import annotations

import time
from statistics import mean
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

USUAL: Final = 0.0065
"""Seconds that the fixed piece of work takes on a quiet core of the machine for which the limits were set."""

_TIMES: Final = 3
_SAMPLES: Final = 20


def seconds(work: Callable[[], _Result], limit: float) -> tuple[_Result, float]:
    """What `work` gives, and its seconds of processor time.

    Where they are more than `limit` it is done again, twice at most, each time measured by how slow the machine is just then: what takes too
    long by itself does so every time.
    """
    result, taken = _timed(work)
    for _ in range(_TIMES - 1):
        if taken <= limit:
            break
        before = _yardsticks()
        result, again = _timed(work)
        slowness = max(1.0, (before + _yardsticks()) / 2 / USUAL)
        taken = min(taken, again / slowness)
    return result, taken


def _timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def _yardsticks() -> float:
    """Seconds that a fixed piece of work takes now: the mean of many times, which see as much of the others as a long work does."""
    return mean(_timed(lambda: sum(number * number % 7 for number in range(100_000)))[1] for _ in range(_SAMPLES))
