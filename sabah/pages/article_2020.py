"""The layout of articles since about March 2020, with its pictures above the text; old addresses are served in it too (FACTS section 1)."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from sabah.normalize.dates import find_date
from sabah.pages import labels
from sabah.pages.body import asides, read_body
from sabah.pages.byline_and_date import ByDate, find_details, read_details, read_second
from sabah.pages.captions import captions_apart, captions_beside
from sabah.pages.links import Links, article_address, card_links, cards_in, linked_pictures, links_in
from sabah.pages.media import article_area, own_players, pictures_outside, read_pictures
from sabah.pages.share_block import read_share_block
from sabah.pages.tree import common_ancestor, finder, has_class, lineage, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element

    from sabah.loaders import ArticleLoader
    from sabah.pages.page import Page


_of_card = finder("descendant::h3 | descendant::h4 | descendant::div{.ratio398x208}")


def in_holder(area: Element, body: Element | None) -> Iterator[Element]:
    """Images of the hero's holder, above the body."""
    above = takewhile(lambda node: node is not body, area.iter("img", "div"))
    return (
        node
        for node in above
        if node.tag == "img" and any(has_class(one, "image_holder") for one in lineage(node, area))
    )


def pictures_of_cards(page: Page, area: Element, body: Element, above: Collection[Element]) -> list[Element]:
    """The links to other articles that hold a picture, but for those around a hero: the newspaper links it, perhaps to a gallery or an older article."""
    linked = linked_pictures(area, page.base, page.url)
    heroes = set(above)
    of_hero = {one for one in linked if next(one.iter("img"), None) in heroes and not _of_card(one)}
    if not of_hero:
        return linked
    cards = set(card_links(area, page.base, [body]))
    return [one for one in linked if one not in of_hero or article_address(one, page.base) in cards]


_headlines = finder("//h1{.main_page_title}")
_titles = finder(".//div{.top_title_widget} | .//h1{.main_page_title}")
_bodies = finder("//div{.article_body}")
_details = finder("//div{.left_mobile_details}")
_inner_details = finder("descendant-or-self::div{.left_mobile_details}")
_other_headlines = finder("//h1[not(contains(@class, 'logo'))]")
_FEWEST_WORDS = 3
_MOST_DETAILS = 8  # a page has one, or the same again for phones


def matches(root: Element) -> bool:
    """Whether the page bears one of the layout's own marks."""
    return bool(_headlines(root) or _bodies(root))


def fill(page: Page, loader: ArticleLoader) -> tuple[Links, Element | None]:
    """Load what the page prints, and give its links and the element that holds its text; metadata is left to the caller."""
    headline = next(iter(_headlines(page.root)), None)
    body = next(iter(_bodies(page.root)), None)
    if headline is not None:
        loader.take("headline", "css", text(headline))
    else:
        headline = next(filter(text, _other_headlines(page.root)), None)
        loader.take("headline", "text", None if headline is None else text(headline))
    _read_standfirst(headline, loader)
    _read_details(page, loader, headline, body)

    found = page.labels
    recommended = labels.recommended(found, page.root, page.base, body)
    related = links_in(recommended, page.base)
    loader.take("related", "text", related)
    share_block = read_share_block(page, loader, found)

    area = article_area(page.root, headline, body)
    above = pictures_outside(page, area, body, in_holder(area, body))
    left_out = {
        *recommended,
        *share_block,
        *(
            []
            if body is None
            else [
                *asides(body),
                *labels.alone(found),
                *_inner_details(body),
                *_titles(body),
                *cards_in(body, page.base),
                *pictures_of_cards(page, area, body, above),
                *captions_apart(body, above),
            ]
        ),
    }
    captions = captions_beside(above)
    if body is not None:
        found_in_body = read_body(body, left_out)
        captions.update(found_in_body.captions)
        loader.take("body", "css", found_in_body.lines)
    loader.take(
        "images", "css", read_pictures([*above, *([] if body is None else [body])], page.base, left_out, captions)
    )
    loader.take("videos", None, own_players(page, area))
    if body is None:
        return Links(related, card_links(page.root, page.base, recommended)), None
    cards = card_links(page.root, page.base, [*recommended, body])
    return Links(related, cards, links_in([body], page.base, left_out)), body


def _read_standfirst(headline: Element | None, loader: ArticleLoader) -> None:
    """The first text after the headline inside the title block that is neither the details, a date nor a share bar; its tag and class are not known."""
    if headline is None or not any(has_class(one, "top_title_widget") for one in lineage(headline)):
        return
    for sibling in headline.itersiblings():
        if sibling.tag not in {"script", "style"} and not _inner_details(sibling) and _is_standfirst(sibling):
            loader.take("standfirst", None, text(sibling))
            return


def _is_standfirst(node: Element) -> bool:
    """Whether the text is more than a button or a bar of links."""
    printed = text(node)
    words = printed.split()
    if len(words) < _FEWEST_WORDS and not printed.endswith((".", "!", "?", "…")):
        return False
    linked = sum(len(text(one)) for tags in ("a", "button") for one in node.iter(tags))
    date = find_date(printed)
    return (
        linked < len("".join(words))
        and not (date and (":" in date or date == printed))
        and not printed.lower().startswith("by ")
    )


def _read_details(page: Page, loader: ArticleLoader, headline: Element | None, body: Element | None) -> None:
    """Byline, city and date of the block under the headline; what it lacks, of the second byline under the hero."""
    for details in _details(page.root)[:_MOST_DETAILS]:
        _take(loader, "css", read_details(details))
    if not loader.has("published") and headline is not None and body is not None:
        found = find_details(common_ancestor(headline, body), headline, body)
        if found is not None:
            _take(loader, "text", read_details(found))
    if not (loader.has("published") and loader.has("byline")):
        area = page.root if headline is None or body is None else common_ancestor(headline, body)
        _take(loader, "text", read_second(area, headline, body))


def _take(loader: ArticleLoader, source: str, read: ByDate) -> None:
    loader.take("byline", source, read.byline)
    loader.take("dateline", source, read.city)
    loader.take("published", source, read.date)
    if read.unread:
        loader.unread.add("byline")
