"""Every fault as it is on the wire, seen by a client that only reads bytes."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import socket
import time
import zlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import start_replica
from tests.replica.asking import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Replica

CLOCK = "2026-03-02T06:00:00+03:00"


@pytest.fixture(scope="module")
def shared(replica: Callable[..., Replica]) -> Replica:
    return replica(articles=80, seed=6, clock=CLOCK)


@pytest.fixture
def paper(shared: Replica) -> Iterator[Replica]:
    shared.mend()
    yield shared
    shared.mend()


def wire(paper: Replica, path: str) -> tuple[bytes, bytes]:
    """Head and body of an answer until the server closes the connection."""
    host, _, port = urlsplit(paper.origin).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as one:
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: www.dailysabah.com\r\nConnection: close\r\n\r\n".encode())
        found = b""
        try:
            while piece := one.recv(65_536):
                found += piece
        except ConnectionResetError:
            pass
    head, _, body = found.partition(b"\r\n\r\n")
    return head, body


def header(head: bytes, name: str) -> str | None:
    lines = (line.partition(": ") for line in head.decode().split("\r\n"))
    return next((value for key, _, value in lines if key.lower() == name.lower()), None)


def status(paper: Replica, path: str = "/world") -> int:
    return ask(paper, path)[0]


def rules(paper: Replica) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(paper.get("/_faults"))
    return found


def test_429_says_when_to_come_back(paper: Replica) -> None:
    paper.strike({"fault": "retry-after-429", "count": 1, "retry_after": 7})
    answer = ask(paper, "/world")
    assert (answer[0], answer[1]["Retry-After"]) == (429, "7")
    assert status(paper) == 200
    paper.strike({"fault": "retry-after-429", "count": 1, "retry_after": 90, "form": "date"})
    found, headers, _ = ask(paper, "/world")
    later = parsedate_to_datetime(headers["Retry-After"]) - parsedate_to_datetime(headers["Date"])
    assert (found, later) == (429, dt.timedelta(seconds=90))
    assert parsedate_to_datetime(headers["Date"]) == dt.datetime.fromisoformat(CLOCK)


def test_refusals(paper: Replica) -> None:
    paper.strike({"fault": "burst-503", "share": 0.2})
    found = [status(paper) for _ in range(200)]
    assert 200 in found
    text = "".join("x" if one == 503 else " " for one in found)
    assert all(len(burst) >= 5 for burst in text.strip().split()[:-1])
    paper.mend()
    paper.strike({"fault": "ban-403", "count": 2, "paths": "/wor*"}, {"fault": "robots-5xx", "count": 3})
    assert [status(paper, path) for path in ("/politics", "/world", "/world", "/world")] == [200, 403, 403, 200]
    assert [status(paper, "/robots.txt") for _ in range(4)] == [503, 500, 502, 200]
    assert [one["hits"] for one in rules(paper)] == [2, 3]


def test_a_challenge_has_status_200_and_nothing_of_the_newspaper(paper: Replica) -> None:
    paper.strike({"fault": "challenge-200", "count": 5})
    pages = [ask(paper, "/world") for _ in range(5)]
    assert all(page[0] == 200 and "sabah" not in page[2].lower() for page in pages)
    for wording, page in zip(("Just a moment...", "Attention Required!", "Checking your browser"), pages, strict=False):
        assert wording in page[2]
    assert len({page[2] for page in pages}) == 5
    assert "logo_holder" in ask(paper, "/world")[2]


def test_bodies_that_are_not_whole(paper: Replica) -> None:
    whole = paper.get("/world")
    paper.strike({"fault": "truncated", "count": 3})
    for _ in range(3):
        head, body = wire(paper, "/world")
        assert int(header(head, "Content-Length") or 0) == len(whole) > len(body) > 0
        assert whole.startswith(body)
    paper.strike({"fault": "cut", "count": 3})
    for _ in range(3):
        head, body = wire(paper, "/world")
        assert (header(head, "Content-Length"), header(head, "Transfer-Encoding")) == (None, None)
        assert len(whole) > len(body) > 0
        assert whole.startswith(body)
    paper.strike({"fault": "broken-chunked", "count": 3})
    for _ in range(3):
        head, body = wire(paper, "/world")
        assert header(head, "Transfer-Encoding") == "chunked"
        assert header(head, "Content-Length") is None
        assert not body.endswith(b"0\r\n\r\n")
    paper.strike({"fault": "dropped", "count": 2})
    assert [wire(paper, "/world") for _ in range(2)] == [(b"", b"")] * 2
    assert [entry[2] for entry in paper.times[-2:]] == [0, 0]
    assert paper.get("/world") == whole


def test_damaged_gzip_and_wrong_charsets(paper: Replica) -> None:
    whole = paper.get("/world")
    paper.strike({"fault": "gzip-error", "count": 3})
    for _ in range(3):
        head, body = wire(paper, "/world")
        assert header(head, "Content-Encoding") == "gzip"
        assert int(header(head, "Content-Length") or 0) == len(body)
        with pytest.raises((OSError, EOFError, zlib.error)):
            gzip.decompress(body)
    paper.strike({"fault": "wrong-charset", "count": 4})
    kinds = []
    for _ in range(4):
        head, body = wire(paper, "/world")
        kinds.append(header(head, "Content-Type"))
        assert body == whole
    assert kinds[0] == "text/html; charset=iso-8859-9"
    assert len(set(kinds)) == 4


def test_slow_bodies_and_endless_redirects(paper: Replica) -> None:
    paper.strike({"fault": "slow", "count": 1, "seconds": 0.8})
    began = time.monotonic()
    assert b"logo_holder" in paper.get("/world")
    assert 0.7 <= time.monotonic() - began < 10
    paper.strike({"fault": "redirect-loop", "paths": "/world*"})
    seen, path = [], "/world"
    for _ in range(25):
        found, headers, _ = ask(paper, path)
        assert found in (301, 302)
        path = urlsplit(headers["Location"]).path
        seen.append(path)
    assert set(seen) == {"/world", "/world/"}


def test_feeds_that_are_none(paper: Replica) -> None:
    paper.strike({"fault": "feed-empty", "count": 3})
    empty = [ask(paper, "/rss/world") for _ in range(3)]
    assert all(one[0] == 200 and "<item>" not in one[2] for one in empty)
    ET.fromstring(empty[0][2].encode())
    paper.strike({"fault": "feed-html", "count": 1}, {"fault": "feed-broken", "count": 3})
    assert ask(paper, "/rss/world")[2].startswith("<!DOCTYPE html>")
    for _ in range(3):
        with pytest.raises(ET.ParseError):
            ET.fromstring(ask(paper, "/rss/world")[2].encode())
    assert ask(paper, "/world")[0] == ask(paper, "/rss/world")[0] == 200


def test_a_share_is_the_same_for_the_same_requests() -> None:
    found = []
    for _ in range(2):
        paper = start_replica("--articles=20", "--seed=6", "--fault=ban-403=0.3@/world", "--fault=dropped=1@/arts")
        try:
            found.append([status(paper) for _ in range(60)])
            assert wire(paper, "/arts") == (b"", b"")
            assert status(paper, "/arts") == 200
        finally:
            paper.stop()
    assert found[0] == found[1]
    assert 8 <= found[0].count(403) <= 28


def test_an_answer_without_a_body_keeps_its_meaning(paper: Replica) -> None:
    stamp = ask(paper, "/world")[1]["Last-Modified"]
    paper.strike({"fault": "truncated"}, {"fault": "gzip-error"})
    assert ask(paper, "/world", {"If-Modified-Since": stamp})[0] == 304
    assert [one["hits"] for one in rules(paper)] == [0, 0]


@pytest.mark.parametrize("given", ['{"fault": "slow"}', "[1]", '[{"fault": "rain"}]', '[{"fault": "slow", "share": 2}]', '[{"fault": "slow", "often": 1}]', "["])  # fmt: skip
def test_what_is_no_rule_is_refused(paper: Replica, given: str) -> None:
    assert ask(paper, "/_faults", method="POST", body=given)[0] == 400
    assert rules(paper) == []
