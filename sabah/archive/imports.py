"""The import of WARC files of others: their captures become articles and revisions as if a crawl had been there; nothing is asked for."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from sabah.archive.captures import Captures
from sabah.archive.http import answer
from sabah.archive.pool import WorkError, answers
from sabah.archive.records import record_at
from sabah.archive.rereading import (
    DroppedError,
    Outcome,
    PipelineError,
    RefusedError,
    Rehash,
    links_to,
    made,
    readers,
    responses,
)
from sabah.archive.session import session
from sabah.archive.tallies import ARTICLES, DROPPED, FAILED, LEFT_OUT, REFUSED, REVISIONS, UNCHANGED, ImportTally
from sabah.items import copied
from sabah.pages.record import Hint
from sabah.storage.errors import reported
from sabah.storage.identity import placed
from sabah.storage.ledger import NAME, Ledger
from sabah.storage.pages import Page
from sabah.storage.readings import is_stored, last_of, passed_over
from sabah.storage.snapshots import Capture, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from sabah.archive.rereading import Pipelines
    from sabah.archive.session import Request, Then
    from sabah.dataset.terminal import Progress
    from sabah.monitors.verdict import Verdict
    from sabah.site.addresses import Address
    from sabah.storage.pages import Committed
    from sabah.storage.store import Options

    Say = Callable[[str], object]
    """Told, in a line, of every stretch of a file that is broken, and of every capture that is cut."""
    from sabah.archive.captures import ArticleCapture


@attrs.frozen
class Task:
    found: ArticleCapture
    hint: str | None
    """What a feed has said of the article."""

    crawl_id: str
    number: int
    """Which of all captures it is."""

    page_bytes: int
    """Of a page, unpacked, at most."""

    def __str__(self) -> str:
        return f"{self.found.named.url} ({self.found.source})"


def page_of(task: Task) -> Page:
    """The capture's record, or why it gives none, with the links that it names and its snapshot, packed. Raises OSError where the file is gone."""
    found = task.found
    block = record_at(found.path, found.place).block
    assert block is not None
    answered = answer(block)
    capture = Capture(
        url=found.named.url, at=found.at, head=answered.head, payload=answered.payload, taken_from=found.source
    )
    page = Page(
        url=found.named.url, named=found.named, nth=found.nth, status=answered.status, fetched_at=found.at, depth=0, packed=pack(capture),
    )  # fmt: skip
    provenance = {
        "fetched_at": found.at, "status": answered.status, "origin": "archive", "captured_at": found.at, "crawl_id": task.crawl_id,
    }  # fmt: skip
    try:
        one = made(responses(task.page_bytes), capture, Hint.from_json(task.hint), provenance)
    except RefusedError as error:
        return attrs.evolve(page, outcome="refused", reasons=(str(error),))
    return attrs.evolve(page, record=one.record, marks=one.marks, links=links_to(one.links))


_NO_RUN: Final = "dry-run"


@attrs.frozen(kw_only=True)
class Files:
    """WARC files, and what is wanted of them."""

    paths: Sequence[Path]
    request: Request
    origin: str | None = None
    """Where else the newspaper's pages may have been captured: `http://127.0.0.1:8000`, without a slash at its end."""

    def wants(self, address: Address) -> bool:
        return self.request.wants(address.section, address.subsection, None, None)

    @property
    def scope(self) -> str:
        """Names the same files, read by the same readers for the same: where that was interrupted, it goes on."""
        marks = [[str(path.resolve()), (about := path.stat()).st_size, about.st_mtime_ns] for path in self.paths]
        return json.dumps({"import": readers(), "files": marks, **self.request.given}, sort_keys=True)


def bring_in(folder: Path, files: Files, options: Options, say: Say, progress: Progress) -> Verdict:
    """Stores what the files have into the dataset at `folder`, which is made if there is something to keep in it. Raises BusyError and StorageError."""
    given, is_new = (
        {**files.request.given, "files": [str(path) for path in files.paths]},
        not (folder / NAME).exists(),
    )
    with _captures(files) as captures:
        tally = ImportTally(captures)
        if is_new:
            _gather(captures, files, say, progress)
            if not _brings_any(files, tally, say, progress):
                return tally.verdict()
            tally = ImportTally(captures)
        Ledger.open(folder).close()
        with session(
            folder, scope=files.scope, given=given, options=options, request=files.request, say=say, ending=tally
        ) as own:
            if not is_new:
                _gather(captures, files, say, progress)
            if own.place is not None:
                say("goes on where the last one stopped")
            with (
                closing(Ledger.read(folder)) as ledger,
                closing(_pages(ledger, files, tally, own.store.crawl_id, own.place, say, progress)) as pages,
            ):
                for place, page in pages:
                    own.take(place, page=(page, _counted(tally, page)))
    assert own.verdict is not None
    return own.verdict


def look_into(folder: Path, files: Files, say: Say, progress: Progress) -> ImportTally:
    """Counts what `bring_in` would store; nothing is written. Raises StorageError, and WorkError."""
    with _captures(files) as captures:
        tally = ImportTally(captures)
        _gather(captures, files, say, progress)
        rehash = Rehash(responses(files.request.page_bytes))
        with _ledger(folder) as ledger:
            for _, page in _pages(ledger, files, tally, _NO_RUN, None, say, progress):
                _weigh(ledger, tally, page, rehash)
    return tally


def _brings_any(files: Files, tally: ImportTally, say: Say, progress: Progress) -> bool:
    """Whether a dataset that begins with the files would have anything in it; where not, the tally says why."""
    if not files.request.filters.given.keys() - {"section"}:  # only what is on the page can leave out a capture now
        return tally.captures.kept > 0
    try:
        with closing(_pages(None, files, tally, _NO_RUN, None, say, progress)) as pages:
            return next(pages, None) is not None
    except WorkError:
        return True  # whose run says so


def _captures(files: Files) -> Captures:
    return Captures(files.wants, files.origin)


def _gather(captures: Captures, files: Files, say: Say, progress: Progress) -> None:
    with reported(files.paths[0]):
        captures.gather(files.paths, say, progress)


@contextmanager
def _ledger(folder: Path) -> Iterator[Ledger | None]:
    """None where there is no dataset yet."""
    if not (folder / NAME).exists():
        yield None
        return
    with closing(Ledger.read(folder)) as ledger:
        yield ledger


def _pages(
    ledger: Ledger | None,
    files: Files,
    tally: ImportTally,
    crawl_id: str,
    after: str | None,
    say: Say,
    progress: Progress,
) -> Generator[tuple[str, Page], None, None]:
    """The captures that what is stored leaves room for, read, in the order of their dates, each with its place; the others are counted."""
    captures, request = tally.captures, files.request
    place = json.loads(after) if after else ("", "")

    def tasks() -> Iterator[Task]:
        for number, found in enumerate(captures.after(*place), captures.number(*place) + 1):
            why = passed_over(ledger, found.named.url, found.at, nth=found.nth) if ledger else None
            if why:
                tally.counts[why] += 1
            else:
                yield Task(found, _hint(ledger, found.named.url), crawl_id, number, request.page_bytes)

    with closing(answers(page_of, tasks(), request.jobs_for(captures.kept))) as found:
        for task, read in found:
            progress("reading pages", task.number, captures.kept)
            try:
                page = read if request.pipelines is None else _piped(read, request.pipelines)
            except PipelineError as error:
                tally.counts[FAILED] += 1
                say(f"failed: {task}: {error}")
                continue
            one = page.record
            if one is None or request.wants(one.section, one.subsection, one.published_at, one.layout):
                yield json.dumps([task.found.at, task.found.named.url, task.found.nth]), page
            else:
                tally.counts[LEFT_OUT] += 1


def _piped(page: Page, pipelines: Pipelines) -> Page:
    """The page with what the user's pipelines make of its record. Raises PipelineError."""
    if page.record is None:
        return page
    try:
        return attrs.evolve(page, read=page.record, record=pipelines(copied(page.record)))
    except DroppedError as dropped:
        return attrs.evolve(page, read=page.record, record=None, outcome="dropped", reasons=(str(dropped),))


def _hint(ledger: Ledger | None, url: str) -> str | None:
    row = ledger and ledger.one("SELECT hint FROM addresses WHERE url = ?", url)
    return str(row[0]) if row and row[0] is not None else None


def _counted(tally: ImportTally, page: Page) -> Then:
    def then(committed: Committed) -> None:
        if committed.passed_over is not None:
            tally.counts[committed.passed_over] += 1
        elif page.record is None:
            _refused(tally, page)
        elif committed.articles:
            tally.counts[ARTICLES if committed.articles[0].revision == 1 else REVISIONS] += 1
        else:
            tally.counts[UNCHANGED] += 1

    return then


def _refused(tally: ImportTally, page: Page) -> None:
    if page.outcome == "dropped":
        tally.counts[DROPPED] += 1
        return
    tally.counts[REFUSED] += 1
    tally.reasons.update(page.reasons)


def _weigh(ledger: Ledger | None, tally: ImportTally, page: Page, rehash: Rehash) -> None:
    """Counts what storing it would come to."""
    record = page.record if ledger is None else placed(ledger, page).record
    if record is None:
        _refused(tally, page)
        return
    assert page.fetched_at is not None
    why = passed_over(ledger, record.url, page.fetched_at, record.layout, nth=page.nth) if ledger else None
    if why:
        tally.counts[why] += 1
        return
    own = tally.captures.last(record.url)
    before = own or (last_of(ledger, record.url) if ledger else None)
    tally.captures.keep_last(record)
    if before is None:
        tally.counts[ARTICLES] += 1
    elif own.revision_hash == record.revision_hash if own else ledger and is_stored(ledger, record, rehash):
        tally.counts[UNCHANGED] += 1
    else:
        tally.counts[REVISIONS] += 1
        tally.differs(Outcome(record=record, before=before))
