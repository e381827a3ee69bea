"""A stored page read again, for a line that was lost."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from sabah.items import Article
from sabah.pages import read
from sabah.pages.hint import Hint
from sabah.rereading.response import Responses
from sabah.site.captures import instant

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from sabah.storage.missing import Missing


class Rebuilder:
    """Calling it with a missing record reads its snapshot; None where the page gives no record any more."""

    def __init__(self, crawler: Crawler | None = None) -> None:
        self.responses = Responses(crawler)

    def __call__(self, missing: Missing) -> Article | None:
        try:
            response = self.responses(missing.capture)
            captured = captured_at(response, missing.captured) if missing.origin == "archive" else None
            reading = read(response, missing.capture.url, Hint.from_json(missing.hint))
            return Article(**reading.values, **missing.provenance(), captured_at=captured)
        except ValueError:  # NotAnArticle and NotUnpackedError are
            return None


def captured_at(response: Response, named: str | None) -> str | None:
    """When the archive captured the page (ISO 8601, UTC): as the answer said, else as the index that named it (14 digits)."""
    said = (response.headers.get("Memento-Datetime") or b"").decode("latin-1")
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        if named is None:
            return None
        at = instant(named[:14])
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
