"""Printed text as one clean line."""

from __future__ import annotations

import html
import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters, but for those that are blanks
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"  # lone surrogates cannot be written as UTF-8
)
_MANY_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_MOST_MARKS = 30  # on one letter: what the Unicode standard (UAX 15) calls stream-safe
_DOTTED = re.compile("i\u0307+")
_ENDLESS_NUMBER = re.compile("#[0-9]{4000,}")
_NO_CHARACTER = "#1114112"


def clean(text: str) -> str:
    """One line: NFC, each run of blanks of any kind one blank, trimmed; soft hyphens, zero-width and control characters gone, and all but
    thirty of the marks on one letter.

    Entities stay as they are. Cleaning twice is cleaning once.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(unicodedata.normalize("NFC", stream_safe(text)).split())


def stream_safe(text: str) -> str:
    """Text without the marks behind the first thirty in a row: to bring n of them in order takes n² steps."""
    return text if text.isascii() else _MANY_MARKS.sub(_with_fewer_marks, text)


def _with_fewer_marks(stretch: re.Match[str]) -> str:
    kept: list[str] = []
    row = 0
    for one in stretch.group():
        row = row + 1 if unicodedata.combining(one) else 0
        if row <= _MOST_MARKS:
            kept.append(one)
    return "".join(kept)


def without_endless_numbers(text: str) -> str:
    """Text in which a character's number of thousands of digits is one that is no character either.

    html.unescape, ours and that of libraries, hands the digits to int(), which refuses more than 4,300 of them.
    """
    return _ENDLESS_NUMBER.sub(_NO_CHARACTER, text)


def unescape(text: str) -> str:
    """Text with its HTML entities resolved, again and again until nothing changes, at most three times.

    The newspaper escapes the `alt` of its images twice (`Britain&amp;#039;s`).
    """
    for _ in range(3):
        if "&" not in text:
            break
        resolved = html.unescape(without_endless_numbers(text))
        if resolved == text:
            break
        text = resolved
    return text


def lower(text: str) -> str:
    """Lower case in which `I` and `İ` both give `i` and `ı` stays; no combining dot is left on an `i`."""
    lowered = unicodedata.normalize("NFC", text).replace("İ", "i").lower()
    return _DOTTED.sub("i", lowered)
