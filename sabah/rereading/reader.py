"""One stored page, read with today's readers and compared with what was read from it last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah.items import Article, copied
from sabah.pages.record import Hint
from sabah.rereading.rebuild import captured_at
from sabah.rereading.record import DroppedError, PipelineError, RefusedError, made
from sabah.rereading.response import responses
from sabah.site.addresses import parse_address
from sabah.storage import cut, snapshots
from sabah.storage.errors import StorageError
from sabah.storage.identity import as_doubted_as
from sabah.storage.last import record_at

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.rereading.record import Pipelines
    from sabah.storage.readings import Kept

PROVENANCE: Final = (
    "revision", "reading", "duplicate_of", "found_on", "first_seen_at", "fetched_at", "status", "origin", "crawl_id", "snapshot", "withdrawn_at", "captured_at",
    "moved_to",
)  # fmt: skip
"""Fields that no page decides."""

FIELDS: Final = tuple(
    field.name
    for field in attrs.fields(Article)
    if field.name not in (*PROVENANCE, "url", "reader_version", "schema_version")
)
"""Fields in which a reading may differ from the last; the address is the record's key."""


@attrs.frozen
class Task:
    """A snapshot to be read, in the data folder."""

    folder: Path
    kept: Kept
    page_bytes: int
    """Of a page, unpacked, at most."""

    number: int = 0
    """Which of all it is."""

    origin: str | None = None
    """Of a page that was refused: where its run got pages from, where that is known."""

    always: bool = False
    """Whether the record is wanted also where nothing has changed: pipelines have still to see it."""

    def __str__(self) -> str:
        return self.kept.url


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of it: one of `record`, `refused`, `dropped`, `fault`, `broken`, or none of them where nothing has changed."""

    record: Article | None = None
    """The new reading with the provenance of the last; or the first, of a page that was refused."""

    before: Article | None = None
    """What was read last, beside a record that differs from it."""

    marks: int | None = None
    links: tuple[str, ...] = ()
    """Canonical addresses that a page names which was refused."""

    refused: str | None = None
    """Why the page gives no record."""

    refused_before: bool = False
    """Whether it gave none before."""

    dropped: str | None = None
    """The pipeline that does not want the record, and why."""

    fault: str | None = None
    """The pipeline that has failed over it, and how."""

    broken: str | None = None
    """Why the snapshot, or the line, could not be read."""

    overtaken: bool = False
    """It was forgotten, or given another record, meanwhile."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the fields that differ."""
        if self.record is None or self.before is None:
            return ()
        return tuple(name for name in FIELDS if getattr(self.record, name) != getattr(self.before, name))


def reread(task: Task) -> Outcome:
    """For any process. What a reader raises beside its own error goes through."""
    kept = task.kept
    try:
        capture = snapshots.read(task.folder / kept.name, kept.offset)
        before = _stored(task)
    except (snapshots.SnapshotError, StorageError) as error:
        return Outcome(broken=str(error))
    if before is None and not _is_of_an_article(capture):
        return Outcome(refused="the address leads to a page that is no article", refused_before=True)
    try:
        one = made(responses(task.page_bytes), capture, _hint(kept, before), _provenance(task, capture, before))
    except RefusedError as error:
        return Outcome(refused=str(error), refused_before=before is None)
    record = one.record if before is None else as_doubted_as(one.record, before)
    if before is not None and cut.is_cut(record):
        record = cut.completed(record, before)
    outcome = Outcome(record=record, before=before, marks=one.marks, links=() if before else one.links)
    return outcome if task.always or before is None or outcome.changed else Outcome()


def piped(outcome: Outcome, pipelines: Pipelines) -> Outcome:
    """The outcome with what the user's pipelines make of its record."""
    if outcome.record is None:
        return outcome
    try:
        changed = attrs.evolve(outcome, record=pipelines(copied(outcome.record)))
    except DroppedError as dropped:
        return Outcome(dropped=str(dropped))
    except PipelineError as error:
        return Outcome(fault=str(error))
    return changed if changed.before is None or changed.changed else Outcome()


def _provenance(task: Task, capture: snapshots.Capture, before: Article | None) -> dict[str, object]:
    if before is not None:
        return {name: getattr(before, name) for name in (*PROVENANCE, "url")}
    origin = task.origin if capture.taken_from is None else "archive"
    return {
        "origin": origin,
        "captured_at": captured_at(capture, task.kept.capture) if origin == "archive" else None,
    }


def _hint(kept: Kept, before: Article | None) -> Hint:
    """What a feed said. A teaser that was heard of after the page was read is no difference between readers."""
    hint = Hint.from_json(kept.hint)
    return attrs.evolve(hint, description=None) if before is not None and before.description is None else hint


def _is_of_an_article(capture: snapshots.Capture) -> bool:
    """Whether the page came from an article's address, and not from one that this redirects to."""
    if capture.taken_from is not None:
        return True  # of a file no redirects are followed
    target = capture.request.split(b" ", 2)[1].decode("latin-1")
    address = parse_address(f"https://www.dailysabah.com{target}")
    return address is not None and address.is_article


def _stored(task: Task) -> Article | None:
    kept = task.kept
    if kept.segment is None:
        return None
    assert kept.line_offset is not None
    assert kept.line_length is not None
    return record_at(task.folder / kept.segment, kept.line_offset, kept.line_length)
