"""Spiders that begin at listings or feeds: how such a source is asked for, and what is said of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import attrs
from scrapy import Request
from scrapy.spidermiddlewares.httperror import HttpError

from sabah.site.addresses import ROOT
from sabah.spiders.base import NotAsked, SabahSpider

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from twisted.python.failure import Failure

SOURCE: Final = "source"
"""Where a request's meta has its Asked."""

NOT_MODIFIED: Final = 304

source_failed: Final = object()
"""Signal: a listing or feed did not come, after all retries. Argument: `asked`, its Asked."""


@attrs.define(eq=False)
class Asked:
    """A listing or feed under way. Copies of its request made by retries and redirects share the one object."""

    name: str
    """As users name it: `politics`; of a listing its path."""

    path: str
    kind: str
    """`listing` or `feed`."""

    conditional: bool = True
    """Whether it may answer that nothing has changed."""

    before: int | None = None
    """Addresses of articles it gave when it was last whole, where the request says so."""

    status: int | None = None
    fault: str | None = None
    found: int = 0


class SourceSpider(SabahSpider):
    """Stats: `source/read` (answers, `source/unchanged` among them), `source/empty` with `source/empty/NAME` (gave no address), `source/fault` with `source/fault/NAME`,
    `source/failed` (did not come).
    """

    def ask(self, asked: Asked, callback: Callable[..., Any]) -> Request:
        """A request for a source; where it is unchanged, `callback` gets a response of status 304."""
        # The articles of a listing go before the next listing, so that a small limit asks little.
        return Request(
            urljoin(ROOT, asked.path), callback=callback, errback=self.report_source, priority=-1,
            meta={SOURCE: asked, "handle_httpstatus_list": [NOT_MODIFIED]},
        )  # fmt: skip

    def tell(self, asked: Asked, status: int, found: int, fault: str | None = None) -> None:
        """Count and log what a source gave."""
        asked.status, asked.found, asked.fault = status, found, fault
        stats = self.crawler.stats
        stats.set_value(f"source/asked/{asked.path}", 1)
        stats.inc_value("source/read")
        if status == NOT_MODIFIED:
            stats.inc_value("source/unchanged")
            asked.found = found = asked.before or 0
        if not found:
            stats.inc_value("source/empty")
            stats.inc_value(f"source/empty/{asked.name}")
        if fault is not None:
            self._blame(asked, fault)

    def report_source(self, failure: Failure) -> None:
        """Count, log and pass on that a source did not come."""
        if isinstance(failure.value, NotAsked):
            return
        self.crawler.stats.inc_value("source/failed")
        self.report_failure(failure)
        asked: Asked = failure.request.meta[SOURCE]  # type: ignore[attr-defined]  # set by Scrapy before it calls an errback
        response = getattr(failure.value, "response", None)
        asked.status = getattr(response, "status", None)
        is_status = isinstance(failure.value, HttpError)
        why = f"status {asked.status}" if is_status else str(failure.value) or type(failure.value).__name__
        if asked.kind == "feed":
            self._blame(asked, why)
        asked.fault = why
        self.crawler.signals.send_catch_log(source_failed, asked=asked)

    def _blame(self, asked: Asked, fault: str) -> None:
        self.crawler.stats.inc_value("source/fault")
        self.crawler.stats.inc_value(f"source/fault/{asked.name}")
        self.logger.warning("Fault of the %s %s: %s (%s)", asked.kind, asked.name, fault, urljoin(ROOT, asked.path))
