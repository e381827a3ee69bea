"""One capture of another tool becomes the page that a crawl would have stored; done in processes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sabah.pages.record import Hint
from sabah.rereading.record import RefusedError, links_to, made
from sabah.rereading.response import responses
from sabah.storage.pages import Page
from sabah.storage.snapshots import Capture, pack
from sabah.warcs.http import answer
from sabah.warcs.records import record_at

if TYPE_CHECKING:
    from sabah.rereading.captures import ArticleCapture


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
