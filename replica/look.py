"""What FACTS calls unknown about the template varies here from article to article, so that no reader can lean on one guess."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import attrs

from replica.dice import Dice, spread

LOOK: Final = 7
_LOOKS: Final = 997
VARIANTS: Final = 4
"""How many constant surroundings (scripts, menus, footer) there are."""

_KEYWORDS: Final = spread(ul=24, div=20, span=12, p=12, inline=12, divs=5, ps=5, dds=3, buttons=4, icons=3)
_BODY: Final = spread(p=74, br=11, loose=6, wrapped=9)
_GLUED: Final = spread(no=50, blank=15, nothing=5, br=15, span=15)
_DETAILS: Final = spread(spans=76, text=8, wrapped=16)
_HEADING: Final = spread(h3_a=60, a_h3=15, h4_a=15, a_h4=10)
_SHARE_BUTTON: Final = ("",) * 8 + (
    '<div class="{share}button">Share</div>',
    '<div class="{share}bar"><a href="javascript:;">Facebook</a><a href="javascript:;">Twitter</a></div>',
)
_SHARE: Final = ("share_", "social_", "sharing-", "tools_", "box")
_HERO_CAPTION: Final = ("image_description", "hero_text", "picture-info", "spot_image", "alt")
_SLIDES: Final = ("", "", "ul", "div", "section")
_INSIDE: Final = spread(outside=60, inside=40)
_COOKIES: Final = spread(no=76, en=8, tr=7, both=9)
_UPDATE: Final = spread(li=50, span=25, div=25)
_STANDFIRST: Final = spread(h2=40, p=20, div=25, span=15)
_FIGURE: Final = spread(figure=40, div=40, p=20)
_BOX: Final = spread(flat=35, header=35, list=30)
_LABEL: Final = spread(div=30, span=25, h3=25, h4=20)
_KEYWORDS_LABEL: Final = spread(h3=30, div=30, span=20, strong=20)
_SECOND: Final = spread(div=40, span=30, p=15, none=15)
_CLASSES: Final = {
    "keywords": ("article_keywords", "tags_holder", "keywords-body", "detail_tags", "widget tags"),
    "update": ("update_date", "last_update", "date_text", "share_update", "info"),
    "box": ("recommended_news", "related_widget", "in_article_box", "widget recommended", "other_news"),
    "label": ("box_title", "widget_title", "title_text", "caption_line"),
    "topic": ("topic_text", "category", "sub_title", "label"),
    "standfirst": ("spot", "article_spot", "main_page_spot", "summary"),
    "figure": ("in_image", "article_image", "image_wrapper", "photo"),
    "caption": ("image_text", "img_caption", "photo_text"),
    "bottom": ("bottom_widgets", "more_news", "detail_bottom", "widgets row"),
}


@attrs.frozen(kw_only=True)
class Look:
    variant: int
    keywords: str
    keywords_label: str
    keywords_word: str
    update: str
    update_nested: bool
    box: str
    label: str
    label_word: str
    topic: str
    standfirst: str
    second_byline: str
    byline_in_h2: bool
    city_glued: bool
    date_apart: str
    """What stands before the offset in the printed date: a blank, or one that does not break."""
    boxes: str
    figure: str
    figure_caption: bool
    body: str
    noise: int
    """0 none, 1 soft hyphens, 2 non-breaking blanks, 3 both and line breaks in the source."""
    newsletter: str
    cookies: str
    cookie_tag: str
    notice_glued: str
    """What parts a notice from the last paragraph that it is glued to; `no` for a notice of its own."""
    hero_caption: bool
    padded: bool
    details: str
    heading: str
    """The heading of a recommended card and its link, the outer one first."""
    share_button: str
    slides: str
    """The wrapper of a gallery's pictures behind the body; empty for figures inside it."""
    classes: dict[str, str]
    """Attribute text by part, ` class="…"`, empty for none."""

    @property
    def share(self) -> str:
        """How the classes of the share block begin."""
        return _SHARE[self.variant % len(_SHARE)]

    @property
    def hero_caption_class(self) -> str:
        return _HERO_CAPTION[(self.variant + self.padded) % len(_HERO_CAPTION)]


def look(seed: int, number: int) -> Look:
    """The appearance of article `number`: one of a thousand."""
    return _look(seed, number % _LOOKS)


@lru_cache(maxsize=_LOOKS)
def _look(seed: int, number: int) -> Look:
    dice = Dice(seed, number, LOOK)
    pick, chance = dice.pick, dice.chance
    classes = {part: "" if chance(220) else f' class="{pick(names)}"' for part, names in _CLASSES.items()}
    return Look(
        variant=dice.below(VARIANTS),
        keywords=pick(_KEYWORDS), keywords_label=pick(_KEYWORDS_LABEL), keywords_word="Keywords" if chance(80) else "KEYWORDS",
        update=pick(_UPDATE), update_nested=chance(180),
        box=pick(_BOX), label=pick(_LABEL), label_word="Recommended" if chance(60) else "RECOMMENDED", topic=pick(("span", "div", "a")), boxes=pick(_INSIDE),
        standfirst=pick(_STANDFIRST), second_byline=pick(_SECOND), byline_in_h2=chance(350), city_glued=chance(40), date_apart="\N{NO-BREAK SPACE}" if chance(30) else " ",
        figure=pick(_FIGURE), figure_caption=chance(750), body=pick(_BODY), noise=max(0, dice.below(10) - 6),
        newsletter=pick(_INSIDE), cookies=pick(_COOKIES), cookie_tag=pick(("p", "div", "text")), hero_caption=chance(600), padded=chance(300), classes=classes, notice_glued=pick(_GLUED), details=pick(_DETAILS), heading=pick(_HEADING), share_button=pick(_SHARE_BUTTON), slides=pick(_SLIDES),
    )  # fmt: skip
