"""Many closed files of a month become few, so that hourly crawls do not leave thousands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from sabah.storage.errors import reported
from sabah.storage.recovery import rewriting
from sabah.storage.rewrite import STORED, Rewrite, Stored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sabah.storage.ledger import Ledger


@attrs.frozen
class Compacted:
    months: int = 0
    before: int = 0
    """Files there were, and after: what has become of them."""

    after: int = 0


def months(ledger: Ledger, before: str) -> list[str]:
    """Months (`YYYY-MM`) earlier than `before` in which runs began whose files are there. Raises StorageError."""
    found = {file.started_at[:7] for file in ledger.rows(Stored, STORED)}
    return sorted(month for month in found if month < before)


def compact(ledger: Ledger, which: Iterable[str], snapshot_bytes: int) -> Compacted:
    """Merges what ended runs of each month have left: the segments into one file, the snapshots into files of `snapshot_bytes`.

    Beside living crawls, whose files stay as they are. Raises StorageError, and InUseError where one came between.
    """
    done = Compacted()
    for month in which:
        with reported(ledger.path), rewriting(ledger.folder):
            before, after = _month(ledger, month, snapshot_bytes)
        if before:
            done = Compacted(done.months + 1, done.before + before, done.after + after)
    return done


def _month(ledger: Ledger, month: str, snapshot_bytes: int) -> tuple[int, int]:
    segments = _files(ledger, "article", month)
    snapshots = [file for file in _files(ledger, "snapshot", month) if file.length < snapshot_bytes]
    # A snapshot that a living run's line names stays where it is.
    ended = _ended(ledger)
    held = {snapshot for snapshot, segment in _named(ledger, snapshots) if segment not in ended}
    snapshots = [file for file in snapshots if file.id not in held]
    if len(snapshots) < 2:
        snapshots = []
    if len(segments) < 2:
        segments = []
    if not snapshots and not segments:
        return 0, 0
    own = {file.id for file in segments}
    others = [ended[segment] for segment in sorted({segment for _, segment in _named(ledger, snapshots)} - own)]
    with Rewrite(ledger, snapshot_bytes) as rewrite:
        rewrite.snapshots(snapshots)
        rewrite.lines(segments)
        for file in others:
            rewrite.lines([file])
        after = rewrite.made
        rewrite.commit()
    return len(snapshots) + len(segments) + len(others), after


def _files(ledger: Ledger, kind: str, month: str) -> list[Stored]:
    return ledger.rows(
        Stored, f"{STORED} AND f.kind = ? AND r.started_at GLOB ? ORDER BY f.run, f.id", kind, f"{month}-*"
    )


def _ended(ledger: Ledger) -> dict[int, Stored]:
    return {file.id: file for file in ledger.rows(Stored, f"{STORED} AND f.kind = 'article'")}


def _named(ledger: Ledger, snapshots: Iterable[Stored]) -> list[tuple[int, int]]:
    """Snapshot files and the segments whose lines name them."""
    files = json.dumps([file.id for file in snapshots])
    return ledger.rows(
        lambda snapshot, segment: (snapshot, segment),
        "SELECT DISTINCT s.file, t.file FROM articles t JOIN snapshots s ON s.id = t.snapshot WHERE s.file IN (SELECT value FROM json_each(?))",
        files,
    )
