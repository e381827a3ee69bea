"""A look at the site as it is now: robots.txt, one listing, one feed, three articles, and what of the known layout each shows."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

import attrs
from scrapy import Request
from scrapy.http import TextResponse

from sabah.items import Article
from sabah.pages import NotAnArticle, read
from sabah.pages.feed import read_feed
from sabah.pages.labels import find_labels
from sabah.pages.listing import read_listing
from sabah.pages.marks import marks, names
from sabah.pages.metadata import Metadata
from sabah.pages.page import text_of
from sabah.pages.tree import lineage, parse, text
from sabah.site.addresses import ROOT
from sabah.spiders.arguments import Arguments
from sabah.spiders.base import SabahSpider, links_to, page_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy.http import Response
    from twisted.python.failure import Failure

ARTICLES: Final = 3
HEADERS: Final = (
    "Content-Type",
    "Last-Modified",
    "ETag",
    "Cache-Control",
    "Server",
    "Retry-After",
    "Content-Encoding",
    "CF-Ray",
)
_AROUND: Final = 2
_OK: Final = 200


@attrs.define
class Look:
    """One answer."""

    what: str
    """`robots.txt`, `listing`, `feed` or `article`."""

    url: str
    status: int | None = None
    headers: dict[str, str] = attrs.field(factory=dict)
    size: int = 0
    found: int | None = None
    """Articles that a listing or feed names."""

    from_cards: bool | None = None
    problem: str | None = None
    record: Article | None = None
    marks: frozenset[str] = frozenset()
    labels: dict[str, str] = attrs.field(factory=dict)
    """Label to the tags and classes of its element and of those around it."""

    body: bytes = b""


class CheckSpider(SabahSpider):
    """Runs in a data folder of its own, so that all manners hold; what it saw is in `looks`."""

    # No `name` of the class: Scrapy would list it among the spiders that `scrapy crawl` runs.

    def __init__(self, name: str | None = None, **given: object) -> None:
        self.listing, self.feed = str(given.pop("listing")), str(given.pop("feed"))
        super().__init__(name or "check-site", **given)
        self.looks: list[Look] = []

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> Arguments:  # noqa: ARG003 - it has none
        return Arguments()

    async def start(self) -> AsyncIterator[Request]:
        for what, path, callback in (
            ("robots.txt", "/robots.txt", self.parse_robots), ("listing", self.listing, self.parse_listing), ("feed", self.feed, self.parse_feed),
        ):  # fmt: skip
            yield Request(urljoin(ROOT, path), callback=callback, errback=self.note_failure, meta={"what": what})

    def parse_robots(self, response: Response) -> None:
        self._look(response)

    def parse_listing(self, response: Response) -> None:
        look = self._look(response)
        listing = read_listing(response) if isinstance(response, TextResponse) else None
        links = listing.links if listing else ()
        found = links_to(links)
        look.found, look.from_cards = len(found), listing.from_cards if listing else None
        self.crawler.stats.inc_value("source/read")
        if not found:
            self.crawler.stats.inc_value("source/empty")
        page_of(response).name(found[:ARTICLES])

    def parse_feed(self, response: Response) -> None:
        look = self._look(response)
        feed = read_feed(response.body)
        look.found, look.problem = len(feed.items), feed.fault

    def parse_article(self, response: Response) -> Iterator[Any]:
        look = self._look(response)
        if isinstance(response, TextResponse):
            root = parse(text_of(response))
            labels = find_labels(root)
            look.marks = names(marks(root, Metadata(root), labels, response.url))
            look.labels = {label: _standing(nodes[-1]) for label, nodes in labels.items()}
        try:
            look.record = Article(**read(response, response.url).values)
        except (NotAnArticle, ValueError) as error:
            look.problem = str(error)
        yield from super().parse_article(response)

    def report_failure(self, failure: Failure) -> None:
        super().report_failure(failure)
        self.note_failure(failure, counted=True)

    def note_failure(self, failure: Failure, *, counted: bool = False) -> None:
        if not counted:
            super().report_failure(failure)
        request = failure.request  # type: ignore[attr-defined]
        response = getattr(failure.value, "response", None)
        look = self._look(response) if response is not None else Look(request.meta.get("what", "article"), request.url)
        is_status = response is not None and response.status != _OK
        look.problem = f"status {look.status}" if is_status else f"{type(failure.value).__name__}: {failure.value}"
        if response is None:
            self.looks.append(look)

    def _look(self, response: Response) -> Look:
        headers = {name: (response.headers.get(name) or b"").decode("latin-1") for name in HEADERS}
        look = Look(
            response.meta.get("what", "article"), response.url, response.status, {name: value for name, value in headers.items() if value}, len(response.body),
            body=response.body,
        )  # fmt: skip
        self.looks.append(look)
        return look


def _standing(label: Any) -> str:
    """`div.tags > h3.title`: tag and classes of a label's element and of the ones around it."""
    around = list(islice(lineage(label), _AROUND + 1))
    return (
        " > ".join(".".join([str(one.tag), *(one.get("class") or "").split()]) for one in reversed(around))
        + f" {text(label)[:40]!r}"
    )
