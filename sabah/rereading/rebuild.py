"""A stored page read again, for a line that was lost."""

from __future__ import annotations

import datetime as dt
import logging
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from sabah.items import copied
from sabah.normalize.hashes import revision_hash, text_hash
from sabah.pages.record import Hint
from sabah.rereading.record import DroppedError, PipelineError, RefusedError, made
from sabah.rereading.response import status_and_headers
from sabah.site.captures import instant

if TYPE_CHECKING:
    from sabah.items import Article
    from sabah.rereading.record import Pipelines
    from sabah.rereading.response import Responses
    from sabah.storage.repair import Missing
    from sabah.storage.snapshots import Capture


logger = logging.getLogger(__name__)


class Rebuilder:
    """Calling it with a missing record reads its snapshot; None where the page gives no record any more."""

    def __init__(self, responses: Responses, pipelines: Pipelines | None = None) -> None:
        """`pipelines`: of the user's own, through which the record went when it was stored."""
        self.responses, self.pipelines = responses, pipelines

    def __call__(self, missing: Missing) -> Article | None:
        captured = captured_at(missing.capture, missing.captured) if missing.origin == "archive" else None
        provenance = {**missing.provenance(), "url": missing.url, "captured_at": captured}
        try:
            record = made(self.responses, missing.capture, Hint.from_json(missing.hint), provenance).record
        except RefusedError:
            return None
        if self.pipelines is None:
            return record
        try:
            return self.pipelines(copied(record))
        except (DroppedError, PipelineError) as error:
            # It was stored: what pipelines say of it today does not take it away.
            logger.warning("Rebuilt as the page reads: %s: %s", record.url, error)
            return record


def is_consistent(record: Article) -> bool:
    """Whether hashes and number of words of a record are those of its words."""
    images = [(one.caption, one.credit) for one in record.images]
    hashed = revision_hash(
        headline=record.headline, standfirst=record.standfirst, byline=record.byline, dateline=record.dateline, published_raw=record.published_raw,
        body=record.body, keywords=record.keywords, images=images,
    )  # fmt: skip
    words = len(record.body.split()) if record.body else 0
    return (record.text_hash, record.revision_hash, record.word_count) == (
        text_hash(record.headline, record.body),
        hashed,
        words,
    )


class Rehash:
    """Calling it with a stored page and what a feed said of it (JSON) gives the revision hash that the readers of today find there; None for no record.

    So a page that is met again is told from the same page read otherwise: a change of readers is no change of the newspaper's.
    """

    def __init__(self, responses: Responses) -> None:
        self.responses = responses

    def __call__(self, capture: Capture, hint: str | None) -> str | None:
        try:
            return made(self.responses, capture, Hint.from_json(hint)).record.revision_hash
        except RefusedError:
            return None


def captured_at(capture: Capture, named: str | None) -> str | None:
    """When the archive captured the page (ISO 8601, UTC): as its WARC file says, or the answer, or the index that named it (14 digits)."""
    if capture.taken_from is not None:
        return capture.at
    said = (status_and_headers(capture)[1].get("Memento-Datetime") or b"").decode("latin-1")
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        if named is None:
            return None
        at = instant(named[:14])
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
