"""The one thread of a process that touches the ledger; pages that arrive together are committed together."""

from __future__ import annotations

import logging
import queue
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sabah.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sabah.storage.pages import Committed, Page

logger = logging.getLogger(__name__)

T = TypeVar("T")

GROUP_PAGES: Final = 64
GROUP_SECONDS: Final = 0.05
"""How long the first page of a group waits for company: most of an fsync saved, and a twentieth of a second of work at risk (to be fetched again)."""


class Writer:
    """Takes pages and calls from any thread, does them in order in its own, and answers by futures."""

    def __init__(
        self,
        commit: Callable[[Sequence[Page]], list[Committed]],
        *,
        pages: int = GROUP_PAGES,
        seconds: float = GROUP_SECONDS,
    ) -> None:
        self._commit, self._pages, self._seconds = commit, pages, seconds
        self._queue: queue.SimpleQueue[tuple[Page | Callable[[], Any] | None, Future[Any]]] = queue.SimpleQueue()
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def store(self, page: Page) -> Future[Committed]:
        """Answers when the page is on the disk. After one failure (StorageError) every further page fails alike."""
        return self._put(page)

    def call(self, work: Callable[[], T]) -> Future[T]:
        """Does `work` after everything handed in before it; after a failure of the store only what `close` asks for."""

        def checked() -> T:
            if self._broken is not None:
                raise self._broken
            return work()

        return self._put(checked)

    def close(self, work: Callable[[], None]) -> None:
        """Does `work` after everything handed in, whether that succeeded or not, and ends the thread. Raises what it raises."""
        last = self._put(work)
        self._put(None)
        self._thread.join()
        last.result()

    def _put(self, job: Page | Callable[[], Any] | None) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # what is handed in is done: it cannot be cancelled
        self._queue.put((job, future))
        return future

    def _run(self) -> None:
        group: list[tuple[Page, Future[Any]]] = []
        due = 0.0
        while True:
            try:
                job, future = self._queue.get(timeout=max(0.0, due - time.monotonic()) if group else None)
            except queue.Empty:
                self._store(group)
                continue
            if job is None or callable(job):
                self._store(group)
                if job is None:
                    return
                self._call(job, future)
                continue
            due = due if group else time.monotonic() + self._seconds
            group.append((job, future))
            if len(group) >= self._pages:
                self._store(group)

    def _store(self, group: list[tuple[Page, Future[Any]]]) -> None:
        if not group:
            return
        pages, futures = zip(*group, strict=True)
        group.clear()
        try:
            if self._broken is not None:
                raise self._broken
            results = self._commit(pages)
        except Exception as error:  # noqa: BLE001 -- handed on to whoever waits for these pages
            self._broken = error if isinstance(error, StorageError) else _unforeseen(error)
            for future in futures:
                future.set_exception(self._broken)
        else:
            for future, result in zip(futures, results, strict=True):
                future.set_result(result)

    def _call(self, work: Callable[[], Any], future: Future[Any]) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 -- handed on to the caller
            future.set_exception(error)
        else:
            future.set_result(result)


def _unforeseen(error: Exception) -> StorageError:
    """A mistake in what was to be written, as what ends a run: a crawl that went on would claim and ask for what nobody stores."""
    logger.error("The writer of the ledger failed", exc_info=error)
    made = StorageError(f"a page could not be written: {type(error).__name__}: {error}")
    made.__cause__ = error
    return made
