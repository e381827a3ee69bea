"""A newspaper that lives: articles appear, are corrected and withdrawn as its clock moves, and its truth tells every time beforehand."""

from __future__ import annotations

import datetime as dt
import json
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from scrapy.http import HtmlResponse

from sabah.pages import read
from tests.replica.asking import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Replica

START = dt.datetime(2026, 3, 2, 3, 0, tzinfo=dt.UTC)
BACKLOG = 60
SECOND = dt.timedelta(seconds=1)
moment = dt.datetime.fromisoformat


@pytest.fixture(scope="module")
def shared(replica: Callable[..., Replica]) -> Replica:
    return replica(
        articles=BACKLOG, seed=4, clock="2026-03-02T06:00:00+03:00", publish=30, correct=0.3, withdraw=0.1, days=2
    )


@pytest.fixture
def paper(shared: Replica) -> Iterator[Replica]:
    shared.move(at=START.isoformat(), rate=0)
    yield shared
    shared.move(at=START.isoformat(), rate=0)


def path(entry: dict[str, Any]) -> str:
    found: str = entry["paths"]["page"]
    return found


def read_revision(paper: Replica, entry: dict[str, Any]) -> str:
    url = entry["record"]["url"]
    page = HtmlResponse(url, body=paper.get(path(entry)), headers={"Content-Type": "text/html; charset=UTF-8"})
    found: str = read(page, url).values["revision_hash"]
    return found


def test_the_truth_is_the_same_at_any_time(paper: Replica) -> None:
    before = paper.get("/_truth.jsonl")
    paper.move(forward=86_400)
    assert paper.get("/_truth.jsonl") == before
    assert len(paper.truth) == BACKLOG + 30 * 48
    living = paper.truth[BACKLOG:]
    times = [moment(one["published_at"]) for one in living]
    assert all(one <= other for one, other in pairwise(times))
    assert START <= times[0] < times[-1] < START + dt.timedelta(days=2, minutes=1)
    assert {len(one["revisions"]) for one in living} == {1, 2, 3}
    assert any(moment(b["at"]) - moment(a["at"]) > dt.timedelta(days=2) for one in living for a, b in pairwise(one["revisions"]))  # fmt: skip
    for one in living:
        hashes = [revision["record"]["revision_hash"] for revision in one["revisions"]]
        assert all(a != b for a, b in pairwise(hashes))
        assert one["record"] == one["revisions"][-1]["record"]
        assert one["revisions"][0]["at"] == one["published_at"]
    assert all(len(one["revisions"]) == 1 and not one["withdrawn_at"] for one in paper.truth[:BACKLOG])


def test_an_article_appears_is_corrected_and_withdrawn_to_the_second(paper: Replica) -> None:
    twice = next(one for one in paper.truth if len(one["revisions"]) == 3)
    times = [moment(revision["at"]) for revision in twice["revisions"]]
    paper.move(at=(times[0] - SECOND).isoformat())
    assert ask(paper, path(twice))[0] == 404
    for number, at in enumerate(times):
        paper.move(at=at.isoformat())
        status, headers, _ = ask(paper, path(twice))
        assert (status, parsedate_to_datetime(headers["Last-Modified"])) == (200, at)
        assert read_revision(paper, twice) == twice["revisions"][number]["record"]["revision_hash"]
        if number:
            paper.move(at=(at - SECOND).isoformat())
            assert read_revision(paper, twice) == twice["revisions"][number - 1]["record"]["revision_hash"]
    statuses = set()
    for one in paper.truth:
        if one["withdrawn_at"]:
            paper.move(at=(moment(one["withdrawn_at"]) - SECOND).isoformat())
            assert ask(paper, path(one))[0] == 200
            paper.move(at=one["withdrawn_at"])
            statuses.add(ask(paper, path(one))[0])
    assert statuses == {404, 410}


def test_a_page_is_sent_again_only_when_it_changed(paper: Replica) -> None:
    one = next(one for one in paper.truth if len(one["revisions"]) == 2)
    times = [moment(revision["at"]) for revision in one["revisions"]]
    paper.move(at=times[0].isoformat())
    first = ask(paper, path(one))[1]["Last-Modified"]
    paper.move(at=(times[1] - SECOND).isoformat())
    status, headers, page = ask(paper, path(one), {"If-Modified-Since": first})
    assert (status, page, headers["Last-Modified"], headers["ETag"]) == (304, "", first, None)
    paper.move(at=times[1].isoformat())
    assert ask(paper, path(one), {"If-Modified-Since": first})[0] == 200
    assert ask(paper, path(one), {"If-Modified-Since": "yesterday"})[0] == 200
    assert paper.times[-4][1:] == (path(one), 200, False)
    assert [entry[2:] for entry in paper.times[-3:]] == [(304, True), (200, True), (200, True)]


@pytest.mark.parametrize("place", ["/", "/world", "/energy", "/rss/homepage.xml", "/rss/politics", "/rss/mostread"])
def test_what_a_list_shows_changes_with_its_date_only(paper: Replica, place: str) -> None:
    seen: dict[str, str] = {}
    for _ in range(30):
        _, headers, body = ask(paper, place)
        assert seen.setdefault(headers["Last-Modified"], body) == body
        assert parsedate_to_datetime(headers["Last-Modified"]) <= paper.move(forward=1800)
        assert ask(paper, place, {"If-Modified-Since": headers["Last-Modified"]})[0] in (200, 304)
    assert len(seen) > 2


def test_lists_show_what_is_live(paper: Replica) -> None:
    now = paper.move(forward=90_000)
    live = [one for one in paper.truth if moment(one["published_at"]) <= now]
    gone = {one["record"]["url"] for one in live if one["withdrawn_at"] and moment(one["withdrawn_at"]) <= now}
    newest = [one["record"]["url"] for one in reversed(live) if one["record"]["url"] not in gone]
    aliases = {alias: one["record"]["url"] for one in live for alias in (*one["aliases"], *one["served_as"])}
    lists = {one["path"]: one["links"] for one in map(json.loads, paper.get("/_truth/listings.jsonl").splitlines())}
    cards = [aliases.get(link, link) for link in lists["/"]["cards"] if link not in lists["/"]["dead"]]
    assert gone
    assert cards == [url for url in newest if url in cards]
    assert len(cards) > 10
    assert not gone & {aliases.get(link, link) for one in lists.values() for link in one["cards"]}
    for path_of_list in list(lists)[:20]:
        assert ask(paper, path_of_list)[0] == 200
    assert urlsplit(newest[0]).path in paper.get("/rss/homepage.xml").decode()


def test_the_clock_refuses_what_is_no_time(paper: Replica, replica: Callable[..., Replica]) -> None:
    for demand in ("at=noon", "at=2026-03-02T06:00:00", "forward=x", "rate=-1", "rate=inf", "speed=1", "", "forward=1e300"):  # fmt: skip
        assert ask(paper, f"/_clock?{demand}", method="POST")[0] == 400
    assert json.loads(paper.get("/_clock")) == {"now": START.isoformat(), "rate": 0}
    plain = replica(articles=300, seed=5)
    assert ask(plain, "/_clock?forward=5", method="POST")[0] == 409
    assert abs(moment(json.loads(plain.get("/_clock"))["now"]) - dt.datetime.now(dt.UTC)) < 60 * SECOND


def test_articles_link_to_nothing_that_has_not_appeared(paper: Replica) -> None:
    appeared = {one["record"]["url"]: moment(one["published_at"]) for one in paper.truth}
    for one in paper.truth[BACKLOG:]:
        for box in ("recommended", "cards", "body", "most_read"):
            linked = [appeared[link] for link in one["links"][box] if link in appeared]
            assert all(at <= moment(one["published_at"]) for at in linked)


def test_pages_are_not_ready_or_move_to_the_second(replica: Callable[..., Replica]) -> None:
    paper = replica(articles=BACKLOG, seed=4, clock=START.isoformat(), publish=10, trouble=0.4, days=2)
    healing = [one for one in paper.truth if one["heals_at"]]
    moving = [one for one in paper.truth if one["moved_at"]]
    assert len(healing) > 20
    assert len(moving) > 20
    assert not any(one["withdrawn_at"] for one in healing + moving)
    before = set()
    for one in healing:
        paper.move(at=(moment(one["heals_at"]) - SECOND).isoformat())
        status, headers, page = ask(paper, path(one))
        before.add((status, headers["Location"], bool(page)))
        paper.move(at=one["heals_at"])
        assert read_revision(paper, one) == one["revisions"][-1]["record"]["revision_hash"]
        assert parsedate_to_datetime(ask(paper, path(one))[1]["Last-Modified"]) == moment(one["heals_at"])
    assert before == {(200, None, True), (200, None, False), (302, "https://www.dailysabah.com/", False)}
    for one in moving:
        to = one["moved_to"]
        paper.move(at=(moment(one["moved_at"]) - SECOND).isoformat())
        assert (ask(paper, path(one))[0], ask(paper, urlsplit(to).path)[0]) == (200, 404)
        paper.move(at=one["moved_at"])
        status, headers, _ = ask(paper, path(one))
        assert (status, headers["Location"]) == (301, to)
        shown = HtmlResponse(
            to, body=paper.get(urlsplit(to).path), headers={"Content-Type": "text/html; charset=UTF-8"}
        )
        found = read(shown, to).values
        assert (found["url"], found["revision_hash"]) == (to, one["revisions"][-1]["record"]["revision_hash"])
