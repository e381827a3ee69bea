"""What a section crawl reaches, against what the stand-in newspaper says is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sabah.spiders.arguments import parse_section_arguments
from tests.running import SITE, Crawl, crawl
from tests.truth import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.conftest import Replica

SECTIONS = "world,tech"


@pytest.fixture(scope="module")
def newspaper(replica: Callable[..., Replica]) -> Replica:
    return replica(articles=200, seed=11)


@pytest.fixture(scope="module")
def whole(newspaper: Replica, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """A crawl that several tests look at: two sections with related links."""
    return crawl(
        "section", "-a", f"sections={SECTIONS}", output=tmp_path_factory.mktemp("whole"), origin=newspaper.origin
    )


def _truths(newspaper: Replica) -> list[dict[str, Any]]:
    return [{**truth, "aliases": [*truth["aliases"], *truth["served_as"]]} for truth in newspaper.truth]


def _listed(newspaper: Replica) -> list[str]:
    paths = parse_section_arguments({"sections": SECTIONS}).listings
    return [link for listing in newspaper.listings if listing["path"] in paths for link in listing["links"]["cards"]]


def _reachable(newspaper: Replica, depth: int, within: Iterable[str] | None = None) -> set[str]:
    return reachable(_truths(newspaper), _listed(newspaper), depth, within)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_it_stores_exactly_what_is_within_reach(depth: int, newspaper: Replica, whole: Crawl, tmp_path: Path) -> None:
    chosen = ("-a", f"sections={SECTIONS}", "-a", f"related={depth}")
    done = whole if depth == 1 else crawl("section", *chosen, output=tmp_path, origin=newspaper.origin)
    assert done.code == 0, done.err
    assert done.addresses == _reachable(newspaper, depth)
    assert len(done.articles) == len(done.addresses)
    assert done.rejected == []


def test_related_links_reach_what_listings_do_not(newspaper: Replica) -> None:
    assert _reachable(newspaper, 0) < _reachable(newspaper, 1) < _reachable(newspaper, 2)


def test_scope_keeps_it_inside_the_sections(newspaper: Replica, tmp_path: Path) -> None:
    chosen = ("-a", f"sections={SECTIONS}", "-a", "related=2", "-a", "scope=section")
    done = crawl("section", *chosen, output=tmp_path, origin=newspaper.origin)
    records = [truth["record"] for truth in newspaper.truth]
    inside = {one["url"] for one in records if one["section"] == "world" or one["subsection"] == "tech"}
    assert done.addresses == _reachable(newspaper, 2, inside)
    assert done.addresses < _reachable(newspaper, 2)
    assert " 0 out of scope" not in done.verdict


def test_dates_filter_what_is_stored_and_not_what_is_followed(newspaper: Replica, tmp_path: Path) -> None:
    published = {truth["record"]["url"]: truth["record"]["published_at"][:10] for truth in newspaper.truth}
    within_reach = _reachable(newspaper, 1)
    days = sorted(published[url] for url in within_reach)
    since, until = days[len(days) // 4], days[-len(days) // 4]
    chosen = ("-a", f"sections={SECTIONS}", "-a", f"since={since}", "-a", f"until={until}")
    done = crawl("section", *chosen, output=tmp_path, origin=newspaper.origin)
    wanted = {url for url in within_reach if since <= published[url] <= until}
    assert done.addresses == wanted
    assert " 0 outside the dates" not in done.verdict


def test_a_limit_is_exact_and_complete(newspaper: Replica, tmp_path: Path) -> None:
    before = newspaper.log
    chosen = ("-a", "sections=all", "-a", "limit=17")
    done = crawl("section", *chosen, output=tmp_path, origin=newspaper.origin)
    assert done.code == 0, done.err
    assert len(done.articles) == len(done.addresses) == 17
    asked = sum(newspaper.log.values()) - sum(before.values())
    assert asked < 60, "nothing is asked that the limit leaves no room for"


def test_each_record_says_where_it_comes_from(newspaper: Replica, whole: Crawl) -> None:
    (segment,) = whole.output.glob("articles/*.jsonl")
    listings = {SITE + one["path"]: one["links"]["cards"] for one in newspaper.listings}
    by_url = {truth["record"]["url"]: truth for truth in _truths(newspaper)}
    for record in whole.articles:
        assert (record["origin"], record["status"]) == ("replica", 200)
        assert record["snapshot"].startswith(f"{segment.stem}.warc.gz:")
        assert record["crawl_id"] == segment.stem
        assert record["first_seen_at"] <= record["fetched_at"]
        names = {record["url"], *by_url[record["url"]]["aliases"]}
        source = record["found_on"]
        links = by_url[source]["links"] if source in by_url else {"cards": listings[source]}
        assert names & {link for box in ("recommended", "cards", "body") for link in links.get(box, ())}


def test_the_same_text_names_the_address_stored_before(newspaper: Replica, whole: Crawl) -> None:
    texts: dict[str, str] = {}
    for record in whole.articles:
        # Galleries and videos without a text have none to share.
        first = texts.setdefault(record["text_hash"], record["url"]) if record["body"] else record["url"]
        assert record["duplicate_of"] == (None if first == record["url"] else first)


def test_again_it_stores_nothing_new(newspaper: Replica, whole: Crawl) -> None:
    stored, before = whole.articles, newspaper.log
    again = crawl("section", "-a", f"sections={SECTIONS}", output=whole.output, origin=newspaper.origin)
    assert again.articles == stored
    assert again.verdict.startswith("no_new: 0 stored, ")
    assert int(again.verdict.split()[3]) >= len(stored), "with the addresses that lead to them"
    asked = {path for path, count in newspaper.log.items() if count > before.get(path, 0)}
    listings = parse_section_arguments({"sections": SECTIONS}).listings
    assert asked - {"/_log"} == {"/robots.txt", *listings}, "no article is fetched a second time"
