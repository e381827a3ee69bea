"""The only way out of the browser: what a page asks for is asked by the crawl itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import attrs
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from sabah.pages.shells import is_of_site
from sabah.spiders.base import NotAsked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response

FOR_PAGE: Final = "for_rendered_page"
"""In the meta of requests that a page in the browser made: its address."""

KINDS: Final = frozenset({"Script", "XHR", "Fetch"})
"""What a page is given; the rest (styles, pictures, fonts, frames, beacons) decides no text."""

METHODS: Final = frozenset({"GET", "POST"})
MOST_REQUESTS: Final = 500
"""Of one page: a listing of a hundred rounds needs a few hundred; what asks more than that asks without end."""

_SENT: Final = frozenset({"accept", "content-type", "x-requested-with"})
_SCRIPTS_KEPT: Final = 64
_LARGEST_KEPT: Final = 1_000_000
"""Scripts kept for the next page: every page of a newspaper names the same dozen."""


@attrs.frozen
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Scripts:
    """Scripts by address, as long as the crawl lives: the newspaper is asked for each once."""

    def __init__(self) -> None:
        self._kept: dict[str, Answer] = {}

    def get(self, url: str) -> Answer | None:
        return self._kept.get(url)

    def keep(self, url: str, answer: Answer) -> None:
        if answer.status == 200 and len(answer.body) <= _LARGEST_KEPT and len(self._kept) < _SCRIPTS_KEPT:
            self._kept[url] = answer


class Door:
    """Of one page. Its requests pass robots.txt, the gate, retries and the origin as the crawl's own do, and carry the crawl's user agent and no cookies."""

    def __init__(self, crawler: Crawler, url: str, scripts: Scripts, timeout: float) -> None:
        self.crawler, self.url, self.scripts, self.timeout = crawler, url, scripts, timeout
        self.under_way = 0
        self.asked = 0
        self.refused: IgnoreRequest | None = None
        """Set when a request was not sent because the run is ending: the page cannot become whole any more."""

        self._still_since = time.monotonic()

    @property
    def still(self) -> float:
        """Seconds since the last answer; 0 while one is waited for."""
        return 0.0 if self.under_way else time.monotonic() - self._still_since

    @property
    def silent(self) -> float:
        """Seconds since the last answer, or the beginning, whatever is under way."""
        return time.monotonic() - self._still_since

    @staticmethod
    def now() -> float:
        """The clock of these seconds."""
        return time.monotonic()

    async def ask(self, kind: str, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """The newspaper's answer; None where the page gets none: another's host, another kind, forbidden by robots.txt, failed."""
        if kind not in KINDS or method not in METHODS or not is_of_site(url):
            return None
        if kind == "Script" and (kept := self.scripts.get(url)):
            return kept
        if self.asked >= MOST_REQUESTS:
            return None
        self.asked += 1
        self.under_way += 1
        try:
            response = await self._response(method, url, headers, body)
        finally:
            self.under_way -= 1
            self._still_since = time.monotonic()
        if response is None:
            return None
        answer = Answer(response.status, _told(response), response.body)
        if kind == "Script":
            self.scripts.keep(url, answer)
        return answer

    async def _response(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response | None:
        meta: dict[str, Any] = {FOR_PAGE: self.url, "download_timeout": self.timeout}
        sent = {name: value for name, value in headers.items() if name.lower() in _SENT}
        request = Request(url, method=method, headers=sent, body=body, meta=meta, dont_filter=True)
        self.crawler.stats.inc_value("render/requests")
        assert self.crawler.engine is not None
        try:
            return await self.crawler.engine.download_async(request)
        except NotAsked as error:
            self.refused = error
        except IgnoreRequest:
            self.crawler.stats.inc_value("render/requests/refused")
        except Exception as error:  # noqa: BLE001 - whatever kept the answer away, the page is told that there is none, as in any browser
            self.crawler.stats.inc_value(f"render/requests/failed/{type(error).__name__}")
        return None


def _told(response: Response) -> tuple[tuple[str, str], ...]:
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    told = [("Access-Control-Allow-Origin", "*")]
    return (*told, ("Content-Type", kind)) if kind else tuple(told)
