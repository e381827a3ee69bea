"""When articles appear, and how the newspaper prints a date (FACTS section 5)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from replica.dice import Dice

FIRST: Final = dt.date(2014, 2, 24)
TURN: Final = dt.date(2020, 3, 20)
LAST: Final = dt.date(2026, 10, 31)
_OLD_SHARE: Final = 0.35
SLOTS_UNTIL: Final = dt.date(2020, 4, 1)
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_of(number: int, total: int, last: dt.date = LAST) -> dt.date:
    """The day of an article: 0 is the oldest, a third lies before the turn to new addresses. Never falls as `number` rises."""
    position = (number + 0.5) / total
    if position < _OLD_SHARE:
        return FIRST + dt.timedelta(days=int(position / _OLD_SHARE * (TURN - FIRST).days))
    return TURN + dt.timedelta(days=int((position - _OLD_SHARE) / (1 - _OLD_SHARE) * ((last - TURN).days + 1)))


def time_of(day: dt.date, opinion: bool, dice: Dice) -> dt.datetime:
    """The printed time: slots of the print edition for most old articles and most opinion pieces, else any minute."""
    roll = dice.below(1000)
    minute = dice.below(1440)
    if opinion and roll < 550:
        minute = 5
    elif day < SLOTS_UNTIL and roll < 650:
        minute = 0
    elif roll >= 990:
        minute = (0, 5, 720, 725)[roll % 4]  # at midnight or noon without being a slot
    return dt.datetime.combine(day, dt.time(minute // 60, minute % 60))


def printed(at: dt.datetime, separator: str = " ") -> str:
    """`Sep 14, 2021 10:51 am`: day with a leading zero, hour without."""
    half = "am" if at.hour < 12 else "pm"
    return f"{MONTHS[at.month - 1]} {at.day:02}, {at.year}{separator}{at.hour % 12 or 12}:{at.minute:02} {half}"


def printed_day(day: dt.date) -> str:
    """`Mar 15, 2021`, as in search results."""
    return f"{MONTHS[day.month - 1]} {day.day:02}, {day.year}"
