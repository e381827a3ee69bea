"""The server as its users meet it: a subprocess that answers over HTTP."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests import forked
from tests.conftest import ROOT, Replica, start_replica
from tests.replica.asking import ask

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def site(replica: Callable[..., Replica]) -> Replica:
    return replica(articles=300, seed=5)


def test_headers_of_an_article(site: Replica) -> None:
    status, headers, _ = ask(site, site.truth[150]["paths"]["page"])
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=UTF-8"
    assert headers["Last-Modified"].endswith(" GMT")
    assert "ETag" not in headers


def test_every_article_its_amp_twin_and_its_other_addresses_answer(site: Replica) -> None:
    for one in site.truth:
        assert ask(site, one["paths"]["page"])[0] == 200
    for one in site.truth[::10]:
        assert ask(site, one["paths"]["amp"])[0] == 200
        assert ask(site, one["paths"]["page"] + "?utm_source=x")[0] == 200
    moved = [(alias, one) for one in site.truth for alias in one["aliases"]]
    served = [(alias, one) for one in site.truth for alias in one["served_as"]]
    assert moved
    for alias, one in moved:
        status, headers, _ = ask(site, urlsplit(alias).path)
        assert (status, headers["Location"]) == (301, one["record"]["url"])
    for alias, one in served:
        status, _, page = ask(site, urlsplit(alias).path)
        assert status == 200
        assert f'<link href="{one["record"]["url"]}" rel="canonical" >' in page


def test_dead_links_and_unknown_addresses_answer_404_in_the_site_template(site: Replica) -> None:
    dead = {address for one in site.truth for address in one["links"]["dead"]}
    assert dead
    for address in [
        *list(dead)[:20],
        "https://www.dailysabah.com/business/tech",
        "https://www.dailysabah.com/sitemap.xml",
    ]:
        status, _, page = ask(site, urlsplit(address).path)
        assert status == 404
        assert 'class="logo_holder"' in page


def test_other_links_lead_to_articles_of_the_truth(site: Replica) -> None:
    known = {url for one in site.truth for url in [one["record"]["url"], *one["aliases"], *one["served_as"]]}
    for one in site.truth + site.listings:
        links = one["links"]
        for box in links.keys() - {"dead"}:
            assert set(links[box]) - set(links["dead"]) <= known


def test_robots_and_search(site: Replica) -> None:
    assert "Disallow: /search\n" in ask(site, "/robots.txt")[2]
    first = ask(site, "/search?qsection=world")[2]
    assert first.count('<li><div class="widget_content">') == 10
    assert 'class="page_number active" href="/search?qsection=world&amp;pgno=1"' in first
    assert ask(site, "/search?qsection=world&qlimit=by_fifty&pgno=zzz")[2].count("date_text") > 10
    assert ask(site, "/search?qsection=world&pgno=2")[2] != first


def test_archives_and_day_listings_of_old_addresses(site: Replica) -> None:
    old = next(
        one for one in site.truth if "/2017/" in one["record"]["url"] and "/columns/" not in one["record"]["url"]
    )
    day = old["paths"]["page"].rsplit("/", 1)[0]
    assert old["record"]["url"].rpartition("/")[2] in ask(site, day)[2]
    assert ask(site, day.rsplit("/", 1)[0] + "/99")[0] == 404
    archives = [one["path"] for one in site.listings if one["path"].endswith("/archive")]
    assert archives
    assert ask(site, archives[0])[0] == 200
    assert ask(site, "/turkiye")[0] == ask(site, "/tv")[0] == 200


def test_the_same_seed_gives_the_same_newspaper_and_another_another(
    site: Replica, replica: Callable[..., Replica]
) -> None:
    twin = start_replica("--articles=300", "--seed=5")
    try:
        assert twin.get("/_truth.jsonl") == site.get("/_truth.jsonl")
        for path in ["/", "/world", *(one["paths"]["page"] for one in site.truth[::40])]:
            assert twin.get(path) == site.get(path)
    finally:
        twin.stop()
    assert replica(articles=300, seed=6).truth[0]["record"]["url"] != site.truth[0]["record"]["url"]


def test_the_log_counts_requests(site: Replica) -> None:
    path = site.truth[7]["paths"]["page"]
    before = site.log.get(path, 0)
    site.get(path)
    assert site.log[path] == before + 1


def test_latency() -> None:
    slow = start_replica("--articles=10", "--latency=0.3")
    try:
        start = time.monotonic()
        slow.get("/robots.txt")
        assert time.monotonic() - start >= 0.3
    finally:
        slow.stop()


@pytest.mark.parametrize("one", [signal.SIGINT, signal.SIGTERM])
def test_stops_cleanly(one: signal.Signals) -> None:
    running = start_replica("--articles=10")
    running.get("/")
    running.process.send_signal(one)
    running.process.communicate(timeout=10)
    assert running.process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--articles", "-1"], "--articles '-1': must be a whole number from 1"),
        (["--port", "70000"], "--port '70000': must be a whole number from 0 to 65535"),
        (["--latency", "nan"], "--latency 'nan': must be a number of seconds"),
        (["world"], "unexpected argument 'world'"),
        (["--speed", "9"], "unexpected argument '--speed'"),
        (["--clock", "noon"], "--clock 'noon' is no time"),
        (["--clock", "1999-01-01T00:00:00Z"], "--clock '1999-01-01T00:00:00Z': must lie from 2021"),
        (["--publish", "40"], "--publish needs --clock"),
        (
            ["--clock", "2026-03-02T06:00:00Z", "--correct", "2"],
            "--correct '2': must be a number of articles, as a share,",
        ),
        (["--fault", "rain"], "--fault {'fault': 'rain'}: a fault is one of ban-403"),
        (
            ["--fault", "ban-403=x@/world/*"],
            "--fault 'ban-403=x@/world/*': 'x' is neither a share like 0.1 nor a count",
        ),
    ],
)
def test_bad_arguments_are_one_line_and_exit_2(arguments: list[str], message: str) -> None:
    assert refused(*arguments).startswith(f"replica: {message}")


def test_a_port_in_use_is_one_line_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert (
            refused("--articles", "5", "--port", str(port))
            == f"replica: port {port} is in use; name another with --port, or 0 for a free one\n"
        )


def refused(*arguments: str) -> str:
    done = forked.run(
        [sys.executable, "-m", "scrapy", "replica", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    said: str = done.stderr
    return said


def test_truth_is_json_lines_with_every_key(site: Replica) -> None:
    lines = site.get("/_truth.jsonl").decode().split("\n")
    assert lines.pop() == ""
    assert len(lines) == 300
    keys = ["record", "links", "paths", "amp", "aliases", "served_as", "same_text_as", "number"]
    assert all(list(json.loads(line)) == keys for line in lines)
