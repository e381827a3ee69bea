"""AMP pages have no known classes: what is the text, and what only stands near it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.pages.saved import reading
from tests.pages.template import SITE

if TYPE_CHECKING:
    from sabah.items import Image

SHORT = '<div class="t"><p>The council met on Friday.</p></div>'
NOTICE = (
    "Please click to read our text on the Law on the Protection of Personal Data No. 6698 and on the cookies used on our website."
    " 6698 sayılı Kanun ve sitemizde kullanılan çerezlerle ilgili bilgi almak için lütfen tıklayınız."
)
FILM = '<amp-youtube data-videoid="Film0000001"></amp-youtube>'
PICTURES = "".join(
    f'<div class="s"><amp-img src="/{n}.jpg" alt="Picture {n} (AA Photo)"></amp-img></div>' for n in (1, 2)
)


def values(middle: str, path: str = "/world/europe/slug") -> dict[str, Any]:
    return reading(
        f'<!doctype html><html amp lang="en"><head><link rel="canonical" href="{SITE}{path}"></head><body>{middle}</body></html>'
    ).values


@pytest.mark.parametrize(
    "longer",
    [
        f'<div class="c"><p>{NOTICE}</p></div>',
        f'<div class="c">{NOTICE}</div>',
        "<footer><p>Copyright 2026 of a house with a long name, which reserves all of its rights.</p></footer>",
        "<footer><div>Copyright 2026 of a house with a long name, which reserves all of its rights.</div></footer>",
        "<aside><p>Another box of the page speaks of something else and is longer.</p></aside>",
        "<nav><div>World and Business and Opinion and Lifestyle and Arts and Sports</div></nav>",
        '<amp-img src="/a.jpg" alt="A caption that is longer than the text of it all (AA Photo)"></amp-img><p>A caption that is longer than the text of it all</p>',
    ],
)
@pytest.mark.parametrize("around", ["{}", "<main>{}</main>", '<div class="page">{}</div>'])
def test_a_short_text_beside_something_longer(longer: str, around: str) -> None:
    assert values(f"<h1>Headline</h1>{around.format(SHORT + longer)}")["body"] == "The council met on Friday."


def test_an_article_about_the_law_keeps_its_text() -> None:
    text = "Law No. 6698 turned ten. Cookies were on the table, and the mayor ate one."
    assert values(f"<h1>Headline</h1><div><p>{text}</p></div>{SHORT}")["body"].startswith(text)


def test_the_box_of_the_headline_may_hold_the_spot() -> None:
    read = values(f"<header><h1>Headline</h1><h2>A spot of it all.</h2></header>{SHORT}")
    assert (read["standfirst"], read["body"]) == ("A spot of it all.", "The council met on Friday.")


@pytest.mark.parametrize(
    "middle",
    [
        f"<h1>Headline</h1>{FILM}",
        f"<main><h1>Headline</h1><p>A line about it.</p></main><div>{FILM}</div>",
        f"<div><h1>Headline</h1><div>A line about it.</div></div><section>{FILM}</section>",
        f"<div><h1>Headline</h1><amp-img src='/p.jpg'></amp-img></div><section>{FILM}</section>",
        f"{FILM}<div><h1>Headline</h1><div>A line about it.</div></div><footer><amp-youtube data-videoid='x'></amp-youtube></footer>",
    ],
)
def test_the_player_of_a_video(middle: str) -> None:
    assert values(middle, "/ds-tv/slug/news")["videos"] == ["https://www.youtube.com/embed/Film0000001"]


@pytest.mark.parametrize("line", ["", "<div>A line about it.</div>", "<p>A line about it.</p>"])
@pytest.mark.parametrize("headline", ["<h1>Headline</h1>", "<header><h1>Headline</h1></header>"])
def test_the_pictures_of_a_gallery(line: str, headline: str) -> None:
    read = values(f"{headline}{line}{PICTURES}", "/gallery/slug/images")
    images: list[Image] = read["images"]
    assert [(one.url, one.credit) for one in images] == [(f"{SITE}/{n}.jpg", "AA Photo") for n in (1, 2)]
    assert read.get("body") == ("A line about it." if line else None)


def test_byline_and_date_without_a_text() -> None:
    read = values(
        f"<h1>Headline</h1><div>by Ada Lorn</div><div>VELL Nov 03, 2022 - 4:05 pm GMT+3</div>{FILM}", "/ds-tv/slug/news"
    )
    assert (read["byline"], read["dateline"], read["published_at"]) == ("Ada Lorn", "VELL", "2022-11-03T16:05:00+03:00")
    assert (read.get("standfirst"), read.get("body")) == (None, None)
