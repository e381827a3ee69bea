"""Whether the pages of a run look as those before it did. Pure: from what was seen of pages, in the order in which they were stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import exp, lgamma
from typing import TYPE_CHECKING, Final

import attrs

from sabah.monitors.features import ABSENT, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sabah.monitors.features import Seen


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


LOST, KNOWN = "of no known layout", "of a known layout"

ENOUGH: Final = 30
"""Pages of one layout and kind from which their own history is trusted."""

EARLIER: Final = 600
"""Pages of earlier runs that are looked at. What has been otherwise for as many is how the newspaper is now."""

LEAST: Final = 3
"""Consecutive pages that suffice where a mark was never missing before."""

CHANCE: Final = 1e-6
"""How unlikely a deviation has to be: a run asks some two hundred such questions, and 300 runs in a row shall raise no false alarm."""

REQUIRED: Final = {"headline": "css", "body": "css", "published_at": "css"}
"""Where a page of today's layout bears these: the floor for datasets without a history."""

_TEXTLESS: Final = frozenset({"video", "gallery"})
_SAME_LINE: Final = 4
_MOST_ALIKE: Final = 0.6


_POOR: Final = frozenset({ABSENT, "one", "few", "fragment", "assumed", LOST})
"""States that nobody misses."""

_RICH: Final = frozenset({"there", "several", "sentence", KNOWN})
"""States that are welcome."""


@attrs.frozen
class _Found:
    example: Seen
    number: int
    of: int
    usual: str


@attrs.frozen
class Deviation:
    """Something of the layout that is not as before."""

    field: str
    sentence: str
    url: str
    """One page that shows it."""

    def __str__(self) -> str:
        return f"{self.sentence}, e.g. {self.url}"


def deviations(pages: Sequence[Seen]) -> list[Deviation]:
    """What is new in the pages that are `ours`, all behind those of earlier runs; the clearest first."""
    if not any(one.ours for one in pages):
        return []
    found = [*_layouts(pages)]
    groups: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in pages:
        if one.layout != REFUSED:
            groups[one.layout, one.kind].append(one)
    for (layout, kind), group in groups.items():
        if any(one.ours for one in group):
            found += _missing_floor(layout, kind, group)
            found += _changed(layout, kind, group)
    found += _same_lines(pages)
    return list({one.field: one for one in reversed(found)}.values())[::-1]


def _layouts(pages: Sequence[Seen]) -> Iterable[Deviation]:
    """Pages that are refused or read as `generic`, where they were not."""
    by_kind: dict[str, list[Seen]] = defaultdict(list)
    for one in pages:
        by_kind[one.kind].append(one)
    for kind, group in by_kind.items():
        states = [LOST if one.layout in {REFUSED, "generic"} else KNOWN for one in group]
        deviation = _deviates(states, group, required=True) or _mostly_lost(states, group)
        if deviation is not None:
            example, number, of = deviation.example, deviation.number, deviation.of
            how = "gives no record" if example.layout == REFUSED else "is of no known layout"
            yield Deviation(
                "layout",
                f"{number} of the last {of} pages of kind {kind} bear no mark of a known layout; one {how}",
                example.url,
            )


def _mostly_lost(states: Sequence[str], group: Sequence[Seen]) -> _Found | None:
    """The floor for a short history, or one that is as bad: most of our pages bear no mark, three of them in a row."""
    ours = [state for state, one in zip(states, group, strict=True) if one.ours]
    before = states[: len(states) - len(ours)]
    lost = ours.count(LOST)
    if len(before) >= EARLIER or (len(before) >= ENOUGH and 2 * before.count(LOST) < len(before)):
        return None
    if 2 * lost <= len(ours) or all(set(three) != {LOST} for three in zip(ours, ours[1:], ours[2:], strict=False)):
        return None
    example = next(
        one for state, one in zip(reversed(states), reversed(group), strict=True) if one.ours and state == LOST
    )
    return _Found(example, lost, len(ours), KNOWN)


def _missing_floor(layout: str, kind: str, group: Sequence[Seen]) -> Iterable[Deviation]:
    before = [one for one in group if not one.ours]
    if layout != "2020" or len(before) >= EARLIER:
        return
    for field, source in REQUIRED.items():
        bore = sum(one.features[field] == source for one in before)
        if (field == "body" and kind in _TEXTLESS) or (len(before) >= ENOUGH and 2 * bore >= len(before)):
            continue
        for three in zip(group, group[1:], group[2:], strict=False):
            if three[-1].ours and all(one.features[field] != source for one in three):
                yield Deviation(field, _sentence(field, source, three[-1], LEAST, LEAST, layout, kind), three[-1].url)
                break


def _changed(layout: str, kind: str, group: Sequence[Seen]) -> Iterable[Deviation]:
    names = dict.fromkeys(name for one in group for name in one.features)
    for name in names:
        with_it = [one for one in group if name in one.features]
        deviation = _deviates([one.features[name] for one in with_it], with_it, required=name in REQUIRED)
        if deviation is not None:
            example, number, of = deviation.example, deviation.number, deviation.of
            yield Deviation(name, _sentence(name, deviation.usual, example, number, of, layout, kind), example.url)


def _sentence(name: str, usual: str, example: Seen, number: int, of: int, layout: str, kind: str) -> str:
    now = example.features[name]
    value = example.found.get(name)
    instead = f"{now!r} ({value!r})" if value else f"{now!r}"
    return f"{name}: {instead} instead of {usual!r} on {number} of the last {of} pages ({layout}, {kind})"


def _deviates(states: Sequence[str], group: Sequence[Seen], *, required: bool) -> _Found | None:
    """None where the states of our pages are as those before.

    Two questions for each state: has one that was usual vanished from the newest pages? Has one that was rare become frequent?
    """
    ours = [number for number, one in enumerate(group) if one.ours]
    if not ours or ours[0] < ENOUGH:
        return None
    before, now = Counter(states[: ours[0]]), Counter(states[number] for number in ours)
    for state in before.keys() - _POOR:
        last = max(number for number, one in enumerate(states) if one == state)
        streak = len(states) - 1 - last
        had = sum(one == state for one in states[: last + 1])
        always = required and had == last + 1
        if streak >= LEAST and last + 1 >= ENOUGH and (always or none_of(streak, had, last + 1) < CHANCE):
            return _Found(group[-1], streak, streak, state)
    for state in now.keys() - _RICH:
        count, of = now[state], len(ours)
        if (
            count >= LEAST
            and count * ours[0] > 2 * before[state] * of
            and at_least(count, of, before[state], ours[0]) < CHANCE
        ):
            example = next(group[number] for number in reversed(ours) if states[number] == state)
            return _Found(example, count, of, before.most_common(1)[0][0])
    return None


def _same_lines(pages: Sequence[Seen]) -> Iterable[Deviation]:
    """A block that stands in the bodies of several of our pages, and stood in none before: part of the page around the text. (A body of one block is a short text, perhaps one given out again.)"""
    if sum(not one.ours for one in pages) < ENOUGH:
        return
    texts: dict[str, Seen] = {one.text: one for one in pages if one.ours and len(one.lines) > 1}
    known = {line for one in pages if not one.ours for line in one.lines}
    lines = Counter(line for one in texts.values() for line in one.lines if line not in known)
    for line, count in lines.most_common(1):
        bearing = [one for one in texts.values() if line in one.lines]
        # A column's or a section's articles may well end alike.
        if count >= _SAME_LINE and count > _MOST_ALIKE * len(texts) and len({_section(one.url) for one in bearing}) > 1:
            example = bearing[0]
            yield Deviation("body", f"body: the same block stands in {count} of {len(texts)} bodies", example.url)


def _section(url: str) -> str:
    return url.split("/")[3]
