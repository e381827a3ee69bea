"""Records for tests that need some, whatever they say."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from sabah.items import ADDED, SOURCE_FIELDS, Article


def record(name: str = "one", **more: Any) -> Article:
    """A whole article at `/world/NAME/news`."""
    values: dict[str, Any] = {
        "url": f"https://www.dailysabah.com/world/{name}/news",
        "kind": "article",
        "headline": f"Headline {name}",
        "published_at": "2021-09-14T10:51:00+03:00",
        "body": f"Body of {name}, in “Türkiye”.",
        "layout": "2020",
        "sources": dict.fromkeys(SOURCE_FIELDS),
        "text_hash": hashlib.sha256(name.encode()).hexdigest(),
        "revision_hash": hashlib.sha256(name.encode()).hexdigest(),
        "reader_version": "0.1.0",
    }
    return Article(**values | more)


def old_line(line: bytes) -> bytes:
    """The stored line as version 1 of the schema had it."""
    values = {name: value for name, value in orjson.loads(line).items() if name not in ADDED}
    return orjson.dumps(values | {"schema_version": 1}, option=orjson.OPT_APPEND_NEWLINE)
