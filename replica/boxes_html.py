"""Pictures, cards and the boxes around an article, as the theme writes them or may write them.

A page has some fifteen cards, so these are joined here and not by a template.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from replica.pictures import THEME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replica.look import Look
    from replica.model import Card, Link, Picture


@lru_cache(maxsize=8192)
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


_headline = lru_cache(maxsize=8192)(escape)


def _href(link: Link) -> str:
    """An address as an attribute's value; of what is special there, addresses have the ampersand alone."""
    return link.href.replace("&", "&amp;")


def card(one: Card, look: Look, date: str = "", heading: str = "h3_a") -> str:
    """A card: image link first, then the headline's link in an `h3` or as `heading` says; below it a date or a topic label."""
    below = (
        f'<div class="date_text">{date}</div>'
        if date
        else f"<{look.topic}{look.classes['topic']}>{one.topic}</{look.topic}>"
    )
    headline, href = _headline(one.headline), _href(one.link)
    image_href = href if one.image_link is one.link else _href(one.image_link)
    outer, inner = heading.split("_")
    link = f' href="{href}" title="{headline}"'
    linked = (
        f"<{outer}{link if outer == 'a' else ''}><{inner}{link if inner == 'a' else ''}>{headline}</{inner}></{outer}>"
    )
    return (
        f'<div class="widget"><a href="{image_href}" class="image_holder "><!-- 0 --><div class="layout-ratio ratio398x208">'
        f'{image(one.picture, "398x208", True)}</div></a>\n<div class="widget_content">'
        f"{linked}\n{below}</div></div>\n"
    )


def recommended(cards: tuple[Card, ...], look: Look) -> str:
    """A RECOMMENDED box; empty for no cards."""
    if not cards:
        return ""
    label = f"<{look.label}{look.classes['label']}>{look.label_word}</{look.label}>"
    shown = [card(one, look, heading=look.heading) for one in cards]
    if look.box == "header":
        inner = f'<div class="header">{label}</div>\n<div class="cards">{"".join(shown)}</div>'
    elif look.box == "list":
        inner = f"{label}\n<ul><li>{'</li><li>'.join(shown)}</li></ul>"
    else:
        inner = f"{label}\n{''.join(shown)}"
    return f"<div{look.classes['box']}>\n{inner}\n</div>"


def bottom(cards: tuple[Card, ...], look: Look) -> str:
    return f"<div{look.classes['bottom']}>\n{''.join([card(one, look) for one in cards])}</div>"


def share(update: str | None, look: Look) -> str:
    """The share block with the last update, where one is printed."""
    date = f"<b>{update}</b>" if look.update_nested else update
    line = f"<{look.update}{look.classes['update']}>Last Update: {date}</{look.update}>" if update else ""
    inside, behind = (line, "") if look.update == "li" else ("", line)
    links = "".join(
        f'<li><a href="javascript:;" class="{name}">{name}</a></li>' for name in ("facebook", "twitter", "mail")
    )
    copied = '<li class="copied" style="display:none">shortlink copied</li>'
    return f'<div class="{look.share}holder"><ul class="{look.share}list">{links}{copied}{inside}</ul>{behind}</div>'


def keywords(words: tuple[str, ...], look: Look) -> str:
    """The KEYWORDS block; empty for none."""
    if not words:
        return ""
    shown = [escape(word) for word in words]
    linked = [f'<a href="/search?query={quote(word)}">{text}</a>' for word, text in zip(words, shown, strict=True)]
    inner = {
        "ul": f"<ul><li>{'</li><li>'.join(linked)}</li></ul>",
        "div": f"<div> {'  '.join(linked)} </div>",
        "span": f"<div><span>{'</span> <span>'.join(shown)}</span></div>",
        "p": f"<p>{', '.join(shown)}</p>",
        "inline": " ".join(linked),
        "divs": f"<div><div>{'</div><div>'.join(shown)}</div></div>",
        "ps": f"<p>{'</p><p>'.join(shown)}</p>",
        "dds": f"<dl><dt></dt><dd>{'</dd><dd>'.join(shown)}</dd></dl>",
        "buttons": f"<div><button>{'</button><button>'.join(shown)}</button></div>",
        "icons": "<div>"
        + "".join([one.replace(">", f'><img src="{THEME}/tag.svg" alt="">', 1) for one in linked])
        + "</div>",
    }[look.keywords]
    label = f"<{look.keywords_label}>{look.keywords_word}</{look.keywords_label}>"
    return f"<div{look.classes['keywords']}>{label}\n{inner}\n</div>"


def slides(pictures: Iterable[Picture], look: Look) -> str:
    """The pictures of a gallery in a wrapper of their own."""
    item = "li" if look.slides == "ul" else "div"
    shown = [f'<{item}><a href="javascript:;">{image(one, "800x531", True)}</a></{item}>' for one in pictures]
    return f'<{look.slides} class="slides">{"".join(shown)}</{look.slides}>'


@lru_cache(maxsize=1)
def most_read(links: tuple[tuple[str, Link], ...]) -> str:
    """The ranked list beside the text."""
    rows = [
        f'<li><span class="number">{rank}</span><a href="{_href(link)}">{escape(headline)}</a></li>'
        for rank, (headline, link) in enumerate(links, 1)
    ]
    return f'<div class="widget_most_read"><div class="widget_title">MOST READ</div><ul class="numbered_list">{"".join(rows)}</ul></div>'


def tile(one: Card) -> str:
    """A card of the unrecognised template."""
    return (
        f'<div class="tile"><a href="{_href(one.image_link)}" class="tile__image">{image(one.picture, "398x208", True)}</a>'
        f'<h3 class="tile__title"><a href="{_href(one.link)}">{escape(one.headline)}</a></h3></div>'
    )
