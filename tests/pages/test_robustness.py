"""Bytes and letters that are none cost a page no more than themselves."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from sabah.pages import read
from tests.pages.saved import FOLDER, reading

ADDRESS = "https://www.dailysabah.com/world/europe/slug"


@pytest.mark.parametrize("charset", ["iso-8859-9", "windows-1254"])
def test_a_wrong_charset_spoils_letters_only(charset: str) -> None:
    page = (FOLDER / "bare-minimum.html").read_bytes()
    values = read(HtmlResponse(ADDRESS, body=page, encoding=charset), ADDRESS).values
    assert values["published_at"] == "2022-12-31T00:01:00+03:00"


def test_what_cannot_be_written_is_dropped_from_texts() -> None:
    page = (FOLDER / "bare-minimum.html").read_bytes()
    spoiled = page.replace(b"It said nothing.", b"It\x00 said\xed\xa0\x80 &#55296;noth&#8203;ing&#1;.")
    body = reading(spoiled).values["body"]
    assert body.startswith("The council of Marlo met on Friday.\n\nIt said")
    assert body.endswith("nothing.")
    body.encode()
