"""One capture of another tool becomes the page that a crawl would have stored; done in processes of their own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

from sabah.items import Article, what_is_missing
from sabah.pages import read
from sabah.pages.hint import Hint
from sabah.rereading.response import Responses
from sabah.site.addresses import parse_address
from sabah.storage.frontier import Named
from sabah.storage.pages import Page
from sabah.storage.snapshots import Capture, pack
from sabah.warcs.http import answer
from sabah.warcs.records import record_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sabah.rereading.captures import Found

_responses = cache(Responses)


@attrs.frozen
class Task:
    found: Found
    hint: str | None
    """What a feed has said of the article."""

    crawl_id: str
    number: int
    """Which of all captures it is."""

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
        url=found.named.url, named=found.named, nth=found.nth, status=answered.status, fetched_at=found.at, attempts=0, depth=1, packed=pack(capture),
    )  # fmt: skip
    try:
        reading = read(_responses()(capture), found.named.url, Hint.from_json(task.hint))
        article = Article(
            **reading.values, fetched_at=found.at, status=answered.status, origin="archive", captured_at=found.at, crawl_id=task.crawl_id
        )  # fmt: skip
    except ValueError as error:  # NotAnArticle and NotUnpackedError are
        return attrs.evolve(page, state="refused", reasons=(str(error),))
    if missing := what_is_missing(article):
        return attrs.evolve(page, state="refused", reasons=(missing,))
    links = reading.links
    named = tuple(_named((*links.recommended, *links.cards, *links.body)))
    return attrs.evolve(page, articles=(article,), marks=reading.marks, links=named)


def _named(urls: Iterable[str]) -> Iterable[Named]:
    for address in map(parse_address, urls):
        if address is not None and address.is_article:
            yield Named(
                url=address.canonical, kind=address.kind, section=address.section, subsection=address.subsection
            )
