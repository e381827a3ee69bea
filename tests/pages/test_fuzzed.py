"""Pages and feeds that the fuzz test found: each once made a reader raise what it should not, lose text without a word, or take minutes."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from sabah.normalize.text import clean
from sabah.pages import NotAnArticle
from sabah.pages.feed import read_feed
from sabah.pages.listing import read_listing
from sabah.pages.not_the_page import listing_shell
from sabah.pages.tree import DEEPEST, parse
from tests.fuzz.check import ADDRESS, check
from tests.fuzz.mutations import Input
from tests.fuzz.shapes import FRAMES, GROWTHS
from tests.pages.saved import reading, saved
from tests.pages.template import values
from tests.processor import seconds

_FEED = "<rss><channel><item><link>https://www.dailysabah.com/world/europe/slug</link><description>It {} said</description></item></channel></rss>"


@pytest.mark.parametrize(
    "reference",
    ["&#1114112;", "&#99999999999999999999;", "&#xD800;", "&#x110000;", f"&#{'9' * 5000};", f"&#x{'f' * 5000};"],
)
def test_a_reference_to_no_character_costs_a_feed_nothing(reference: str) -> None:
    feed = read_feed(_FEED.format(f"<![CDATA[<b>{reference}</b>]]>{reference} & <br>").encode())
    assert [item.url for item in feed.items] == [ADDRESS]


def test_a_reference_to_no_character_in_a_page_of_no_layout() -> None:
    sentence = f"The council &amp;#{'9' * 5000}; met on Friday, and the mayor &#38;#{'9' * 5000}; spoke at length of the harbour."
    page = FRAMES["generic"](f"<p>{sentence}</p>" * 5)
    assert "\ufffd met" in str(reading(page, ADDRESS).values["body"])


def test_a_feed_that_declares_no_charset_that_can_be() -> None:
    feed = read_feed(b"<?xml version='1.0' encoding='UTF\xa08'?>" + _FEED.format("was").encode())
    assert "broken" in str(feed.fault)


def test_a_feed_with_a_picture_of_no_height() -> None:
    feed = read_feed(_FEED.replace("<item>", "<image></height></image><item>").format("was").encode())
    assert "broken" in str(feed.fault)


def test_a_comment_before_the_second_byline() -> None:
    printed = values(details="", above="<!-- by --><span>Sep 14, 2021 10:51 am</span>")
    assert printed["published_raw"] == "Sep 14, 2021 10:51 am"


@pytest.mark.parametrize("charset", ["idna", "punycode", "utf-7", "rot13", "no-such-charset"])
def test_a_charset_that_is_none_of_pages(charset: str) -> None:
    page = saved("bare-minimum").replace(b"<head>", f"<head><meta charset={charset}>".encode()) + b"\xff"
    response = HtmlResponse(ADDRESS, body=page)
    read_listing(response)
    listing_shell(response)
    assert reading(page).values["headline"]


def test_a_comment_before_the_text_of_an_amp_page() -> None:
    page = saved("amp-with-spot").decode()
    start = page.index("<p>")
    assert reading(page[:start] + "<!-- ad -->" + page[start:]).values == reading(page).values


def test_a_tag_with_a_name_that_no_path_can_bear() -> None:
    page = (
        saved("seed-article")
        .decode()
        .replace('<div class="detail">', '<div="><div class="detail">')
        .replace("</html>", "")
        .replace("</body>", "")
    )
    with pytest.raises(NotAnArticle, match="cut off"):
        reading(page[: page.index("Putin and Assad also discussed")], ADDRESS)


def test_what_is_nested_too_deeply_is_refused_and_not_cut() -> None:
    page = saved("bare-minimum").decode()
    for depth in (DEEPEST + 1, 3_000):
        with pytest.raises(NotAnArticle, match="deep in one another"):
            reading(page.replace("<p>", "<p>" + "<span>" * depth, 1))
    assert reading(page.replace("<p>", "<p>" + "<span>" * (DEEPEST // 2), 1)).values["headline"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (b"<html amp><h1>x</h1>" + b"<div>" * 20_000 + b"text", "refused"),
        (b"<h1 class=main_page_title>x</h1><div class=article_body>" + b"<b>" * 20_000 + b"text</html>", "refused"),
        (b"<h1 class=main_page_title>x</h1><div class=article_body>" + b"<p>" * 20_000 + b"text</html>", "article"),
        (b"<script type='application/ld+json'>" + b"[" * 100_000, "refused"),
    ],
)
def test_tags_and_brackets_by_tens_of_thousands(page: bytes, said: str) -> None:
    assert check(Input(page, None, named=True, is_feed=False)) == said


def test_a_tag_of_very_many_attributes_keeps_the_first() -> None:
    names = " ".join(f"a{number}={number}" for number in range(200_000))
    root, took = seconds(lambda: parse(f'<p class="x > y" {names}>text</p><i id="behind"></i>'), 1)
    assert took < 1
    paragraph = root.find(".//p")
    assert paragraph is not None
    assert (paragraph.get("class"), paragraph.get("a7"), paragraph.text) == ("x > y", "7", "text")
    assert root.find(".//i") is not None
    state = f'<p data-state="{"word " * 50_000}" id="last">text</p>'
    assert parse(state).find(".//p[@id='last']") is not None


def test_of_very_many_marks_on_a_letter_thirty_are_kept() -> None:
    cleaned, took = seconds(lambda: clean("q" + "\u0315\u0327" * 200_000), 1)
    assert len(cleaned) == 31
    assert took < 1
    assert clean("q" + "\u0315" * 30 + "." * 90) == "q" + "\u0315" * 30 + "." * 90


_SLOW = {
    "in the body": [
        "pictures in a paragraph", "pictures, then text", "cards in one link", "recommended", "recommended alone", "keywords in sentences", "keywords as tails", "accents", "stops",
        "class names in text", "lesser and names", "pictures nested", "labels nested", "recommended nested", "divs nested around a picture", "captions of one figure",
        "lists nested around cards",
    ],
    "above the body": [
        "last updates as tails", "last updates of no day", "details in capitals", "details with many titles", "a ladder of details",
    ],
    "without details": ["details with dashes", "a ladder of text", "a ladder of nothing"],
    "behind a hero": ["a ladder of captions"],
    "gallery": ["a ladder of pictures and a word"],
    "legacy": ["pictures, then text", "keywords as tails", "last updates as tails"],
    "generic": ["short ladders of text", "keywords in a short ladder"],
    "amp": ["an author with many titles", "a long author with titles"],
    "no article": ["cards nested", "cards in one link", "headings nested very deep", "a card around nested divs", "a ladder of linked pictures"],
    "with a script": ["buttons around text", "buttons around nothing", "divs around sentences"],
}  # fmt: skip
"""By the frame in which each was slow, at 60 KB: `pytest -m thorough tests/fuzz` reads each of all in every frame."""


@pytest.mark.parametrize(("frame", "growth"), [(frame, growth) for frame in _SLOW for growth in _SLOW[frame]])
def test_what_grows_takes_time_in_proportion(frame: str, growth: str) -> None:
    page = FRAMES[frame](GROWTHS[growth](60_000))
    check(Input(page.encode(), None, named=True, is_feed=False))
