"""A re-reading's hold on the data folder: it goes on where an interrupted one stopped, and hands in what it finds in groups."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from sabah.archive.pool import WorkError
from sabah.archive.rereading import Rebuilder, Rehash, responses
from sabah.dataset.near.signatures import sign
from sabah.storage.errors import StorageError, reported
from sabah.storage.locks import Lock
from sabah.storage.readings import Batch, reached
from sabah.storage.store import Store, made_good

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from sabah.monitors.verdict import Verdict
    from sabah.storage.pages import Committed, Page
    from sabah.storage.readings import Reread
    from sabah.storage.store import Options

    Then = Callable[[Committed], object]
    """Told what became of a page or reading, when that is on the disk."""
    from sabah.archive.rereading import Pipelines
    from sabah.dataset.filters import Filters

NAME: Final = "reparse"
"""Of its runs, where those of a crawl have their spider's."""

SECONDS: Final = 1.0
"""Between two commits at most: so much work is done again after a death."""


class Ending(Protocol):
    """What a session came to, in the words of who has led it."""

    def verdict(self, ended: dict[str, str]) -> Verdict: ...

    def as_counts(self) -> dict[str, int]: ...


class BusyError(Exception):
    """Another process is re-reading the dataset."""


class Session:
    """What is taken is committed in groups, in the order in which it comes, each with the place reached. All methods raise StorageError."""

    def __init__(self, store: Store, place: str | None, group: int) -> None:
        """`group`: pages and readings a commit at most."""
        self.store, self._group = store, group
        self.place = place
        """Where the last session of this scope was interrupted; None: at the start."""

        self.verdict: Verdict | None = None
        """What it came to, once it has ended."""

        self._pages: list[tuple[Page, Then]] = []
        self._readings: list[tuple[Reread, Then]] = []
        self._read, self._since = 0, time.monotonic()
        self._under_way: tuple[Future[list[Committed]], list[Then]] | None = None

    def take(
        self, place: str, page: tuple[Page, Then] | None = None, reading: tuple[Reread, Then] | None = None
    ) -> None:
        """The next page of the archive was read, up to `place` (JSON), and brought a page to be stored, a reading, or nothing."""
        self._read += 1
        if page is not None:
            self._pages.append(page)
        if reading is not None:
            self._readings.append(reading)
        if len(self._pages) + len(self._readings) >= self._group or time.monotonic() - self._since > SECONDS:
            self._hand_in(place)

    def end(self) -> None:
        """All is read: the next session of this scope begins at the start."""
        self._hand_in(None)
        self.settle()

    def settle(self) -> None:
        """Waits until what was handed in is on the disk, and tells who asked."""
        if self._under_way is not None:
            (future, then), self._under_way = self._under_way, None
            for told, committed in zip(then, future.result(), strict=True):
                told(committed)

    def _hand_in(self, place: str | None) -> None:
        # One group at a time is under way, so that memory does not grow where the disk is slower than the readers.
        self.settle()
        pages, readings, read = self._pages, self._readings, self._read
        self._pages, self._readings, self._read, self._since = [], [], 0, time.monotonic()
        batch = Batch(pages=[one for one, _ in pages], readings=[one for one, _ in readings], read=read, place=place)
        self._under_way = self.store.keep(batch), [then for _, then in (*pages, *readings)]


@contextmanager
def session(
    folder: Path,
    *,
    scope: str,
    given: Mapping[str, Any],
    options: Options,
    request: Request,
    say: Callable[[str], object],
    ending: Ending,
) -> Iterator[Session]:
    """A run in `folder`. `scope` names what is read, and by which readers, so that the same goes on after an interruption; `ending` says what it came to.

    What interrupts it or makes the readers fail (KeyboardInterrupt, WorkError) ends it with that verdict; what was handed in before is stored. Raises BusyError, and StorageError.
    """
    path = folder / "locks" / f"{NAME}.lock"
    with reported(path):
        lock = Lock.take(path)
    if lock is None:
        raise BusyError
    with lock:
        unpacked = responses(request.page_bytes)
        options = attrs.evolve(options, sign=sign, rehash=Rehash(unpacked))
        store = Store.open(folder, spider=NAME, arguments=given, scope=scope, follow=lambda *_: "not followed", options=options)  # fmt: skip
        try:
            own = _begin(store, scope, options, Rebuilder(unpacked, request.pipelines), say)
        except BaseException as error:
            _close(store, ending, _why(error))
            raise
        ended: dict[str, str] = {}
        try:
            yield own
            own.end()
        except (KeyboardInterrupt, WorkError) as error:
            ended = _why(error)
            own.settle()
        except BaseException as error:
            ended = _why(error)
            raise
        finally:
            own.verdict = _close(store, ending, ended)


def _begin(store: Store, scope: str, options: Options, rebuild: Rebuilder, say: Callable[[str], object]) -> Session:
    if found := made_good(store.recovered, store.repair(rebuild).result()):
        say(f"recovered: {found}")
    return Session(store, store.ask(lambda ledger, _: reached(ledger, scope)).result(), options.group_pages)


def _why(error: BaseException) -> dict[str, str]:
    if isinstance(error, KeyboardInterrupt):
        return {"interrupted": "the same command goes on"}
    if isinstance(error, StorageError):
        return {"storage": str(error)}
    return {"failed": str(error) if isinstance(error, WorkError) else f"{type(error).__name__}: {error}"}


def _close(store: Store, tally: Ending, ended: dict[str, str]) -> Verdict:
    verdict = tally.verdict(ended)
    store.close(verdict.name, verdict.reason or None, tally.as_counts(), verdict.held)
    return verdict


PAGES_A_PROCESS: Final = 200
"""A process takes half a second to start, in which this one reads more than that."""


@attrs.frozen
class Request:
    filters: Filters
    """Of which dates, sections and layouts count."""

    jobs: int | None = None
    """Processes that read; None: as many as this one may use processors, fewer for few pages."""

    page_bytes: int = 1 << 24
    """Of a page, unpacked, at most, as DOWNLOAD_MAXSIZE says (0: of any size)."""

    pipelines: Pipelines | None = None
    """Of the user's own: every record read goes through them, in this process; None: there are none."""

    pipeline_names: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """What decides what is found, for the scope of a run."""
        return {**self.filters.given, **({"pipelines": list(self.pipeline_names)} if self.pipeline_names else {})}

    def jobs_for(self, pages: int) -> int:
        return self.jobs or max(1, min(len(os.sched_getaffinity(0)), pages // PAGES_A_PROCESS))

    def wants(self, section: str | None, subsection: str | None, published_at: str | None, layout: str | None) -> bool:
        """A date or layout that is not known yet (None) may be wanted."""
        filters = self.filters
        return (
            (filters.sections is None or filters.sections.covers(section, subsection))
            and (published_at is None or filters.window.holds(published_at))
            and (layout is None or not filters.layouts or layout in filters.layouts)
        )
