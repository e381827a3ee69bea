"""The forms in which dates are printed, as regular expressions over cleaned text."""

from __future__ import annotations

import re
from typing import Final

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
