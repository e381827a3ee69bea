"""What is printed in another place or less fully than usual, on a few pages: the offset of the dates, the captions of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from replica.dice import Dice
from replica.look import look

if TYPE_CHECKING:
    from replica.model import Article, Picture
    from replica.newspaper import Newspaper

VARIANTS: Final = 11
_OFFSET: Final = " GMT+3"


def varied(paper: Newspaper, article: Article) -> Article:
    """The article as it is, or with its top date without offset, or with captions that its alts do not repeat."""
    if article.stub.layout == "generic":
        return article
    dice = Dice(paper.seed, article.stub.number, VARIANTS)
    without_offset, elsewhere = dice.chance(40), dice.chance(500)
    if without_offset and article.published_raw and article.stub.layout == "2020":
        modified = article.modified_raw
        article = attrs.evolve(
            article,
            published_raw=article.published_raw.removesuffix(_OFFSET),
            modified_raw=modified + _OFFSET if modified and elsewhere else modified,
        )
    appearance = look(paper.seed, article.stub.number)
    if not article.pictures or not appearance.figure_caption or (article.stub.kind == "gallery" and appearance.slides):
        return article
    return attrs.evolve(article, pictures=tuple((place, _captioned(dice, one)) for place, one in article.pictures))


def _captioned(dice: Dice, picture: Picture) -> Picture:
    """A picture whose caption is printed below it, while its alt is empty or gives only its first words."""
    roll = dice.below(1000)
    if not picture.credit or not picture.caption or roll >= 300:
        return picture
    if roll < 150:
        return attrs.evolve(picture, alt="", printed=picture.alt)
    first = " ".join(picture.caption.split()[:3])
    return attrs.evolve(picture, alt=first, caption=first, credit=None, printed=picture.alt)
