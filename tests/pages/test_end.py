"""Whether the end of a page has come."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from sabah.pages import read
from sabah.pages.marks import NAMES
from sabah.pages.page import CUT, has_end, is_cut
from tests.pages.saved import NAMES as PAGES
from tests.pages.saved import reading, saved
from tests.running import SITE, article

A = f"{SITE}/world/one/news"
CARDS = 1 << NAMES.index("class widget_content")
PICTURE = 1 << NAMES.index("class image_holder")
WITH_CARDS = article("One", links=["/world/two/news"])


def page(body: str | bytes, *flags: str) -> HtmlResponse:
    return HtmlResponse(A, body=body.encode() if isinstance(body, str) else body, flags=list(flags))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_corpus_has_its_end(name: str) -> None:
    assert has_end(page(saved(name)))


@pytest.mark.parametrize(
    "end",
    [
        "</html>", "</HTML>\r\n", "</html >", "</html>\n<!-- served by 7 -->", "</html><script>count()</script>", "</html><!-- cut he", "</html>" + " " * 99,
    ],
)  # fmt: skip
def test_comments_and_counters_may_stand_behind_the_end(end: str) -> None:
    assert has_end(page(f"<html><body><p>Text.</p></body>{end}"))


@pytest.mark.parametrize(
    "rest",
    [
        "", "</body>", "</htm", "<script>write('</html>')</script>", "<!-- </html> --><p>Text", "</html><p>Text", "</html>Text", "<textarea></html></textarea>",
        "</html></div><div class='tags'>",
    ],
)  # fmt: skip
def test_what_looks_like_the_end_amid_the_page_is_none(rest: str) -> None:
    assert not has_end(page(f"<html><body><p>Text.</p>{rest}"))


def test_the_end_is_found_in_any_encoding() -> None:
    whole = article("One").encode("utf-16")
    assert has_end(HtmlResponse(A, body=whole, encoding="utf-16"))


@pytest.mark.parametrize(
    ("body", "flags", "before", "cut"),
    [
        (WITH_CARDS, [], None, False),
        (WITH_CARDS, ["partial"], None, False),
        (WITH_CARDS, ["partial"], CARDS, False),
        (WITH_CARDS[:-14], [], CARDS, False),
        (article("One"), [], CARDS, False),
        (article("One"), ["partial"], PICTURE, False),
        ("no page at all", [], None, False),
        (article("One"), ["partial"], CARDS, True),
        (WITH_CARDS[:-14], ["partial"], CARDS, True),
        (WITH_CARDS[:-14], ["partial"], None, True),
        (WITH_CARDS[:-14], [], None, True),
        (article("One")[:-14], [], CARDS, True),
        (article("One")[:-14], [], 0, False),
        ("no page at all", ["partial"], None, True),
        ("", ["partial"], None, True),
    ],
)
def test_one_sign_alone_is_none(body: str, flags: list[str], before: int | None, *, cut: bool) -> None:
    assert is_cut(page(body, *flags), before) == cut


def test_a_page_taken_without_its_end_bears_the_mark() -> None:
    assert reading(WITH_CARDS, A).values["marks"] == []
    assert read(page(WITH_CARDS[:-14], "partial", CUT), A).values["marks"] == ["answer_cut"]
