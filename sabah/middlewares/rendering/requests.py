"""The only way out of the browser: what a page asks for is asked by the crawl itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import attrs
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest

from sabah.pages.not_the_page import is_of_site
from sabah.spiders.base import NotAsked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response

FOR_PAGE: Final = "for_rendered_page"
"""In the meta of requests that a page in the browser made: its address."""

KINDS: Final = frozenset({"Script", "XHR", "Fetch"})
"""What a page is given; the rest (styles, pictures, fonts, frames, beacons) decides no text."""

PREFLIGHT: Final = "Preflight"
"""The browser's own question whether a page may ask another host something; the crawl answers it, because it asks for no page."""

METHODS: Final = frozenset({"GET", "POST"})
MOST_REQUESTS: Final = 500
"""Of one page: a listing of a hundred rounds needs a few hundred; what asks more than that asks without end."""

_REPEATED: Final = 3
"""Times one request may be made by a page until it counts as a poll: without cookies the answer cannot be the next part of anything."""

_SENT: Final = frozenset({"accept", "content-type", "x-requested-with"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
TIMEOUTS: Final = 2
"""Times an address without its query may time out; pages are then told at once that there is no answer, and the newspaper is not asked."""

_KEPT: Final = frozenset({200, 404, 410})
_SCRIPTS_KEPT: Final = 64
_LARGEST_KEPT: Final = 1_000_000
"""Scripts kept for the next page: every page of a newspaper names the same dozen."""


@attrs.frozen
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Memory:
    """What the pages of a crawl need not ask twice."""

    def __init__(self) -> None:
        self._scripts: dict[str, Answer] = {}
        self._timeouts: Counter[str] = Counter()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def turn(self, url: str) -> asyncio.Lock:
        """Held while a script is asked for: a page that names it meanwhile gets the same answer."""
        return self._turns.setdefault(url, asyncio.Lock())

    def script(self, url: str) -> Answer | None:
        """One that the newspaper has sent, or does not have."""
        return self._scripts.get(url)

    def keep(self, url: str, answer: Answer) -> None:
        if answer.status in _KEPT and len(answer.body) <= _LARGEST_KEPT and len(self._scripts) < _SCRIPTS_KEPT:
            self._scripts[url] = answer

    def hangs(self, url: str) -> bool:
        """Whether addresses of this path have been waited for in vain, and not once only."""
        return self._timeouts[_path(url)] >= TIMEOUTS

    def timed_out(self, url: str) -> None:
        self._timeouts[_path(url)] += 1


class Door:
    """Of one page. Its requests pass robots.txt, the gate, retries and the origin as the crawl's own do, and carry the crawl's user agent and no cookies."""

    def __init__(self, crawler: Crawler, url: str, memory: Memory, timeout: float) -> None:
        self.crawler, self.url, self.memory, self.timeout = crawler, url, memory, timeout
        self._waited_for: dict[object, str] = {}
        """Addresses of requests without an answer yet, but for polls."""

        self._made: Counter[tuple[str, str, bytes]] = Counter()
        self.asked = 0
        self.refused: IgnoreRequest | None = None
        """Set when a request was not sent because the run is ending: the page cannot become whole any more."""

        self._still_since = time.monotonic()

    @property
    def under_way(self) -> int:
        """Requests without an answer yet, but for polls, which are never waited for."""
        return len(self._waited_for)

    def shut(self) -> None:
        """The page is left: what it has waited for in vain until its patience ended is remembered."""
        if self.silent >= self.timeout:
            for url in self._waited_for.values():
                self.memory.timed_out(url)

    @property
    def still(self) -> float:
        """Seconds since the last answer that was no poll's; 0 while one is waited for."""
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
        if not is_of_site(url):
            return None
        if kind == PREFLIGHT:
            return Answer(204, (*self._allowed(), *_granted(headers)), b"")
        if kind not in KINDS or method not in METHODS:
            return None
        answer = await self._answer(kind, method, url, headers, body)
        return None if answer is None else attrs.evolve(answer, headers=(*self._allowed(), *answer.headers))

    def _allowed(self) -> tuple[tuple[str, str], ...]:
        """Headers by which the page may read the answer, also where it wants credentials sent along; none ever are."""
        parts = urlsplit(self.url)
        return (
            ("Access-Control-Allow-Origin", f"{parts.scheme}://{parts.netloc}"),
            ("Access-Control-Allow-Credentials", "true"),
        )

    async def _answer(self, kind: str, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        if kind != "Script":
            return await self._asked(method, url, headers, body)
        turn, waiting = self.memory.turn(url), object()
        if turn.locked():
            self._waited_for[waiting] = url
        async with turn:
            self._waited_for.pop(waiting, None)
            kept = self.memory.script(url)
            if kept is None and (kept := await self._asked(method, url, headers, body)):
                self.memory.keep(url, kept)
            return kept

    async def _asked(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        if self.asked >= MOST_REQUESTS or self.memory.hangs(url):
            return None
        self.asked += 1
        number, made = self.asked, (method, url, body)
        self._made[made] += 1
        polls = self._made[made] > _REPEATED
        if not polls:
            self._waited_for[number] = url
        try:
            response = await self._response(method, url, headers, body)
        finally:
            self._waited_for.pop(number, None)
            if not polls:
                self._still_since = time.monotonic()
        if response is None:
            return None
        return Answer(response.status, _told(response), response.body)

    async def _response(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response | None:
        meta: dict[str, Any] = {
            FOR_PAGE: self.url, "download_timeout": self.timeout, "max_retry_times": 1, "dont_redirect": True,
        }  # fmt: skip
        sent = {name: value for name, value in headers.items() if name.lower() in _SENT}
        request = Request(url, method=method, headers=sent, body=body, meta=meta, dont_filter=True)
        assert self.crawler.engine is not None
        try:
            for _ in range(_MOST_REDIRECTS):
                self.crawler.stats.inc_value("render/requests")
                response = await self.crawler.engine.download_async(request)
                to = (
                    (response.headers.get("Location") or b"").decode("latin-1") if response.status in _REDIRECTS else ""
                )
                if not to:
                    return response
                request = request.replace(url=response.urljoin(to), method="GET", body=b"")
                if not is_of_site(request.url):
                    self.crawler.stats.inc_value("render/requests/refused")
                    return None
        except NotAsked as error:
            self.refused = error
        except IgnoreRequest:
            self.crawler.stats.inc_value("render/requests/refused")
        except DownloadTimeoutError:
            self.memory.timed_out(url)
            self.crawler.stats.inc_value("render/requests/failed/DownloadTimeoutError")
        except Exception as error:  # noqa: BLE001 - whatever kept the answer away, the page is told that there is none, as in any browser
            self.crawler.stats.inc_value(f"render/requests/failed/{type(error).__name__}")
        return None


def _path(url: str) -> str:
    return url.partition("?")[0]


def _told(response: Response) -> tuple[tuple[str, str], ...]:
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return (("Content-Type", kind),) if kind else ()


def _granted(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What a preflight asks for, as far as a page may: the headers it names are not sent on unless they are in _SENT."""
    wanted = next((value for name, value in headers.items() if name.lower() == "access-control-request-headers"), "")
    granted = [("Access-Control-Allow-Methods", ", ".join(sorted(METHODS)))]
    return (*granted, ("Access-Control-Allow-Headers", wanted)) if wanted else tuple(granted)
