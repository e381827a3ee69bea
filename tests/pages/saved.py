"""Saved pages as responses."""

from __future__ import annotations

from pathlib import Path

from scrapy.http import HtmlResponse

from sabah.pages import Reading, read

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.html") if path.with_suffix(".json").exists())
"""Pages that have a record; the others must be refused."""


def saved(name: str) -> bytes:
    return (FOLDER / f"{name}.html").read_bytes()


def reading(body: bytes | str, address: str | None = None) -> Reading:
    """What the page says, found under `address` or else under its canonical link."""
    page = HtmlResponse(address or "https://nowhere.invalid/", body=body.encode() if isinstance(body, str) else body)
    return read(page, address)
