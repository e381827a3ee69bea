"""What every spider shares: who asks, how an article is asked for, and what becomes of its page."""

from __future__ import annotations

import json
from abc import abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self
from urllib.parse import urlsplit

import attrs
from scrapy import Request, Spider, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http import TextResponse
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.spidermiddlewares.httperror import HttpError

from sabah import clock, configuration
from sabah.items import Article, Refusal, copied
from sabah.pages import NotAnArticle, read
from sabah.pages.not_the_page import of_listing, on_page
from sabah.pages.page import text_of
from sabah.pages.record import Hint
from sabah.site.addresses import parse_address
from sabah.site.captures import instant
from sabah.site.link import Link
from sabah.site.sections import Feed, Section
from sabah.spiders.arguments import JOB
from sabah.storage.pages import NOT_MODIFIED, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from sabah.site.addresses import Address
    from sabah.spiders.arguments import Arguments

PAGE: Final = "sabah_page"
"""A key that no spider of a user's has. Where a request's meta has its page under way. Copies made by retries and redirects share the one object."""

OUT_OF_SCOPE: Final = "out of scope"
TOO_DEEP: Final = "too deep"

known_address = lru_cache(maxsize=20_000)(parse_address)
"""Most links of a page were on pages shortly before; twenty thousand addresses are about 12 MB."""


class NotAsked(IgnoreRequest):
    """The run ended before the request's turn: it never left, and its address is still pending."""


def page_of(asked: Request | Response) -> Page:
    """The page under way of a request or of its answer; one that nobody has claimed where it has none yet, as in `scrapy shell`."""
    page: Page | None = asked.meta.get(PAGE)
    if page is None:
        page = asked.meta[PAGE] = Page(url=asked.url)
    return page


def claimed_page(request: Request) -> Page | None:
    """The page under way of a request for an article that this run has claimed; None for any other request."""
    page: Page | None = request.meta.get(PAGE)
    return page if page is not None and page.id is not None else None


def links_to(urls: Iterable[str], hints: Mapping[str, str] | None = None) -> tuple[Link, ...]:
    """Links to those of the addresses that are of articles, in their order. `hints` is what a feed says of them, by address as given."""
    hints = hints or {}
    known = ((url, known_address(url)) for url in urls)
    return tuple(Link.to(one, hint=hints.get(url)) for url, one in known if one is not None and one.is_article)


GONE = frozenset({"404", "410", "451"})
"""Statuses by which the newspaper says that there is no such page (any more), or none that it may show (RFC 7725)."""


SHOWN = 10
"""Addresses that the log shows of either end of a chain of redirects."""


class SabahSpider(Spider):
    """Yields requests, Articles and Refusals, and puts links on the page that names them; knows no storage.

    `page_of` gives the page under way of a request or response. What `start` yields beside requests are Pages: links that were given.
    Stats: `article/read` (pages that gave a record), `fetch/unchanged` (stored pages that have not been modified), `range/left_out`
    (published outside since and until), `fetch/failed` with
    `fetch/failed/STATUS` or `/ERROR`, `fetch/gone` with `fetch/gone/STATUS` (the newspaper has no such page: a dead link, which is no failure).
    """

    allowed_domains = ("dailysabah.com",)
    stand_ins: ClassVar[Mapping[str, str]] = {}
    """Arguments in place of those that must be given, where one of Scrapy's tools (shell, fetch, parse, check) makes the spider without any."""

    looks_again = True
    """Whether stored articles that it meets are asked for again when they are due."""

    insists = False
    """Whether what it names is asked for at once though its page was refused."""

    def __init__(self, name: str | None = None, **given: object) -> None:
        super().__init__(name)
        self.given = {argument: str(value) for argument, value in given.items()}
        self.arguments = self.parse_arguments(self.given)
        self.crawl_id = clock.new_id()
        self._reported: set[str] = set()
        """Addresses that did not come: one counts once, whatever its retries say."""

    @classmethod
    @abstractmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> Arguments:
        """The spider's arguments. Raises ArgumentError."""

    @property
    def scope(self) -> str:
        """Names what this run wants: the spider and its arguments, but not how much of it. Runs of one scope go on where the last ended."""
        return json.dumps(
            [self.name, attrs.asdict(self.arguments, recurse=False, filter=_decides)], sort_keys=True, default=_key
        )

    def wants(self, url: str, depth: int) -> str | None:  # noqa: ARG002 - for those that look at it
        """Why the article at the canonical address `url`, named at `depth`, is not asked for; None where it is.

        Pure, and called in another thread.
        """
        return TOO_DEEP if depth > 0 else None

    def skips(self, url: str, depth: int, hint: str | None, capture: str | None) -> bool:
        """Whether the article at `url` is known to lie outside since and until without its page, and nothing but its record is wanted of it.

        Its old address names the day; a feed's date is not before its publication, nor is a capture. Pure, and called in another thread.
        """
        window, address = self.arguments.window, known_address(url)
        if (window.since is None and window.until is None) or self.wants(url, depth + 1) != TOO_DEEP:
            return False
        if address is not None and address.path_date is not None:
            return not window.holds_day(address.path_date)
        published = Hint.from_json(hint).published
        latest = [] if published is None else [published.until]
        if self.arguments.archive and capture is not None:
            latest.append(instant(capture[:14]))
        return any(window.begins_after(at) for at in latest)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        _follow(settings, "USER_AGENT", configuration.user_agent(settings))
        # No more requests under way than the newspaper is asked at once: what waits in the downloader can no longer be stopped.
        _follow(settings, "CONCURRENT_REQUESTS", settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        if crawler.settings.getbool("ONLY_LOOK") and not kwargs:
            kwargs = dict(cls.stand_ins)
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.arguments = _limited(spider.arguments, crawler.settings.getint("CLOSESPIDER_ITEMCOUNT"))
        configuration.check_run(crawler.settings, archive=spider.arguments.archive, job=JOB in spider.given)
        crawler.signals.connect(spider.notice_redirect_away, signals.request_scheduled)
        crawler.signals.connect(spider.notice_redirect_loop, signals.request_dropped)
        return spider

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Whether it is this spider that reads the page: Scrapy's tools ask for it."""
        address = parse_address(request.url)
        return address is not None and cls.reads(address)

    @classmethod
    def reads(cls, address: Address) -> bool:  # noqa: ARG003 - for those that do
        """Whether pages of this kind are what it begins with."""
        return False

    def request_for(self, address: Address) -> Request:
        """A request for one page, as Scrapy's tools make it: what is read of it is not recorded."""
        return self.ask_article(Page(url=address.canonical, depth=0, first_seen_at=clock.timestamp()))

    def ask_article(self, page: Page) -> Request:
        """A request for the page of an article. Of one that is stored and may be as it was, 304 says that nothing is new."""
        assert page.url is not None
        request = Request(page.url, callback=self.parse_article, errback=self.report_failure, meta={PAGE: page})
        if page.known:
            request.meta["dont_cache"] = True  # HTTPCACHE_ENABLED: what the newspaper says now is not there
        if page.if_modified_since is not None:
            request.headers["If-Modified-Since"] = page.if_modified_since
            request.meta["handle_httpstatus_list"] = [NOT_MODIFIED]
        return request

    def parse_article(self, response: Response) -> Iterator[Article | Refusal]:
        """The page's record or the reason why it gave none; its page gets all that it links: the ledger keeps that for deeper crawls.

        An article outside since and until is no record: its page gets `left_out`, its publication date. A page that has not been modified is not
        read.
        """
        if response.status == NOT_MODIFIED:
            self.crawler.stats.inc_value("fetch/unchanged")
            return
        page, address = page_of(response), parse_address(response.url)
        if address is None or not address.is_article:
            if page.known:
                assert response.request is not None
                page.instead = _instead(response, address)
                self.report(response.request, "redirect", f"redirected to a page that is no article: {response.url}")
                return
            yield self._refuse(response, f"the address leads to a page that is no article: {response.url}")
            return
        try:
            reading = read(response, address.canonical, Hint.from_json(page.hint))
        except NotAnArticle as error:
            page.instead = error.instead
            yield self._refuse(response, str(error))
            return
        try:
            article = Article(**reading.values, **self._provenance(page, response))
        except ValueError as error:
            yield self._refuse(response, f"the record would be wrong: {error}")
            return
        self.crawler.stats.inc_value("article/read")
        page.marks = reading.marks
        page.name(links_to(reading.links.articles))
        page.read = None
        # One that is stored was within the dates: a date corrected since is a correction like others.
        if page.known or article.published_at is None or self.arguments.window.holds(article.published_at):
            # As it was read, whatever a user's spider or middlewares make of the record on its way.
            page.read = copied(article)
            yield article
        else:
            self.crawler.stats.inc_value("range/left_out")
            page.left_out = article.published_at
        self.note(article, page.depth)

    def note(self, article: Article, depth: int) -> None:
        """Called with every article read, also with those left out."""

    def report_failure(self, failure: Failure) -> None:
        """Count and log a page that did not come, after all retries; its page gets its outcome, `failed`, `gone` or `absent`."""
        request = failure.request  # type: ignore[attr-defined]  # set by Scrapy before it calls an errback
        error = failure.value
        if isinstance(error, NotAsked):
            return
        if isinstance(error, HttpError):
            kind, why = str(error.response.status), f"status {error.response.status}"
        elif isinstance(error, IgnoreRequest):
            kind, why = "ignored", str(error)
        else:
            kind = type(error).__name__
            why = f"{kind}: {error}" if str(error) else kind
        self.report(request, kind, why)

    def notice_redirect_away(self, request: Request) -> None:
        """A redirect that leaves the newspaper is dropped by Scrapy without a word."""
        if "redirect_urls" in request.meta and not is_newspapers(request.url):
            self.report(request, "redirect", f"redirected to {request.url}")

    def notice_redirect_loop(self, request: Request) -> None:
        """So is a redirect to where it came from. One to a page that is asked for anyway is no failure."""
        if request.url in request.meta.get("redirect_urls", ()):
            self.report(request, "redirect", f"redirected in a circle by {request.url}")

    def report_chain(self, request: Request, chain: Sequence[str]) -> None:
        """Count and log an article that redirects, article by article, to more than are followed: the first of them has failed."""
        shown = (
            [*chain[:SHOWN], f"… {len(chain) - 2 * SHOWN} more …", *chain[-SHOWN:]] if len(chain) > 3 * SHOWN else chain
        )
        why = f"redirected {len(chain) - 1} times, more than REDIRECT_MAX_TIMES allows: {' -> '.join(shown)}"
        self.report(request, "redirect", why, chain[0])

    def report(self, request: Request, kind: str, why: str, first: str | None = None) -> None:
        """Count and log a page that did not come: `kind` is a status or the name of an error. `first` is the address at fault, where that is not the one asked for."""
        asked = parse_address(_asked(request))
        outcome = "failed"
        if kind in GONE and asked and asked.is_article:
            outcome = "absent" if self.arguments.archive else "gone"
        page = page_of(request)
        page.outcome = outcome
        address = first or _asked(request)
        if address in self._reported:  # by an earlier try
            return
        self._reported.add(address)
        self.crawler.stats.inc_value(f"fetch/{outcome}")
        self.crawler.stats.inc_value(f"fetch/{outcome}/{kind}")
        found_on = f" (found on {page.found_on})" if page.found_on else ""
        self.logger.warning("%s (%s): %s%s", outcome.capitalize(), why, address, found_on)

    def _provenance(self, page: Page, response: Response) -> dict[str, Any]:
        return {
            "found_on": page.found_on,
            "first_seen_at": page.first_seen_at,
            "fetched_at": page.fetched_at,
            "status": response.status,
            "origin": page.origin,
            "captured_at": page.captured_at,
            "crawl_id": self.crawl_id,
        }

    def _refuse(self, response: Response, reason: str) -> Refusal:
        assert response.request is not None
        return Refusal(
            url=_asked(response.request),
            reason=reason,
            status=response.status,
            found_on=page_of(response).found_on,
            fetched_at=page_of(response).fetched_at,
            crawl_id=self.crawl_id,
        )


def _instead(response: Response, address: Address | None) -> str | None:
    """What a page of the newspaper is that is no article's; None where neither its address nor the page says it."""
    if address is not None and address.kind == "listing":
        return of_listing(address)
    return on_page(text_of(response)) if address is not None and isinstance(response, TextResponse) else None


def is_newspapers(url: str) -> bool:
    """Whether an address is of www or the apex, at the usual port: a sub-domain may be anybody's."""
    return parse_address(url) is not None and urlsplit(url).hostname in configuration.LIVE_HOSTS


def _limited(arguments: Arguments, items: int) -> Arguments:
    """With Scrapy's CLOSESPIDER_ITEMCOUNT as a limit, where there is none smaller; 0 is none."""
    limits = [one for one in (arguments.limit, items) if one]
    return attrs.evolve(arguments, limit=min(limits, default=None))


def _decides(field: attrs.Attribute[Any], value: object) -> bool:
    return field.name not in ("limit", "render") and not (field.metadata.get("later") and value == field.default)


def _key(value: object) -> str:
    return value.listing if isinstance(value, Section) else value.path if isinstance(value, Feed) else str(value)


def _asked(request: Request) -> str:
    """The address asked for, before any redirect."""
    return str(request.meta.get("redirect_urls", [request.url])[0])


def _follow(settings: BaseSettings, name: str, value: object) -> None:
    """Set what depends on other settings, unless it was given for this run."""
    if (settings.getpriority(name) or 0) <= SETTINGS_PRIORITIES["project"]:
        settings.set(name, value, priority="spider")
