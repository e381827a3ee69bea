from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sabah.normalize.text import clean, lower, unescape

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too


@pytest.mark.parametrize(
    ("printed", "cleaned"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("one  two\n three\u00a0four\u2009five\u3000six", "one two three four five six"),
        ("e\u0301crit, S\u0327i\u0307s\u0327li", "écrit, Şi̇şli"),
        ("co\u00adop\u200ber\u200cation\ufeff\u2060", "cooperation"),
        ("\u202bright\u202c to \u200eleft\u200f", "right to left"),
        ("null\x00 bell\x07 unit\x1fseparator\x85next", "null bell unit separator next"),
        ("lone \ud83d surrogate", "lone surrogate"),
        ("Britain&amp;#039;s &nbsp; &lt;b&gt;", "Britain&amp;#039;s &nbsp; &lt;b&gt;"),
        ('“foreign forces" – İstanbul’da ığdır', '“foreign forces" – İstanbul’da ığdır'),
    ],
)
def test_clean(printed: str, cleaned: str) -> None:
    assert clean(printed) == cleaned


@given(ANY_TEXT)
@example("a\u00ad\u0301")
@example("\u200b \u0301e")
@settings(deadline=None)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once == once.strip()
    assert "  " not in once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()  # no lone surrogates: every value can be written


@pytest.mark.parametrize(
    ("escaped", "resolved"),
    [
        ("Britain&#039;s", "Britain's"),
        ("Britain&amp;#039;s", "Britain's"),
        ("Britain&amp;amp;#039;s", "Britain's"),
        (
            "Britain&amp;amp;amp;#039;s",
            "Britain&#039;s",
        ),  # four times is no habit of the newspaper's: three is where it stops
        ("&quot;Cour de Justice&quot;", '"Cour de Justice"'),
        ("AT&T, Q&A, R&amp;D", "AT&T, Q&A, R&D"),
        ("no entity", "no entity"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("Diu015fli", "Diu015fli"),
    ],
)
def test_unescape(escaped: str, resolved: str) -> None:
    assert unescape(escaped) == resolved


@given(ANY_TEXT)
@settings(deadline=None)
def test_unescape_takes_any_text(text: str) -> None:
    assert unescape(text.replace("&", "")) == text.replace("&", "")
    unescape(text)


@pytest.mark.parametrize(
    ("printed", "lowered"),
    [
        ("QURAN-BURNING", "quran-burning"),
        ("İSTANBUL", "istanbul"),
        ("I\u0307STANBUL", "istanbul"),
        ("i\u0307stanbul", "istanbul"),
        ("ISPARTA", "isparta"),
        ("Iğdır", "iğdır"),
        ("ŞANLIURFA ÇÖĞÜ", "şanliurfa çöğü"),
    ],
)
def test_lower(printed: str, lowered: str) -> None:
    assert lower(printed) == lowered


@given(ANY_TEXT)
@settings(deadline=None)
def test_lower_leaves_nothing_to_lower(text: str) -> None:
    once = lower(text)
    assert lower(once) == once
    assert "i\u0307" not in once
    assert "I" not in once
    assert "İ" not in once
