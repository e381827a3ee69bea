"""What is asked again: as Scrapy does, and with more patience where the newspaper says when, or for robots.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest

from sabah.middlewares.causes import BadCertificate
from sabah.middlewares.politeness import Politeness, is_robots_txt
from sabah.middlewares.retry_after import retry_after
from sabah.spiders.found import NotAsked
from sabah.verdict import UNREACHABLE

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

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
