"""The feeds as XML. What FACTS section 4 calls unknown varies from feed to feed: the tag of the image, CDATA, the order of an item's elements."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from replica import parts
from replica.dice import Dice
from replica.model import SITE
from replica.pictures import THEME
from replica.timeline import MONTHS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from replica.model import Article

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DEFAULT_PICTURE: Final = f"{THEME}/daily-sabah-share.jpg"
_FEED: Final = 220
_ITEM: Final = 221
_IMAGES: Final = (
    '<enclosure url="{url}" length="{size}" type="image/jpeg" />',
    '<media:content url="{url}" medium="image" type="image/jpeg" width="800" height="531" />',
    '<media:thumbnail url="{url}" width="800" height="531" />',
    '<media:content url="{url}" medium="image"><media:credit>Daily Sabah</media:credit></media:content>',
)
_OPENING: Final = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{title}</title>
<link>{site}</link>
<description>{about}</description>
<language>en-US</language>
<atom:link href="{site}{path}" rel="self" type="application/rss+xml" />
"""


def feed(seed: int, path: str, title: str, articles: Iterable[Article]) -> bytes:
    """A channel with an item for every article, in their order."""
    dice = Dice(seed, sum(path.encode()), _FEED)
    image, is_cdata, link_first = dice.below(len(_IMAGES) + 1), dice.chance(500), dice.chance(300)
    opening = _OPENING.format(title=escape(title), site=SITE, path=path, about="Latest news from Türkiye and the world")
    items = [_item(seed, one, image, is_cdata, link_first) for one in articles]
    return "".join((opening, *items, "</channel>\n</rss>\n")).encode()


def description(article: Article) -> str:
    """The teaser of an item: the spot, the beginning of the text or the headline, some 183 characters at most."""
    return parts.teaser(article.standfirst, article.blocks) or article.stub.headline


def date(at: dt.datetime) -> str:
    """A printed time as feeds write it: `Tue, 14 Sep 2021 10:51:00 +0300`."""
    return f"{_DAYS[at.weekday()]}, {at.day:02} {MONTHS[at.month - 1]} {at.year} {at:%H:%M}:00 +0300"


def _item(seed: int, article: Article, image: int, is_cdata: bool, link_first: bool) -> str:
    stub = article.stub
    dice = Dice(seed, stub.number, _ITEM)
    picture = article.hero.url if article.hero else _DEFAULT_PICTURE
    tag = _IMAGES[image if image < len(_IMAGES) else stub.number % len(_IMAGES)]
    title = f"<title>{_text(stub.headline, is_cdata)}</title>"
    link = f"<link>{escape(_address(dice, stub.path))}</link>"
    lines = (
        *((link, title) if link_first else (title, link)),
        f"<description>{_text(description(article), is_cdata)}</description>",
        f"<pubDate>{date(stub.at)}</pubDate>",
        f'<guid isPermaLink="{"true" if is_cdata else "false"}">{escape(stub.url) if is_cdata else stub.number + 112_790}</guid>',
        tag.format(url=escape(picture), size=20_000 + stub.number * 331 % 90_000),
    )
    return "<item>\n" + "\n".join(lines) + "\n</item>\n"


def _text(text: str, is_cdata: bool) -> str:
    return f"<![CDATA[{text}]]>" if is_cdata and "]]>" not in text else escape(text)


def _address(dice: Dice, path: str) -> str:
    """Mostly the canonical address; now and then the apex host, http or tracking parameters."""
    roll = dice.below(100)
    if roll < 85:
        return SITE + path
    if roll < 91:
        return f"https://dailysabah.com{path}"
    if roll < 97:
        return f"{SITE}{path}?utm_source=rss&utm_medium=feed"
    return f"http://www.dailysabah.com{path}"
