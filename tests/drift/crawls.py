"""Runs over mutated and over unmutated pages, judged by the monitors as a crawl's are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs
from lxml import etree

from sabah.monitors.drift import deviations
from tests.drift.reading import Outcome, outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.monitors.drift import Deviation
    from tests.drift.mutations import Mutation
    from tests.drift.pages import Page


@attrs.frozen
class Crawl:
    what: str
    mutations: list[Mutation]
    outcomes: list[Outcome]
    found: list[Deviation]

    @property
    def right(self) -> bool:
        return not any(one.missing or one.wrong for one in self.outcomes)

    @property
    def values(self) -> int:
        return sum(one.values for one in self.outcomes)

    @property
    def wrong(self) -> int:
        return sum(len(one.wrong) for one in self.outcomes)

    def describe(self) -> str:
        """What was changed, what was read, and what was said of it."""
        fields = Counter(
            field for one in self.outcomes for field in (*one.missing, *(f"WRONG {name}" for name in one.wrong))
        )
        shown = next((str(list(one.shown.items())[:2])[:300] for one in self.outcomes if one.wrong), "")
        said = self.found[0].field if self.found else "nothing"
        return f"{self.what}: {' + '.join(map(str, self.mutations))}; {len(self.outcomes)} pages, {dict(fields)}, said: {said} {shown}"

    @property
    def good(self) -> bool:
        return bool(self.found) or self.right


def mutated(page: Page, mutations: Sequence[Mutation]) -> tuple[str, frozenset[str]] | None:
    """The page with all of the mutations, and the fields whose truth they change; None where it lacks what one of them changes."""
    tree = page.tree()
    if not all(one.apply(tree) for one in mutations):
        return None
    fields = frozenset(field for one in mutations for field in one.changes)
    return etree.tostring(tree, method="html", encoding="unicode", doctype="<!DOCTYPE html>"), fields


def crawl(
    what: str, history: Sequence[Outcome], pages: Sequence[Page], mutations: list[Mutation], size: int, times: int = 1
) -> Crawl | None:
    """A run over the first `size` of the pages that bear what is mutated, as often as `times` each; None where fewer than a quarter of these do."""
    outcomes: list[Outcome] = []
    for number, page in enumerate(pages):
        if len(outcomes) == size or (number >= 60 and len(outcomes) * 20 < number):
            break
        if (made := mutated(page, mutations)) is not None:
            outcomes.append(outcome(page.url, made[0], page.truth, made[1]))
    if len(outcomes) * 4 < size:
        return None
    seen = [one.seen for one in history] + [one.seen for one in outcomes for _ in range(times)]
    return Crawl(what, mutations, outcomes, deviations(seen))
