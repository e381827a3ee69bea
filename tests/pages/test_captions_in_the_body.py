"""Captions belong to pictures and not to the text, whatever markup they stand in; the same words elsewhere are text."""

from __future__ import annotations

import pytest

from tests.pages.template import values

A, B = "<p>The house met on Monday.</p>", "<p>It rose at noon.</p>"
TEXT = "The house met on Monday.\n\nIt rose at noon."
CAPTION = "Deputies vote in Ankara, Feb. 7, 2022. (AA Photo)"


@pytest.mark.parametrize(
    "picture",
    [
        '<div class="x"><img src="/a.jpg" alt="Deputies vote"><span>{}</span></div>',
        '<div class="image_holder"><a><img src="/a.jpg" alt=""></a><p>{}</p></div>',
        '<div><div class="layout-ratio"><img src="/a.jpg" alt=""></div><div>{}</div></div>',
        '<figure><img src="/a.jpg" alt="No Image"><figcaption>{}</figcaption></figure>',
        '<figure><img src="/a.jpg" alt=""></figure><p>{}</p>',
        '<p><img src="/a.jpg" alt="Deputies"></p><p><em>{}</em></p>',
        '<p><img src="/a.jpg" alt=""><em>{}</em></p>',
        '<img src="/a.jpg" alt=""><br>{}<br><br>',
        '<div class="p"><img src="/a.jpg" alt=""></div><div class="t">{}</div>',
    ],
)
def test_a_caption_that_is_not_the_alt(picture: str) -> None:
    read = values(A + picture.format(CAPTION) + B)
    assert read["body"] == TEXT
    (image,) = read["images"]
    if 'alt="Deputies' not in picture:
        assert (image.caption, image.credit) == ("Deputies vote in Ankara, Feb. 7, 2022.", "AA Photo")


@pytest.mark.parametrize("alt", ["", "Deputies"])
def test_a_caption_before_a_line_break(alt: str) -> None:
    assert values(f'<img src="/a.jpg" alt="{alt}"><br>{CAPTION}<br>The house met.')["body"] == "The house met."
    read = values(
        f'<p>The house met on Monday.</p><p><img src="/a.jpg" alt="{alt}"><br>{CAPTION}<br>It rose at noon.</p>'
    )
    assert read["body"] == TEXT


def test_a_caption_without_credit_in_the_wrapper_of_its_picture() -> None:
    read = values(f'{A}<div class="image_holder"><img src="/a.jpg" alt=""><p>Deputies at work</p></div>{B}')
    assert read["body"] == TEXT
    assert read["images"][0].caption == "Deputies at work"


@pytest.mark.parametrize("tag", ["h2", "p", "h3"])
def test_a_line_like_the_alt_of_a_picture_elsewhere_is_text(tag: str) -> None:
    body = f'<{tag}>Deputies vote</{tag}>{A}{B}<p>More.</p><img src="/a.jpg" alt="Deputies vote"><p>End.</p>'
    assert values(body)["body"] == f"Deputies vote\n\n{TEXT}\n\nMore.\n\nEnd."
    assert values(f'<img src="/a.jpg" alt="Deputies vote">{A}<{tag}>Deputies vote</{tag}>')["body"].endswith(
        "\n\nDeputies vote"
    )


@pytest.mark.parametrize(
    "body",
    [
        '<p><img src="/a.jpg" alt="Deputies">The house met on Monday.</p><p>It rose at noon.</p>',
        '<p>The house <img src="/icon.png" alt=""> met on Monday.</p><p>It rose at noon.</p>',
        '<div><img src="/a.jpg" alt=""><p>The house met on Monday.</p><p>It rose at noon.</p></div>',
        '<div class="text"><img src="/a.jpg" alt=""><p>The house met on Monday.</p></div><p>It rose at noon.</p>',
        '<img src="/a.jpg" alt="">The house met on Monday.<br><br>It rose at noon.',
    ],
)
def test_text_beside_a_picture_stays(body: str) -> None:
    assert values(body)["body"] == TEXT


def test_the_hero_without_alt_takes_what_its_holder_prints() -> None:
    hero = f'<div class="image_holder "><a><img src="/a.jpg" alt=""></a><div class="t">{CAPTION}</div></div>'
    assert values(above=hero)["images"][0].credit == "AA Photo"


def test_the_caption_of_the_hero_printed_in_the_body_is_no_text() -> None:
    hero = '<div class="image_holder"><img src="/a.jpg" alt="Deputies vote in Ankara. (AA Photo)"></div>'
    caption = '<div class="image_description">Deputies vote in Ankara. (AA Photo)</div>'
    assert values(A + caption + B, above=hero)["body"] == TEXT
