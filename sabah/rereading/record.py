"""From a stored capture to its record, as a crawl would have made it: the one way of all that read again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from sabah.items import Article, what_is_missing
from sabah.pages import NotAnArticle, read
from sabah.rereading.response import NotUnpackedError
from sabah.site.addresses import parse_address
from sabah.site.link import Link
from sabah.storage.identity import as_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sabah.pages.record import Hint
    from sabah.rereading.response import Responses
    from sabah.storage.snapshots import Capture


class RefusedError(Exception):
    """The page gives no record that may be stored; the text says why, in the words of a crawl."""


class DroppedError(Exception):
    """A pipeline of the user's does not want the record; the text says which, and why."""


class PipelineError(Exception):
    """A pipeline of the user's has failed over the record; the text names it."""


Pipelines = Callable[["Article"], "Article"]
"""What the user's own pipelines make of a record. Raises DroppedError and PipelineError."""


@attrs.frozen
class Made:
    record: Article
    marks: int
    links: tuple[str, ...]
    """Canonical addresses of the articles that the page names."""


def made(responses: Responses, capture: Capture, hint: Hint, provenance: Mapping[str, Any] | None = None) -> Made:
    """What today's readers find on the page; `provenance` has the fields that no page decides, and the address where that is decided. Raises RefusedError."""
    try:
        reading = read(responses(capture), capture.url, hint)
    except (NotAnArticle, NotUnpackedError) as error:
        raise RefusedError(str(error)) from error
    try:
        given = dict(provenance or {})
        url = given.pop("url", None)
        record = Article(**{**reading.values, **given})
        if url is not None:
            record = as_stored(record, url, capture.url)
    except ValueError as error:
        raise RefusedError(f"the record would be wrong: {error}") from error
    if missing := what_is_missing(record):
        raise RefusedError(missing)
    return Made(record, reading.marks, reading.links.articles)


def links_to(urls: Iterable[str]) -> tuple[Link, ...]:
    """Links to canonical addresses of articles."""
    return tuple(Link.to(address) for address in map(parse_address, urls) if address is not None)
