"""A data folder as commit 674f7d4 made it (schema and ledger of version 1 and 6), in copies: what is in tests/data is never opened itself."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data" / "old-folder"
NOW = "2026-03-06T00:00:00+00:00"
"""A day after its last run."""


def copied(to: Path) -> Path:
    """A copy at `to`, which every test is to make for itself."""
    return Path(shutil.copytree(FOLDER, to))


def tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the ledger in `folder`, a mapping each."""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        ]
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")] for name in names
        }
