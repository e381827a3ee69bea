"""What a run came to: one word, one exit code, one sentence, from its stats alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES: Final = {
    "ok": 0, "no_new": 0, "failed": 1, "partial": 10, "blocked": 12, "source_empty": 13, "interrupted": 14, "storage": 15,
}  # fmt: skip
BLOCKED_FROM: Final = 3
"""A page may be forbidden for its own reasons; as many as this, and most of what was asked, is a ban."""

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

_COMPLETE: Final = (FINISHED, LIMIT)
_KNOWN: Final = ("store/known", "links/stored_before")
_LOOKED: Final = ("fetch/unchanged", "store/unchanged")
"""Stored articles that were looked at again and are what they were."""

_WORKED: Final = (
    "store/articles", "store/over_limit", *_KNOWN, "range/left_out", *_LOOKED, "store/gone_once", "store/still_gone",
)  # fmt: skip
"""What becomes of an article that was read and found whole."""


@attrs.frozen
class Verdict:
    name: str
    reason: str
    counts: str

    @property
    def code(self) -> int:
        return CODES[self.name]

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}{self.counts}"


def judge(stats: Mapping[str, Any]) -> Verdict:
    """The verdict of a run that ended with these stats (those of the spiders and pipelines, and Scrapy's `finish_reason`)."""
    name, reason = _judge(stats)
    return Verdict(name, f"{reason}; " if reason else "", _counts(stats))


def _judge(stats: Mapping[str, Any]) -> tuple[str, str]:
    ended = stats.get("finish_reason")
    failed, forbidden = _failed(stats), stats.get("fetch/failed/403", 0)
    refused = stats.get("validate/refused", 0)
    worked = sum(stats.get(name, 0) for name in _WORKED)
    if stats.get("store/error"):
        return "storage", str(stats["store/error"])
    if ended == BLOCKED:
        return "blocked", str(stats["stop/why"])
    if forbidden > worked and (forbidden == failed or forbidden >= BLOCKED_FROM):
        return "blocked", f"{forbidden} pages were answered with status 403"
    if ended in {WAIT, UNREACHABLE}:
        return "interrupted" if ended == WAIT else "failed", str(stats["stop/why"])
    if ended == "start_error" or (
        (failed or stats.get("fetch/gone") or stats.get("fetch/absent")) and not worked and not refused
    ):
        return "failed", "no article could be read"
    if ended not in _COMPLETE:
        return "interrupted", f"the run ended early ({ended or 'killed'})"
    if refused and not worked:
        return "failed", "every page was refused"
    if ended != LIMIT and stats.get("source/empty", 0) == stats.get("source/read", 0):
        return "source_empty", "no source gave the address of an article"
    if (failed or stats.get("store/left")) and ended != LIMIT:
        return "partial", "some pages failed"
    if stats.get("source/fault"):
        return "partial", f"feeds at fault: {', '.join(_faults(stats))}"
    return ("ok", "") if stats.get("store/articles") else ("no_new", "")


def _faults(stats: Mapping[str, Any]) -> list[str]:
    return sorted(name.removeprefix("source/fault/") for name in stats if name.startswith("source/fault/"))


def _failed(stats: Mapping[str, Any]) -> int:
    """Pages to be answered for: those of a block are pending again."""
    return int(
        stats.get("fetch/failed", 0) + stats.get("spider_exceptions/count", 0) - stats.get("block/given_back", 0)
    )


def _counts(stats: Mapping[str, Any]) -> str:
    counted = {
        "stored": stats.get("store/articles", 0),
        "known": sum(stats.get(name, 0) for name in _KNOWN),
        "refused": stats.get("validate/refused", 0),
        "out of scope": stats.get("links/out_of_scope", 0),
        "outside the dates": stats.get("range/left_out", 0) + stats.get("links/outside_the_dates", 0),
        "gone": stats.get("fetch/gone", 0) + stats.get("fetch/absent", 0),
        "failed": _failed(stats),
    }
    if unchanged := sum(stats.get(name, 0) for name in _LOOKED):
        counted["unchanged"] = unchanged
    line = ", ".join(f"{count} {what}" for what, count in counted.items())
    if rendered := stats.get("render/pages"):
        line += f", {rendered} rendered ({rendered / stats['render/seen']:.0%})"
    if needed := stats.get("render/needed"):
        line += f", {needed} without the browser they need"
    return f"{line}; {stats['store/file']}" if "store/file" in stats else line
