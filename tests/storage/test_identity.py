"""Two addresses, one article or two: what canonical links say, and what the texts bear out."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

import pytest

from sabah.storage.ledger import Ledger
from tests.rereading.older import scrapy
from tests.running import SITE, Crawl, SmallSite, article, crawl
from tests.warcs.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FERRY: Final = ("Ferry timetable", "Ferries leave every forty minutes.")
BRIDGE: Final = ("A bridge for Tarn", "The bridge is to open in May.")
EUROPE, POLITICS = "/world/europe/x", "/politics/x/news"


def page(text: tuple[str, str], canonical: str | None = None) -> str:
    made = article(text[0], body=text[1])
    return (
        made if canonical is None else made.replace("<head>", f"<head><link rel='canonical' href='{SITE}{canonical}'>")
    )


def crawled(output: Path, pages: Mapping[str, str], order: Sequence[str]) -> Crawl:
    """Each page of its own run, in that order."""
    with SmallSite(dict(pages)) as site:
        for path in order:
            done = crawl("addresses", "-a", f"url={SITE}{path}", output=output, origin=site.origin)
            assert done.code == 0, done.err
    return done


def stored(done: Crawl) -> dict[str, list[str]]:
    """Headlines by path, in the order of the revisions."""
    found: dict[str, list[str]] = {}
    for one in sorted(done.articles, key=lambda one: int(one["revision"])):
        found.setdefault(one["url"].removeprefix(SITE), []).append(one["headline"])
    return found


def reparsed(output: Path) -> str:
    """What a re-reading of the folder comes to; it never changes anything here."""
    done = scrapy(output, "reparse", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("reparse: no_new: 0 readings to write"), done.stdout
    return done.stdout


def marks(done: Crawl) -> dict[str, Any]:
    return {one["url"].removeprefix(SITE): one["marks"] for one in done.articles}


ORDERS = list(permutations((0, 1)))


@pytest.mark.parametrize("order", ORDERS)
def test_two_articles_of_one_slug_of_which_one_names_the_other_stay_two(order: tuple[int, int], tmp_path: Path) -> None:
    pages = {EUROPE: page(FERRY), POLITICS: page(BRIDGE, EUROPE)}
    done = crawled(tmp_path, pages, [(EUROPE, POLITICS)[one] for one in order])
    assert stored(done) == {EUROPE: [FERRY[0]], POLITICS: [BRIDGE[0]]}
    assert marks(done) == {EUROPE: [], POLITICS: ["canonical_disagrees"]}
    assert {one["url"]: one["section"] for one in done.articles} == {
        SITE + EUROPE: "world",
        SITE + POLITICS: "politics",
    }
    reparsed(tmp_path)


@pytest.mark.parametrize("order", ORDERS)
def test_two_that_name_each_other_are_never_stored_crosswise_and_forgotten_one_by_one(
    order: tuple[int, int], tmp_path: Path
) -> None:
    pages = {EUROPE: page(FERRY, POLITICS), POLITICS: page(BRIDGE, EUROPE)}
    done = crawled(tmp_path, pages, [(EUROPE, POLITICS)[one] for one in order])
    assert stored(done) == {EUROPE: [FERRY[0]], POLITICS: [BRIDGE[0]]}
    assert marks(done) == {EUROPE: ["canonical_disagrees"], POLITICS: ["canonical_disagrees"]}
    reparsed(tmp_path)
    assert scrapy(tmp_path, "forget", "--reason", "takedown", SITE + POLITICS).returncode == 0
    left = [line for path in tmp_path.glob("articles/*.jsonl") for line in path.read_bytes().splitlines()]
    assert [json.loads(line)["url"] for line in left] == [SITE + EUROPE]


def test_both_in_one_run_stay_two_also_when_both_are_committed_together(tmp_path: Path) -> None:
    (file := tmp_path / "urls.txt").write_text(f"{SITE}{EUROPE}\n{SITE}{POLITICS}\n")
    with SmallSite({EUROPE: page(FERRY, POLITICS), POLITICS: page(BRIDGE, EUROPE)}) as site:
        done = crawl(
            "addresses", "-a", f"file={file}", output=tmp_path / "output", origin=site.origin, settings=("-s", "GROUP_COMMIT_SECONDS=1"),
        )  # fmt: skip
    assert stored(done) == {EUROPE: [FERRY[0]], POLITICS: [BRIDGE[0]]}


@pytest.mark.parametrize("agreeing", [FERRY, (FERRY[0], "Another text."), ("Another headline", FERRY[1])])
def test_a_canonical_link_to_another_section_is_believed_where_headline_or_text_agree(
    agreeing: tuple[str, str], tmp_path: Path
) -> None:
    done = crawled(tmp_path, {EUROPE: page(FERRY), POLITICS: page(agreeing, EUROPE)}, [EUROPE, POLITICS])
    revisions = [FERRY] if agreeing == FERRY else [FERRY, agreeing]
    assert stored(done) == {EUROPE: [headline for headline, _ in revisions]}
    assert all(one["section"] == "world" and one["marks"] == [] for one in done.articles)
    reparsed(tmp_path)


def test_where_nothing_is_stored_there_yet_it_stays_and_the_other_joins_it(tmp_path: Path) -> None:
    done = crawled(tmp_path, {EUROPE: page(FERRY, EUROPE), POLITICS: page(FERRY, EUROPE)}, [POLITICS, EUROPE])
    assert stored(done) == {POLITICS: [FERRY[0]]}
    reparsed(tmp_path)


def test_an_address_with_records_of_its_own_keeps_them(tmp_path: Path) -> None:
    """The page begins to name the other, with its headline: two histories are not mixed."""
    crawled(tmp_path, {EUROPE: page(FERRY), POLITICS: page(BRIDGE)}, [EUROPE, POLITICS])
    with SmallSite({EUROPE: page(FERRY), POLITICS: page((FERRY[0], "New."), EUROPE)}) as site:
        with closing(Ledger.open(tmp_path)) as ledger:
            ledger.run("UPDATE addresses SET due_at = '2021-01-01T00:00:00+00:00'")
        done = crawl("revisit", output=tmp_path, origin=site.origin)
    assert stored(done) == {EUROPE: [FERRY[0]], POLITICS: [BRIDGE[0], FERRY[0]]}, done.err


SPELLED: Final = [
    ("/turkey/x/news", "/turkiye/x/news"),
    ("/life/x/news", "/lifestyle/x/news"),
    ("/lifestyle/travel/x", "/life/travel/x"),
    ("/turkey/investigations/x", "/turkiye/investigations/x"),
    ("/turkey/2016/03/24/x", "/turkiye/2016/03/24/x"),
]


@pytest.mark.parametrize("pair", [*SPELLED, *(pair[::-1] for pair in SPELLED)])
@pytest.mark.parametrize("how", ["canonical", "text", "each other"])
def test_names_of_one_section_are_one_article_where_canonical_or_text_agree(
    how: str, pair: tuple[str, str], tmp_path: Path
) -> None:
    first, second = pair
    named = {"canonical": (second, second), "text": (None, None), "each other": (second, first)}[how]
    done = crawled(tmp_path, {first: page(FERRY, named[0]), second: page(FERRY, named[1])}, pair)
    assert stored(done) == {first if how == "text" else second: [FERRY[0]]}
    assert all(one["marks"] == [] for one in done.articles)
    reparsed(tmp_path)


@pytest.mark.parametrize("pair", SPELLED[:2])
def test_within_one_section_the_link_is_enough(pair: tuple[str, str], tmp_path: Path) -> None:
    """Between the two requests headline and text were corrected."""
    first, second = pair
    done = crawled(tmp_path, {first: page(BRIDGE, second), second: page(FERRY)}, [second, first])
    assert stored(done) == {second: [FERRY[0], BRIDGE[0]]}
    assert all(one["marks"] == [] for one in done.articles)
    reparsed(tmp_path)


@pytest.mark.parametrize("pair", SPELLED[:2])
def test_names_of_one_section_are_two_articles_where_nothing_agrees(pair: tuple[str, str], tmp_path: Path) -> None:
    done = crawled(tmp_path, {pair[0]: page(FERRY), pair[1]: page(BRIDGE)}, pair)
    assert stored(done) == {pair[0]: [FERRY[0]], pair[1]: [BRIDGE[0]]}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("twin", "first"),
    [("/world/europe/Case-Story", "/world/europe/case-story"), ("/world/europe/quote-story%E2%80%8B", "/world/europe/quote-story")],
)  # fmt: skip
def test_spellings_of_one_slug_are_one_article(twin: str, first: str, order: tuple[int, int], tmp_path: Path) -> None:
    """scrapy/w3lib#178; JSONbored/loopover#2826."""
    pages = {twin: page(FERRY, first), first: page(FERRY, first)}
    assert stored(crawled(tmp_path, pages, [(twin, first)[one] for one in order])) == {first: [FERRY[0]]}


def test_one_section_with_and_without_its_part_is_believed_unless_the_texts_differ(tmp_path: Path) -> None:
    short = "/world/x/news"
    same = crawled(tmp_path / "same", {EUROPE: page(FERRY), short: page(FERRY, EUROPE)}, [short, EUROPE])
    other = crawled(tmp_path / "other", {EUROPE: page(FERRY), short: page(BRIDGE, EUROPE)}, [EUROPE, short])
    assert stored(same) == {EUROPE: [FERRY[0]]}
    assert stored(other) == {EUROPE: [FERRY[0]], short: [BRIDGE[0]]}
    assert marks(other)[short] == ["canonical_disagrees"]
    reparsed(tmp_path / "other")


def test_another_slug_is_another_article_whatever_the_link_says(tmp_path: Path) -> None:
    other = "/world/europe/y"
    assert set(stored(crawled(tmp_path, {EUROPE: page(FERRY), other: page(FERRY, EUROPE)}, [EUROPE, other]))) == {
        EUROPE,
        other,
    }


def test_a_circle_of_aliases_of_an_old_ledger_ends(tmp_path: Path) -> None:
    pages = {EUROPE: page(FERRY, POLITICS), POLITICS: page(BRIDGE, EUROPE)}
    with closing(Ledger.open(tmp_path)) as ledger, ledger.transaction("test"):
        for row, path in ((1, EUROPE), (2, POLITICS)):
            ledger.run(
                "INSERT INTO addresses (id, url, kind, depth, first_seen_at) VALUES (?, ?, 'article', 0, '2021-01-01T00:00:00+00:00')", row, SITE + path,
            )  # fmt: skip
        ledger.run("UPDATE addresses SET alias_of = 3 - id")
    assert stored(crawled(tmp_path, pages, [EUROPE, POLITICS])) == {EUROPE: [FERRY[0]], POLITICS: [BRIDGE[0]]}
    with closing(Ledger.open(tmp_path)) as ledger:
        assert ledger.all("SELECT alias_of FROM addresses") == [(None,), (None,)]


def test_a_lost_line_is_rebuilt_at_the_address_that_was_decided(tmp_path: Path) -> None:
    pages = {EUROPE: page(FERRY), POLITICS: page(BRIDGE, EUROPE), "/turkey/x/news": page(("T", "T."))}
    before = crawled(tmp_path, {**pages, "/turkiye/x/news": page(("T", "T."))}, [*pages, "/turkiye/x/news"]).articles
    for segment in tmp_path.glob("articles/*.jsonl"):
        segment.unlink()
    with SmallSite({"/world/two/news": page(("Two", "Two."))}) as site:
        again = crawl("addresses", "-a", f"url={SITE}/world/two/news", output=tmp_path, origin=site.origin)
    kept = [one for one in again.articles if one["headline"] != "Two"]
    assert sorted(map(json.dumps, kept)) == sorted(map(json.dumps, before)), again.err


@pytest.mark.parametrize("order", ORDERS)
def test_captures_go_the_same_way(order: tuple[int, int], tmp_path: Path) -> None:
    writer = Writer()
    captures = [
        (EUROPE, page(FERRY, POLITICS)),
        (POLITICS, page(BRIDGE, EUROPE)),
        (POLITICS, page((BRIDGE[0], "In June."), EUROPE)),
    ]
    for day, (path, html) in enumerate([captures[one] for one in order] + captures[2:], 1):
        writer.add(SITE + path, f"2021-10-0{day}T00:00:00Z", html)
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    output = tmp_path / "output"
    done = scrapy(output, "reparse", str(tmp_path / "a.warc.gz"))
    assert done.returncode == 0, done.stderr
    assert "2 articles stored, 1 revision stored" in done.stdout
    found = Crawl(0, "", "", output)
    assert {path: set(headlines) for path, headlines in stored(found).items()} == {
        EUROPE: {FERRY[0]},
        POLITICS: {BRIDGE[0]},
    }
    reparsed(output)


@pytest.mark.parametrize("canonical", [None, "/turkiye/x/news"])
def test_an_address_that_was_sent_on_for_good_is_joined_by_nothing_that_does_not_name_it(
    canonical: str | None, tmp_path: Path
) -> None:
    old, new = "/turkey/x/news", "/turkiye/x/news"
    crawled(tmp_path, {old: page(FERRY, old)}, [old])
    with SmallSite({new: page(FERRY, canonical), old: (301, f"ORIGIN{new}")}) as site:
        with closing(Ledger.open(tmp_path)) as ledger:
            ledger.run("UPDATE addresses SET due_at = '2021-01-01T00:00:00+00:00'")
        done = crawl("revisit", output=tmp_path, origin=site.origin)
    assert done.code == 0, done.err
    assert {one["url"] for one in done.articles if not one["withdrawn_at"]} == {SITE + old, SITE + new}
    assert [one["moved_to"] for one in done.articles if one["withdrawn_at"]] == [SITE + new]
