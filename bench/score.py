"""How right a reading is, compared with the truth of its page."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

from sabah.normalize.text import clean, lower

_TOKEN = re.compile(r"\w+")


def body_f1(found: str | None, true: str) -> float:
    """Harmonic mean of precision and recall over the words of both, each as often as it occurs; 0 for no body."""
    have, want = Counter(_tokens(found or "")), Counter(_tokens(true))
    common = (have & want).total()
    return 2 * common / (have.total() + want.total()) if common else 0.0


def same_text(found: str | None, true: str) -> bool:
    """Whether both are equal but for blanks and line breaks, about which readers have different customs."""
    return (found or "").split() == true.split()


def same_date(found: str | None, true: str) -> bool:
    """Whether both are the same minute with the same offset; a date without an offset is not.

    Seconds do not count: the page prints none, and readers that take the date from its head find some there.
    """
    have, want = _moment(found), dt.datetime.fromisoformat(true)
    if have is None or have.tzinfo is None:
        return False
    return have.replace(second=0) == want.replace(second=0) and have.utcoffset() == want.utcoffset()


def same_day(found: str | None, true: str) -> bool:
    """Whether the calendar day is right, whatever the time."""
    have = _moment(found)
    return have is not None and have.date() == dt.datetime.fromisoformat(true).date()


def same_words(found: list[str] | None, true: list[str]) -> bool | None:
    """Whether both lists hold the same texts, whatever their order, case and blanks; None where the reader gives none at all."""
    return None if found is None else _folded(found) == _folded(true)


def _folded(texts: list[str]) -> set[str]:
    return {lower(clean(one)) for one in texts}


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _moment(text: str | None) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
