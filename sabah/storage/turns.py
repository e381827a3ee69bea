"""One job at a time: a job holds its scope's turn for as long as its process lives, and the next of that scope stands back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sabah.storage.locks import Lock

if TYPE_CHECKING:
    from pathlib import Path


class UnderWay(Exception):
    """The job runs already; its text names the run."""


def take_turn(folder: Path, scope: str, crawl_id: str, job: str) -> Lock:
    """The scope's turn, given back with `release(remove=True)`. Raises UnderWay where another holds it, OSError for what the disk refuses."""
    name = hashlib.sha256(scope.encode()).hexdigest()[:16]
    path = folder / "locks" / f"job.{name}"
    while True:
        turn = Lock.take(path)
        if turn is None:
            raise UnderWay(f"this job is under way already{_by(path)}")
        if turn.stands():
            break
        turn.release()  # its file was removed between our opening and locking it: who comes next would lock another
    try:
        turn.write(f"job {job}, run {crawl_id}")
    except BaseException:
        turn.release()
        raise
    return turn


def _by(path: Path) -> str:
    """Who holds the turn. Empty for a moment: between taking it and signing, and when it was given back meanwhile."""
    try:
        text = path.read_text().strip()
    except FileNotFoundError:
        return ""
    return f" ({text})" if text else ""
