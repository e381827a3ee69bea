"""Processor time as a quiet machine takes it: for limits that hold beside other work, which slows caches and shared cores for all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

USUAL: Final = 0.0065
"""Seconds that `_yardstick` takes on a quiet core of the machine for which the limits were set."""

_TIMES: Final = 3


def seconds(work: Callable[[], _Result], limit: float) -> tuple[_Result, float]:
    """What `work` gives, and its seconds of processor time.

    Where they are more than `limit` it is done again, twice at most, each time measured by how slow the machine is just then: what takes too
    long by itself does so every time.
    """
    result, taken = _timed(work)
    for _ in range(_TIMES - 1):
        if taken <= limit:
            break
        before = _slowness()
        result, again = _timed(work)
        taken = min(taken, again / max(before, _slowness()))
    return result, taken


def _timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def _slowness() -> float:
    """How many times as long as usual a fixed piece of work takes now, 1 at the least."""
    return max(1.0, _timed(_yardstick)[1] / USUAL)


def _yardstick() -> int:
    return sum(number * number % 7 for number in range(100_000))
