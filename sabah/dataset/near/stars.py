"""From pairs to clusters: each is a text and all that resemble it, so that a story that goes on for weeks is no cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class Forest:
    """Sets that grow together."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, one: int) -> int:
        """The smallest of its set."""
        parent = self.parent
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    def join(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        self.parent[max(one, other)] = min(one, other)


def stars(
    members: Sequence[int], pairs: Iterable[tuple[int, int]], alike: Callable[[int, int], bool]
) -> Iterator[list[int]]:
    """Parts `members`, which are in order of publication, into clusters; those with more than one.

    `pairs` are candidates, `alike` decides. Whoever resembles most others is the middle of the first cluster (of several the first), all that
    resemble it belong to it; then the same with the rest. Whether two that are no candidates are alike is asked only of middles.
    """
    place = {one: number for number, one in enumerate(members)}
    near: dict[int, set[int]] = {one: set() for one in members}
    for one, other in pairs:
        if alike(one, other):
            near[one].add(other)
            near[other].add(one)
    for connected in _connected(members, near):
        left = set(connected)
        while left:
            middle = min(left, key=lambda one: (-len(near[one] & left), place[one]))
            if not near[middle] & left:
                break
            cluster = [one for one in connected if one in left and _belongs(middle, one, near, alike)]
            yield cluster
            left.difference_update(cluster)


def _belongs(middle: int, one: int, near: dict[int, set[int]], alike: Callable[[int, int], bool]) -> bool:
    return one == middle or one in near[middle] or alike(middle, one)


def _connected(members: Sequence[int], near: dict[int, set[int]]) -> Iterator[list[int]]:
    """Members that resemblances lead to from one another, in order."""
    numbers = {one: number for number, one in enumerate(members)}
    forest = Forest(len(members))
    for one, others in near.items():
        for other in others:
            forest.join(numbers[one], numbers[other])
    sets: dict[int, list[int]] = {}
    for number, one in enumerate(members):
        sets.setdefault(forest.root(number), []).append(one)
    return (one for one in sets.values() if len(one) > 1)
