"""The dataset's own snapshots, each with what today's readers make of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import attrs

from sabah.rereading.pool import answers
from sabah.rereading.reader import Outcome, Task, piped, reread
from sabah.storage.readings import count, kept, now, origins

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sabah.dataset.terminal import Progress
    from sabah.rereading.request import Request
    from sabah.storage.ledger import Ledger
    from sabah.storage.readings import Kept


def outcomes(
    ledger: Ledger, request: Request, after: tuple[int, int], progress: Progress
) -> Generator[tuple[Kept, Outcome]]:
    """All that are wanted behind the place `after`, in the order of their places. Raises StorageError, and WorkError."""
    total, came_from = count(ledger, after), origins(ledger)

    def tasks() -> Iterator[Task]:
        for number, one in enumerate(kept(ledger, after), 1):
            if request.wants(one.section, one.subsection, one.published_at, one.layout):
                origin, always = came_from.get(one.refused_by or 0), request.pipelines is not None
                yield Task(ledger.folder, one, request.page_bytes, number, origin, always)

    with closing(answers(reread, tasks(), request.jobs_for(total))) as found:
        for task, first in found:
            progress("reading pages", task.number, max(task.number, total))
            outcome = _once_more(ledger, task, first)
            if request.pipelines is not None:
                outcome = piped(outcome, request.pipelines)
            new = outcome.record if outcome.before is None else None
            if new is None or request.wants(new.section, new.subsection, new.published_at, new.layout):
                yield task.kept, outcome


def _once_more(ledger: Ledger, task: Task, outcome: Outcome) -> Outcome:
    """What could not be read where it was has been moved meanwhile, or forgotten; else it is broken."""
    while outcome.broken is not None:
        one = now(ledger, task.kept)
        if one is None:
            return Outcome(overtaken=True)
        if one == task.kept:
            break
        task = attrs.evolve(task, kept=one)
        outcome = reread(task)
    return outcome
