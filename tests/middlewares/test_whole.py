"""Bodies that unpack to more than a crawl can hold, or are packed otherwise than they say, from a server on this machine."""

from __future__ import annotations

import gzip
import subprocess
import zlib
from functools import cache
from typing import TYPE_CHECKING, Final

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd

from tests.running import FAST, REPOSITORY, SITE, Crawl, article, command, crawl, environment, feed, item, memory_of
from tests.scripted import Answer, ScriptedSite

if TYPE_CHECKING:
    from pathlib import Path

BOMB_BYTES: Final = 300_000_000
"""A fraction of what was sent in public attacks, so that a fault here does not take the machine with it."""

ROOM: Final = 250_000
"""KB that a crawl may take: one without any bomb takes 100,000."""

ONE, TWO = "/world/one/news", "/world/two/news"


def _zeros(window: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, window)
    piece = bytes(10_000_000)
    return b"".join([packer.compress(piece) for _ in range(BOMB_BYTES // len(piece))] + [packer.flush()])


@cache
def _packed(packing: str) -> bytes:
    match packing:
        case "gzip" | "x-gzip":
            return _zeros(zlib.MAX_WBITS | 16)
        case "gzip, gzip":
            return gzip.compress(_packed("gzip"))
        case "deflate":
            return _zeros(zlib.MAX_WBITS)
        case "br":
            return bytes(brotli.compress(bytes(BOMB_BYTES), quality=1))
    return zstd.compress(bytes(BOMB_BYTES))


PACKINGS: Final = ("gzip", "x-gzip", "gzip, gzip", "deflate", "br", "zstd")


def _measured(*args: str, output: Path, origin: str) -> tuple[Crawl, int]:
    """A crawl, and the KB that it held at most."""
    places = ("-s", f"OUTPUT_DIR={output}", "-s", f"SITE_ORIGIN={origin}", *FAST, "-s", "LONGEST_WAIT=2")
    most = memory_of(output.parent)
    done = subprocess.run(
        command(*args, *places), cwd=REPOSITORY, env=environment(PYTHONPATH=str(output.parent)), stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    return Crawl(done.returncode, "", done.stderr, output), most()


def _bomb(packing: str, kind: str = "text/html; charset=UTF-8") -> Answer:
    return Answer(_packed(packing), headers={"Content-Encoding": packing, "Content-Type": kind})


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_page_that_unpacks_to_more_than_it_may_has_failed_and_what_is_behind_it_is_stored(
    packing: str, tmp_path: Path
) -> None:
    (file := tmp_path / "urls.txt").write_text(f"{SITE}{ONE}\n{SITE}{TWO}\n")
    with ScriptedSite({ONE: _bomb(packing), TWO: article("Two")}) as site:
        done, kb = _measured("addresses", "-a", f"file={file}", output=tmp_path / "output", origin=site.origin)
    assert (done.code, done.addresses) == (10, {SITE + TWO}), done.err
    assert "1 stored, 0 known, 0 refused" in done.verdict
    assert "1 failed" in done.verdict
    assert f"Failed (TooLarge: the body ({len(_packed(packing)):,} bytes of" in done.err or "gzip, gzip" in packing
    assert "unpacks to more than 4,194,304 bytes (DOWNLOAD_MAXSIZE)): " + SITE + ONE in done.err
    assert site.paths.count(ONE) == 1, "it would be no smaller the next time"
    assert kb < ROOM


@pytest.mark.parametrize(
    ("path", "args", "said"),
    [
        ("/world", ("section", "-a", "sections=world", "-a", "scope=section"), "Failed (TooLarge: the body ("),
        ("/rss/world", ("feeds", "-a", "feeds=world"), "Fault of the feed world: the body ("),
        (
            "/robots.txt",
            ("addresses", "-a", f"url={SITE}{ONE}"),
            "interrupted: robots.txt is not known (TooLarge: the body (",
        ),
    ],
)
def test_so_have_listings_feeds_and_robots_txt(path: str, args: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with ScriptedSite({path: _bomb("gzip"), ONE: article("One")}) as site:
        done, kb = _measured(*args, output=tmp_path / "output", origin=site.origin)
    assert said in done.err
    assert done.code == {"/world": 1, "/rss/world": 1, "/robots.txt": 14}[path], done.err
    assert done.articles == []
    assert kb < ROOM


def test_the_bound_is_a_setting(tmp_path: Path) -> None:
    page = article("One", body="word " * 30_000)
    packed = Answer(gzip.compress(page.encode()), headers={"Content-Encoding": "gzip"})
    with ScriptedSite({ONE: packed}) as site:
        one = ("addresses", "-a", f"url={SITE}{ONE}")
        less = crawl(*one, output=tmp_path, origin=site.origin, settings=("-s", "DOWNLOAD_MAXSIZE=100000"))
        again = crawl(*one, output=tmp_path, origin=site.origin)
    assert "unpacks to more than 100,000 bytes (DOWNLOAD_MAXSIZE)" in less.err
    assert (less.code, again.code, again.addresses) == (1, 0, {SITE + ONE}), again.err


FEED = feed(item(SITE + ONE)).encode()


CASES: Final = [
    ("/rss/world", gzip.compress(gzip.compress(FEED)), "gzip", "packed twice (gzip in gzip)"),
    (ONE, brotli.compress(gzip.compress(FEED)), "br", "packed twice (gzip in br)"),
    ("/robots.txt", gzip.compress(zstd.compress(FEED)), "gzip", "packed twice (zstd in gzip)"),
    ("/rss/world", gzip.compress(FEED), "", "packed (gzip), and no header says so"),
    (ONE, zstd.compress(FEED), "identity", "packed (zstd), and no header says so"),
    ("/robots.txt", gzip.compress(FEED)[:-9], "gzip", "the packed body is not whole (gzip: it ends early)"),
    ("/rss/world", zlib.compress(FEED)[:-3], "deflate", "the packed body is not whole (deflate: it ends early)"),
    (ONE, FEED, "br", "the packed body is not whole (br: "),
]


@pytest.mark.parametrize(("path", "body", "packing", "said"), CASES, ids=[said for *_, said in CASES])
def test_what_is_packed_otherwise_than_it_says_is_named_so(
    path: str, body: bytes, packing: str, said: str, tmp_path: Path
) -> None:
    """scrapy/scrapy#951: a feed packed twice was called a block. Of a robots.txt nobody knows what it forbids."""
    headers = {"Content-Type": "text/xml; charset=UTF-8"} | ({"Content-Encoding": packing} if packing else {})
    args = ("feeds", "-a", "feeds=world") if path == "/rss/world" else ("addresses", "-a", f"url={SITE}{ONE}")
    with ScriptedSite({path: Answer(body, headers=headers)}) as site:
        done = crawl(*args, output=tmp_path, origin=site.origin, settings=("-s", "LONGEST_WAIT=1"))
    assert site.paths.count(path) == 3, "asked again as often as other failures"
    assert said in done.err
    assert done.code == (14 if path == "/robots.txt" else 1), done.err
    assert done.verdict.startswith("interrupted: robots.txt is not known (" if path == "/robots.txt" else "failed: ")
    assert done.rejected == []
    if path == "/rss/world":
        assert "Fault of the feed world: the" in done.err


def test_what_comes_whole_the_second_time_is_taken(tmp_path: Path) -> None:
    page = article("One").encode()
    answers = [
        Answer(body, headers={"Content-Encoding": packing})
        for body, packing in ((gzip.compress(gzip.compress(page)), "gzip"), (brotli.compress(page)[:-2], "br"))
    ]
    with ScriptedSite({ONE: [*answers, Answer(zstd.compress(page), headers={"Content-Encoding": "zstd"})]}) as site:
        done = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {SITE + ONE}), done.err
