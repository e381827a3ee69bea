"""Rows of runs: of one that begins, and of a job that was refused before it could."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from sabah import clock
from sabah.clock import new_id
from sabah.storage.ledger import Ledger
from sabah.storage.recovery import end

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def begin(ledger: Ledger, crawl_id: str, scope: str, row: tuple[str, str, str | None]) -> tuple[int, int]:
    """Ids of the scope and of the new row for the run: `row` is spider, arguments as JSON, job. Inside a transaction."""
    ledger.run("INSERT OR IGNORE INTO scopes (key) VALUES (?)", scope)
    number = ledger.one("SELECT id FROM scopes WHERE key = ?", scope)[0]
    run = ledger.run(
        "INSERT INTO runs (crawl_id, scope, spider, arguments, job, started_at) VALUES (?, ?, ?, ?, ?, ?)",
        crawl_id, number, *row, clock.timestamp(),
    ).lastrowid  # fmt: skip
    assert run is not None
    return number, run


def keep_refused(folder: Path, spider: str, arguments: Mapping[str, str], job: str, reason: str) -> None:
    """A row of a job that could not be begun, in a folder that has a ledger. Its scope is its own: what it wanted is not known.

    Raises StorageError, and ValueError where the clock cannot be read.
    """
    crawl_id, row = new_id(), (spider, json.dumps(dict(arguments), sort_keys=True), job)
    with closing(Ledger.open(folder)) as ledger, ledger.transaction("refused"):
        run = begin(ledger, crawl_id, json.dumps([spider, "refused"]), row)[1]
        end(ledger, run, "failed", f"refused: {reason}")
