"""The hero of a page of 2020 is linked, nobody knows where; pictures of cards are linked too."""

from __future__ import annotations

import pytest

from tests.pages.template import SITE, values

HERO = '<div class="image_holder "><a href="{}"><div class="layout-ratio ratio800x531"><img src="/uploads/hero.jpg" alt="The harbor (AA Photo)"></div></a></div>'
CARD = '<div class="widget"><div class="image_holder"><a href="{0}"><div class="{1}"><img src="/uploads/card.jpg" alt="A card"></div>{2}</a></div>{3}</div>'
HEADING = '<h3><a href="{}">Card</a></h3>'
GALLERY = f"{SITE}/gallery/slug/images"


def images(**parts: str) -> list[tuple[str, str | None]]:
    return [(image.url, image.credit) for image in values(**parts).get("images", [])]


@pytest.mark.parametrize(
    "to",
    [
        "/gallery/slug/images",
        GALLERY,
        "/turkey/2016/03/24/slug",
        "/world/europe/other",
        "/world/europe/slug",
        "javascript:;",
        "/uploads/hero.jpg",
    ],
)
@pytest.mark.parametrize("body", ["<p>One paragraph.</p>", f"<p>One paragraph.</p>{HEADING.format(GALLERY)}"])
def test_the_hero_is_kept_wherever_it_leads(to: str, body: str) -> None:
    assert images(above=HERO.format(to), body=body) == [(f"{SITE}/uploads/hero.jpg", "AA Photo")]


@pytest.mark.parametrize(
    "card",
    [
        CARD.format(GALLERY, "layout-ratio ratio398x208", "", ""),
        CARD.format(GALLERY, "layout-ratio ratio800x531", "<h3>Card</h3>", ""),
        CARD.format(GALLERY, "layout-ratio ratio800x531", "", HEADING.format(GALLERY)),
        CARD.format(GALLERY, "layout-ratio ratio800x531", "", HEADING.format("/gallery/slug/images")),
    ],
)
@pytest.mark.parametrize("place", ["above", "below"])
def test_the_picture_of_a_card_is_no_hero(card: str, place: str) -> None:
    hero = HERO.format("/gallery/other/images")
    parts = {"above": hero + card} if place == "above" else {"above": hero, "below": card}
    assert images(**parts) == [(f"{SITE}/uploads/hero.jpg", "AA Photo")]


def test_a_picture_of_the_shape_of_cards_is_none_of_the_article_without_a_link() -> None:
    card = (
        CARD.format("", "layout-ratio ratio398x208", "", "")
        .replace('<a href="">', "<button>")
        .replace("</a>", "</button>")
    )
    for parts in (
        {"above": HERO.format(GALLERY) + card},
        {"above": HERO.format(GALLERY), "body": f"<p>Text.</p>{card}"},
    ):
        assert images(**parts) == [(f"{SITE}/uploads/hero.jpg", "AA Photo")]
