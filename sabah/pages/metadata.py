"""What the head of a page says. The CMS sends some of it, sometimes; every value is optional."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sabah.normalize.text import clean, unescape

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from lxml.etree import _Element as Element

ARTICLE_TYPES = frozenset(
    [
        "Article",
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "BackgroundNewsArticle",
    ]
)


class Metadata:
    def __init__(self, root: Element) -> None:
        self._root = root

    @cached_property
    def _elements(self) -> dict[str, list[Element]]:
        """Those of metadata, wherever they stand, by tag."""
        found: dict[Any, list[Element]] = {"meta": [], "link": [], "script": []}
        for one in self._root.iter(*found):
            found[one.tag].append(one)
        return found

    @cached_property
    def _values(self) -> dict[str, str]:
        values: dict[str, str] = {}
        for meta in self._elements["meta"]:
            name = meta.get("name") or meta.get("property") or meta.get("itemprop")
            content = meta.get("content")
            if name and content:
                values.setdefault(name.strip().lower(), content)
        return values

    @property
    def names(self) -> Container[str]:
        """The names that have a value, in lower case."""
        return self._values.keys()

    def first(self, *names: str) -> str | None:
        """The first of the named `meta` values that is not empty; a name is looked for as name, property and itemprop."""
        for name in names:
            value = clean(unescape(self._values.get(name.lower(), "")))
            if value:
                return value
        return None

    @cached_property
    def canonical(self) -> str | None:
        """`link[rel=canonical]` as written."""
        links = (link.get("href") for link in self._elements["link"] if link.get("rel") == "canonical")
        return (next(filter(None, links), None) or "").strip() or None

    @property
    def title(self) -> str | None:
        """The text of `title`."""
        found = self._root.find("head/title")
        return clean(found.text or "") or None if found is not None else None

    @property
    def site(self) -> str | None:
        """What the page calls its site: `og:site_name`, else the publisher that JSON-LD names."""
        return self.first("og:site_name") or self.json_ld_text("publisher")

    @cached_property
    def json_ld(self) -> dict[str, Any]:
        """The first JSON-LD object of an article type; empty where there is none or it is no JSON."""
        for script in self._elements["script"]:
            if script.get("type") != "application/ld+json":
                continue
            try:
                parsed = json.loads(script.text or "", strict=False)
            except (ValueError, RecursionError):  # the live site was seen to send invalid JSON: the same as none
                continue
            for one in _objects(parsed):
                types = one.get("@type")
                if any(
                    name in ARTICLE_TYPES
                    for name in (types if isinstance(types, list) else [types])
                    if isinstance(name, str)
                ):
                    return one
        return {}

    def json_ld_text(self, key: str) -> str | None:
        """A JSON-LD value that is a text; of an object or list of objects, their names joined by commas. An address is none."""
        names = [clean(unescape(name)) for name in _names(self.json_ld.get(key))]
        return ", ".join(name for name in names if name and "://" not in name) or None


def _objects(parsed: object) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD document, also those of its graph, in their order."""
    waiting = [parsed]
    while waiting:  # not by recursion: a document may be nested as deep as its parser allows
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            yield one
            waiting.append(one.get("@graph"))


def _names(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.append(one.get("name"))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
