"""What both spiders follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SITE = "https://www.dailysabah.com"
ARTICLE = re.compile(r"https?://(?:www\.)?dailysabah\.com(/(?!arabic|deutsch|rss)[\w-]+/[\w-]+/[\w/-]+)(?:[?#].*)?$")


def articles(hrefs: Iterable[str], base: str) -> Iterator[str]:
    """Addresses of articles on the www host without query and `/amp`, so that none is fetched under two addresses."""
    for href in hrefs:
        match = ARTICLE.match(urljoin(base, href))
        if match and not match[1].endswith("/archive"):
            yield SITE + match[1].rstrip("/").removesuffix("/amp")
