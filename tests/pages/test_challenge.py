from __future__ import annotations

from pathlib import Path

import pytest

from sabah.pages.not_the_page import challenge

PAGES = sorted(Path(__file__).parent.glob("*.html"))
CLOUDFLARE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>www.dailysabah.com</h1>"
    "<p>www.dailysabah.com needs to review the security of your connection.</p>"
    "<script>window._cf_chl_opt={cvId:'3'}</script></body></html>"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_page_of_the_newspaper_is_one(page: Path) -> None:
    assert challenge(page.read_text()) is None
    assert challenge(page.read_text() + '<script src="/cdn-cgi/challenge-platform/cf-chl.js"></script>') is None


@pytest.mark.parametrize(
    ("html", "what"),
    [
        (CLOUDFLARE, "a challenge page (Cloudflare)"),
        ('<html><iframe src="/_Incapsula_Resource?x"></iframe></html>', "a challenge page (Imperva)"),
        ("<html><p>Please verify you are a human, reader of Daily Sabah</p></html>", "a challenge page (a captcha)"),
        ("<html><script src='https://geo.captcha-delivery.com/c.js'></script></html>", "a challenge page (DataDome)"),
    ],
)
def test_known_markers(html: str, what: str) -> None:
    assert challenge(html) == challenge(html, marked=False) == what


def test_without_any_mark() -> None:
    stranger = "<html><head><title>Welcome</title></head><body><p>Loading</p></body></html>"
    assert challenge(stranger) == "a page without any mark of the newspaper"
    assert challenge(stranger, marked=False) is None
    assert challenge(stranger.replace("Welcome", "Maintenance | Daily Sabah")) is None


@pytest.mark.parametrize("empty", ["", " \n"])
def test_nothing_is_no_challenge(empty: str) -> None:
    assert challenge(empty) is None


def test_feeds_and_amp_are_none() -> None:
    assert challenge('<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>') is None
    assert challenge("<!doctype html><html ⚡ lang='en'><body><p>Text</p></body></html>") is None


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Be right back", "We are upgrading our servers"),
        ("", "We will be back soon"),
        ("Scheduled maintenance", ""),
        ("503", "The site is currently down"),
        ("Bakım", "Kısa süre sonra yayındayız"),
        ("Temporarily unavailable", "Please come again"),
    ],
)
def test_a_page_of_maintenance_is_none_though_it_bears_no_mark(title: str, headline: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><h1>{headline}</h1></body></html>"
    assert challenge(page) is None
    assert challenge(page.replace("</body>", "<form id='captcha'></form></body>")) == "a challenge page (a captcha)"


@pytest.mark.parametrize(
    "body", ['{"status":"ok"}', "%PDF-1.7\n1 0 obj", "\0\0\0\0", "GIF89a\x01\0", "OK", "<\0r\0s\0s\0 \0v\0", "a,b\n1,2"]
)
def test_what_is_no_page_for_people_is_none(body: str) -> None:
    assert challenge(body) is None
