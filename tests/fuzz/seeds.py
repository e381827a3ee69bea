"""The pages and feeds that are spoilt: the saved ones, those of the replica and, where they are beside this repository, real fragments."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from replica.editor import article
from replica.feeds import Feeds
from replica.listings import listing
from replica.newspaper import Newspaper
from replica.pages import amp_page, article_page, listing_page
from tests.fuzz.shapes import FRAMES
from tests.pages.saved import FOLDER

_REAL = Path(__file__).parents[2] / "../shared/site"


@cache
def small_pages() -> list[bytes]:
    """A few kilobytes each; every layout, kind and trap."""
    return [path.read_bytes() for path in sorted(FOLDER.glob("*.html"))] + _fragments()


@cache
def large_pages() -> list[bytes]:
    """About a hundred kilobytes each, as the newspaper sends them."""
    paper = Newspaper(7, 400)
    articles = [article(paper, number) for number in range(0, 400, 40)]
    front = listing(paper, "/")
    sister = _REAL / "sister-page.html"
    return [
        *(article_page(paper, one) for one in articles),
        *(amp_page(paper, one) for one in articles[:3]),
        *([listing_page(paper, front)] if front else []),
        *([sister.read_bytes()] if sister.exists() else []),
    ]


@cache
def feeds() -> list[bytes]:
    made = Feeds(Newspaper(7, 400))
    found = [made.find(path, None) for path in ("/rss", "/rss/world", "/rss/opinion", "/rssFeed/10", "/rss/home-page")]
    return [made.xml(one, None) for one in found if one is not None]


def _fragments() -> list[bytes]:
    """Real markup, without text of the newspaper, in the place of a body and around it."""
    file = _REAL / "fragments.tsv"
    if not file.exists():
        return []
    lines = file.read_text("utf-8").splitlines()[1:]
    return [frame(line.rpartition("\t")[0]).encode() for line in lines for frame in list(FRAMES.values())[:3]]
