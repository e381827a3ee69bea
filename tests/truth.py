"""Comparing records with the replica's truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

OWN = frozenset(
    {
        "duplicate_of",
        "found_on",
        "first_seen_at",
        "fetched_at",
        "status",
        "origin",
        "crawl_id",
        "snapshot",
        "reader_version",
        "revision",
        "reading",
        "schema_version",
        "withdrawn_at",
        "captured_at",
        "moved_to",
        "canonical_elsewhere",
        "marks",
    }
)
"""Fields that the run decides and not the page; each has a check of its own."""

Truth = Mapping[str, Any]


def differences(record: Mapping[str, Any], truth: Truth) -> list[str]:
    """The fields of the page in which a record and its truth are not the same: `name: found != expected`."""
    expected = truth["record"]
    names = [name for name in {**record, **expected} if name not in OWN]
    return [
        f"{name}: {record.get(name, 'missing')!r} != {expected.get(name, 'missing')!r}"
        for name in names
        if record.get(name, ...) != expected.get(name, ...)
    ]


def reachable(
    truths: Iterable[Truth], listed: Iterable[str], depth: int, within: Iterable[str] | None = None
) -> set[str]:
    """Addresses that lead from the listed articles over recommended, card and body links in at most `depth` steps.

    An address of a dead link is none; an alias counts as the address it leads to; `within` keeps the way inside those addresses.
    """
    by_url = {truth["record"]["url"]: truth for truth in truths}
    canonical = {alias: url for url, truth in by_url.items() for alias in (*truth.get("aliases", ()), url)}
    allowed = set(within) if within is not None else set(by_url)
    found: set[str] = set()
    level = {canonical[one] for one in listed if one in canonical} & allowed
    for _ in range(depth + 1):
        found |= level
        named = (
            link for url in level for box in ("recommended", "cards", "body") for link in by_url[url]["links"][box]
        )
        level = ({canonical[link] for link in named if link in canonical} & allowed) - found
    return found
