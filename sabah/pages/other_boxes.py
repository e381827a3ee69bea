"""Boxes that may stand where keywords are looked for: cards, forms, pictures, links to share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sabah.normalize.text import clean
from sabah.pages.joined import joined
from sabah.pages.links import NO_PAGE, article_address
from sabah.site.addresses import parse_address

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_NO_KEYWORDS = frozenset(["h1", "h2", "h3", "input", "form", "script"])
_OTHER_BOX = re.compile(r"numbered_list|widget_content|related-topic|newsletter|share|image_holder")
_SHARED_TO = re.compile(
    r"(?:share (?:on|via|by) )?(?:facebook|twitter|x|whatsapp|linkedin|pinterest|telegram|reddit|messenger|e-?mail|mail)"
    r"|share|tweet|print|copy|(?:copy )?link",
    re.IGNORECASE,
)
_SHARING = re.compile(
    r"(?:mailto|whatsapp|tg|fb-messenger):"
    r"|(?:https?:)?//(?:[a-z]+\.)*(?:facebook\.com|twitter\.com|x\.com|linkedin\.com|pinterest\.com|reddit\.com|telegram\.me|t\.me|wa\.me|whatsapp\.com)/",
    re.IGNORECASE,
)


def is_other_box(node: Element, base: str) -> bool:
    """Whether a block bears the marks of a box that is not the keywords: headings, forms, pictures, links to articles or to share the page."""
    for one in node.iter():
        name, printed_class = one.tag, one.get("class")
        if name in _NO_KEYWORDS or (printed_class and _OTHER_BOX.search(printed_class)):
            return True
        if name == "img" and next(one.iterancestors("a"), None) is None:
            return True
        if name == "a" and (_SHARING.match(_href(one)) or article_address(one, base) is not None):
            return True
    return False


def is_share_box(nodes: list[Element], texts: list[str], base: str) -> bool:
    """Whether all `texts` are places to share a page at. A keyword may bear such a name (`x`, `Facebook`): among others, or where every link leads to a page of the newspaper."""
    if not all(_SHARED_TO.fullmatch(clean(one)) for one in texts):
        return False
    links = [one for node in nodes for one in node.iter("a")]
    return not links or not all(_leads_to_page(one, base) for one in links)


def _leads_to_page(anchor: Element, base: str) -> bool:
    href = _href(anchor)
    return bool(href) and not href.startswith(NO_PAGE) and parse_address(joined(base, href) or "") is not None


def _href(anchor: Element) -> str:
    return (anchor.get("href") or "").strip()
