"""What a rewriting may take up: files of runs that have ended, and what of them it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah.storage.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path


class InUseError(Exception):
    """A living crawl has a hand in it; the text is one line."""


MEANWHILE: Final = "a running crawl has just stored something of these pages; try once more when it has ended"


@attrs.frozen
class Stored:
    """A closed file of a run that has ended."""

    id: int
    name: str
    length: int
    run: int
    started_at: str


STORED: Final = """
SELECT f.id, f.name, f.length, f.run, r.started_at FROM files f JOIN runs r ON r.id = f.run
WHERE f.closed AND f.length > 0 AND r.ended_at IS NOT NULL
"""


@attrs.frozen(kw_only=True)
class Without:
    """What is left out: ids of rows."""

    addresses: frozenset[int] = frozenset()
    articles: frozenset[int] = frozenset()
    snapshots: frozenset[int] = frozenset()


def broken(path: Path, offset: int) -> StorageError:
    """What to raise where the line at `offset` is no record any more."""
    return StorageError(
        f"{path}: the line at byte {offset} is damaged. Start a crawl with -s DEEP_REPAIR=True: it makes it good."
    )


def missing(path: Path) -> StorageError:
    """What to raise where a file is shorter than the ledger says."""
    return StorageError(f"{path}: bytes that were stored are missing. Start a crawl: it makes them good.")
