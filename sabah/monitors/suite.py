"""The monitors of a run: spidermon's frame over what the ledger knows. Each failed one makes a verdict hold, with its message as reason."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import orjson
from spidermon import Monitor, MonitorRunner, MonitorSuite  # type: ignore[import-untyped]

from sabah.monitors.drift import EARLIER, deviations
from sabah.monitors.features import REFUSED, Seen, seen
from sabah.monitors.verdict import FINISHED, LIMIT, named
from sabah.pages.marks import names
from sabah.spiders.base import GONE
from sabah.storage.agreement import CUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from spidermon import MonitorResult

    from sabah.storage.ledger import Ledger


OURS: Final = 600
"""Pages of the run that are looked at, the newest: a layout that changed meanwhile shows in its last ones."""

LAYOUT_REASONS: Final = (
    "the page has no headline", "the page has a headline but no body", "no layout of an article", "no date", "no body", "the page holds only the beginning",
)  # fmt: skip
"""How refusals begin that mean a missing mark. Pages that are cut off, empty or no article say nothing of the layout."""

# A page that is refused again says nothing new of the layout. What a re-reading stores says nothing of the newspaper of today. And of the newest 20,000 rows at most: without an index by run, a run that stored
# nothing would look through all.
_ARTICLES: Final = """
WITH fetched AS NOT MATERIALIZED (
    SELECT * FROM articles WHERE reading = 1 AND withdrawn_at IS NULL AND (origin IS 'archive') = ?3 AND run NOT IN (SELECT id FROM runs WHERE spider = 'reparse')
)
SELECT t.stored_at, f.name, t.offset, t.length, t.marks FROM fetched t JOIN files f ON f.id = t.file
WHERE t.run {} ?1 AND t.id > (SELECT id FROM fetched ORDER BY id DESC LIMIT 1) - 20000 ORDER BY t.id DESC LIMIT ?2
"""
_REFUSALS: Final = """
SELECT r.fetched_at, a.url, a.kind, r.reason FROM refusals r JOIN addresses a ON a.id = r.address JOIN runs u ON u.id = r.run
WHERE r.run {} ?1 AND (json_extract(u.arguments, '$.origin') IS 'archive') = ?3 AND r.id > (SELECT max(id) FROM refusals) - 20000
AND NOT EXISTS (SELECT 1 FROM refusals b WHERE b.address = r.address AND b.id < r.id) ORDER BY r.id DESC LIMIT ?2
"""
_FROM_ARCHIVE: Final = "SELECT json_extract(arguments, '$.origin') IS 'archive' FROM runs WHERE id = ?"


def last_pages(ledger: Ledger, run: int) -> list[Seen]:
    """The newest pages before the run `run` and then its own, each in the order of their storing. Raises StorageError.

    The facts are read from the stored lines, at the places the ledger names: 1,200 of them at most, in a fifth of a second, nothing is kept twice, and datasets of any age
    have them. Captures of the archive, which are of any year, are compared with captures, and pages of today with pages.
    """
    (archived,) = ledger.one(_FROM_ARCHIVE, run)
    ours = _pages(ledger, "=", run, OURS, archived, ours=True)
    # Most hourly runs store nothing: then there is nothing to compare.
    return [*_pages(ledger, "<", run, EARLIER, archived, ours=False), *ours] if ours else []


def _pages(ledger: Ledger, relation: str, run: int, limit: int, archived: int, *, ours: bool) -> list[Seen]:
    found: list[tuple[str, Seen]] = []
    for stored_at, name, offset, length, marks in ledger.all(_ARTICLES.format(relation), run, limit, archived):
        record = _line(ledger.folder, name, offset, length)
        if record is not None and CUT not in (record.get("marks") or ()):  # what has not come is no change of a layout
            found.append((stored_at, seen(record, None if marks is None else names(marks), ours=ours)))
    for fetched_at, url, kind, reason in ledger.all(_REFUSALS.format(relation), run, limit, archived):
        if reason.startswith(LAYOUT_REASONS):
            page = Seen(url=url, kind=kind, layout=REFUSED, features={}, found={"reason": reason}, ours=ours)
            found.append((fetched_at or "", page))
    found.reverse()
    return [one for _, one in sorted(found, key=lambda one: one[0])]


def _line(folder: Path, name: str, offset: int, length: int) -> dict[str, Any] | None:
    """A stored record; None where its bytes are missing or damaged, which the next start makes good."""
    try:
        with (folder / name).open("rb") as file:
            file.seek(offset)
            record: dict[str, Any] = orjson.loads(file.read(length))
    except (OSError, orjson.JSONDecodeError):
        return None
    return record


@attrs.frozen
class Sources:
    silent: str = ""
    """Why `source_empty` holds; empty where it does not."""

    torn: str = ""
    """Which sources gave some articles and are at fault nevertheless."""


def judge_sources(ledger: Ledger, started_at: str, stats: Mapping[str, Any]) -> Sources:
    """What the ledger says of the sources that answered this run, which began at `started_at`; other runs may be asking others meanwhile.

    A source without an article is a fault where it gave some before, or where all of the run give none. One that never gave any is for `status` to list: a
    section that has no articles yet must not fail every run.
    """
    rows = ledger.all(
        "SELECT name, last_found, delivered_at, fault FROM sources WHERE last_fetched_at >= ? AND last_status < 400 ORDER BY name",
        started_at,
    )
    rows = [row for row in rows if f"source/asked/{row[0]}" in stats]
    torn = [f"{name} ({fault})" for name, found, _, fault in rows if found and fault]
    return Sources(
        _silent(rows, stats),
        f"{torn[0]} is at fault{f' and {len(torn) - 1} more' if len(torn) > 1 else ''}" if torn else "",
    )


def _silent(rows: Sequence[tuple[Any, ...]], stats: Mapping[str, Any]) -> str:
    if not rows:
        read, ended = stats.get("source/read", 0), stats.get("finish_reason")
        is_silent = read == stats.get("source/empty", 0) and not stats.get("source/failed")
        # With a limit, what was pending may have been enough, and no source was asked.
        return (
            "no source gave the address of an article"
            if is_silent and (ended == FINISHED or (ended == LIMIT and read))
            else ""
        )
    if not any(found for _, found, _, _ in rows):
        return f"no source gave the address of an article{named([name for name, *_ in rows])}"
    silent = [(name, at, fault) for name, found, at, fault in rows if not found and at is not None]
    if not silent:
        return ""
    name, at, fault = silent[0]
    more = f" (and {len(silent) - 1} more)" if len(silent) > 1 else ""
    return f"{name} gave no article{f' ({fault})' if fault else ''}, last did at {at}{more}"


SHOWN: Final = 3
"""Deviations named in the reason; the others are counted."""

EARLIER_RUNS: Final = 5
"""Runs of one scope from which its usual number of articles is known."""

FEWER: Final = 0.2
"""Share of the usual number of articles below which a run has met too few."""

WORTH_COUNTING: Final = 20
MOST_REFUSED: Final = 0.2
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
        if refused >= FEWEST and refused > MOST_REFUSED * (refused + read):
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
