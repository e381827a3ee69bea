"""The pages that are mutated: of the replica, made in this process, and the saved ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from lxml import etree

from replica.editor import article
from replica.newspaper import Newspaper
from replica.pages import article_page
from replica.truth import entry
from tests.pages.saved import FOLDER, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.drift.area import Element


@attrs.frozen
class Page:
    url: str
    html: str
    truth: dict[str, Any]
    """The record it must give."""

    def tree(self) -> Element:
        return etree.fromstring(self.html.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True))


def of_replica(seed: int, total: int, numbers: Iterable[int]) -> list[Page]:
    paper = Newspaper(seed, total)
    made = (article(paper, number) for number in numbers)
    return [
        Page(record["url"], article_page(paper, one).decode(), record)
        for one in made
        for record in [entry(one)["record"]]
    ]


def saved_pages() -> list[Page]:
    """Every saved page that gives a record."""
    found = []
    for name in NAMES:
        record = json.loads((FOLDER / f"{name}.json").read_text())
        found.append(Page(record["url"], (FOLDER / f"{name}.html").read_text(), record))
    return found
