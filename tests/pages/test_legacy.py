"""Byline and dates of the older layouts, wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.saved import reading
from tests.pages.template import SITE


def legacy(above: str = "", below: str = "") -> dict[str, Any]:
    return reading(
        f"""<html><head><link rel="canonical" href="{SITE}/europe/2016/03/24/slug"></head><body><div class="d"><h1 id="newsTitle">Headline</h1>
        {above}<div id="newsDescription"><div class="txt"><p>Published 01.01.2001 01:01 is in the text.</p></div></div></div>{below}</body></html>"""
    ).values


@pytest.mark.parametrize(
    "byline", ["<span>by <a href='#'>Ali Veli</a></span>", "<div>by <b>Ali Veli</b></div>", "by Ali Veli<br>"]
)
def test_the_byline(byline: str) -> None:
    assert legacy(f"<div>{byline}</div>")["authors"] == ["Ali Veli"]


@pytest.mark.parametrize(
    "dates",
    [
        "<div>Published 24.03.2016 02:56</div><div>Updated 24.03.2016 02:59</div>",
        "<p><b>Published</b> 24.03.2016 02:56 <b>Updated</b> 24.03.2016 02:59</p>",
        "<ul><li>Share</li><li>Published 24.03.2016 02:56 Updated 24.03.2016 02:59</li></ul>",
    ],
)
def test_dates_above_and_below_the_text(dates: str) -> None:
    for read in (legacy(above=dates), legacy(below=dates)):
        assert (read["published_raw"], read["modified_raw"]) == ("24.03.2016 02:56", "24.03.2016 02:59")
        assert read["sources"]["published_at"] == "text"
    assert legacy()["published_raw"] != "01.01.2001 01:01"


def text_of(line: str) -> str:
    page = f"""<html><head><link rel="canonical" href="{SITE}/europe/2016/03/24/slug"><meta name="articleprefix" content="x"></head><body><h1>Headline</h1>
        <div class="txtIn"><div>{line}</div><p>The first paragraph of the text, which is long enough.</p></div></body></html>"""
    found: str = reading(page).values["body"]
    return found


@pytest.mark.parametrize(
    "date",
    [
        "24.03.2016 02:56",
        "2016-03-24 02:56",
        "24 Şub 2016 18:21",
        "Thursday, March 24, 2016 02:56 AM",
        "2016/03/24",
        "24/03/2016, 02.56",
    ],
)
@pytest.mark.parametrize("label", ["Published ", "Published: ", "UPDATED "])
def test_a_line_of_a_date_is_no_text_in_whatever_form(label: str, date: str) -> None:
    assert text_of(label + date) == "The first paragraph of the text, which is long enough."


@pytest.mark.parametrize(
    "line",
    [
        "Published in 2014, the book sold 3,000 copies.",
        "Published reports of 2014 say that 12 people died.",
        "Updated rules of 2015 make it harder to build.",
    ],
)
def test_a_sentence_that_begins_so_is_text(line: str) -> None:
    assert text_of(line).startswith(line)
