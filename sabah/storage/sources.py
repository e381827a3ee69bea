"""What listings and feeds gave when they were last asked, so that they need not be sent whole again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sabah.storage.frontier import targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.storage.ledger import Ledger


@attrs.frozen(kw_only=True)
class Source:
    """A listing or feed as it answered."""

    name: str
    """Its path: `/rss/politics`."""

    kind: str
    """`listing` or `feed`."""

    status: int | None = None
    """HTTP status, None where no answer came."""

    at: str | None = None
    """When it answered: ISO 8601, UTC."""

    last_modified: str | None = None
    """The header as sent, where the next request may be conditional on it."""

    unchanged: bool = False
    """Status 304: it names what it named before."""

    fault: str | None = None
    """What was wrong with it, in one sentence. What it gave nevertheless counts; the next request is for all of it."""


@attrs.frozen
class Delivered:
    """What a conditional request asks about."""

    last_modified: str
    found: int
    """Addresses of articles it gave then."""


def delivered(ledger: Ledger, name: str) -> Delivered | None:
    """What the source gave when it was last whole; None where it has to be asked for all of it."""
    row = ledger.one("SELECT last_modified, last_found FROM sources WHERE name = ?", name)
    return Delivered(row[0], row[1]) if row is not None and row[0] is not None else None


def named_before(ledger: Ledger, name: str) -> list[tuple[int, str, str]]:
    """The articles the source named when it was last whole, in page order, as (id, address, state)."""
    return ledger.all(
        "SELECT a.id, a.url, a.state FROM sources s CROSS JOIN json_each(s.targets) t CROSS JOIN addresses a ON a.id = t.value"
        " WHERE s.name = ? ORDER BY t.key",
        name,
    )


def record(ledger: Ledger, source: Source, found: Sequence[tuple[int, str, str]]) -> None:
    """Notes an answer, in the transaction that makes known what it named: killed before, the source is asked for all of it again."""
    ledger.run(
        "INSERT INTO sources (name, kind) VALUES (?, ?) ON CONFLICT DO NOTHING", source.name, source.kind
    )  # fmt: skip
    ledger.run(
        "UPDATE sources SET last_status = ?, last_fetched_at = ?, last_found = ?, delivered_at = iif(?, ?2, delivered_at), fault = ?,"
        " fault_since = iif(?5 IS NULL, NULL, coalesce(fault_since, ?2)) WHERE name = ?",
        source.status, source.at, len(found), bool(found), source.fault, source.name,
    )  # fmt: skip
    if not source.unchanged and not source.fault:
        ledger.run(
            "UPDATE sources SET last_modified = ?, targets = ? WHERE name = ?",
            source.last_modified, targets(found), source.name,
        )  # fmt: skip
