"""What a stored request says of its page: where it was asked for, and whether it was an article's address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sabah.configuration import LIVE_HOSTS
from sabah.site.addresses import parse_address

if TYPE_CHECKING:
    from sabah.storage.snapshots import Capture

_CAPTURE: Final = re.compile(r"/web/[0-9]{14}(?:[a-z]{2}_)?/(?=https?://)")
_SITE: Final = "https://www.dailysabah.com"


def origin_of(capture: Capture) -> str:
    """`live`, `replica` or `archive`."""
    target, host = _asked(capture)
    if _CAPTURE.match(target):
        return "archive"
    return "live" if host.partition(":")[0] in LIVE_HOSTS else "replica"


def was_asked_for(capture: Capture) -> bool:
    """Whether the page came from an article's address, and not from one that this redirects to."""
    target, _ = _asked(capture)
    found = _CAPTURE.match(target)
    address = parse_address(target[found.end() :] if found else _SITE + target)
    return address is not None and address.is_article


def _asked(capture: Capture) -> tuple[str, str]:
    """Target and host of the request."""
    first, *lines = capture.request.decode("latin-1").split("\r\n")
    host = next((line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:")), "")
    return first.split(" ")[1], host.lower()
