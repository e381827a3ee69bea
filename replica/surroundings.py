"""Templates, and what is the same on many pages: scripts, menus, footer, rendered once per variant."""

from __future__ import annotations

from functools import cache
from typing import Final

import attrs
import jinja2

from replica.boxes_html import card, image, tile
from replica.model import SITE
from replica.pictures import HOST, THEME
from sabah.site.sections import TREE, children

_MENU: Final = tuple((top, children(top.slug)) for top in TREE if top.parent is None)


@cache
def environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("replica"), autoescape=False,  # noqa: S701 - templates say |e where it is needed; escaping all costs a third
        auto_reload=False, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    found.globals.update(image=image, card=card, tile=tile, theme=THEME, host=HOST, site=SITE, menu=_MENU)
    for name in ("related_topics", "newsletter"):
        found.globals[name] = found.get_template(f"{name}.html").render()
    return found


@cache
def template(name: str) -> jinja2.Template:
    """A compiled template. Its globals are copied out of a chain of dictionaries, which jinja2 would walk for every page."""
    found = environment().get_template(name)
    found.globals = dict(found.globals)
    return found


@attrs.frozen
class Surroundings:
    """The constant bytes before the page's own metadata, between it and the page's own body, and after that."""

    opening: bytes
    middle: bytes
    closing: bytes

    def around(self, head: str, body: str) -> bytes:
        return b"".join((self.opening, head.encode(), self.middle, body.encode(), self.closing))


@cache
def surroundings(variant: int) -> Surroundings:
    def part(name: str) -> bytes:
        return template(name).render(variant=variant).encode()

    html = ('<html lang="en">', '<html itemscope itemtype="http://schema.org/WebPage" lang="en" xml:lang="en">')[
        variant % 2
    ]
    opening = f"<!DOCTYPE html>\n{html}\n<head>\n".encode() + part("open.html")
    return Surroundings(
        opening, part("surroundings_head.html") + part("surroundings_top.html"), part("surroundings_foot.html")
    )
