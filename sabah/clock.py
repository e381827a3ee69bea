"""The one source of wall time. Intervals use `time.monotonic` instead."""

from __future__ import annotations

import json
import os
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.request import ProxyHandler, build_opener

_PATIENCE = 10.0
_correction = timedelta(0)


def now() -> datetime:
    """The present instant, aware, in UTC: the machine's, set right by `correct` where its clock is wrong. Raises ValueError as `of_machine` does."""
    return of_machine() + _correction


def correct(by: timedelta) -> None:
    """Has `now` be that much later than the machine's clock shows, in this process, from now on."""
    global _correction  # noqa: PLW0603 -- there is one wall time in a process
    _correction = by


def of_machine() -> datetime:
    """What the machine's clock shows, aware, in UTC.

    The environment variable `SABAH_NOW` (ISO 8601 with offset) stands still in its place where it is set. It may be a clock's address
    instead (`http://127.0.0.1:8700/_clock`, the stand-in newspaper's), which is asked once in a process and goes on at its own rate.
    Raises ValueError when it holds anything else, or an address that gives no time.
    """
    fixed = os.environ.get("SABAH_NOW")
    if not fixed:
        return datetime.now(UTC)
    if fixed.startswith("http://"):
        at, rate, asked = _asked(fixed)
        return at + timedelta(seconds=(time.monotonic() - asked) * rate)
    return _instant(fixed, f"SABAH_NOW={fixed!r}")


def timestamp() -> str:
    """`now()` as the record prints it: ISO 8601, UTC, whole seconds (`2021-09-14T07:51:00+00:00`)."""
    return now().isoformat(timespec="seconds")


def new_id() -> str:
    """An id for a run (`20210914T075100Z-3f9a1c`): it sorts by time, and is never used twice. Raises ValueError as `now` does."""
    return f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@lru_cache(maxsize=1)
def _asked(address: str) -> tuple[datetime, float, float]:
    """What the clock at an address showed, its rate, and the monotonic second in which it did."""
    try:
        with build_opener(ProxyHandler({})).open(address, timeout=_PATIENCE) as answer:
            state = json.loads(answer.read())
        at, rate = _instant(state["now"], address), float(state["rate"])
    except (OSError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"SABAH_NOW={address!r} gives no time: {error}") from error
    return at, rate, time.monotonic()


def _instant(text: str, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{where} is no time; write it like 2021-09-14T10:51:00+03:00") from error
    if at.tzinfo is None:
        raise ValueError(f"{where} has no offset; write it like 2021-09-14T10:51:00+03:00")
    return at.astimezone(UTC)
