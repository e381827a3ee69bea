from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.commands.test_addresses import addresses
from tests.running import crawl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica


def test_the_home_page_feed_gives_every_article_once_and_then_costs_one_request(
    replica: Callable[..., Replica], tmp_path: Path
) -> None:
    paper = replica(articles=60, seed=5)
    done = crawl("feeds", "-a", "feeds=homepage", output=tmp_path, origin=paper.origin)
    assert (done.code, len(done.addresses), len(done.articles)) == (0, 46, 46), done.err
    before = json.loads(paper.get("/_log"))
    again = crawl("feeds", "-a", "feeds=homepage", output=tmp_path, origin=paper.origin)
    asked = {path: count - before.get(path, 0) for path, count in json.loads(paper.get("/_log")).items()}
    assert again.verdict.startswith("no_new: 0 stored, 46 known"), again.err
    assert {path: count for path, count in asked.items() if count} == {"/robots.txt": 1, "/rss/homepage.xml": 1}


def test_what_an_index_names_is_read_from_the_archive(replica: Callable[..., Replica], tmp_path: Path) -> None:
    paper = replica(articles=60, seed=5)
    listed = addresses("-", stdin=paper.get("/_cdx") + paper.get("/_cdxj"))
    assert listed.returncode == 0, listed.stderr
    lines = [line.split("\t") for line in listed.stdout.splitlines()]
    known = {truth["record"]["url"] for truth in paper.truth}
    assert len(lines) > 20
    places = ("-a", "origin=archive", "-s", f"ARCHIVE_ORIGIN={paper.origin}")
    done = crawl("addresses", "-a", "file=-", *places, output=tmp_path, origin=paper.origin, stdin=listed.stdout)
    assert done.code == 0, done.err
    undated = {url for url, *under in lines if under[-1].endswith("/amp")}
    assert done.addresses - undated == {url for url, *_ in lines} & known - undated
    assert {one["reason"] for one in done.rejected} <= {"no date"}, "AMP pages print none"
    times = {url: "".join(one for one in time if one.isdigit()) for url, time, *_ in lines}
    for record in done.articles:
        assert record["origin"] == "archive"
        assert "".join(one for one in record["captured_at"][:19] if one.isdigit()) == times[record["url"]]
