"""Which of the marks that readers go by a page bears: classes, labels, names in the head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

from sabah.pages import labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element as Element

    from sabah.pages.metadata import Metadata

CLASSES: Final = (
    "main_page_title", "top_title_widget", "left_mobile_details", "article_body", "image_holder", "widget_content", "numbered_list", "related-topics-body",
    "layout-ratio", "txt", "txtIn",
)  # fmt: skip
IDS: Final = ("newsTitle", "newsDescription")
LABELS: Final = (labels.KEYWORDS, labels.RECOMMENDED, labels.RELATED_TOPICS, labels.LAST_UPDATE)
META: Final = (
    "description", "og:description", "keywords", "news_keywords", "datepublished", "datemodified", "article:published_time", "article:modified_time", "author",
    "identifier", "headline", "og:title", "og:type", "og:image",
)  # fmt: skip
NAMES: Final = (
    *(f"class {one}" for one in CLASSES), *(f"label {one}" for one in LABELS), *(f"meta {one}" for one in META), "json-ld of an article", "link canonical", "img data-src", "cards behind every label recommended",
    *(f"id {one}" for one in IDS),
)  # fmt: skip
"""In the order of their bits in the ledger: only ever appended to."""

_BEHIND: Final = frozenset(
    {
        *(f"label {one}" for one in LABELS),
        "class widget_content",
        "class related-topics-body",
        "cards behind every label recommended",
    }
)
_BITS: Final = sum(1 << number for number, name in enumerate(NAMES) if name in _BEHIND)

_classes = etree.XPath("/descendant::*/@class", smart_strings=False)
_is_lazy = etree.XPath("boolean(/descendant::img[@data-src])")
_with_id = tuple(etree.XPath(f"boolean(id('{one}'))") for one in IDS)


def marks(root: Element, metadata: Metadata, found: Mapping[str, list[Element]], base: str) -> int:
    """A bit for each of NAMES that the page bears; `found` are its labels, `base` is its address."""
    tokens = set(" ".join(set(_classes(root))).split())
    borne = (
        *(one in tokens for one in CLASSES), *(one in found for one in LABELS), *(one in metadata.names for one in META), bool(metadata.json_ld),
        metadata.canonical is not None, _is_lazy(root), _boxes_whole(root, found, base), *(has_id(root) for has_id in _with_id),
    )  # fmt: skip
    return sum(1 << number for number, yes in enumerate(borne) if yes)


def _boxes_whole(root: Element, found: Mapping[str, list[Element]], base: str) -> bool:
    headings = found.get(labels.RECOMMENDED, [])
    others = [label for same in found.values() for label in same]
    return bool(headings) and all(labels.box(one, others, root, base) for one in headings)


def names(bits: int) -> frozenset[str]:
    """The marks that such a number stands for."""
    return frozenset(name for number, name in enumerate(NAMES) if bits >> number & 1)


def behind_the_text(bits: int) -> int:
    """Those of such a number that stand behind the text: what a page loses first that is cut off."""
    return bits & _BITS
