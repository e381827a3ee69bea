"""The one source of wall time. Intervals use `time.monotonic` instead."""

from __future__ import annotations

import os
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC.

    The environment variable `SABAH_NOW` (ISO 8601 with offset) stands still in its place where it is set.
    Raises ValueError when it holds anything else.
    """
    fixed = os.environ.get("SABAH_NOW")
    if not fixed:
        return datetime.now(UTC)
    at = datetime.fromisoformat(fixed)
    if at.tzinfo is None:
        raise ValueError(f"SABAH_NOW={fixed!r} has no offset; write it like 2021-09-14T10:51:00+03:00")
    return at.astimezone(UTC)


def timestamp() -> str:
    """`now()` as the record prints it: ISO 8601, UTC, whole seconds (`2021-09-14T07:51:00+00:00`)."""
    return now().isoformat(timespec="seconds")
