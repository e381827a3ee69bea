"""The import of WARC files of others: their captures become articles and revisions as if a crawl had been there; nothing is asked for."""

from __future__ import annotations

import json
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final

from sabah.rereading.pool import answers
from sabah.rereading.taken import Task, page_of
from sabah.spiders.base import TOO_DEEP
from sabah.storage.captured import passed_over
from sabah.storage.ledger import Ledger
from sabah.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from sabah.rereading.captures import Captures, Found
    from sabah.storage.pages import Committed, Page
    from sabah.storage.store import Options

    Keeps = Callable[[Page], bool]
    """Asked of a page that gave a record: whether that was asked for."""

UNDER_WAY: Final = 256
"""Pages handed to the writer whose end is not yet looked at: some megabytes."""

NEW, REVISIONS, UNCHANGED, REFUSED, LEFT_OUT = "articles", "revisions", "unchanged", "refused", "left out"


def opened(folder: Path, files: Sequence[Path], given: dict[str, str], options: Options) -> Store:
    """A run over WARC files in the dataset at `folder`, which is made if need be; it asks for nothing. Raises StorageError."""
    arguments = {**given, "files": [str(path) for path in files]}
    scope = json.dumps(["reparse", "files"])
    return Store.open(
        folder, spider="reparse", arguments=arguments, scope=scope, follow=lambda _url, _depth: TOO_DEEP, options=options
    )  # fmt: skip


class Import:
    """`counts`: what became of the captures, by the names above and, of those passed over, by why (`sabah.storage.captured`)."""

    def __init__(self, folder: Path, captures: Captures, keeps: Keeps, jobs: int) -> None:
        self.folder, self.captures, self.keeps, self.jobs = folder, captures, keeps, jobs
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """Reasons."""

    def into(self, store: Store, progress: Callable[[str, int, int], Any]) -> None:
        """Stores what the captures give. Raises StorageError, WorkError and OSError; what is stored by then stays."""
        under_way: deque[tuple[Page, Future[Committed]]] = deque()
        for page in self.pages(store.crawl_id, progress):
            under_way.append((page, store.store(page)))
            while len(under_way) > UNDER_WAY or (under_way and under_way[0][1].done()):
                self._count(*under_way.popleft())
        for one in under_way:
            self._count(*one)

    def pages(self, crawl_id: str, progress: Callable[[str, int, int], Any]) -> Iterator[Page]:
        """The captures that what is stored leaves room for, read, in the order of their dates; those not asked for are counted."""
        ledger = Ledger.read(self.folder)
        try:
            for task, page in answers(page_of, self._tasks(ledger, crawl_id), self.jobs):
                if page.articles and not self.keeps(page):
                    self.counts[LEFT_OUT] += 1
                else:
                    yield page
                progress(task.found.at[:10], self.dealt_with, self.captures.kept)
        finally:
            ledger.close()

    @property
    def dealt_with(self) -> int:
        return sum(self.counts.values())

    def _tasks(self, ledger: Ledger, crawl_id: str) -> Iterator[Task]:
        for found in self.captures:
            if why := passed_over(ledger, found.named.url, found.at):
                self.counts[why] += 1
            else:
                yield Task(found, _hint(ledger, found), crawl_id)

    def _count(self, page: Page, future: Future[Committed]) -> None:
        committed = future.result()
        if committed.passed_over is not None:
            self.counts[committed.passed_over] += 1
        elif page.reasons:
            self.counts[REFUSED] += 1
            self.refused.update(page.reasons)
        elif committed.articles:
            self.counts[NEW if committed.articles[0].revision == 1 else REVISIONS] += 1
        else:
            self.counts[UNCHANGED] += 1


def _hint(ledger: Ledger, found: Found) -> str | None:
    row = ledger.one("SELECT hint FROM addresses WHERE url = ?", found.named.url)
    return row and row[0]
