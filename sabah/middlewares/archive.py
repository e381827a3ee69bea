"""The web archive in place of the newspaper: how a capture is asked for, and which one an answer is."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from sabah import clock
from sabah.configuration import archive_origin
from sabah.site.addresses import parse_address
from sabah.site.captures import instant
from sabah.spiders.base import page_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

ROBOTS: Final = "/robots.txt"
HOPS: Final = 3
"""Redirects from one capture of a page to another before it counts as without an end."""

_CAPTURE: Final = re.compile(r"/web/([0-9]{14})(?:[a-z]{2}_)?/(https?://.+)\Z", re.IGNORECASE)


def archived_as(request: Request, settings: BaseSettings, capture: str | None = None) -> str:
    """Where the archive has a page of the newspaper: `/web/{14 digits}id_/{address}`, the bytes as captured.

    The time is that of `capture`, or of the one that the request's page names; without one it is now, from which the archive leads to its newest.
    The rules in robots.txt are those of the archive.
    """
    origin, asked = archive_origin(settings), urlsplit(request.url)
    if asked.path == ROBOTS:
        return origin + ROBOTS
    time, _, under = (capture or page_of(request).capture or f"{clock.now():%Y%m%d%H%M%S}").partition(" ")
    return f"{origin}/web/{time}id_/{under or request.url}"


def capture_led_to(response: Response, asked: str) -> tuple[str, str] | None:
    """Time and address of the capture that a redirect from the archive's page at `asked` leads to; None where it leads to none."""
    location = (response.headers.get("Location") or b"").decode("latin-1")
    if not location or not 300 <= response.status < 400:
        return None
    target = urlsplit(urljoin(asked, location))
    found = _CAPTURE.match(target.path + (f"?{target.query}" if target.query else ""))
    return (found[1], found[2]) if found and target.netloc == urlsplit(asked).netloc else None


def is_same_page(one: str, other: str) -> bool:
    """Whether two addresses are one page of the newspaper, in whatever spelling it was captured."""
    first, second = parse_address(one), parse_address(other)
    return first is not None and second is not None and first.canonical == second.canonical


def captured_at(response: Response, asked: str) -> str | None:
    """When the answer to `asked` was captured, as the archive says or as its address does: ISO 8601, UTC."""
    said = (response.headers.get("Memento-Datetime") or b"").decode("latin-1")
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        found = _CAPTURE.search(urlsplit(asked).path)
        if found is None:
            return None
        at = instant(found[1])
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
