"""The feeds of the stand-in newspaper, read with the standard library's XML parser."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from sabah.site.addresses import parse_address
from tests.replica.asking import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Replica

MEDIA = "{http://search.yahoo.com/mrss/}"
moment = dt.datetime.fromisoformat


@pytest.fixture(scope="module")
def paper(replica: Callable[..., Replica]) -> Replica:
    return replica(articles=1500, seed=2)


def items(paper: Replica, path: str) -> list[ET.Element]:
    status, headers, text = ask(paper, path)
    assert (status, headers["Content-Type"]) == (200, "text/xml; charset=UTF-8")
    return ET.fromstring(text.encode()).findall("./channel/item")


@pytest.mark.parametrize(
    ("path", "count"),
    [("/rss/homepage.xml", 46), ("/rss/business", 34), ("/rssFeed/13", 34), ("/rssFeed/26", 34), ("/rss/mostread", 50), ("/rss/turkiye", 34)],
)  # fmt: skip
def test_numbers_of_items(paper: Replica, path: str, count: int) -> None:
    assert len(items(paper, path)) == count


def test_a_feed_gives_address_date_and_teaser_of_each_article(paper: Replica) -> None:
    truth = {one["record"]["url"]: one for one in paper.truth}
    found = items(paper, "/rss/world")
    dates = []
    for item in found:
        link, date, teaser = (item.findtext(tag) or "" for tag in ("link", "pubDate", "description"))
        address = parse_address(link)
        assert address
        record = truth[address.canonical]["record"]
        assert record["section"] == "world"
        assert item.findtext("title") == record["headline"]
        assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:00 \+0300", date)
        dates.append(parsedate_to_datetime(date))
        if record["sources"]["published_at"] == "css":
            assert dates[-1] == moment(record["published_at"])
        assert 0 < len(teaser) <= 190
        assert record["description"] in (None, teaser)
        images = [*item.findall("enclosure"), *item.findall(f"{MEDIA}content"), *item.findall(f"{MEDIA}thumbnail")]
        assert len(images) == 1
        assert images[0].attrib["url"].startswith("https://")
    assert dates == sorted(dates, reverse=True)


def test_links_are_not_always_canonical_and_tags_vary(paper: Replica) -> None:
    every = [item for path in ("/rss/homepage.xml", "/rss/world", "/rss/politics", "/rss/sports", "/rss/mostread") for item in items(paper, path)]  # fmt: skip
    links = [item.findtext("link") or "" for item in every]
    assert any(link.startswith("https://dailysabah.com") for link in links)
    assert any("utm_source" in link for link in links)
    assert {child.tag for item in every for child in item} >= {"enclosure", f"{MEDIA}content", f"{MEDIA}thumbnail"}


def test_a_wrong_name_answers_200_without_what_was_meant(paper: Replica) -> None:
    home = [item.findtext("link") for item in items(paper, "/rss/homepage.xml")]
    wrong = [items(paper, path) for path in ("/rss/category/politics", "/rss/nonsense", "/rss/nonsensf", "/rssFeed/99")]
    assert [len(one) for one in wrong] == [0, 0, 46, 0]
    assert [item.findtext("link") for item in wrong[2]] == home


def test_the_index_of_feeds_is_a_page(paper: Replica) -> None:
    status, headers, text = ask(paper, "/rss")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert "/rss/politics/war-on-terror" in text


def test_a_feed_is_not_sent_again(paper: Replica) -> None:
    stamp = ask(paper, "/rss/world")[1]["Last-Modified"]
    assert ask(paper, "/rss/world", {"If-Modified-Since": stamp})[0] == 304
