"""A date without an offset has that of another date of its page; Istanbul's is assumed only where none prints one."""

from __future__ import annotations

import pytest

from tests.pages.template import values

DETAILS = '<div class="left_mobile_details"><span>Jan 14, 2015 - 10:51 am{}</span></div>'
UPDATE = "<div>Last Update: Jan 14, 2015 11:57 am{}</div>"


@pytest.mark.parametrize(
    "parts",
    [
        {"below": UPDATE.format(" GMT+3")},
        {"below": "<div>Printed Jan 15, 2015 - 9:00 am GMT+3</div>"},
        {"head": '<meta name="dateModified" content="2015-01-15T09:00:00+03:00">'},
        {
            "head": '<script type="application/ld+json">{"@type": "Article", "datePublished": "2015-01-15T09:00:00+03:00"}</script>'
        },
    ],
)
def test_the_zone_of_another_date(parts: dict[str, str]) -> None:
    read = values(details=DETAILS.format(""), **parts)
    assert (read["published_at"], read["zone_source"]) == ("2015-01-14T10:51:00+03:00", "page")
    assert read["published_raw"] == "Jan 14, 2015 - 10:51 am"


def test_no_zone_but_in_the_text() -> None:
    read = values(
        "<p>It was posted Sep 14, 2021 - 10:51 am GMT+7 by hand.</p>",
        details=DETAILS.format(""),
        below=UPDATE.format(""),
    )
    assert (read["published_at"], read["zone_source"]) == ("2015-01-14T10:51:00+02:00", "assumed")
    assert read["modified_at"] == "2015-01-14T11:57:00+02:00"


def test_the_zone_at_the_top_comes_first() -> None:
    read = values(
        details=DETAILS.format(" GMT+3"),
        below=UPDATE.format(""),
        head='<meta name="dateModified" content="2015-01-15T09:00:00+01:00">',
    )
    assert (read["published_at"], read["zone_source"]) == ("2015-01-14T10:51:00+03:00", "printed")
    assert read["modified_at"] == "2015-01-14T11:57:00+03:00"
