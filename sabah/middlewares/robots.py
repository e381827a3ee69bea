"""Who may be asked: the newspaper alone, at www and the apex; and nothing of a host whose rules are not known."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from sabah.configuration import is_newspaper
from sabah.middlewares.archive import archived_as
from sabah.middlewares.politeness import Politeness, is_robots_txt
from sabah.spiders.base import NotAsked, SabahSpider, is_newspapers

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)


class StrictRobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's, except that an error which is left after all retries ends the run; there it allows everything.

    Status 4xx allows (RFC 9309, 2.3.1.3), but for 429; so does a redirect that leads nowhere or elsewhere. For the newspaper it holds whatever a request's meta says.
    """

    politeness: Politeness
    only_newspaper: bool

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        one = super().from_crawler(crawler)
        one.politeness = Politeness.of(crawler)
        one.only_newspaper = crawler.settings.getbool("ROBOTSTXT_OF_NEWSPAPER")
        return one

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # without the argument that Scrapy deprecates
        newspaper = is_newspaper(request.url)
        if self.only_newspaper and not newspaper:
            return
        if newspaper and not is_robots_txt(request):
            request.meta.pop("dont_obey_robotstxt", None)
        await super().process_request(request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            self.politeness.give_up(f"robots.txt is not known (status {response.status})")
            raise NotAsked("robots.txt is not known")
        await super()._parse_robots(response, netloc, request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Of a page that the web archive is asked for, it is the archive's address that its rules are about."""
        spider = self.crawler.spider
        if isinstance(spider, SabahSpider) and spider.arguments.archive:
            request = request.replace(url=archived_as(request, self.crawler.settings))
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            if not isinstance(spider, SabahSpider):  # which says it itself; Scrapy says it to those who debug
                logger.warning("robots.txt forbids %s", request.url)
            raise

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, IgnoreRequest):
            self.politeness.give_up(
                f"robots.txt is not known ({': '.join(filter(None, (type(exc).__name__, str(exc))))})"
            )
        super()._robots_error(exc, netloc)


class NewspaperMiddleware(OffsiteMiddleware):
    """Scrapy's, which lets sub-domains of `allowed_domains` pass, and any port; for spiders of others it is as Scrapy has it."""

    def should_follow(self, request: Request, spider: Spider) -> bool:
        if not isinstance(spider, SabahSpider):
            return super().should_follow(request, spider)
        return is_newspapers(request.url)
