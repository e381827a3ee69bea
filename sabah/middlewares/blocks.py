"""A crawl that is not wanted stops itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from scrapy.http import TextResponse

from sabah.crawling.run import Run
from sabah.middlewares.politeness import Politeness
from sabah.monitors.verdict import BLOCKED
from sabah.pages.not_the_page import challenge
from sabah.pages.page import CUT, text_of
from sabah.site.addresses import parse_address
from sabah.spiders.base import page_of
from sabah.spiders.sources import SOURCE

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_FORBIDDEN: Final = 403
_GOOD: Final = frozenset({200, 304})


class Challenge(Exception):
    """The answer is not the page asked for; the message says what it is."""

    def __init__(self, what: str, response: Response) -> None:
        super().__init__(what)
        self.response = response


class BlockMiddleware:
    """Counts answers with status 403 and challenge pages: BLOCKS_TO_STOP of them without a good answer between them end the run.

    One alone is a page that failed; so is one that a block has met before, where other pages of the run were good. Those that ended the run are nobody's fault: their addresses are pending again, their answers kept.
    Other statuses neither count nor interrupt the row. Stats: `block/403`, `block/challenge`, `block/given_back`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.politeness = Politeness.of(crawler)
        self.limit = crawler.settings.getint("BLOCKS_TO_STOP")
        self.row: list[Response] = []
        self.over = False
        self.good = False
        """Whether an article's page was a good answer."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_spider_input(self, response: Response) -> None:
        """Raises Challenge for a page that is none of the newspaper's."""
        what = _challenge(response)
        if what is not None or response.status == _FORBIDDEN:
            self.crawler.stats.inc_value("block/challenge" if what else "block/403")
            if not (self.good and page_of(response).blocked):
                self._blocked(response, what)
        elif response.status in _GOOD:
            self.row.clear()
            self.good = self.good or page_of(response).id is not None
        if what is not None:
            raise Challenge(what, response)

    def _blocked(self, response: Response, what: str | None) -> None:
        self.row.append(response)
        if len(self.row) < self.limit and not self.over:
            return
        for one in self.row:
            Run.of(self.crawler).give_back(page_of(one))
        self.crawler.stats.inc_value("block/given_back", len(self.row))
        self.row.clear()
        self.over = True
        said = what or f"status {response.status}"
        self.politeness.give_up(f"{self.limit} answers in a row were blocks, the last one {said}", BLOCKED)


def _challenge(response: Response) -> str | None:
    if response.status != 200 or not isinstance(response, TextResponse):
        return None
    # What came without its end may have lost its marks with it.
    marked = CUT not in response.flags and _bears_marks(response)
    return challenge(text_of(response), marked=marked)


def _bears_marks(response: Response) -> bool:
    address, source = parse_address(response.url), response.meta.get(SOURCE)
    return source is not None or (address is not None and (address.is_article or address.kind == "listing"))
