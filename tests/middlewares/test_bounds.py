"""Heads of answers and links of pages that have no end, from a server on this machine."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.running import SITE, SmallSite, article, crawl, listing
from tests.scripted import Answer, ScriptedSite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE, TWO = "/world/one/news", "/world/two/news"
TOO_LARGE = "Failed (TooLarge: the head of the answer has more than 65,536 bytes (HEADERS_MAXSIZE)): " + SITE + ONE


@contextmanager
def _endless(head: bytes, more: bytes) -> Iterator[tuple[str, list[int]]]:
    """Answers ONE with a head that goes on as long as anybody listens; the bytes that were taken of each."""
    sent: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # closed
                    return
                with connection:
                    asked = connection.recv(65536)
                    if not asked.startswith(b"GET " + ONE.encode()):
                        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        continue
                    sent.append(0)
                    try:
                        connection.sendall(head)
                        while sent[-1] < 200_000_000:
                            connection.sendall(more)
                            sent[-1] += len(more)
                    except OSError:  # nobody listens any more
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", sent
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("head", "more"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 500),
        (b"HTTP/1.1 200 OK\r\nX-One: ", b"a" * 20_000),
        (b"HTTP/1.1 200 OK\r\nX-Folded: a\r\n", b" and so on\r\n" * 2_000),
        (b"", b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" * 700),
        (b"HTTP/1.1 ", b"200" * 7_000),
        (b"HTTP/1.1 200 OK\r\n", b"no colon at all\r\n" * 1_500),
    ],
    ids=["headers", "one header", "folded", "interim answers", "status line", "no headers"],
)
def test_a_head_without_end(head: bytes, more: bytes, tmp_path: Path) -> None:
    with _endless(head, more) as (origin, sent):
        done = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=origin)
    assert TOO_LARGE in done.err
    assert done.code == 1, done.err
    assert len(sent) == 1, "it would be no smaller the next time"
    assert sent[0] < 20_000_000, "what the sockets hold is sent, no more"


def test_a_head_that_ends_and_is_too_large(tmp_path: Path) -> None:
    headers = {f"X-{number}": "a" * 1000 for number in range(70)}
    with ScriptedSite({ONE: Answer(article("One"), headers=headers), TWO: article("Two")}) as site:
        lines = f"{SITE}{ONE}\n{SITE}{TWO}\n"
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=lines)
        assert (done.code, done.addresses) == (10, {SITE + TWO}), done.err
        assert TOO_LARGE in done.err
        more = ("-s", "HEADERS_MAXSIZE=100000")
        done = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=site.origin, settings=more)
    assert done.addresses == {SITE + ONE, SITE + TWO}


def test_a_long_header_is_none_that_is_too_long(tmp_path: Path) -> None:
    """Twisted gives up at 16 KB of a line; a policy of content is longer on some sites."""
    with ScriptedSite({ONE: Answer(article("One"), headers={"Content-Security-Policy": "a" * 40_000})}) as site:
        done = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {SITE + ONE}), done.err


@pytest.mark.parametrize("source", ["listing", "article"])
def test_a_page_names_no_more_than_it_may(source: str, tmp_path: Path) -> None:
    many = [f"/world/article-{number}/news" for number in range(5_009)]
    of_listing, of_article = (many, []) if source == "listing" else ([], [TWO, *many])
    pages = {"/world": listing(ONE, *of_listing), ONE: article("One", links=of_article)}
    with SmallSite(pages) as site:
        done = crawl("section", "-a", "sections=world", "-a", "limit=1", output=tmp_path, origin=site.origin)
        named = f"{SITE}/world" if source == "listing" else SITE + ONE
    assert f"{named} names 10 articles more than PAGE_LINKS_MAX, 5000: they are left out" in done.err
    assert done.err.count("PAGE_LINKS_MAX") == 1


def test_a_list_of_addresses_is_no_page(tmp_path: Path) -> None:
    lines = "".join(f"{SITE}{path}\n" for path in (ONE, TWO))
    with SmallSite({ONE: article("One"), TWO: article("Two")}) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=lines, settings=("-s", "PAGE_LINKS_MAX=1"))  # fmt: skip
    assert len(done.addresses) == 2


@pytest.mark.parametrize("setting", ["HEADERS_MAXSIZE=0", "PAGE_LINKS_MAX=-1", "ADDRESS_LINE_MAXSIZE=x", "ADDRESS_FILE_MAXSIZE=", "DOWNLOAD_MAXSIZE=many"])  # fmt: skip
def test_bounds_that_are_none(setting: str, tmp_path: Path) -> None:
    done = crawl("revisit", output=tmp_path, origin="http://127.0.0.1:9", settings=("-s", setting))
    name = setting.partition("=")[0]
    assert (done.code, f"crawl: {name}=" in done.err, done.err.count("\n")) == (2, True, 1), done.err
