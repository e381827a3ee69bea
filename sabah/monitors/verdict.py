"""What a run came to: every verdict that holds, each with a sentence; the first of them is the run's exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

CODES: Final = {
    "storage": 15, "failed": 1, "blocked": 12, "layout_changed": 11, "interrupted": 14, "source_empty": 13, "partial": 10, "no_new": 0, "ok": 0,
}  # fmt: skip
"""By precedence."""

ACCEPTABLE: Final = ("blocked", "layout_changed", "interrupted", "source_empty", "partial")
"""What a scheduler may treat as success."""

BLOCKED_FROM: Final = 3
"""A page may be forbidden for its own reasons; as many as this, and most of what was asked, is a ban."""

NAMED: Final = 10
"""Sources that a reason names."""

LIMIT: Final = "limit"
"""Why a run ends that has stored as many articles as it was asked for."""

FINISHED: Final = "finished"
"""Why a run ends that has nothing left to ask for."""

BLOCKED: Final = "blocked"
"""Why a run ends that was answered with blocks only, several times in a row."""

WAIT: Final = "wait"
"""Why a run ends that would have to wait longer than it may."""

UNREACHABLE: Final = "unreachable"
"""Why a run ends that found nobody at the newspaper's address."""

UNDER_WAY: Final = "under way"
"""Why a job ends at its start: another that is the same has not ended yet."""

USAGE: Final = "usage"
"""Why a spider that is none of the project's ends: it asked for what may not be asked for as things are set."""

_FORBIDDEN: Final = ("fetch/failed/403", "fetch/failed/Challenge")
_COMPLETE: Final = (FINISHED, LIMIT)
_KNOWN: Final = ("store/known", "links/stored_before")
_LOOKED: Final = ("fetch/unchanged", "store/unchanged")
"""Stored articles that were looked at again and are what they were."""

_WORKED: Final = (
    "store/articles", "store/over_limit", *_KNOWN, "range/left_out", *_LOOKED, "store/gone_once", "store/still_gone", "pipeline/dropped", "pipeline/failed",
)  # fmt: skip
"""What becomes of an article that was read and found whole."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def _by_precedence(held: Mapping[str, str]) -> dict[str, str]:
    return {name: held[name] for name in sorted(held, key=list(CODES).index)}


@attrs.frozen
class Verdict:
    held: Mapping[str, str] = attrs.field(converter=_by_precedence)
    """Every verdict that holds, by precedence, with its reason; never empty."""

    counts: str = ""

    @property
    def name(self) -> str:
        return next(iter(self.held))

    @property
    def reason(self) -> str:
        return self.held[self.name]

    @property
    def code(self) -> int:
        return CODES[self.name]

    def exit_code(self, accepted: Collection[str] = ()) -> int:
        """That of the first verdict that is not accepted; 0 where all are."""
        return next((CODES[name] for name in self.held if name not in accepted), 0)

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}{'; ' if self.reason and self.counts else ''}{self.counts}"


def judge(stats: Mapping[str, Any], found: Mapping[str, str] | None = None) -> Verdict:
    """The verdict of a run that ended with these stats (of spiders and pipelines, and Scrapy's `finish_reason`).

    `found` is what the monitors found: a reason by verdict. Where they judged the run's sources it has `source_empty`, empty if nothing is wrong with them.
    """
    held = {name: reason for name, reason in (found or {}).items() if reason}
    for name, reason in (
        ("storage", str(stats.get("store/error") or "")),
        ("blocked", _blocked(stats)),
        ("interrupted", _interrupted(stats)),
        ("source_empty", "" if found is not None and "source_empty" in found else _sources_empty(stats)),
        ("partial", _partial(stats, watched=found is not None)),
    ):
        if reason:
            held.setdefault(name, reason)
    if clock := _clock(stats):
        held["partial"] = f"{clock}; {held['partial']}" if "partial" in held else clock
    if failed := _failure(stats, held):
        held["failed"] = failed
    if not held:
        stood_back = stats.get("finish_reason") == UNDER_WAY
        held["ok" if stats.get("store/articles") else "no_new"] = str(stats["stop/why"]) if stood_back else ""
    first = min(held, key=list(CODES).index)
    counts = _counts(stats)
    return Verdict(held, f"{counts}; {clock}" if clock and first != "partial" else counts)


def _worked(stats: Mapping[str, Any]) -> int:
    return sum(stats.get(name, 0) for name in _WORKED)


def _blocked(stats: Mapping[str, Any]) -> str:
    if stats.get("finish_reason") == BLOCKED:
        return str(stats["stop/why"])
    failed, forbidden = _failed(stats), sum(stats.get(name, 0) for name in _FORBIDDEN)
    if forbidden > _worked(stats) and (forbidden == failed or forbidden >= BLOCKED_FROM):
        return f"{forbidden} pages were answered with status 403 or with a challenge"
    return ""


def _interrupted(stats: Mapping[str, Any]) -> str:
    ended = stats.get("finish_reason")
    if ended == WAIT:
        return str(stats["stop/why"])
    if ended in {*_COMPLETE, BLOCKED, UNREACHABLE, UNDER_WAY, "start_error", "storage"}:
        return ""
    reached = f"{str(ended).upper()} was reached; the rest is pending" if str(ended).startswith("closespider_") else ""
    return reached or f"the run ended early ({ended or 'killed'})"


def _failure(stats: Mapping[str, Any], held: Collection[str]) -> str:
    """Nothing could be read, and nothing else that holds says why."""
    if stats.get("finish_reason") == UNREACHABLE:
        return str(stats["stop/why"])
    if stats.get("finish_reason") == "start_error":
        return "no article could be read"
    if _worked(stats) or any(name in held for name in ("storage", "blocked", "layout_changed", "interrupted")):
        return ""
    if stats.get("validate/refused", 0) > stats.get("refused/again", 0):
        return "every page was refused" if not _failed(stats) else "nothing could be read"
    if 0 < _failed(stats) <= stats.get("robotstxt/forbidden", 0):
        return "robots.txt forbids all that was asked for"
    # What only dead runs had in hand was not asked for here.
    if _failed(stats) > stats.get("fetch/failed/deaths", 0) or stats.get("fetch/gone") or stats.get("fetch/absent"):
        return "no article could be read"
    return ""


def _sources_empty(stats: Mapping[str, Any]) -> str:
    if stats.get("finish_reason") == FINISHED and stats.get("source/empty", 0) == stats.get("source/read", 0):
        return f"no source gave the address of an article{_named(stats, 'source/empty/')}"
    return ""


def _clock(stats: Mapping[str, Any]) -> str:
    """How far the machine's clock was off, in words; empty where it was not."""
    if not (off := stats.get("clock/off")):
        return ""
    days = abs(off) / 86_400
    return f"the machine's clock is {days:,.0f} days {'behind' if off > 0 else 'ahead of'} the answers' dates: set it right; no due time was written"


def _partial(stats: Mapping[str, Any], *, watched: bool) -> str:
    if faults := stats.get("pipeline/failed", 0):
        found = f"pipelines failed over {faults} page{'s' * (faults != 1)}{_named(stats, 'pipeline/failed/')}"
        return f"{found}, and others failed" if _failed(stats) > faults else found
    if stats.get("finish_reason") == LIMIT:
        return ""
    if _failed(stats) or stats.get("store/left"):
        return "some pages failed"
    if stats.get("addresses/cut"):
        return "the list of addresses is longer than ADDRESS_FILE_MAXSIZE and was not read to its end"
    if stats.get("source/fault") and not watched:
        return f"sources at fault{_named(stats, 'source/fault/')}"
    return ""


def _named(stats: Mapping[str, Any], prefix: str) -> str:
    """The sources that are counted by name."""
    return named(sorted(name.removeprefix(prefix) for name in stats if name.startswith(prefix)))


def named(names: Sequence[str]) -> str:
    """The first few names, behind a colon; empty for none."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f": {', '.join(names[:NAMED])}{more}" if names else ""


def _failed(stats: Mapping[str, Any]) -> int:
    """Pages to be answered for: those of a block are pending again."""
    return int(
        stats.get("fetch/failed", 0)
        + stats.get("pipeline/failed", 0)
        + stats.get("spider_exceptions/count", 0)
        - stats.get("block/given_back", 0)
    )


def _counts(stats: Mapping[str, Any]) -> str:
    for_good = stats.get("refused/for_good", 0)
    counted = {
        "stored": stats.get("store/articles", 0),
        "known": sum(stats.get(name, 0) for name in _KNOWN),
        f"refused{_again(stats)}": stats.get("validate/refused", 0) + stats.get("links/refused_before", 0) - for_good,
        "out of scope": stats.get("links/out_of_scope", 0),
        "outside the dates": stats.get("range/left_out", 0) + stats.get("links/outside_the_dates", 0),
        "gone": stats.get("fetch/gone", 0) + stats.get("fetch/absent", 0),
        "failed": _failed(stats),
    }
    if for_good:
        counted["refused for good"] = for_good
    if dropped := stats.get("pipeline/dropped", 0) + stats.get("links/dropped_before", 0):
        counted["dropped"] = dropped
    if unchanged := sum(stats.get(name, 0) for name in _LOOKED):
        counted["unchanged"] = unchanged
    line = ", ".join(f"{count} {what}" for what, count in counted.items())
    if rendered := stats.get("render/pages"):
        line += f", {rendered} rendered ({rendered / stats['render/seen']:.0%})"
    if needed := stats.get("render/needed"):
        line += f", {needed} without the browser they need"
    return f"{line}; {stats['store/file']}" if "store/file" in stats else line


def _again(stats: Mapping[str, Any]) -> str:
    """When the first of the refused pages is asked for again, in words; empty where none is."""
    if (seconds := stats.get("refused/due_in")) is None:
        return ""
    return f", asked again in {span(seconds)}" if seconds else ", asked again by the next run"


def span(seconds: float) -> str:
    """A time to come, in the unit that suits it: 30 min, 6 h, 3 days; never less than a minute."""
    minutes = max(1, round(seconds / _MINUTE))
    if minutes < _HOUR // _MINUTE:
        return f"{minutes} min"
    hours = round(seconds / _HOUR)
    if hours < _DAY // _HOUR:
        return f"{hours} h"
    days = round(seconds / _DAY)
    return f"{days} day{'s' * (days != 1)}"
