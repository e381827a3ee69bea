"""What a Retry-After header asks for."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from sabah import clock

if TYPE_CHECKING:
    from scrapy.http import Response

STATUSES: Final = frozenset({429, 503})
"""Statuses by which a server says that it has too much to do; both may come with the header (RFC 6585, RFC 9110)."""

_SECONDS: Final = re.compile(r"[0-9]{1,12}")


def retry_after(response: Response) -> float | None:
    """Seconds from now on, of a number or an HTTP date; None where nothing (more) has to be waited for, or for anything else."""
    given = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if response.status not in STATUSES or not given:
        return None
    if _SECONDS.fullmatch(given):
        return float(given) or None
    try:
        at = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    left = (at - clock.now()).total_seconds()
    return left if left > 0 else None
