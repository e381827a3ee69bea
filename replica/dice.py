"""Chance that comes out the same on every machine and every version of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_MASK: Final = (1 << 64) - 1


def _mixed(value: int) -> int:
    """splitmix64's finaliser: neighbouring keys give unrelated states."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


class Dice:
    """A linear congruential generator whose high bits are used.

    `random.Random` costs about 8 µs to seed; an article page asks for some twenty of these.
    """

    __slots__ = ("_state",)

    def __init__(self, seed: int, number: int, purpose: int) -> None:
        """`seed` as `seeded` gives it."""
        self._state = _mixed((seed + number * 0xD1B54A32D192ED03 + purpose * 0x9E3779B97F4A7C15) & _MASK)

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (state >> 33) % limit

    def several(self, *limits: int) -> list[int]:
        """Whole numbers below each limit from one throw; the product of the limits should stay under 2**31."""
        left = self.below(1 << 31)
        found = []
        for limit in limits:
            left, one = divmod(left, limit)
            found.append(one)
        return found

    def pick(self, values: Sequence[T]) -> T:
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return values[(state >> 33) % len(values)]

    def chance(self, per_thousand: int) -> bool:
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (state >> 33) % 1000 < per_thousand


def seeded(seed: int) -> int:
    """A user's seed, spread so that neighbouring seeds give unrelated newspapers."""
    return _mixed((seed + 0x9E3779B97F4A7C15) & _MASK)


def spread(**weights: int) -> tuple[str, ...]:
    """The names, each as often as its weight says, for `Dice.pick`: `spread(p=3, div=1)`."""
    return tuple(name for name, weight in weights.items() for _ in range(weight))
