"""Addresses that links are written as, made absolute."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin

_QUERY: Final = r"(?:\?[\w.=&%+-]+)?"
_WHOLE: Final = re.compile(rf"https?://[a-z0-9.-]+/[\w./~%-]*{_QUERY}", re.ASCII)
_FROM_ROOT: Final = re.compile(rf"(?:/[\w~-]+)+/?{_QUERY}", re.ASCII)
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(?=/)")


def joined(base: str, href: str) -> str | None:
    """What `urljoin` gives; None where it raises ValueError. The forms that nearly all links have are spared its parsing."""
    if _WHOLE.fullmatch(href):
        return href
    if _FROM_ROOT.fullmatch(href) and (origin := _ORIGIN.match(base)):
        return origin.group() + href
    try:
        return urljoin(base, href)
    except ValueError:
        return None
