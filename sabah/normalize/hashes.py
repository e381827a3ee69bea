"""What makes two articles the same text, and two pages the same revision."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def text_hash(headline: str, body: str | None) -> str:
    """SHA-256, in hexadecimal, of headline and body: equal where only case, compatibility forms or blanks differ."""
    return _digest(f"{_fold(headline)}\n{_fold(body or '')}")


def revision_hash(
    *,
    headline: str,
    standfirst: str | None,
    byline: str | None,
    dateline: str | None,
    published_raw: str | None,
    body: str | None,
    keywords: Sequence[str],
    images: Sequence[tuple[str | None, str | None]],
) -> str:
    """SHA-256, in hexadecimal, of all that a change of the newspaper may touch, to the letter; `images` are pairs of caption and credit."""
    parts = [
        headline,
        standfirst,
        byline,
        dateline,
        published_raw,
        body,
        list(keywords),
        [list(pair) for pair in images],
    ]
    return _digest(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
