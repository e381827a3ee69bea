"""A page of the layout of 2020, put together from the parts that a test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.pages.saved import reading

if TYPE_CHECKING:
    from sabah.pages import Reading

DETAILS = '<div class="left_mobile_details"><span>by Ada Lorn</span> <span>VELL</span> <span>Sep 14, 2021 - 10:51 am GMT+3</span></div>'
SITE = "https://www.dailysabah.com"
NO_IMAGE = "https://idsb.tmgrup.com.tr/ly/theme_dailysabah/images/no-image800x531.jpg"


def made(
    body: str = "<p>One paragraph.</p>", *, title: str = "", details: str = DETAILS, above: str = "", below: str = "", head: str = "",
    path: str = "/world/europe/slug",
) -> Reading:  # fmt: skip
    """The reading of a page with these parts: `title` stands behind the headline, `above` and `below` beside the body."""
    return reading(
        f"""<html><head><link rel="canonical" href="{SITE}{path}">{head}</head><body>
        <h1 class="logo_holder">Daily Sabah</h1><div class="detail">
        <div class="top_title_widget"><h1 class="main_page_title">Headline</h1>{title}</div>{details}{above}
        <div class="article_body">{body}</div>{below}</div><footer>Footer</footer></body></html>"""
    )


def values(body: str = "<p>One paragraph.</p>", **parts: str) -> dict[str, Any]:
    return made(body, **parts).values
