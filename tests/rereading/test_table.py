"""Examples fit a line, show where values begin to differ, and hold nothing that a terminal would obey."""

from __future__ import annotations

from sabah.archive.tallies import AROUND, WIDTH, cut, shown
from sabah.items import Image


def test_values_on_one_line() -> None:
    assert shown(None) == "null"
    assert shown("two\n\nparagraphs") == "two paragraphs"
    assert shown(["a", "b"]) == "[a, b]"
    assert shown({"body": "css", "byline": None}) == "body: css, byline: null"
    assert shown([Image(url="x", caption="y")]) == "[url: x, caption: y, credit: null]"
    assert shown("a\x1b[31mred\x07") == "a\\x1b[31mred\\x07"
    assert shown("Türkiye’s “İ”") == "Türkiye’s “İ”"


def test_cut_to_where_they_differ() -> None:
    assert cut("one", "two") == ("one", "two")
    before, after = cut("x" * 100 + "old" + "y" * 100, "x" * 100 + "new" + "y" * 100)
    assert before == "…" + "x" * AROUND + "old" + "y" * (WIDTH - AROUND - 3) + "…"
    assert after == before.replace("old", "new")
    assert cut("First.", "First. Second.") == ("First.", "First. Second.")
    assert cut("null", "long " * 40)[0] == "null"
