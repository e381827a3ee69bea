"""Keep the pace of each host: never faster than configured, slower when it says so or shows it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import attrs
from scrapy import signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.utils.misc import build_from_crawler, load_object
from twisted.web.client import HTTPConnectionPool

from sabah import clock
from sabah.configuration import archive_origin, is_newspaper, site_origin
from sabah.crawling.run import Run
from sabah.middlewares.archive import archived_as
from sabah.middlewares.bounds import BadCertificate, bound_heads, check_head, plain
from sabah.middlewares.pace import Pace
from sabah.monitors.verdict import WAIT
from sabah.spiders.base import NotAsked, SabahSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader.handlers import DownloadHandlerProtocol
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

STATUSES: Final = frozenset({429, 503})
"""Statuses by which a server says that it has too much to do; both may come with the header (RFC 6585, RFC 9110)."""

_SECONDS: Final = re.compile(r"[0-9]{1,12}")


def retry_after(response: Response) -> float | None:
    """Seconds from now on, of a number or an HTTP date; None where nothing (more) has to be waited for, or for anything else."""
    given = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if response.status not in STATUSES or not given:
        return None
    if _SECONDS.fullmatch(given):
        return float(given) or None
    try:
        at = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    left = (at - clock.now()).total_seconds()
    return left if left > 0 else None


logger = logging.getLogger(__name__)

_LOOK: Final = 0.25
"""Seconds between two looks at whether the run is ending while a request waits."""

_HEADERS_AT: Final = "headers_at"
"""Where a request's meta has the monotonic time of its answer's head, until the answer is there."""

_GONE: Final = frozenset({404, 410, 451})


def is_robots_txt(request: Request) -> bool:
    """Whether this is the middleware's own request for a host's rules."""
    return bool(request.meta.get("dont_obey_robotstxt")) and urlsplit(request.url).path == "/robots.txt"


@attrs.define(eq=False)
class _Host:
    pace: Pace
    turn: asyncio.Lock = attrs.field(factory=asyncio.Lock)


class Politeness:
    """One for a crawl. Whatever leaves has had its turn here: pages, listings, retries, redirects, robots.txt.

    Stats: `politeness/slower`, `politeness/faster` (changes of the gap), `politeness/waits` (named by Retry-After), `politeness/crawl_delay`
    (seconds, where robots.txt names any), `stop/why` (the sentence for the verdict, where it has ended the run).
    """

    _of: ClassVar[WeakKeyDictionary[Crawler, Politeness]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.delay, self.jitter = settings.getfloat("DOWNLOAD_DELAY"), settings.getfloat("DOWNLOAD_DELAY_JITTER")
        self.slowest, self.longest = settings.getfloat("SLOWEST_DELAY"), settings.getfloat("LONGEST_WAIT")
        self.user_agent = str(settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"])
        self.newspaper = urlsplit(site_origin(settings)).netloc
        self.given_up = False
        self.only_looks = settings.getbool("ONLY_LOOK")
        self._hosts: dict[str, _Host] = {}
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)
        crawler.signals.connect(self.headers_received, signals.headers_received)

    @classmethod
    def of(cls, crawler: Crawler) -> Politeness:
        """The crawl's; made when first asked for."""
        if crawler not in cls._of:
            cls._of[crawler] = cls(crawler)
        return cls._of[crawler]

    async def turn(self, request: Request) -> float:
        """Waits until the request may leave; the monotonic time at which it did. Raises NotAsked when the run ends before that."""
        host = self._host(request.url)
        async with host.turn:  # which lets them go in the order they came
            while (left := host.pace.free_at - time.monotonic()) > 0:
                self._go_on()
                await asyncio.sleep(min(left, _LOOK))
            self._go_on()
            now = time.monotonic()
            host.pace.sent(now)
            return now

    def answered(self, request: Request, response: Response, sent: float) -> None:
        """Called with every answer, before anything else of the host leaves."""
        pace, now = self._host(request.url).pace, time.monotonic()
        pace.reached(sent, request.meta.pop(_HEADERS_AT, now))
        status = response.status
        if seconds := retry_after(response):
            if pace.told(sent, now, seconds):
                self.crawler.stats.inc_value("politeness/waits")
                what = "everything waits for %.0f s" if seconds <= self.longest else "come back in %.0f s"
                logger.warning(f"Status %d and Retry-After: {what}", status, seconds)  # noqa: G004 - one of two formats
            self._check_patience(pace, f"status {status} for {_name(request)}")
        elif status in STATUSES or (is_robots_txt(request) and status >= 500):
            self._slow_down(pace, sent, f"status {status} for {_name(request)}")
        elif (status < 400 or status in _GONE) and pace.good(sent, now):
            self.crawler.stats.inc_value("politeness/faster")
            logger.info("Good answers again: now %.1f s between two requests", pace.gap)

    def failed(self, request: Request, error: Exception, sent: float) -> None:
        """Called with every request that brought no answer."""
        pace = self._host(request.url).pace
        pace.reached(sent, time.monotonic())
        if isinstance(error, BadCertificate):
            return  # slower makes it no better
        if is_robots_txt(request) or isinstance(error, DownloadTimeoutError):
            self._slow_down(pace, sent, f"{type(error).__name__} for {_name(request)}")

    def headers_received(self, request: Request) -> None:
        """Scrapy's own latency counts from a moment of its own, which a busy machine may put well after the turn."""
        request.meta[_HEADERS_AT] = time.monotonic()

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Crawl-delay is the least gap, where it is more than the configured one."""
        named = robotparser.crawl_delay(self.user_agent)
        if not named:
            return
        self.crawler.stats.max_value("politeness/crawl_delay", named)
        spider = self.crawler.spider
        archive = isinstance(spider, SabahSpider) and spider.arguments.archive
        pace = self._host(archived_as(request, self.crawler.settings) if archive else request.url).pace
        if named > self.longest:
            self.give_up(
                f"robots.txt asks for {named:.0f} s between two requests, and LONGEST_WAIT is {self.longest:.0f} s"
            )
        elif named > pace.delay:
            logger.info("robots.txt asks for %g s between two requests", named)
            pace.slow_to(named)

    def give_up(self, why: str, reason: str = WAIT) -> None:
        """Ends the run; nothing more leaves. `why` is a sentence for the verdict.

        Where nothing is recorded there is no run to end: a spider that is none of the project's is closed, and Scrapy's tools only hear of it.
        """
        if self.given_up or self._closing:
            return
        run = Run.get(self.crawler)
        self.crawler.stats.set_value("stop/why", f"{why}; the rest is pending" if run else why)
        logger.error("%s%s", why[0].upper() + why[1:], "" if self.only_looks else ": the crawl stops")
        if self.only_looks:
            return
        self.given_up = True
        if run is not None:
            run.stop(reason)
        else:
            self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def _slow_down(self, pace: Pace, sent: float, why: str) -> None:
        if pace.strained(sent, time.monotonic()):
            self.crawler.stats.inc_value("politeness/slower")
            logger.warning("Slower (%s): now %.1f s between two requests", why, pace.gap)
        self._check_patience(pace, why)

    def _check_patience(self, pace: Pace, why: str) -> None:
        if pace.troubled_since is not None and pace.free_at - pace.troubled_since > self.longest:
            self.give_up(f"the newspaper would have to be waited for longer than {self.longest:.0f} s ({why})")

    def _go_on(self) -> None:
        if self.given_up or self._closing:
            raise NotAsked("the run ended before its turn")

    @property
    def _closing(self) -> bool:
        slot: Any = self.crawler.engine._slot if self.crawler.engine else None
        return slot is not None and slot.closing is not None

    def is_asked(self, url: str) -> bool:
        """Whether the crawl is of this host, so that it makes no sense without: not a host that some page names."""
        parts = urlsplit(url)
        archive = urlsplit(archive_origin(self.crawler.settings)).netloc
        return is_newspaper(url) or parts.netloc in {self.newspaper, archive}

    def _host(self, url: str) -> _Host:
        """The newspaper is one host, www or not, wherever it is served from; others are told apart by host and port."""
        name = self.newspaper if is_newspaper(url) else urlsplit(url).netloc
        if name not in self._hosts:
            self._hosts[name] = _Host(Pace(delay=self.delay, jitter=self.jitter, slowest=self.slowest))
        return self._hosts[name]


def _name(request: Request) -> str:
    return "robots.txt" if is_robots_txt(request) else "a page"


class GateHandler(BaseDownloadHandler):
    """Scrapy's own HTTP handler behind `Politeness`: the one place that every request passes, with the address it really goes to."""

    def __init__(self, crawler: Crawler, inner: DownloadHandlerProtocol) -> None:
        super().__init__(crawler)
        self.inner = inner
        self.head = crawler.settings.getint("HEADERS_MAXSIZE")
        self.politeness = Politeness.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        one = cls(
            crawler, build_from_crawler(load_object(crawler.settings["DOWNLOAD_HANDLERS_BASE"]["https"]), crawler)
        )
        pool = getattr(one.inner, "_pool", None)
        if isinstance(pool, HTTPConnectionPool):
            bound_heads(pool, one.head)
            if one.politeness.delay:
                pool.retryAutomatically = False  # Twisted would ask again at once where a kept connection was dropped
        return one

    async def download_request(self, request: Request) -> Response:
        sent = await self.politeness.turn(request)
        try:
            response = await self.inner.download_request(request)
            check_head(response, self.head)
        except Exception as error:
            said = plain(error, urlsplit(request.url).netloc)
            self.politeness.failed(request, said, sent)
            if said is error:
                raise
            raise said from error
        self.politeness.answered(request, response, sent)
        return response

    async def close(self) -> None:
        await self.inner.close()
