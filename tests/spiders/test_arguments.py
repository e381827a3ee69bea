from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from sabah.site.sections import TREE
from sabah.site.selection import ArgumentError, Window
from sabah.spiders.arguments import SectionArguments, parse_address_arguments, parse_section_arguments

if TYPE_CHECKING:
    from pathlib import Path


def _section(**given: str) -> SectionArguments:
    return parse_section_arguments(given)


def test_a_section_brings_its_subsections() -> None:
    listings = _section(sections="World").listings
    assert listings == (
        "/world", "/mid-east", "/europe", "/americas", "/asia-pacific", "/africa", "/syrian-crisis", "/islamophobia",
    )  # fmt: skip


def test_a_subsection_is_itself() -> None:
    assert _section(sections="world/syrian-crisis, Tech").listings == ("/syrian-crisis", "/tech")


def test_all_is_the_tree_with_each_listing_once() -> None:
    arguments = _section(sections="all")
    assert arguments.sections == TREE
    assert len(arguments.listings) == len(set(arguments.listings)) == len({entry.listing for entry in TREE})
    assert arguments.ambiguous == ()


def test_a_name_under_two_sections_means_both_and_is_named() -> None:
    arguments = _section(sections="news-analysis,turkey/expat-corner")
    assert [(entry.parent, entry.slug) for entry in arguments.sections] == [
        ("politics", "news-analysis"), ("business", "news-analysis"), ("turkey", "expat-corner"),
    ]  # fmt: skip
    assert arguments.ambiguous == ("news-analysis",)
    assert arguments.listings == ("/news-analysis", "/expat-corner")


def test_defaults() -> None:
    arguments = _section(sections="world")
    assert (arguments.related, arguments.within, arguments.limit, arguments.window) == (1, False, None, Window())


@pytest.mark.parametrize(
    ("chosen", "place", "covered"),
    [
        ("world", ("world", "europe"), True),
        ("world", ("world", None), True),
        ("world", ("world", "a-new-one"), True),
        ("world", ("politics", "diplomacy"), False),
        ("world", (None, None), False),
        ("europe", ("world", "europe"), True),
        ("europe", ("world", None), False),
        ("europe", ("world", "africa"), False),
        ("politics/news-analysis", ("business", "news-analysis"), False),
        ("politics/news-analysis", (None, "news-analysis"), True),
        ("business", (None, "news-analysis"), True),
        ("world", (None, "news-analysis"), False),
    ],
)
def test_what_chosen_sections_cover(chosen: str, place: tuple[str | None, str | None], covered: bool) -> None:
    assert _section(sections=chosen).covers(*place) is covered


@pytest.mark.parametrize(
    ("chosen", "section", "meant"),
    [
        ("business/news-analysis", "business", True),
        ("business/news-analysis", "politics", False),
        ("business", "politics", False),
        ("news-analysis", "politics", True),
        ("business/news-analysis", "world", True),
        ("business/news-analysis", None, True),
    ],
)
def test_a_listing_of_two_sections_is_read_for_the_one_asked_for(chosen: str, section: str | None, meant: bool) -> None:
    assert _section(sections=chosen).meant("/news-analysis", section) is meant


@pytest.mark.parametrize(
    ("since", "until", "published_at", "held"),
    [
        ("2021-09-14", None, "2021-09-14T00:00:00+03:00", True),
        ("2021-09-14", None, "2021-09-13T23:59:00+03:00", False),
        ("2021-09-14", None, "2021-09-14T00:30:00+03:00", True),  # 13 September in UTC; the printed day counts
        (None, "2021-09-14", "2021-09-14T23:59:00+03:00", True),
        (None, "2021-09-14", "2021-09-15T00:00:00+03:00", False),
        ("2021-09-14", "2021-09-14", "2021-09-14T10:51:00+03:00", True),
        ("2021-09-14T10:51", None, "2021-09-14T10:51:00+03:00", True),
        ("2021-09-14T10:52", None, "2021-09-14T10:51:00+03:00", False),
        ("2021-09-14T07:51+00:00", None, "2021-09-14T10:51:00+03:00", True),
        (None, "2021-09-14 07:50Z", "2021-09-14T10:51:00+03:00", False),
    ],
)
def test_window(since: str | None, until: str | None, published_at: str, held: bool) -> None:
    given = {name: text for name, text in (("since", since), ("until", until)) if text}
    assert _section(sections="world", **given).window.holds(published_at) is held


def test_since_day() -> None:
    assert _section(sections="world", since="2021-09-14T10:51").window.since_day == dt.date(2021, 9, 14)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "sections is missing: -a sections=NAME[,NAME…] with all, politics, "),
        ({"sections": " , "}, "sections is missing"),
        ({"sections": "wrld"}, "unknown section 'wrld' (did you mean 'world'?); valid are all, politics, "),
        ({"sections": "world,sports/tech"}, "unknown section 'sports/tech'"),
        (
            {"sections": "world", "relatd": "1"},
            "unknown argument 'relatd' (did you mean 'related'?); valid are sections, ",
        ),
        ({"sections": "world", "file": "x"}, "unknown argument 'file'"),
        ({"sections": "world", "scope": "all"}, "scope='all': must be site or section"),
        ({"sections": "world", "related": "-1"}, "related='-1': must be a whole number from 0"),
        ({"sections": "world", "related": "two"}, "related='two': must be a whole number from 0"),
        ({"sections": "world", "limit": "0"}, "limit='0': must be a whole number from 1"),
        (
            {"sections": "world", "limit": "9" * 5000},
            f"limit='{'9' * 5000}': must be a whole number from 1 to 999999999999999999",
        ),
        ({"sections": "world", "limit": "²"}, "limit='²': must be a whole number from 1"),
        ({"sections": "world", "since": "14.09.2021"}, "since='14.09.2021': must be a date like 2021-09-14"),
        ({"sections": "world", "since": "20210914"}, "since='20210914': must be a date"),
        ({"sections": "world", "until": "2021-02-30"}, "until='2021-02-30': must be a date"),
        ({"sections": "world", "until": "2021-02-28T25:00"}, "until='2021-02-28T25:00': must be a date"),
        (
            {"sections": "world", "since": "2021-09-15", "until": "2021-09-14"},
            "since='2021-09-15' is after until='2021-09-14'",
        ),
        (
            {"sections": "world", "since": "2021-09-14T12:00", "until": "2021-09-14T10:00"},
            "since='2021-09-14T12:00' is after until='2021-09-14T10:00'",
        ),
    ],
)
def test_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        parse_section_arguments(given)
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)


def test_scrapyd_adds_its_job() -> None:
    assert _section(sections="world", _job="6487ec79947edab326d6db28a2d86511e8247444") == _section(sections="world")


def test_addresses_url_is_made_canonical() -> None:
    arguments = parse_address_arguments({"url": "http://dailysabah.com/world/europe/a-slug/amp?utm_source=x"})
    assert arguments.url == "https://www.dailysabah.com/world/europe/a-slug"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give either -a file=FILE"),
        ({"file": "-", "url": "https://www.dailysabah.com/world/a/news"}, "give either -a file=FILE"),
        (
            {"url": "https://www.dailysabah.com/world"},
            "url='https://www.dailysabah.com/world': must be the address of an article",
        ),
        ({"url": "https://example.org/world/a/news"}, "url='https://example.org/world/a/news': must be"),
        ({"file": "/nowhere/urls.txt"}, "file='/nowhere/urls.txt': cannot be read (No such file or directory)"),
        ({"file": "/"}, "file='/': cannot be read (Is a directory)"),
        (
            {"file": "-", "sections": "world"},
            "unknown argument 'sections'; valid are file, url, origin, since, until, limit",
        ),
    ],
)
def test_addresses_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        parse_address_arguments(given)
    assert str(raised.value).startswith(said)


def test_addresses_file(tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    path.touch()
    assert parse_address_arguments({"file": str(path), "limit": "5"}).file == str(path)
