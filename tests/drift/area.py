"""Where the article is in a page of any layout, as the tests know it for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Element = Any
BODY_TOKENS = ("article_body", "txt", "txtIn", "story__text", "content", "detail")
_LABELS = ("keywords", "last update", "recommended")


def tokens(node: Element) -> list[str]:
    return (node.get("class") or "").split()


def headline_of(tree: Element) -> Element | None:
    found = [one for one in tree.iter("h1") if not any("logo" in token for token in tokens(one))]
    return next((one for one in found if "main_page_title" in tokens(one)), found[0] if found else None)


def body_of(tree: Element) -> Element | None:
    for token in BODY_TOKENS:
        for one in tree.iter("div"):
            if token in tokens(one):
                return one
    return None


def article_area(tree: Element) -> Element:
    """The smallest element around headline, text and the labels that belong to them."""
    marks = [one for one in (headline_of(tree), body_of(tree), *_labelled(tree)) if one is not None]
    if len(marks) < 2:
        return tree.find("body")
    around = [marks[0], *marks[0].iterancestors()]
    for one in marks[1:]:
        own = {one, *one.iterancestors()}
        around = [node for node in around if node in own]
    return around[0]


def _labelled(tree: Element) -> Iterable[Element]:
    for one in tree.iter():
        if (
            isinstance(one.tag, str)
            and one.tag not in {"p", "title"}
            and one.text
            and one.text.strip().lower().startswith(_LABELS)
            and len(one.text) < 60
        ):
            yield one
