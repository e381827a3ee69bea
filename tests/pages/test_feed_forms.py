"""Feeds as servers and proxies spoil them: what stands behind their end, in which characters they come, and what dates they have."""

from __future__ import annotations

import codecs

import pytest

from sabah.pages.feed import read_feed
from tests.running import SITE, feed, item

ONE, TWO = f"{SITE}/world/one/news", f"{SITE}/world/two/news"
WHOLE = feed(item(ONE), item(TWO))


@pytest.mark.parametrize(
    "behind",
    [
        "<script>var a = 1 < 2;</script>",
        "<!-- cached --><script src='//cdn.example.org/x.js'></script>\n",
        "\n<!-- page generated in 0.1 s",
        "<img src='https://counter.example.org/1x1.gif'>",
        "\0\0\0",
        "<br />\n<b>Warning</b>: something in <b>/var/www/x.php</b>",
        "</body></html>",
    ],
)
def test_what_stands_behind_the_end_is_nobodys(behind: str) -> None:
    found = read_feed((WHOLE + behind).encode())
    assert ([one.url for one in found.items], found.fault) == ([ONE, TWO], None)


@pytest.mark.parametrize(
    "cut",
    [
        WHOLE[:-6],
        WHOLE[: WHOLE.rindex("</item>")],
        WHOLE + "<item><title>Behind</title>",
        feed(item(ONE)).replace("</channel></rss>", "<item><description><![CDATA[Write </rss> at the end"),
        WHOLE.replace("</channel></rss>", "<script></script>"),
    ],
)
def test_a_feed_that_is_cut_off_is_still_one(cut: str) -> None:
    found = read_feed(cut.encode())
    assert found.items
    assert found.fault is not None
    assert found.fault.startswith("its XML is cut off after ")


@pytest.mark.parametrize("declared", ["UTF-16", "utf-8", None])
@pytest.mark.parametrize("header", ["utf-16", "utf-8", None])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
    ids=["16le", "16be", "16le-unmarked", "16be-unmarked", "32le", "32be"],
)
def test_feeds_of_wide_characters(mark: bytes, encoding: str, header: str | None, declared: str | None) -> None:
    text = feed(item(ONE, teaser="Ankara’da ığdır"), item(TWO)).partition("?>")[2]
    text = (f'<?xml version="1.0" encoding="{declared}"?>' if declared else "") + text
    found = read_feed(mark + text.encode(encoding), header)
    assert ([one.url for one in found.items], found.fault) == ([ONE, TWO], None)
    assert found.items[0].description == "Ankara’da ığdır"
    cut = read_feed(mark + text.encode(encoding)[:-101], header)
    assert (cut.fault or "").startswith("its XML is cut off after ")


@pytest.mark.parametrize("header", ["utf-16", "utf-8", "UCS-2", None])
@pytest.mark.parametrize("declared", ["utf-16", "UTF-16LE", "UTF-32", "ucs-2", None])
@pytest.mark.parametrize("begins", ["", "\ufeff", "\n"])
def test_feeds_that_say_wide_characters_and_have_none(begins: str, declared: str | None, header: str | None) -> None:
    text = feed(item(ONE, teaser="Ankara’da ığdır"), item(TWO)).partition("?>")[2]
    text = (f'<?xml version="1.0" encoding="{declared}"?>' if declared else "") + text
    found = read_feed((begins + text).encode(), header)
    assert ([one.url for one in found.items], found.fault) == ([ONE, TWO], None)
    assert found.items[0].description == "Ankara’da ığdır"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("begins", ["\n", "\r\n", " <!-- made -->"])
def test_a_feed_of_wide_characters_that_begins_with_neither_mark_nor_declaration(begins: str, encoding: str) -> None:
    text = begins + feed(item(ONE), item(TWO)).partition("?>")[2]
    assert [one.url for one in read_feed(text.encode(encoding)).items] == [ONE, TWO]


@pytest.mark.parametrize("dates", [("",), ("yesterday", ""), ("32 Foo 2021", "Tue, 31 Feb 2021 10:51:00 +0300")])
def test_a_feed_without_any_date_that_can_be_read_is_at_fault(dates: tuple[str, ...]) -> None:
    found = read_feed(feed(*(item(f"{SITE}/world/a{number}/news", date) for number, date in enumerate(dates))).encode())
    assert len(found.items) == len(dates)
    assert found.fault == "no item has a date that can be read"


def test_one_date_is_enough() -> None:
    assert read_feed(feed(item(ONE, "yesterday"), item(TWO)).encode()).fault is None
    undated = f"<item><link>{ONE}</link></item>"
    assert read_feed(feed(undated).encode()).fault == "no item has a date that can be read"
    assert read_feed(feed(undated, item(TWO)).encode()).fault is None
