"""Printed dates as instants. Every form that Daily Sabah prints, ISO 8601 and RFC 822; an impossible date is an error, never a guess."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import attrs

from sabah.normalize.date_forms import ANY_FORM, FORMS, MONTHS, WEEKDAYS
from sabah.normalize.text import clean

Precision = Literal["minute", "day"]
ZoneSource = Literal["printed", "page", "assumed"]

_ISTANBUL: Final = ZoneInfo("Europe/Istanbul")
_SLOTS_END: Final = date(2020, 4, 1)
"""Before the template of 2020 articles bear 12:00 am, the slot of the print edition, instead of a time."""
_COLUMN_SLOT: Final = time(0, 5)
_LONGEST: Final = 200
_FARTHEST_OFFSET: Final = 14 * 60  # minutes

_SIGNED: Final = re.compile(r"(?P<sign>[+−–-])\s?(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?$")
_LABEL: Final = r"(?:(?:last\s)?(?:updated?|modified)|published|posted|date)(?:\s(?:on|at))?\s?:?(?![^\W\d_])"
_FRONT: Final = re.compile(
    rf"[\s,|:;/·•–—-]*(?:{_LABEL})?[\s,|:;/·•–—-]*"
    r"(?P<city>[^\W\d_](?:[^\W\d_]|[ .,'’‘ʼ`/&()–—-]){0,79}?)??"
    rf"[\s,|:;/·•–—-]*(?:{_LABEL})?[\s,|:;/·•–—-]*",
    re.IGNORECASE,
)


class DateError(ValueError):
    """The text is no date of a known form, or names a day, hour or offset that does not exist."""


@attrs.frozen
class Moment:
    at: datetime
    """Aware, with a fixed offset; midnight where no time is printed."""

    precision: Precision
    zone_source: ZoneSource
    raw: str
    """The date as printed, without label and city."""

    def isoformat(self) -> str:
        """ISO 8601 with seconds and offset: `2021-09-14T10:51:00+03:00`."""
        return self.at.isoformat(timespec="seconds")


def parse_date(text: str, *, page_zone: tzinfo | None = None, opinion: bool = False) -> Moment:
    """The instant a printed date names. Raises DateError, which names the text.

    Forms: `Sep 14, 2021 - 10:51 am GMT+3` and its shorter variants (no dash, no offset, no time; any case, with dots, blanks or none),
    `24.03.2016 02:56`, `2016/01/12` of an old address, ISO 8601, RFC 822; each also behind a label (`Last Update:`, `Published`) or a city.
    A printed offset is kept as printed: `GMT+3` stands even on dates when Turkey was on another. Without one the `page_zone` holds, else Istanbul's on that
    date; of a repeated local time the first is meant. Precision is `day` without a time, at midnight before April 2020, and at 00:05 of an `opinion` piece.
    """
    return split_dateline(text, page_zone=page_zone, opinion=opinion)[1]


def split_dateline(text: str, *, page_zone: tzinfo | None = None, opinion: bool = False) -> tuple[str | None, Moment]:
    """City, as printed, and date of a dateline, also where they are glued together (`ISTANBULJan 12, 2016 - 12:00 am GMT+3`); see `parse_date`."""
    line = clean(text)
    for form in FORMS:
        if len(line) <= _LONGEST and (match := form.search(line)):
            try:
                return _city(line[: match.start()]), _moment(match, page_zone, opinion)
            except ValueError as error:
                raise DateError(f"{line!r}: {error}") from None
    shown = line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
    raise DateError(f"{shown!r}: no date of a known form")


def find_date(text: str) -> str | None:
    """The first stretch of the text that has the form of a date, its blanks cleaned; whether such a day exists is for `parse_date` to say.

    Months of running text (`Sept. 13, 2021`, `April 1, 2022`) are not a form.
    """
    match = ANY_FORM.search(clean(text))
    return match.group() if match else None


def _city(front: str) -> str | None:
    """What stands before the date, without label and separators. Raises ValueError where that cannot be a city."""
    if not front:
        return None
    match = _FRONT.fullmatch(front)
    city = match["city"] if match else None
    if match is None or (city and (city[0].islower() or city[:3].lower() == "by ")):
        raise ValueError(f"neither a label nor a city stands before the date: {front!r}")
    return city


def _moment(match: re.Match[str], page_zone: tzinfo | None, opinion: bool) -> Moment:
    """The instant of a match of FORMS. Raises ValueError where its parts contradict one another or do not exist."""
    found = match.groupdict()
    name = found.get("name") or found.get("glued")
    month = MONTHS.index(name.lower()) + 1 if name else int(found["month"])
    day = date(int(found["year"]), month, int(found["day"]))
    weekday = found.get("weekday")
    if weekday and WEEKDAYS[day.weekday()] != weekday[:3].lower():
        raise ValueError(f"the day is no {weekday}")
    clock = _clock(found) if found.get("hour") else None
    local = datetime.combine(day, clock or time())
    at, zone_source = _place(local, found.get("zone"), page_zone)
    slot = clock is None or (clock == time() and day < _SLOTS_END) or (opinion and clock == _COLUMN_SLOT)
    return Moment(at, "day" if slot else "minute", zone_source, match.group().strip("/"))


def _clock(found: dict[str, str | None]) -> time:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if "half" in found:
        half = found["half"]
        if half is None:
            raise ValueError("neither am nor pm is printed")
        if not 1 <= hour <= 12:
            raise ValueError(f"no hour {hour} on a clock of twelve")
        hour = hour % 12 + (12 if half in "pP" else 0)
    return time(hour, minute, second)


def _place(local: datetime, printed: str | None, page_zone: tzinfo | None) -> tuple[datetime, ZoneSource]:
    if printed:
        return local.replace(tzinfo=_printed_zone(printed)), "printed"
    offset = local.replace(tzinfo=page_zone or _ISTANBUL).utcoffset() or timedelta()
    # local mean time before 1910 had seconds, which ISO 8601 cannot print
    return local.replace(tzinfo=_fixed(offset // timedelta(minutes=1))), "page" if page_zone else "assumed"


@lru_cache(maxsize=256)
def _printed_zone(printed: str) -> timezone:
    """`GMT+3`, `GMT`, `+03:00`, `+0300`, `Z`."""
    match = _SIGNED.search(printed)
    if match is None:
        return _fixed(0)
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if minutes > 59 or hours * 60 + minutes > _FARTHEST_OFFSET:
        raise ValueError(f"no offset {match.group()}")
    return _fixed((hours * 60 + minutes) * (1 if match["sign"] == "+" else -1))


@lru_cache(maxsize=256)
def _fixed(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))
