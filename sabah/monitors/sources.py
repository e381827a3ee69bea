"""Whether the run's listings and feeds gave what they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from sabah.verdict import FINISHED, LIMIT, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sabah.storage.ledger import Ledger


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
