"""Printed dates as instants. Every form that Daily Sabah prints, ISO 8601 and RFC 822; an impossible date is an error, never a guess."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import attrs

from sabah.normalize.text import clean

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONG_MONTHS: Final = (
    "january", "february", "march", "april", "june", "july", "august", "sept", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK: Final = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?(?![0-9:])"
_HALF: Final = r"(?:\s?(?P<half>[ap])\.?\s?m(?!(?!gmt|utc)[a-z])\.?|(?P<no_half>))"
_OFFSET: Final = r"[+−–-]\s?[0-9]{1,2}(?::?[0-9]{2})?(?![0-9:])"
_NAMED_ZONE: Final = rf"\s?\(?(?P<zone>(?:GMT|UTC)(?:\s?{_OFFSET})?(?![0-9A-Za-z]))\)?"
_ZONE: Final = rf"\s?(?P<zone>(?:GMT|UTC?|Z)(?:\s?{_OFFSET})?(?![0-9A-Za-z])|{_OFFSET})"
_GAP: Final = r"(?:\s?[-–—|,]\s?|\s(?:at\s)?)"
_WEEKDAY: Final = (
    r"(?:(?<![a-z])(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)\.?,?\s)?"
)
_MONTH: Final = rf"(?P<name>{'|'.join(MONTHS)})"
# behind a glued city the capital tells where the month begins: ISTANBULJan, never Trojan
_CITY_MONTH: Final = (
    rf"(?:(?<![a-z]){_MONTH}|(?-i:(?P<glued>{'|'.join([m.title() for m in MONTHS] + [m.upper() for m in MONTHS])})))"
)

_ENGLISH: Final = (
    rf"{_WEEKDAY}{_CITY_MONTH}\s(?P<day>[0-9]{{1,2}})(?:\s?,\s?|\s)(?P<year>[0-9]{{4}})(?![0-9])"
    rf"(?:{_GAP}{_CLOCK}{_HALF}(?:{_NAMED_ZONE})?)?"
)
# whole names of months are those of running text as well: only with a clock behind it are they a date as printed
_ENGLISH_LONG: Final = (
    rf"{_WEEKDAY}(?<![a-z])(?P<name>{'|'.join(LONG_MONTHS)})\s(?P<day>[0-9]{{1,2}})(?:\s?,\s?|\s)(?P<year>[0-9]{{4}})(?![0-9])"
    rf"{_GAP}{_CLOCK}{_HALF}(?:{_NAMED_ZONE})?"
)
_LEGACY: Final = (
    r"(?<![0-9.])(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})(?![0-9])"
    rf"(?:{_GAP}{_CLOCK}(?:{_NAMED_ZONE})?)?"
)
_ISO_8601: Final = (
    r"(?<![0-9-])(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?![0-9])"
    rf"(?:(?:T|\s){_CLOCK}(?:{_ZONE})?)?"
)
_RFC_822: Final = (
    rf"{_WEEKDAY}(?<![0-9])(?P<day>[0-9]{{1,2}})\s{_MONTH}\s(?P<year>[0-9]{{4}})(?![0-9])"
    rf"(?:\s{_CLOCK}(?:{_ZONE})?)?"
)
_PATH: Final = r"(?<![0-9])(?P<year>[0-9]{4})/(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})(?![0-9])"

_ALL: Final = (_ENGLISH, _LEGACY, _ISO_8601, _RFC_822, _PATH, _ENGLISH_LONG)
PARTS: Final = (
    "weekday",
    "name",
    "glued",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "half",
    "no_half",
    "zone",
)


def _at_end(form: str) -> re.Pattern[str]:
    absent = "".join(f"(?P<{part}>(?!))?" for part in PARTS if f"(?P<{part}>" not in form)
    return re.compile(rf"{form}/?\Z{absent}", re.IGNORECASE | re.ASCII)


FORMS: Final = tuple(map(_at_end, _ALL))
"""Each form at the end of a text, commonest first. Each has a group for every one of PARTS; `no_half` is empty where a clock of twelve prints no am or pm."""

FORM_OF_DOTS: Final = FORMS[_ALL.index(_LEGACY)]
"""`24.03.2016 02:56`, the one form that does not say by itself which number is the day."""

FORMS_OF_DIGITS: Final = FORMS[1:]
"""Those that may begin with a digit."""

ANY_FORM: Final = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", form) for form in _ALL), re.IGNORECASE | re.ASCII)
"""Any form anywhere."""


Precision = Literal["minute", "day"]
ZoneSource = Literal["printed", "page", "assumed"]

ISTANBUL: Final = ZoneInfo("Europe/Istanbul")
_SLOTS_END: Final = (2020, 4)
"""Before the template of 2020 articles bear 12:00 am, the slot of the print edition, instead of a time."""
_MONTH_NUMBERS: Final = {name: number for number, name in enumerate(MONTHS, start=1)}
_DIGITS: Final = frozenset("0123456789/")
_LONGEST: Final = 200
_FARTHEST_OFFSET: Final = 14 * 60  # minutes

_SIGNED: Final = re.compile(r"(?P<sign>[+−–-])\s?(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?$")
_SEPARATORS: Final = " ,|:;/·•–—-"
_LABEL: Final = r"(?:(?:last )?(?:updated?|modified)|published|posted|date)(?: (?:on|at))?"
_LABELS: Final = re.compile(rf"\A{_LABEL}(?![^\W\d_])|(?<![^\W\d_]){_LABEL}\Z", re.IGNORECASE)
_CITY: Final = re.compile(r"(?!by )[^\W\d_](?:[^\W\d_]|[ .,'’‘ʼ`/&()–—-]){0,79}", re.IGNORECASE)


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

    @property
    def until(self) -> datetime:
        """The last instant that is meant: the end of the day where no time is printed."""
        return self.at if self.precision == "minute" else datetime.combine(self.at, time.max, self.at.tzinfo)

    def isoformat(self) -> str:
        """ISO 8601 with seconds and offset: `2021-09-14T10:51:00+03:00`."""
        return self.at.isoformat(timespec="seconds")


def parse_date(text: str, *, page_zone: tzinfo | None = None, opinion: bool = False, day_first: bool = True) -> Moment:
    """The instant a printed date names. Raises DateError, which names the text.

    Forms: `Sep 14, 2021 - 10:51 am GMT+3` and its shorter variants (no dash, no offset, no time; any case, with dots, blanks or none),
    `24.03.2016 02:56`, `2016/01/12` of an old address, ISO 8601, RFC 822; whole names of months only with a time; each also behind a label (`Last Update:`, `Published`) or a city.
    A printed offset is kept as printed: `GMT+3` stands even on dates when Turkey was on another. Without one the `page_zone` holds, else Istanbul's on that
    date; of a repeated local time the first is meant. Precision is `day` without a time, at midnight before April 2020, and at 00:05 of an `opinion` piece.
    `day_first`: the order of the numbers in `24.03.2016`; every other form says it itself.
    """
    return split_dateline(text, page_zone=page_zone, opinion=opinion, day_first=day_first)[1]


def split_dateline(
    text: str, *, page_zone: tzinfo | None = None, opinion: bool = False, day_first: bool = True
) -> tuple[str | None, Moment]:
    """City, as printed, and date of a dateline, also where they are glued together (`ISTANBULJan 12, 2016 - 12:00 am GMT+3`); see `parse_date`."""
    line = clean(text)
    if len(line) > _LONGEST:
        raise DateError(f"{line[:_LONGEST] + '…'!r}: too long for a date")
    for form in FORMS_OF_DIGITS if line[:1] in _DIGITS else FORMS:
        if match := form.search(line):
            try:
                return _city(line[: match.start()]), _moment(match, page_zone, opinion, day_first)
            except ValueError as error:
                raise DateError(f"{line!r}: {error}") from None
    raise DateError(f"{line!r}: no date of a known form")


def is_date(text: str) -> bool:
    """Whether the text is a date that `parse_date` can read."""
    try:
        parse_date(text)
    except DateError:
        return False
    return True


def parse_city(text: str) -> str | None:
    """The city of a dateline, with its date behind it (`ISTANBULJan 12, 2016 - 12:00 am GMT+3`) or without; None where a date stands alone. Raises DateError where
    the date cannot be, and where what stands before it is no city.
    """
    line = clean(text)
    return split_dateline(line)[0] if find_date(line) else line or None


def in_zone(moment: Moment, zone: tzinfo) -> Moment:
    """A moment whose zone was assumed, in the zone that another date of its page prints; every other as it is."""
    if moment.zone_source != "assumed":
        return moment
    local = moment.at.replace(tzinfo=None)
    return attrs.evolve(moment, at=local.replace(tzinfo=_fixed(zone.utcoffset(local))), zone_source="page")


def find_date(text: str) -> str | None:
    """The first stretch of the text that has the form of a date, its blanks cleaned; whether such a day exists is for `parse_date` to say.

    Months of running text (`Sept. 13, 2021`, `April 1, 2022`) are not a form.
    """
    match = ANY_FORM.search(clean(text))
    return match.group() if match else None


def _city(front: str) -> str | None:
    """What stands before the date, without labels and separators. Raises ValueError where that cannot be a city."""
    bare = front.strip(_SEPARATORS)
    if not bare:
        return None
    city = _LABELS.sub("", bare).strip(_SEPARATORS)
    if not city:
        return None
    if city[0].islower() or not _CITY.fullmatch(city):
        raise ValueError(f"neither a label nor a city stands before the date: {front!r}")
    return city


def _moment(match: re.Match[str], page_zone: tzinfo | None, opinion: bool, day_first: bool) -> Moment:
    """The instant of a match of FORMS. Raises ValueError where its parts contradict one another or do not exist."""
    weekday, name, glued, year, month, day, hour, minute, second, half, no_half, zone = match.group(*PARTS)
    if no_half is not None:
        raise ValueError("neither am nor pm is printed")
    name = name or glued
    if not day_first and match.re is FORM_OF_DOTS:
        day, month = month, day
    at = datetime(
        int(year),
        _MONTH_NUMBERS[name[:3].lower()] if name else int(month),
        int(day),
        _hour(int(hour or 0), half),
        int(minute or 0),
        int(second or 0),
        tzinfo=_printed_zone(zone) if zone else None,
    )
    if weekday and WEEKDAYS[at.weekday()] != weekday[:3].lower():
        raise ValueError(f"the day is no {weekday}")
    zone_source: ZoneSource = "printed"
    if not zone:
        zone_source = "assumed" if page_zone is None else "page"
        at = at.replace(tzinfo=_fixed((page_zone or ISTANBUL).utcoffset(at)))
    precision: Precision = "day" if hour is None or _is_slot(at, opinion) else "minute"
    return Moment(at, precision, zone_source, match.group().rstrip("/"))


def _hour(printed: int, half: str | None) -> int:
    if half is None:
        return printed
    if not 1 <= printed <= 12:
        raise ValueError(f"no hour {printed} on a clock of twelve")
    return printed % 12 + (12 if half in "pP" else 0)


def _is_slot(at: datetime, opinion: bool) -> bool:
    if at.hour or at.second:
        return False
    return (opinion and at.minute == 5) or (at.minute == 0 and (at.year, at.month) < _SLOTS_END)


@lru_cache(maxsize=256)
def _printed_zone(printed: str) -> timezone:
    """`GMT+3`, `GMT`, `+03:00`, `+0300`, `Z`."""
    match = _SIGNED.search(printed)
    if match is None:
        return UTC
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if minutes > 59 or hours * 60 + minutes > _FARTHEST_OFFSET:
        raise ValueError(f"no offset {match.group()}")
    return timezone(timedelta(minutes=(hours * 60 + minutes) * (1 if match["sign"] == "+" else -1)))


@lru_cache(maxsize=256)
def _fixed(offset: timedelta | None) -> timezone:
    # local mean time, before 1910, had seconds, which a printed offset cannot have
    return timezone(timedelta(minutes=(offset or timedelta()) // timedelta(minutes=1)))
