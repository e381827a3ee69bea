"""Pictures and cards as the theme writes them. A page has some fifteen cards, so these are joined here and not by a template."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from sabah.replica.pictures import THEME

if TYPE_CHECKING:
    from sabah.replica.look import Look
    from sabah.replica.model import Card, Picture


@lru_cache(maxsize=4096)
def image(picture: Picture | None, size: str, lazy: bool | None = None) -> str:
    """An `img`, lazy as the picture says unless told; a placeholder for no picture."""
    blank = f"{THEME}/no-image{size}.jpg"
    onerror = f"this.src='{blank}';$(this).parent().parent().parent().addClass('stop_hover_action');"
    if picture is None:
        return f'<img src="{blank}" alt="No Image" onerror="{onerror}">'
    alt = escape(picture.alt)
    if picture.twice_escaped:
        alt = escape(alt.replace("&#x27;", "&#039;"))
    url = escape(picture.url)
    lazy = picture.lazy if lazy is None else lazy
    source = f'src="{blank}" class="lazy" data-src="{url}"' if lazy else f'src="{url}"'
    return f'<img {source} alt="{alt}" onerror="{onerror}">'


def card(one: Card, look: Look, date: str = "") -> str:
    """A card: image link first, then the headline's link in an `h3`; below it a date or a topic label."""
    below = (
        f'<div class="date_text">{date}</div>'
        if date
        else f"<{look.topic}{look.classes['topic']}>{one.topic}</{look.topic}>"
    )
    headline = escape(one.headline)
    return (
        f'<div class="widget"><a href="{escape(one.image_link.href)}" class="image_holder "><!-- 0 --><div class="layout-ratio ratio398x208">'
        f'{image(one.picture, "398x208", True)}</div></a>\n<div class="widget_content"><h3><a href="{escape(one.link.href)}" title="{headline}">'
        f"{headline}</a></h3>\n{below}</div></div>\n"
    )


def tile(one: Card) -> str:
    """A card of the unrecognised template."""
    return (
        f'<div class="tile"><a href="{escape(one.image_link.href)}" class="tile__image">{image(one.picture, "398x208", True)}</a>'
        f'<h3 class="tile__title"><a href="{escape(one.link.href)}">{escape(one.headline)}</a></h3></div>'
    )
