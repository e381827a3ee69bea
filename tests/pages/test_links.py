"""Where an article leads, by box; and what a listing lists."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from sabah.pages.listing import read_listing
from tests.fuzz.check import check
from tests.fuzz.mutations import Input
from tests.fuzz.shapes import FRAMES
from tests.pages.saved import reading, saved
from tests.pages.template import made

SITE = "https://www.dailysabah.com"
BOTTOM_CARD = f"{SITE}/politics/diplomacy/marlo-recalls-its-envoys-from-three-capitals"


def listing(body: bytes, address: str = f"{SITE}/europe") -> tuple[str, ...]:
    return read_listing(HtmlResponse(address, body=body)).links


def test_the_seed_article_leads_to_its_box_and_its_bottom_cards() -> None:
    links = reading(saved("seed-article")).links
    assert links.recommended == (
        f"{SITE}/world/syrian-crisis/syrians-in-idlib-camps-in-dire-condition-amid-economic-crisis",
    )
    assert links.cards == (
        f"{SITE}/politics/turkiye-sweden-row-hints-at-deeper-concerns-within-nato/news",
        f"{SITE}/politics/norway-cancels-quran-burning-after-reaction-from-turkiye/news",
        f"{SITE}/gallery/world-rallies-for-ukraine-against-russian-invasion/images",
    )
    assert links.body == ()


def test_links_of_a_box_inside_the_body_are_not_those_of_the_text() -> None:
    links = reading(saved("headings-lists-captions")).links
    assert links.recommended == (
        f"{SITE}/lifestyle/travel/night-trains-return-to-vell",
        f"{SITE}/lifestyle/food/the-last-salt-makers-of-zavi",
    )
    assert links.cards == (BOTTOM_CARD,)
    assert links.body == (f"{SITE}/lifestyle/travel/how-to-book-a-ferry-in-marlo",)


def test_links_lose_apex_host_and_tracking() -> None:
    assert reading(saved("text-without-p")).links.body == (f"{SITE}/business/energy/why-tides-are-slow-money",)


def test_an_amp_page_names_its_links_by_their_canonical_addresses() -> None:
    links = reading(saved("amp-with-spot")).links
    assert (links.recommended, links.cards) == ((), ())
    assert links.body == (f"{SITE}/world/mid-east/zavi-waits-for-its-envoys",)


def test_most_read_is_no_card() -> None:
    assert reading(saved("bare-minimum")).links.cards == (BOTTOM_CARD,)
    assert reading(saved("legacy-2019")).links.cards == ()


def test_a_listing_gives_its_cards_once_each_in_page_order() -> None:
    assert listing(saved("listing")) == (
        f"{SITE}/world/europe/marlo-votes-on-new-harbor-law",
        f"{SITE}/world/europe/vell-opens-third-bridge",
        f"{SITE}/world/europe/zavi-counts-its-storks",
        f"{SITE}/opinion/columns/a-word-on-bridges",
        BOTTOM_CARD,
    )


def test_a_listing_without_cards_gives_its_article_links_but_not_the_ranked_ones() -> None:
    page = b"""<ul class="numbered_list"><li><a href="/world/europe/ranked">Ranked</a></ul>
        <div><a href="/world/europe/plain">Plain</a> <a href="/world">World</a> <a href="http://[bad">Bad</a></div>"""
    assert listing(page) == (f"{SITE}/world/europe/plain",)
    assert listing(b"<html></html>") == ()


def test_cards_of_any_heading() -> None:
    page = b"""<a href="/world/europe/one"><img src="/a.jpg"><h3>One</h3></a><h4><a href="/world/europe/two">Two</a></h4>
        <a href="/world/europe/three"><h4>Three</h4></a><ol><li><a href="/world/europe/ranked"><h4>Ranked</h4></a></ol>"""
    assert listing(page) == tuple(f"{SITE}/world/europe/{one}" for one in ("one", "two", "three"))


@pytest.mark.parametrize("to", ["../x", f"{SITE}/world/europe/x", "/world/europe/x"])
def test_links_in_nested_headings_are_looked_at_once(to: str) -> None:
    page = FRAMES["in the body"]("<h3><div>" * 110 + f'<a href="{to}">x</a>' * 4_000 + "</div></h3>" * 110)
    assert check(Input(page.encode(), None, named=True, is_feed=False)) == "article"


def test_a_heading_in_a_heading_leads_to_a_card() -> None:
    card = f'<div><img src="/a.jpg"><h3>{{}}<h4><a href="{SITE}/world/europe/x">Card</a></h4></h3><span>some-slug</span></div>'
    for before in ("", f'<a href="{SITE}/world/europe/y">Topic</a>'):
        read = made(f"<p>One paragraph.</p>{card.format(before)}<p>Another one.</p>")
        assert (read.values["body"], read.values.get("images")) == ("One paragraph.\n\nAnother one.", None)
