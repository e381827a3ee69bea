"""What a page's canonical link decides by itself: an address of the same article, and never that of another site."""

from __future__ import annotations

import pytest

from sabah.pages import NotAnArticle
from tests.pages.saved import reading
from tests.running import SITE, article

A = f"{SITE}/world/europe/a-bridge-for-tarn"
GENERIC = "<html><head>{head}<meta property='og:type' content='article'><meta property='og:title' content='Rain in Orv'></head><body><p>{text}</p></body></html>"


def page(canonical: str, head: str = "", title: str = "A bridge | Daily Sabah") -> str:
    """A page of the newspaper's own layout."""
    own = f"<head><link rel='canonical' href='{canonical}'>{head}<title>{title}</title>"
    return article("A bridge for Tarn").replace("<head><title>A bridge for Tarn</title>", own)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("/turkey/x/news", "/turkiye/x/news"),
        ("/turkiye/x/news", "/turkey/x/news"),
        ("/lifestyle/travel/x", "/life/travel/x"),
        ("/life/x/news", "/lifestyle/x/news"),
        ("/world/x/news", "/world/europe/x"),
        # scrapy/w3lib#178; JSONbored/loopover#2826
        ("/world/europe/Case-Story", "/world/europe/case-story"),
        ("/world/europe/quote-story%E2%80%8B", "/world/europe/quote-story"),
        ("/world/europe/a-quote%E2%80%99", "/world/europe/a-quote"),
    ],
)
def test_the_same_article_under_another_name_has_the_address_that_its_page_names(asked: str, named: str) -> None:
    values = reading(page(SITE + named), SITE + asked).values
    assert (values["url"], values["canonical_elsewhere"]) == (SITE + named, None)


@pytest.mark.parametrize(
    "canonical",
    [
        f"{SITE}/world/europe/another-article", f"{SITE}/world", f"{SITE}/", "/world/europe/a-bridge-for-tarn", "", "#", "javascript:void(0)", "mailto:a@b.example",
        "http://[bad/x", "https://", "https:///world", "https://dailysabah.com/world", "http://DailySabah.com./world", "https://m.dailysabah.com/x", "?page=2", "//www.dailysabah.com/",
    ],
)  # fmt: skip
def test_what_names_no_other_site_is_not_kept(canonical: str) -> None:
    values = reading(page(canonical), A).values
    assert (values["url"], values["canonical_elsewhere"]) == (A, None)


@pytest.mark.parametrize(
    "canonical",
    [
        "https://apnews.example/article/bridge", "http://www.reuters.example/x?y=1#z", "//cdn.example/a", "https://dailysabah.com.example/world/europe/a-bridge-for-tarn",
        "https://notdailysabah.com/a", "HTTPS://AGENCY.EXAMPLE/A", "http://127.0.0.1:8000/world/europe/a-bridge-for-tarn", "https://www.sabah.com.tr/dunya/kopru",
    ],
)  # fmt: skip
def test_the_canonical_link_of_another_site_is_kept_and_decides_nothing(canonical: str) -> None:
    """As of an agency's report that the newspaper prints, with the agency's link left in."""
    values = reading(page(canonical), A).values
    assert (values["url"], values["section"], values["canonical_elsewhere"]) == (A, "world", canonical)


def test_without_an_address_the_canonical_link_is_the_only_one() -> None:
    values = reading(page("https://other.example/article/1")).values
    assert (values["url"], values["canonical_elsewhere"]) == ("https://other.example/article/1", None)


NAMED = "<meta property='og:site_name' content='The Orv Mail'>"
PUBLISHED = (
    '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "publisher": {"name": "The Orv Mail"}}</script>'
)
THEIRS = "https://mail.example/rain-in-orv"


@pytest.mark.parametrize("site", [NAMED, PUBLISHED])
def test_a_page_whose_link_site_and_headline_are_anothers_is_refused(site: str) -> None:
    whole = page(THEIRS, site, "Rain in Orv | The Orv  mail")
    link = f"<link rel='canonical' href='{THEIRS}'>"
    bare = GENERIC.format(head=link + site, text="Rain has fallen in Orv for nine days, and the river is high. " * 20)
    for one in (whole, bare):
        with pytest.raises(NotAnArticle, match=r"another site's.*The Orv Mail"):
            reading(one, A)


@pytest.mark.parametrize(
    ("canonical", "head", "title"),
    [
        (THEIRS, "", "Rain in Orv | The Orv Mail"),
        (THEIRS, NAMED, "A bridge | Daily Sabah"),
        (THEIRS, NAMED, "The Orv Mail"),
        (THEIRS, NAMED, "What the Orv Mail did - and did not"),
        (THEIRS, "<meta property='og:site_name' content='DailySabah'>", "A bridge | DailySabah"),
        (THEIRS, "<meta property='og:site_name' content='Sabah'>", "A bridge | Daily Sabah"),
        (A, NAMED, "Rain in Orv | The Orv Mail"),
        ("", NAMED, "Rain in Orv | The Orv Mail"),
    ],
)
def test_a_page_of_which_two_are_anothers_is_kept(canonical: str, head: str, title: str) -> None:
    assert reading(page(canonical, head, title), A).values["headline"] == "A bridge for Tarn"
