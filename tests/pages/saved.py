"""Saved pages as responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scrapy.http import HtmlResponse

import sabah
from sabah.items import SCHEMA_VERSION
from sabah.pages import Reading, read

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.html") if path.with_suffix(".json").exists())
"""Pages that have a record; the others must be refused."""


def saved(name: str) -> bytes:
    return (FOLDER / f"{name}.html").read_bytes()


def expected(name: str) -> dict[str, Any]:
    """The record in the file; versions are not the page's to decide, and a file of schema version 1 says nothing of the fields that came later."""
    fields: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    later: dict[str, Any] = {"moved_to": None, "canonical_elsewhere": None, "marks": []}
    versions = {"reader_version": sabah.__version__, "schema_version": SCHEMA_VERSION}
    return fields | {name: fields.get(name, default) for name, default in later.items()} | versions


def reading(body: bytes | str, address: str | None = None) -> Reading:
    """What the page says, found under `address` or else under its canonical link."""
    page = HtmlResponse(address or "https://nowhere.invalid/", body=body.encode() if isinstance(body, str) else body)
    return read(page, address)
