from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sabah.site.addresses import (
    ARTICLE_KINDS,
    Address,
    is_in_one_section,
    is_respelled,
    parse_address,
    respelled,
)
from sabah.site.sections import TREE
from tests.processor import seconds
from tests.running import SITE

EXPECTED = Path(__file__).parents[1] / "data" / "addresses.tsv"
REASONS = {"search", "feed-index", "other-edition", "asset", "unknown-section", "page"}


def expected() -> list[tuple[str, Address | None]]:
    lines = [line for line in EXPECTED.read_text("utf-8").splitlines() if not line.startswith("#")]
    cases: list[tuple[str, Address | None]] = []
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        url = json.loads(row["url"]) if row["url"].startswith('"') else row["url"]
        value = {key: None if text == "-" else text for key, text in row.items()}
        if value["kind"] is None:
            cases.append((url, None))
            continue
        day = value["path_date"]
        address = Address(
            kind=row["kind"],
            canonical=row["canonical"],
            section=value["section"],
            subsection=value["subsection"],
            path_date=None if day is None else dt.date.fromisoformat(day),
            reason=value["reason"],
        )
        cases.append((url, address))
    return cases


CASES = expected()


@pytest.mark.parametrize(("url", "address"), CASES, ids=[ascii(url) for url, _ in CASES])
def test_known_addresses(url: str, address: Address | None) -> None:
    assert parse_address(url) == address


def test_the_table_covers_every_kind_and_reason() -> None:
    known = [address for _, address in CASES if address is not None]
    assert {one.kind for one in known} == ARTICLE_KINDS | {"listing", "feed", "other"}
    assert {one.reason for one in known if one.kind == "other"} == REASONS
    assert len({url for url, _ in CASES}) == len(CASES)


def test_is_article_is_true_of_the_seven_record_kinds() -> None:
    for kind in ("article", "column", "op-ed", "editorial", "readers-corner", "video", "gallery"):
        assert Address(kind=kind, canonical="https://www.dailysabah.com/").is_article
    for kind in ("listing", "feed", "other"):
        assert not Address(kind=kind, canonical="https://www.dailysabah.com/").is_article


def test_every_listing_of_the_tree_is_a_listing_of_its_section() -> None:
    twice = {"news-analysis", "expat-corner"}
    for entry in TREE:
        address = parse_address(f"https://www.dailysabah.com{entry.listing}")
        place = (None if entry.slug in twice else entry.parent, entry.slug) if entry.parent else (entry.slug, None)
        assert address is not None
        assert (address.kind, address.section, address.subsection) == ("listing", *place)


def test_every_feed_of_the_tree_is_a_feed() -> None:
    for entry in TREE:
        if entry.feed is not None:
            address = parse_address(f"https://www.dailysabah.com{entry.feed}")
            assert address is not None
            assert address.kind == "feed"


@pytest.mark.parametrize("tail", ["/" * 200_000 + "%", "/a" * 100_000 + "%", "a." * 100_000, "%" * 100_000])
def test_long_rubbish_is_read_in_linear_time(tail: str) -> None:
    addresses = ("https://www.dailysabah.com/" + tail, "https://www.dailysabah.com" + tail)
    assert seconds(lambda: [parse_address(one) for one in addresses], 2)[1] < 2


words = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,4}", fullmatch=True)
slugs = words.filter(lambda word: word not in {"amp", "archive", "images", "news"})
names = st.sampled_from(sorted({name for entry in TREE for name in (entry.slug, *entry.aliases)}))
tops = st.sampled_from(
    sorted({name for entry in TREE if entry.parent is None for name in (entry.slug, *entry.aliases)})
)
subsections = slugs.filter(lambda word: not word.isdigit())
days = st.dates(dt.date(2014, 1, 1), dt.date(2030, 12, 31)).map(lambda day: f"{day:%Y/%m/%d}")
article_paths = st.one_of(
    st.builds("/{}/{}/news".format, st.one_of(names, subsections), slugs),
    st.builds("/{}/{}/{}".format, tops, subsections, slugs),
    st.builds("/{}/{}/{}".format, names, days, slugs),
    st.builds("/columns/{}/{}/{}".format, st.from_regex(r"[a-z]+[_-][a-z]+", fullmatch=True), days, slugs),
    st.builds("/gallery/{}/images".format, slugs),
).filter(lambda path: path.split("/")[1] not in {"rss", "search", "arabic", "deutsch"})
steps = st.sampled_from(
    [
        *(
            "",
            ".",
            "..",
            "%2e",
            "%C5%9F",
            "ş",
            "%",
            "%4%31",
            "\\",
            " ",
            "?",
            "#",
            "x.css",
            "2016",
            "01",
            "12",
            "a-slug",
        ),
        *(
            "amp",
            "news",
            "images",
            "archive",
            "world",
            "europe",
            "gallery",
            "columns",
            "ds-tv",
            "search",
            "rss",
            "rssFeed",
        ),
    ]
)
any_text = st.text(st.characters(), max_size=80)
near_addresses = st.builds(
    "{}://{}{}/{}{}".format,
    st.sampled_from(["https", "http", "HTTPS"]),
    st.sampled_from(["www.dailysabah.com", "dailysabah.com", "www.dailysabah.com.", "user@dailysabah.com", "[::1]"]),
    st.sampled_from(["", ":", ":80", ":443", ":x"]),
    st.lists(steps, max_size=7).map("/".join),
    st.one_of(st.just(""), any_text),
)


@settings(deadline=None)
@given(st.one_of(any_text, any_text.map("https://www.dailysabah.com/{}".format), near_addresses))
@example("https://www.dailysabah.com/%2E%2e/%252e")
@example("https://www.dailysabah.com/search?%")
@example("https://[::1")
def test_any_text_is_read_without_error_and_its_canonical_form_means_the_same(url: str) -> None:
    address = parse_address(url)
    if address is not None:
        assert parse_address(address.canonical) == address
        assert address.canonical.startswith("https://www.dailysabah.com/")
        assert address.canonical.isascii()
        assert " " not in address.canonical
        assert (address.reason in REASONS) == (address.kind == "other")


@settings(deadline=None)
@given(
    path=article_paths,
    scheme=st.sampled_from(["https://", "http://", "HTTPS://", "Http://"]),
    host=st.sampled_from(["www.dailysabah.com", "dailysabah.com", "WWW.DailySabah.com", "www.dailysabah.com."]),
    amp=st.sampled_from(["", "/amp"]),
    slash=st.sampled_from(["", "/", "//"]),
    query=st.sampled_from(
        ["", "?", "?utm_source=feed&utm_medium=rss", "?fbclid=x", "?gallery_image=3", "?a=/b/../c d"]
    ),
    fragment=st.sampled_from(["", "#", "#comments", "#?x=1"]),
)
def test_all_spellings_of_an_article_share_one_canonical_address(
    path: str, scheme: str, host: str, amp: str, slash: str, query: str, fragment: str
) -> None:
    plain = parse_address(f"https://www.dailysabah.com{path}")
    assert plain is not None
    assert plain.is_article
    assert plain.canonical == f"https://www.dailysabah.com{path}"
    assert parse_address(f"{scheme}{host}{path}{amp}{slash}{query}{fragment}") == plain


@pytest.mark.parametrize(
    ("path", "others"),
    [
        ("/turkey/x/news", {"/turkiye/x/news"}),
        ("/turkiye/investigations/x", {"/turkey/investigations/x"}),
        ("/life/x/news", {"/lifestyle/x/news"}),
        ("/lifestyle/travel/x", {"/life/travel/x"}),
        ("/turkey/2016/03/24/x", {"/turkiye/2016/03/24/x"}),
        ("/business/tech/x", {"/business/technology/x"}),
        ("/world/europe/x", set()),
        ("/nowhere/x/news", set()),
    ],
)
def test_an_article_stands_under_every_name_that_its_section_has_or_had(path: str, others: set[str]) -> None:
    address = parse_address(SITE + path)
    assert address is not None
    assert {url.removeprefix(SITE) for url in respelled(address)} == others


@pytest.mark.parametrize(
    ("one", "other", "is_one", "in_one_section"),
    [
        ("/turkey/x/news", "/turkiye/x/news", True, True),
        ("/world/europe/X", "/world/europe/x", True, True),
        ("/turkey/2016/03/24/x", "/turkiye/x/news", True, True),
        ("/turkey/2016/03/24/x", "/turkey/2016/03/25/x", False, False),
        ("/world/x/news", "/world/europe/x", False, True),
        ("/world/africa/x", "/world/europe/x", False, False),
        ("/world/x/news", "/politics/x/news", False, False),
        ("/world/x/news", "/world/x-2/news", False, False),
        ("/nowhere/x/news", "/elsewhere/x/news", False, False),
        ("/opinion/op-ed/x", "/opinion/columns/x", False, False),
    ],
)
def test_addresses_of_one_article_share_slug_and_section(
    one: str, other: str, is_one: bool, in_one_section: bool
) -> None:
    first, second = parse_address(SITE + one), parse_address(SITE + other)
    assert first is not None
    assert second is not None
    for pair in ((first, second), (second, first)):
        assert (is_respelled(*pair), is_in_one_section(*pair)) == (is_one, in_one_section)
