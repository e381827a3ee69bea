"""What a page says. One module a layout; selectors live here and nowhere else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import attrs
from scrapy.http import Response, TextResponse

from sabah import __version__
from sabah.loaders import ArticleLoader
from sabah.normalize.dates import DateError
from sabah.normalize.text import clean
from sabah.pages import article_2020, article_amp, article_generic, article_legacy
from sabah.pages.links import Links
from sabah.pages.marks import marks
from sabah.pages.metadata import Metadata
from sabah.pages.not_the_page import ERROR, instead, says_not_found
from sabah.pages.page import CUT, Page, text_and_source
from sabah.pages.record import Hint, fill_from_feed, fill_from_metadata, missing, values
from sabah.pages.tree import DEEPEST, is_deeper, parse
from sabah.site.addresses import parse_address, slug_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["Links", "NotAnArticle", "Reading", "read"]

PRINTS_DATES = frozenset({"2020", "legacy"})
"""Layouts that have a place for the date of publication."""

_OURS = re.compile(r"daily\W*sabah|turkuvaz", re.IGNORECASE)
"""What the newspaper and its publisher are called."""

_BEHIND = re.compile(r"\s[|–—·-]\s")
"""Between a headline and the name of its site."""

_ADDRESS = re.compile(r"https?://[^\s/?#]+/\S*")
ERROR_WORDS = 60
"""An article of that name has more; what the newspaper says in place of one has fewer."""

_BLANK = " \t\r\n\f\v\x00\ufeff"


class NotAnArticle(ValueError):
    """The page gives no record; the message says in one sentence what was missing or wrong."""

    def __init__(self, why: str, what: str | None = None) -> None:
        super().__init__(why)
        self.instead = what
        """What the page is in place of an article, as it says of itself (sabah.pages.not_the_page); None where it does not say."""


@attrs.frozen
class Reading:
    values: dict[str, Any]
    """Every field of the record that the page decides."""

    links: Links

    marks: int
    """A bit for each of `pages.marks.NAMES` that the page bears."""


def read(response: Response, address: str | None = None, hint: Hint | None = None) -> Reading:
    """The article on a page, found under `address` (default: the one that its canonical link names).

    `hint` is what a feed says, for what the page does not. A missing date is not an error here (AMP pages print none); a missing headline, a missing body (but for videos and
    galleries), a page cut off before or inside its body and an impossible date raise NotAnArticle.
    """
    if not response.body:
        raise NotAnArticle("the page is empty")
    if not isinstance(response, TextResponse):
        raise NotAnArticle("the answer is no text")
    html, source = text_and_source(response)
    if not html.strip(_BLANK):
        raise NotAnArticle("the page is empty")
    page = _page(html, source, address)
    try:
        return _read(response, page, hint or Hint())
    except NotAnArticle as error:
        error.instead = error.instead or instead(page.root, page.metadata)
        raise


def _read(response: Response, page: Page, hint: Hint) -> Reading:
    loader = ArticleLoader(opinion=page.is_opinion)
    try:
        layout, links, body = _fill(page, loader)
        fill_from_metadata(page, loader, body, dates_alone=layout not in PRINTS_DATES)
        fill_from_feed(hint, loader)
    except DateError as error:
        raise NotAnArticle(f"a printed date is impossible: {error}") from error
    if problem := missing(page, loader, body):
        raise NotAnArticle(problem)
    if site := _is_anothers(page, layout):
        raise NotAnArticle(
            f"the page is another site's: its canonical link, its headline and its site name ({site}) are"
        )
    if (
        says_not_found(loader.get_output_value("headline"))
        and len((loader.get_output_value("body") or "").split()) < ERROR_WORDS
    ):
        raise NotAnArticle("the page says of itself that it is not there", ERROR)
    doubts = ["answer_cut"] if CUT in response.flags else []
    found = {**values(page, loader, layout, __version__), "marks": doubts}
    return Reading(found, links, marks(page.root, page.metadata, page.labels, page.base))


def _page(html: str, source: str | bytes, address: str | None) -> Page:
    root = parse(source)
    if is_deeper(root, DEEPEST):
        raise NotAnArticle(
            f"the page's elements stand more than {DEEPEST} deep in one another, and what is behind them would be lost"
        )
    metadata = Metadata(root)
    address = address or metadata.canonical
    if not address:
        raise NotAnArticle("the page does not name its own address (link rel=canonical), and none was given")
    if not _ADDRESS.fullmatch(address):
        raise NotAnArticle(f"{clean(address)!r} is no absolute http(s) address of a page")
    asked = parse_address(address)
    if asked and not asked.is_article:
        raise NotAnArticle(f"{asked.canonical} is the address of a {asked.reason or asked.kind} page")
    own = parse_address(metadata.canonical or "")
    if asked and own and own.is_article and slug_of(own) == slug_of(asked):
        asked = own
    return Page(
        root=root,
        base=asked.canonical if asked else address,
        url=asked.canonical if asked else address,
        address=asked,
        metadata=metadata,
        html=html,
        elsewhere=_elsewhere(metadata.canonical, asked.canonical if asked else address),
    )


def _elsewhere(canonical: str | None, address: str) -> str | None:
    """The canonical link of the page at `address` as it says it, where that names another site; None where it names this one, or nothing."""
    try:
        named = urlsplit(urljoin(address, canonical or ""))
        hosts = [(one.hostname or "").rstrip(".").removeprefix("www.") for one in (named, urlsplit(address))]
    except ValueError:
        return None
    if canonical is None or named.scheme not in {"http", "https"} or not hosts[0]:
        return None
    return None if hosts[0] == hosts[1] or hosts[0].endswith(f".{hosts[1]}") else clean(canonical)


def _is_anothers(page: Page, layout: str) -> str | None:
    """The name of the site whose page came in place of the newspaper's; None where it is the newspaper's, as far as anyone can tell.

    A canonical link may be wrong, or that of an agency whose report is printed; and so may be one name in the head. Here all three are another's: the link, the
    name of the site, and the headline, which no layout of the newspaper prints or the title gives that site's name behind.
    """
    site = page.metadata.site
    if page.elsewhere is None or site is None or _OURS.search(site):
        return None
    titles = filter(None, (page.metadata.title, page.metadata.first("og:title")))
    behind = {_folded(tail) for _, *tails in map(_BEHIND.split, titles) for tail in tails[-1:]}
    return site if layout == "generic" or _folded(site) in behind else None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _fill(page: Page, loader: ArticleLoader) -> tuple[str, Links, Element | None]:
    """Load what the page prints; gives the name of its layout, its links and the element that holds its text."""
    for name, layout in (("amp", article_amp), ("2020", article_2020), ("legacy", article_legacy)):
        if layout.matches(page.root):
            return name, *layout.fill(page, loader)
    if article_generic.matches(page.metadata):
        if is_deeper(page.root, article_generic.DEEPEST):
            raise NotAnArticle(
                f"the page has no known layout, and its elements stand more than {article_generic.DEEPEST} deep in one another"
            )
        return "generic", article_generic.fill(page, loader), None
    raise NotAnArticle("no layout of an article was recognised, and the metadata does not say that it is one")
