"""What a page says of itself that is no article's."""

from __future__ import annotations

import pytest

from sabah.pages import NotAnArticle, read
from sabah.pages.not_the_page import article_shell, challenge, on_page, says_not_found
from sabah.site.addresses import parse_address
from tests.pages.saved import reading, saved
from tests.running import article

ADDRESS = "https://www.dailysabah.com/world/one/news"


@pytest.mark.parametrize(
    "line",
    [
        "404", "Error 404", "404 - Page Not Found | Daily Sabah", "Page not found", "Oops! That page can’t be found.", "Sorry, this page doesn't exist", "410 Gone",
        "This article is no longer available", "The page you requested could not be found", "This story has been removed", "HTTP Status 404 – Not Found", "Sayfa bulunamadı",
    ],
)  # fmt: skip
def test_says_that_it_is_not_there(line: str) -> None:
    assert says_not_found(line)


@pytest.mark.parametrize(
    "line",
    [
        "", "Daily Sabah", "404 migrants found off Aegean coast", "Missing plane not found after week of search", "Boeing 404 retired", "News", "The story of a page",
        "Statue of Zeus found", "Evidence could not be found, prosecutor says", "Turkish envoy: there is no longer a page to turn",
    ],
)  # fmt: skip
def test_says_something_else(line: str) -> None:
    assert not says_not_found(line)


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ("<title>404 | Daily Sabah</title>", "error page"),
        ("<title>Daily Sabah</title><meta name='robots' content='NOINDEX, follow'>", "home page"),
        ("<title>One</title><meta name='robots' content='noindex'>", "error page"),
        ("<title>Daily Sabah - Latest &amp; Breaking News from Turkey | Istanbul</title>", "home page"),
        ("<title>TURKIYE | Daily Sabah</title>", "section page"),
        ("<title>x</title><link rel='canonical' href='https://www.dailysabah.com/'>", "home page"),
        ("<title>x</title><link rel='canonical' href='/'>", "home page"),
        ("<title>x</title><meta property='og:url' content='https://www.dailysabah.com/syrian-crisis'>", "section page"),
        (f"<title>World | Daily Sabah</title><link rel='canonical' href='{ADDRESS}'>", None),
        (f"<title>One</title><meta name='robots' content='noindex'><link rel='canonical' href='{ADDRESS}'>", None),
        (f"<title>Page not found</title><link rel='canonical' href='{ADDRESS}'>", "error page"),
        ("<title>One | Daily Sabah</title>", None),
        ("", None),
    ],
)
def test_what_stands_there(head: str, what: str | None) -> None:
    card = f"<div class='widget_content'><h3><a href='{ADDRESS}'>One</a></h3></div>"
    assert (
        on_page(f"<html><head>{head}</head><body><h1 class='logo_holder'>Daily Sabah</h1>{card}</body></html>") == what
    )


def test_the_name_of_the_newspaper_alone_is_a_frame() -> None:
    assert on_page("<html><head><title>Daily Sabah</title></head><body><div id='app'></div></body></html>") is None


def test_the_error_page_of_the_newspaper() -> None:
    page = saved("not-found")
    with pytest.raises(NotAnArticle) as caught:
        reading(page, ADDRESS)
    assert caught.value.instead == "error page"
    address = parse_address(ADDRESS)
    assert address is not None
    scripts = page.decode().replace("</body>", "<script src='https://www.dailysabah.com/app.js'></script></body>")
    assert article_shell(scripts, address) is None, "no browser would find an article in it"


def test_an_error_page_of_a_server_is_no_challenge() -> None:
    assert (
        challenge(
            "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>"
        )
        is None
    )


def test_an_article_of_that_name() -> None:
    page = article("Page not found", body="Librarians of Istanbul have a word for it. " * 10)
    assert reading(page, ADDRESS).values["headline"] == "Page not found"
    with pytest.raises(NotAnArticle, match="not there"):
        reading(article("Page not found", body="Try the search."), ADDRESS)
    assert read.__module__ == "sabah.pages"
