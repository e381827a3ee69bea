"""What stands on a page and is not the article's: pictures of the theme, words to press, a date that only the head has."""

from __future__ import annotations

import pytest

from tests.pages.saved import reading
from tests.pages.template import SITE, values

HERO = "https://idsb.tmgrup.com.tr/ly/uploads/images/2023/08/01/thumbs/800x531/290001.jpg"


@pytest.mark.parametrize(
    "foreign",
    [
        f"{SITE}/theme_dailysabah/images/gallery.jpg",
        "https://idsb.tmgrup.com.tr/ly/images/logo.svg?v=2",
        "https://analytics.twitter.com/i/adsct?txn_id=1",
    ],
)
def test_pictures_of_the_theme_and_pixels(foreign: str) -> None:
    read = values(f'<p>One paragraph.</p><img src="{foreign}"><img src="{HERO}">')
    assert [image.url for image in read["images"]] == [HERO]


def test_a_theme_picture_that_the_head_names() -> None:
    read = reading(
        f"""<html><head><link rel="canonical" href="{SITE}/world/europe/slug"><meta property="og:type" content="article"><meta property="og:title" content="Headline">
        <meta property="og:image" content="{SITE}/theme_dailysabah/images/share.jpg"></head><body><main>{"<p>A sentence of some words stands here.</p>" * 6}</main><footer>Footer</footer></body></html>"""
    )
    assert (read.values["layout"], read.values.get("images", [])) == ("generic", [])


def test_an_article_without_an_element_of_its_own_has_no_pictures_above_it() -> None:
    old = f"""<html><head><link rel="canonical" href="{SITE}/europe/2016/03/24/slug"></head><body>{{}}<div class="menu"><img src="{HERO}" alt="A menu"></div>
        <h1 id="newsTitle">Headline</h1>{{}}<div class="txtIn"><p>One paragraph.</p></div>{{}}<footer>Footer</footer></body></html>"""
    assert reading(old.format("", "", "")).values.get("images", []) == []
    assert [one.url for one in reading(old.format("<div>", "", "</div>")).values["images"]] == [HERO]


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ('<p>One.</p><div><a href="javascript:;">Mail</a></div>', "One."),
        ('<p>One.</p><a href="javascript:share()">Mail</a>', "One."),
        ('<p>One <a href="javascript:;">word</a> more.</p>', "One word more."),
        ('<p><a href="javascript:;">Word</a></p>', "Word"),
        ('One <a href="javascript:;">word</a> more.', "One word more."),
    ],
)
def test_words_to_press_are_no_text(body: str, read: str) -> None:
    assert values(body)["body"] == read


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta name="datePublished" content="2023-08-01T12:00:00">', None),
        ('<meta property="article:published_time" content="2023-08-01 12:00:00">', "2023-08-01T12:00:00+03:00"),
        (
            '<meta name="datePublished" content="2023-08-01T09:00:00"><meta property="article:published_time" content="2023-08-01 12:00:00">',
            None,
        ),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2023-08-01T12:00:00+03:00"}</script>',
            "2023-08-01T12:00:00+03:00",
        ),
        (
            '<meta name="datePublished" content="2023-08-01T09:00:00"><script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2023-08-01T12:00:00+03:00"}</script>',
            None,
        ),
    ],
)
def test_a_date_that_only_the_head_has(head: str, published: str | None) -> None:
    read = reading(
        f"""<html><head><link rel="canonical" href="{SITE}/world/europe/slug"><meta property="og:title" content="Headline">{head}</head>
        <body><main>{"<p>A sentence of some words stands here.</p>" * 6}</main><footer>Footer</footer></body></html>"""
    )
    assert (read.values["layout"], read.values["published_at"]) == ("generic", published)
