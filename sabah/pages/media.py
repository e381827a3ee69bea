"""Pictures and players inside an article."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from sabah.loaders import Picture
from sabah.pages.joined import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element as Element

PICTURES = ("img", "amp-img")
PLAYERS = ("iframe", "video", "source", "amp-youtube", "amp-iframe", "amp-video")
_OF_THEME = re.compile(r"/theme_\w+/|/no-image\d*x?\d*\.\w+|\.svg(?:\?|$)|/adsct\?")
"""Logos, icons, placeholders and pixels that count visits."""
_NO_PLAYER = re.compile(
    r"doubleclick|googletag|googlesyndication|recaptcha|analytics|facebook\.com/plugins|adsct|/ads?/"
)


def of_theme(url: str) -> bool:
    """Whether a picture belongs to the site's design and to no article."""
    return bool(_OF_THEME.search(url))


def address_of(node: Element, base: str) -> str | None:
    """Where a picture or player loads from: `src`, or `data-src` of a lazy one; of an AMP player of YouTube the film's number. None for a picture of the theme."""
    if node.tag == "amp-youtube" and (film := node.get("data-videoid")):
        return f"https://www.youtube.com/embed/{film}"
    for name in ("src", "data-src"):
        value = (node.get(name) or "").strip()
        if not value or value.startswith(("data:", "about:", "javascript:")) or of_theme(value):
            continue
        if url := joined(base, value):
            return url
    return None


def read_pictures(
    nodes: Iterable[Element], base: str, left_out: Iterable[Element] = (), captions: Mapping[Element, str] | None = None
) -> list[Picture]:
    """Every `img` inside the elements, page order, each address once; those inside `left_out` are not the article's.

    `captions` are those printed beside pictures, for the ones without an `alt`.
    """
    printed = captions or {}
    foreign = {picture for node in left_out for picture in node.iter(*PICTURES)}
    found: dict[str, Picture] = {}
    for node in nodes:
        for one in node.iter(*PICTURES):
            url = None if one in foreign or _is_of_card(one) else address_of(one, base)
            if url is not None and url not in found:
                found[url] = Picture(url, (one.get("alt") or "", printed.get(one, "")))
    return list(found.values())


def _is_of_card(picture: Element) -> bool:
    """Whether a card holds it, by the shape alone that pictures of cards have: the rest of the card, which `heroes` looks for, may have changed."""
    return any("ratio398x208" in (one.get("class") or "") for one in islice(picture.iterancestors(), 2))


def read_players(nodes: Iterable[Element], base: str) -> list[str]:
    """Addresses of embedded players inside the elements, page order, each once."""
    return player_addresses((one for node in nodes for one in node.iter(*PLAYERS) if one is not node), base)


def player_addresses(players: Iterable[Element], base: str) -> list[str]:
    """What the players load, each once, in their order."""
    addresses = (address_of(player, base) for player in players if _plays(player))
    return list(dict.fromkeys(one for one in addresses if one and not _NO_PLAYER.search(one)))


def _plays(player: Element) -> bool:
    """Whether it is no `source` of a picture."""
    return player.tag != "source" or next(player.iterancestors("video"), None) is not None
