"""The monitors of a run: spidermon's frame over what the ledger knows. Each failed one makes a verdict hold, with its message as reason."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
from spidermon import Monitor, MonitorRunner, MonitorSuite  # type: ignore[import-untyped]

from sabah.monitors.drift import deviations
from sabah.monitors.history import last_pages
from sabah.monitors.sources import Sources, judge_sources
from sabah.spiders.base import GONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spidermon import MonitorResult

    from sabah.monitors.features import Seen
    from sabah.storage.ledger import Ledger

SHOWN: Final = 3
"""Deviations named in the reason; the others are counted."""

EARLIER_RUNS: Final = 5
"""Runs of one scope from which its usual number of articles is known."""

FEWER: Final = 0.2
"""Share of the usual number of articles below which a run has met too few."""

WORTH_COUNTING: Final = 20
REFUSED: Final = 0.2
UNWANTED: Final = 0.2
FEWEST: Final = 5


@attrs.frozen
class Facts:
    """What the monitors judge, read once."""

    stats: Mapping[str, Any]
    pages: Sequence[Seen]
    met_before: Sequence[int]
    """Articles that earlier complete runs of the same scope met."""

    sources: Sources
    """What is wrong with listings and feeds."""

    @classmethod
    def read(cls, ledger: Ledger, run: int, stats: Mapping[str, Any]) -> Facts:
        """Raises StorageError."""
        scope, started_at = ledger.one("SELECT scope, started_at FROM runs WHERE id = ?", run)
        earlier = ledger.all(
            "SELECT counts FROM runs WHERE scope = ? AND id < ? AND verdict IN ('ok', 'no_new', 'partial') AND counts IS NOT NULL ORDER BY id DESC LIMIT 20",
            scope, run,
        )  # fmt: skip
        return cls(
            stats,
            last_pages(ledger, run),
            [met(json.loads(counts)) for (counts,) in earlier],
            judge_sources(ledger, started_at, stats),
        )


def met(stats: Mapping[str, Any]) -> int:
    """Articles that a run met: stored, known, left out, dropped or refused."""
    names = (
        "store/articles",
        "store/known",
        "links/stored_before",
        "fetch/unchanged",
        "store/unchanged",
        "range/left_out",
        "validate/refused",
        "links/refused_before",
        "links/refused_for_good",
        "links/dropped_before",
        "links/outside_the_dates",
    )
    return sum(stats.get(name, 0) for name in names)


class RunMonitor(Monitor):  # type: ignore[misc]  # spidermon is not typed
    """One question about a run; `verdict` holds where the answer is no."""

    verdict: ClassVar[str]

    @property
    def facts(self) -> Facts:
        facts: Facts = self.data.facts
        return facts


class LayoutMonitor(RunMonitor):
    """Coverage of each field by layout and kind, fallbacks, generic pages, marks: as in the pages before."""

    verdict = "layout_changed"

    def test_pages_look_as_before(self) -> None:
        found = deviations(self.facts.pages)
        more = f" (and {len(found) - SHOWN} more)" if len(found) > SHOWN else ""
        if found:
            examples = dict.fromkeys(one.url for one in found[:SHOWN])
            raise self.failureException(
                f"{'; '.join(one.sentence for one in found[:SHOWN])}{more}, e.g. {' '.join(examples)}"
            )


class SourceMonitor(RunMonitor):
    """Listings and feeds give articles."""

    verdict = "source_empty"

    def test_sources_deliver(self) -> None:
        if self.facts.sources.silent:
            raise self.failureException(self.facts.sources.silent)


class FaultMonitor(RunMonitor):
    """Listings and feeds are whole."""

    verdict = "partial"

    def test_sources_are_whole(self) -> None:
        if self.facts.sources.torn:
            raise self.failureException(self.facts.sources.torn)


class CountMonitor(RunMonitor):
    """As many articles as runs of this scope usually meet."""

    verdict = "partial"

    def test_as_many_articles_as_usual(self) -> None:
        stats, before = self.facts.stats, self.facts.met_before
        if stats.get("finish_reason") != "finished" or len(before) < EARLIER_RUNS:
            return
        usual, now = median(before), met(stats)
        if usual >= WORTH_COUNTING and now < FEWER * usual:
            raise self.failureException(f"{now} articles were met where {usual:.0f} are usual")


class RefusalMonitor(RunMonitor):
    """Few pages are refused that were not refused before."""

    verdict = "partial"

    def test_few_pages_are_refused(self) -> None:
        stats = self.facts.stats
        refused, read = (
            stats.get("validate/refused", 0) - stats.get("refused/again", 0),
            stats.get("store/articles", 0) + stats.get("store/known", 0) + stats.get("range/left_out", 0),
        )
        if refused >= FEWEST and refused > REFUSED * (refused + read):
            reasons = {
                name.removeprefix("validate/refused/"): number
                for name, number in stats.items()
                if name.startswith("validate/refused/")
            }
            commonest = max(reasons, key=reasons.__getitem__, default="no reason")
            raise self.failureException(f"{refused} of {refused + read} pages were refused, most for this: {commonest}")


class StatusMonitor(RunMonitor):
    """Few answers have an unwanted status."""

    verdict = "partial"

    def test_few_answers_are_unwanted(self) -> None:
        stats = self.facts.stats
        prefix = "downloader/response_status_count/"
        answers = {name.removeprefix(prefix): number for name, number in stats.items() if name.startswith(prefix)}
        # Dead links, which a list of old addresses is full of, are counted by themselves.
        unwanted = {status: number for status, number in answers.items() if status >= "400" and status not in GONE}
        total, bad = sum(answers.values()), sum(unwanted.values())
        if bad >= FEWEST and bad > UNWANTED * total:
            listed = ", ".join(f"{number} with {status}" for status, number in sorted(unwanted.items()))
            raise self.failureException(f"of {total} answers, {listed}")


class RunSuite(MonitorSuite):  # type: ignore[misc]  # spidermon is not typed
    monitors: ClassVar = [LayoutMonitor, SourceMonitor, FaultMonitor, CountMonitor, RefusalMonitor, StatusMonitor]


def watch(facts: Facts) -> dict[str, str]:
    """A reason for each verdict whose monitors fail, and `source_empty` in any case: empty where nothing is wrong with the sources."""
    result: MonitorResult = MonitorRunner().run(RunSuite(), facts=facts)
    found: dict[str, str] = {"source_empty": ""}
    for one in result.monitors_failed_results:
        reason = (one.reason or one.error).strip()
        verdict = one.monitor.verdict
        found[verdict] = f"{found[verdict]}; {reason}" if found.get(verdict) else reason
    return found
