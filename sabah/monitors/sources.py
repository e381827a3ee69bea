"""Whether the run's listings and feeds gave what they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sabah.storage.ledger import Ledger


def faulty_sources(ledger: Ledger, started_at: str, stats: Mapping[str, Any]) -> str:
    """Why `source_empty` holds, or nothing.

    A source without an article is a fault where it gave some before, or where all that answered in this run gave none. One that never gave any is for `status`
    to list: a section that has no articles yet must not fail every run.
    """
    rows = ledger.all(
        "SELECT name, last_found, delivered_at, fault FROM sources WHERE last_fetched_at >= ? AND last_status < 400 ORDER BY name", started_at
    )
    if not rows:
        read = stats.get("source/read", 0)
        return "no source gave the address of an article" if read == stats.get("source/empty", 0) and not _given(stats) else ""
    if not any(found for _, found, _, _ in rows):
        return "no source gave the address of an article" if len(rows) > 1 else f"{rows[0][0]} gave no address of an article"
    silent = [(name, at, fault) for name, found, at, fault in rows if not found and at is not None]
    if not silent:
        return ""
    name, at, fault = silent[0]
    more = f" (and {len(silent) - 1} more)" if len(silent) > 1 else ""
    return f"{name} gave no article{f' ({fault})' if fault else ''}, last did at {at}{more}"


def _given(stats: Mapping[str, Any]) -> bool:
    """Whether addresses came from elsewhere: a run over given addresses has no sources."""
    return bool(stats.get("article/read") or stats.get("links/stored_before"))


def never_delivered(ledger: Ledger) -> list[tuple[str, str, str | None]]:
    """Name, time of the last answer and fault of every source that was asked and never gave an article."""
    return ledger.all("SELECT name, last_fetched_at, fault FROM sources WHERE delivered_at IS NULL AND last_fetched_at IS NOT NULL ORDER BY name")
