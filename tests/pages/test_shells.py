from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.http import HtmlResponse

from sabah.pages.listing import card_dates
from sabah.pages.not_the_page import LOADS_MORE, NO_ARTICLE, NO_BODY, NO_LINKS, article_shell, listing_shell
from sabah.site.addresses import parse_address
from tests.frames import cards, endless, frame, part
from tests.running import SITE, article, listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Replica

ONE = f"{SITE}/world/one/news"
WALL = "<p>We and our partners store and process personal data on your device with cookies, to show you content and advertising, and need your consent.</p>"
SCRIPT = "<script src='/js/all.js'></script>"


def shell(html: str, url: str = ONE) -> str | None:
    address = parse_address(url)
    assert address is not None
    return article_shell(html, address)


def listed(html: str) -> str | None:
    return listing_shell(HtmlResponse(f"{SITE}/world", body=html, encoding="utf-8"))


def test_no_page_of_the_newspaper_is_a_shell_and_every_frame_is_one(replica: Callable[..., Replica]) -> None:
    plain, scripted = replica(articles=120, seed=7), replica(articles=120, seed=7, scripts="all")
    kinds = set()
    for truth in plain.truth:
        url, path = truth["record"]["url"], truth["paths"]["page"]
        kinds.add((truth["record"]["kind"], truth["record"]["layout"]))
        assert shell(plain.get(path).decode(), url) is None, url
        assert shell(scripted.get(path).decode(), url) == NO_ARTICLE, url
    assert {"video", "gallery", "article"} <= {kind for kind, _ in kinds}
    assert {"2020", "legacy", "generic"} <= {layout for _, layout in kinds}
    for path in ("/world", "/africa", "/tennis"):
        assert listed(plain.get(path).decode()) is None
        assert listed(scripted.get(path).decode()) == LOADS_MORE


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (frame(), NO_ARTICLE),
        (frame(WALL, WALL), NO_ARTICLE),
        (frame("<meta property='og:type' content='article'><meta property='og:title' content='One'>"), NO_ARTICLE),
        (frame(script="https://i.tmgrup.com.tr/all.js"), NO_ARTICLE),
        (frame(script="https://example.org/all.js"), None),
        (frame().replace("<script src", "<script>fetch('/x')</script><script data-src"), NO_ARTICLE),
        (frame().replace("<div id='app'>", "<h1>One</h1><div id='app'>"), NO_BODY),
        (frame().replace("<div id='app'>", "<h1>One</h1><div class='article_body'></div>"), NO_BODY),
        (frame().replace("<div id='app'>", "<h1>One</h1><div class='article_body'><i class='skeleton'></i>"), NO_BODY),
        (article("One").replace("</body>", f"{SCRIPT}</body>"), None),
        (article("One", body="Loading …").replace("</body>", f"{SCRIPT}</body>"), NO_BODY),
        (frame().replace("<div id='app'>", part("One")), None),
        (f"<html amp>{frame()}", None),
        (f"<html><body>{SCRIPT}<h1>One</h1><p>{'Word ' * 25}</p></body></html>", None),
        ("", None),
    ],
)
def test_a_shell_has_scripts_of_the_site_and_no_text(html: str, reason: str | None) -> None:
    assert shell(html) == reason


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (listing(ONE), None),
        (listing(), None),
        (listing() + SCRIPT, NO_LINKS),
        (listing(ONE) + SCRIPT, None),
        (listing(ONE) + SCRIPT + "<a href='/search?query='>Load more</a> load more", None),
        (listing(ONE) + SCRIPT + "<a href='#'> Load  more </a>", LOADS_MORE),
        (listing(ONE) + SCRIPT + f"<button><svg>{'<i></i>' * 20}</svg>Load more</button>", LOADS_MORE),
        (listing(ONE) + SCRIPT + f"<button>Load more {'words ' * 20}</button>", None),
        (endless([ONE], button=True), LOADS_MORE),
        (endless([ONE], button=False), LOADS_MORE),
    ],
)
def test_a_listing_that_is_not_all_there(html: str, reason: str | None) -> None:
    assert listed(html) == reason


def test_days_of_cards() -> None:
    old = "/world/2016/01/12/old"
    page = cards(["/world/a/news", old], "Mar 15, 2021") + cards(["/world/b/news"])
    page += "<div><h3><a href='/world/c/news'>Since Mar 16, 2021 he is ill</a></h3><time datetime='2021-03-17T10:00:00+03:00'></time></div>"
    found = {url.removeprefix(SITE): str(day) for url, day in card_dates(page, SITE).items()}
    assert found == {"/world/a/news": "2021-03-15", old: "2016-01-12", "/world/c/news": "2021-03-17"}
