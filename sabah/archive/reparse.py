"""Read the dataset's own snapshots again: what differs becomes a further reading, or is only counted."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import attrs

from sabah.archive.pool import answers
from sabah.archive.rereading import Outcome, Task, links_to, piped, readers, reread
from sabah.archive.session import session
from sabah.archive.tallies import Tally
from sabah.storage.ledger import Ledger
from sabah.storage.pages import Page
from sabah.storage.readings import START, Reread, count, kept, now, origins, without_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sabah.archive.session import Request, Session, Then
    from sabah.dataset.terminal import Progress
    from sabah.monitors.verdict import Verdict
    from sabah.storage.pages import Committed
    from sabah.storage.readings import Kept
    from sabah.storage.store import Options

    Say = Callable[[str], object]
    """Told, in a line, of every page that cannot be read."""
    from collections.abc import Generator, Iterator


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


def reparse(folder: Path, request: Request, options: Options, say: Say, progress: Progress) -> Verdict:
    """Stores what today's readers read otherwise than the last. Raises BusyError, StorageError."""
    # The readers are part of the scope: where an older version stopped says nothing of this one.
    scope = json.dumps({"reparse": readers(), **request.given}, sort_keys=True)
    tally, given = Tally(), request.given
    with session(folder, scope=scope, given=given, options=options, request=request, say=say, ending=tally) as own:
        if own.place is not None:
            say("goes on where the last one stopped")
        with closing(Ledger.read(folder)) as ledger:
            tally.bare = without_snapshot(ledger)
            after = START if own.place is None else _place(own.place)
            with closing(outcomes(ledger, request, after, progress)) as found:
                for one, outcome in found:
                    _take(own, tally, one, outcome, say)
    assert own.verdict is not None
    return own.verdict


def look(folder: Path, request: Request, say: Say, progress: Progress) -> Tally:
    """Counts what `reparse` would store; nothing is written. Raises StorageError, and WorkError."""
    tally = Tally()
    with closing(Ledger.read(folder)) as ledger:
        tally.bare = without_snapshot(ledger)
        with closing(outcomes(ledger, request, START, progress)) as found:
            for one, outcome in found:
                tally.count(outcome)
                _report(one, outcome, say)
    return tally


def _place(text: str) -> tuple[int, int]:
    file, offset = json.loads(text)
    return file, offset


def _take(own: Session, tally: Tally, one: Kept, outcome: Outcome, say: Say) -> None:
    place = json.dumps(one.place)
    if outcome.record is None:
        tally.count(outcome)
        _report(one, outcome, say)
        own.take(place)
    elif outcome.before is None:
        own.take(place, page=(_page(one, outcome), _counted(tally, outcome)))
    else:
        assert one.article is not None
        reading = Reread(article=one.article, record=outcome.record, marks=outcome.marks)
        own.take(place, reading=(reading, _counted(tally, outcome)))


def _report(one: Kept, outcome: Outcome, say: Say) -> None:
    if outcome.broken is not None:
        say(f"broken: {one.url}: {outcome.broken}")
    elif outcome.refused is not None and one.article is not None:
        say(f"no longer read: {one.url}: {outcome.refused}")
    elif outcome.fault is not None:
        say(f"failed: {one.url}: {outcome.fault}")


def _counted(tally: Tally, outcome: Outcome) -> Then:
    def then(committed: Committed) -> None:
        tally.count(outcome, stored=bool(committed.articles))

    return then


def _page(one: Kept, outcome: Outcome) -> Page:
    """The end of a page that was refused when it was fetched, as if it had been read then."""
    assert outcome.record is not None
    return Page(
        id=one.address, url=one.url, depth=one.depth, found_on=one.found_on, first_seen_at=one.first_seen_at, state="refused",
        status=one.status, fetched_at=one.fetched_at, last_modified=one.last_modified,
        record=outcome.record, marks=outcome.marks, links=links_to(outcome.links), kept=one.snapshot,
    )  # fmt: skip
