from __future__ import annotations

import pytest

from sabah.site.sections import TREE, Section, children, find, names


def places(found: tuple[Section, ...]) -> list[str]:
    return [f"{entry.parent}/{entry.slug}" if entry.parent else entry.slug for entry in found]


def test_the_tree_is_the_menu() -> None:
    tops = [entry for entry in TREE if entry.parent is None]
    assert [entry.slug for entry in tops] == [
        "politics", "turkey", "world", "business", "lifestyle", "arts", "sports", "gallery", "opinion", "ds-tv",
    ]  # fmt: skip
    assert [len(children(entry.slug)) for entry in tops] == [6, 6, 7, 9, 10, 6, 4, 0, 4, 0]
    assert [entry.name for entry in children("world")] == [
        "Mid-East", "Europe", "Americas", "Asia Pacific", "Africa", "Syrian Crisis", "Islamophobia",
    ]  # fmt: skip
    assert [entry.slug for entry in children("opinion")] == ["columns", "op-ed", "readers-corner", "editorial"]


def test_parents_stand_before_their_children() -> None:
    seen: set[str | None] = {None}
    for entry in TREE:
        assert entry.parent in seen
        if entry.parent is None:
            seen.add(entry.slug)


def test_listings_stand_at_the_root() -> None:
    assert find("Syrian Crisis")[0].listing == "/syrian-crisis"
    assert find("TÜRKİYE")[0].listing == "/turkey"
    assert find("TV")[0].listing == "/ds-tv"
    assert all(entry.listing == f"/{entry.slug}" for entry in TREE)


def test_feeds_are_those_known_to_exist() -> None:
    assert {entry.slug: entry.feed for entry in TREE if entry.feed} == {
        "politics": "/rss/politics",
        "war-on-terror": "/rss/politics/war-on-terror",
        "turkey": "/rss/turkey",
        "world": "/rss/world",
        "mid-east": "/rss/world/mid-east",
        "europe": "/rss/world/europe",
        "americas": "/rss/world/americas",
        "asia-pacific": "/rss/world/asia-pacific",
        "africa": "/rss/world/africa",
        "syrian-crisis": "/rss/world/syrian-crisis",
        "islamophobia": "/rss/world/islamophobia",
        "business": "/rss/business",
        "energy": "/rss/business/energy",
        "tech": "/rss/business/tech",
        "lifestyle": "/rssFeed/26",
        "op-ed": "/rss/opinion/op-ed",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("world", ["world"]),
        ("WORLD", ["world"]),
        (" World ", ["world"]),
        ("syrian-crisis", ["world/syrian-crisis"]),
        ("Syrian Crisis", ["world/syrian-crisis"]),
        ("SYRIAN  CRISIS", ["world/syrian-crisis"]),
        ("/syrian-crisis", ["world/syrian-crisis"]),
        ("world/syrian-crisis", ["world/syrian-crisis"]),
        ("World / Syrian Crisis", ["world/syrian-crisis"]),
        ("TÜRKİYE", ["turkey"]),
        ("türkiye", ["turkey"]),
        ("turkiye", ["turkey"]),
        ("TURKIYE", ["turkey"]),
        ("TURKEY", ["turkey"]),
        ("turkiye/istanbul", ["turkey/istanbul"]),
        ("İslamophobia", ["world/islamophobia"]),
        ("İSTANBUL", ["turkey/istanbul"]),
        ("Reader's Corner", ["opinion/readers-corner"]),
        ("Reader’s Corner", ["opinion/readers-corner"]),
        ("EU Affairs", ["politics/eu-affairs"]),
        ("tv", ["ds-tv"]),
        ("Photo Gallery", ["gallery"]),
        ("arts-culture", ["arts"]),
        ("life", ["lifestyle"]),
        ("life/health", ["lifestyle/health"]),
        ("technology", ["business/tech"]),
        ("business/technology", ["business/tech"]),
        ("news-analysis", ["politics/news-analysis", "business/news-analysis"]),
        ("Expat Corner", ["turkey/expat-corner", "lifestyle/expat-corner"]),
        ("business/news-analysis", ["business/news-analysis"]),
        ("lifestyle/Expat Corner", ["lifestyle/expat-corner"]),
        ("world/health", []),
        ("world/world", []),
        ("world/europe/europe", []),
        ("wrld", []),
        ("世界world", []),
        ("", []),
        ("/", []),
    ],
)
def test_find(name: str, expected: list[str]) -> None:
    assert places(find(name)) == expected


def test_children_of_what_has_none() -> None:
    assert children("gallery") == children("europe") == children("nowhere") == ()


def test_every_listed_name_means_one_entry() -> None:
    assert [find(name) for name in names()] == [(entry,) for entry in TREE]
    assert "politics/news-analysis" in names()


def test_no_alias_is_another_entrys_name() -> None:
    for entry in TREE:
        for alias in entry.aliases:
            assert find(alias) == (entry,)
