"""Ask again: for answers that came in pieces or were cut, as Scrapy does, and with more patience where the newspaper says when."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, Self

import attrs
from scrapy.downloadermiddlewares.retry import RetryMiddleware, get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

from sabah.archive.http import NotWholeError, TooMuchError, codings, packed_as, unpack
from sabah.middlewares.bounds import BadCertificate, TooLarge
from sabah.middlewares.politeness import Politeness, is_robots_txt, retry_after
from sabah.middlewares.rendering.requests import FOR_PAGE
from sabah.monitors.verdict import UNREACHABLE
from sabah.pages.page import CUT, is_cut
from sabah.spiders.base import NotAsked, claimed_page

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from sabah.storage.pages import Page

_NOBODY = (CannotResolveHostError, DownloadConnectionRefusedError)


class PatientRetryMiddleware(RetryMiddleware):
    """Waits named by Retry-After are not counted as retries, RETRY_AFTER_TIMES a page; each is waited for where requests leave.

    robots.txt is asked for until there is an answer to go by, or `Politeness` ends the run: a server error or no answer means to wait
    (RFC 9309, 2.3.1.4), and never that everything is allowed. Stats: those of Scrapy, `retry/waited`, `retry/robots_txt`.
    """

    politeness: Politeness

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.waits = settings.getint("RETRY_AFTER_TIMES")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        one = super().from_crawler(crawler)
        one.politeness = Politeness.of(crawler)
        return one

    def process_response(  # type: ignore[override]  # without the argument that Scrapy deprecates
        self, request: Request, response: Response
    ) -> Request | Response:
        if is_robots_txt(request) and (response.status >= 500 or response.status == 429):
            return self._again(request, "robots_txt")
        waited = request.meta.get("waited", 0)
        if waited < self.waits and retry_after(response) is not None:
            return self._again(request, "waited", waited=waited + 1)
        return super().process_response(request, response)

    def process_exception(  # type: ignore[override]  # as above
        self, request: Request, exception: Exception
    ) -> Request | Response | None:
        again = super().process_exception(request, exception)
        if again is None and isinstance(exception, BadCertificate) and self.politeness.is_asked(request.url):
            self.politeness.give_up(str(exception), UNREACHABLE)
            raise NotAsked("nobody else may be asked in its place") from exception
        if not is_robots_txt(request) or again is not None:
            return again
        if isinstance(exception, _NOBODY) and not self.politeness.is_asked(request.url):
            raise IgnoreRequest(f"robots.txt is not known ({exception})") from exception
        if isinstance(exception, _NOBODY):
            self.politeness.give_up(f"the newspaper cannot be reached ({exception})", UNREACHABLE)
            raise NotAsked("robots.txt is not known") from exception
        return self._again(request, "robots_txt") if isinstance(exception, self.exceptions_to_retry) else None

    def _again(self, request: Request, stat: str, **meta: object) -> Request:
        self.crawler.stats.inc_value(f"retry/{stat}")
        again = request.copy()
        again.meta.update(meta)
        again.dont_filter = True
        again.priority += self.priority_adjust
        return again


logger = logging.getLogger(__name__)

_OK: Final = 200
_TIMES: Final = 3
"""How often a page is asked for whose end does not come."""

_ENDLESS: Final = 5
"""Pages in a row without an end, after which that is how the newspaper sends them."""


class WholeMiddleware:
    """Unpacks bodies in Scrapy's place, which takes what it can get of a cut one; no more than DOWNLOAD_MAXSIZE bytes come out of any packing.

    What is cut or damaged, packed once more than it says, or packed without saying so, is asked for again as often as other failures (RETRY_TIMES); then it is a
    ResponseDataLossError. What is larger is not asked for again: TooLarge. robots.txt is left to those who read it.

    The page of an article that came without its end is asked for again too, and after three times in all it is taken as it is: nobody can know whether there is more.
    Its page is `cut`, and so is its raw page. Stat: `fetch/cut`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self.retries = min(crawler.settings.getint("RETRY_TIMES"), _TIMES - 1)
        self._endless = 0
        """Pages in a row that came without their end at first."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if request.method == "HEAD":
            return response
        unpacked = self._unpacked(request, response) if response.body else response
        page = claimed_page(request)
        if page is None or not isinstance(unpacked, TextResponse) or unpacked.status != _OK:
            return unpacked
        return self._with_its_end(request, unpacked, page)

    def _unpacked(self, request: Request, response: Response) -> Request | Response:
        named = codings(response.headers.getlist("Content-Encoding"))
        try:
            body, left = unpack(named, response.body, self.most)
        except TooMuchError as error:
            raise TooLarge(f"{error} (DOWNLOAD_MAXSIZE)") from error
        except NotWholeError as error:
            return self._again(request, str(error), error)
        inner = packed_as(body)
        if inner is not None and not left and FOR_PAGE not in request.meta:
            how = f"packed twice ({inner} in {named[0]})" if named else f"packed ({inner}), and no header says so"
            return self._again(request, f"the body is {how}", None)
        return response if left == named else _with_body(response, body, left)

    def _again(self, request: Request, why: str, error: Exception | None) -> Request:
        again = self._asked_again(request, "packing")
        if again is None:
            raise ResponseDataLossError(why) from error
        return again

    def _with_its_end(self, request: Request, response: TextResponse, page: Page) -> Request | Response:
        """The page; where it lacks its end, it is asked for again, or marked."""
        if not is_cut(response, (page.stored_marks or 0) if page.known else None):
            self._endless = 0
            return response
        self._endless += request.meta.get("retry_times", 0) == 0
        # A newspaper whose pages have no end any more is not asked for each of them three times.
        again = self._asked_again(request, "cut", self.retries) if self._endless <= _ENDLESS else None
        if again is not None:
            return again
        page.cut, page.last_modified = True, None  # else the newspaper would answer for ever that nothing is new
        if page.raw_page is not None:
            page.raw_page = attrs.evolve(page.raw_page, cut=True)
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("fetch/cut")
        logger.warning("Taken without its end, which did not come: %s", page.url)
        return response.replace(flags=[*response.flags, CUT])

    def _asked_again(self, request: Request, why: str, most: int | None = None) -> Request | None:
        assert self.crawler.spider is not None
        again = get_retry_request(request, spider=self.crawler.spider, reason=why, max_retry_times=most)
        if again is not None:
            again.meta["dont_cache"] = True  # HTTPCACHE_ENABLED: it would give the same answer
        return again


def _with_body(response: Response, body: bytes, left: list[str]) -> Response:
    """The response unpacked; its kind may be known by its body alone."""
    headers = response.headers.copy()
    del headers["Content-Encoding"]
    if left:
        headers["Content-Encoding"] = ", ".join(left)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    # An encoding that was guessed from packed bytes is none.
    encoding: dict[str, Any] = {"encoding": None} if issubclass(kind, TextResponse) else {}
    return response.replace(cls=kind, headers=headers, body=body, **encoding)
