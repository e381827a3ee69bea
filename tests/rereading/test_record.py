"""All that read a stored page again get the same record, or the same reason why there is none."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from typing import Any

import attrs
import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd

from sabah.archive.rereading import Rebuilder, RefusedError, Rehash, made, responses
from sabah.pages.record import Hint
from sabah.storage.repair import Missing
from sabah.storage.snapshots import Capture
from tests.running import article

URL, AT = "https://www.dailysabah.com/world/one/news", "2022-01-01T00:00:00+00:00"
LIMIT = 1 << 20


def capture(page: str, *headers: str) -> Capture:
    head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *headers, "", ""])
    payload = gzip.compress(page.encode()) if headers else page.encode()
    return Capture(url=URL, at=AT, head=head.encode(), payload=payload)


def missing(of: Capture) -> Missing:
    return Missing(
        url=URL, found_on=None, first_seen_at=AT, revision=1, reading=1, fetched_at=AT, status=200, origin="live", crawl_id="20220101T000000Z-abcdef",
        withdrawn_at=None, moved_to=None, duplicate_of=None, hint=None, captured=None, snapshot="a.warc.gz:0", capture=of,
    )  # fmt: skip


def test_a_record() -> None:
    one = capture(article("One", links=["/world/two/news"]))
    found = made(responses(LIMIT), one, Hint(), {"status": 200})
    assert (found.record.headline, found.record.status) == ("One", 200)
    assert found.links == ("https://www.dailysabah.com/world/two/news",)
    assert Rehash(responses(LIMIT))(one, None) == found.record.revision_hash
    rebuilt = Rebuilder(responses(LIMIT))(missing(one))
    assert rebuilt is not None
    assert (rebuilt.headline, rebuilt.snapshot, rebuilt.captured_at) == ("One", "a.warc.gz:0", None)


@pytest.mark.parametrize(
    ("page", "headers", "why"),
    [
        (article("One", None), [], "no date"),
        ("<html><body><h1>One</h1></body></html>", [], "no layout of an article was recognised"),
        (article("One", body="x" * LIMIT), ["Content-Encoding: gzip"], "DOWNLOAD_MAXSIZE (1048576 B)"),
    ],
)
def test_a_page_that_gives_none(page: str, headers: list[str], why: str) -> None:
    one = capture(page, *headers)
    with pytest.raises(RefusedError) as refused:
        made(responses(LIMIT), one, Hint())
    assert why in str(refused.value)
    assert Rehash(responses(LIMIT))(one, None) is None
    assert Rebuilder(responses(LIMIT))(missing(one)) is None


BOMB = bytes(300 * LIMIT)


@pytest.mark.parametrize(
    ("packing", "payload", "why"),
    [
        ("gzip", gzip.compress(BOMB), "DOWNLOAD_MAXSIZE (1048576 B)"),
        ("x-gzip", gzip.compress(BOMB), "DOWNLOAD_MAXSIZE (1048576 B)"),
        ("deflate", zlib.compress(BOMB), "DOWNLOAD_MAXSIZE (1048576 B)"),
        ("br", brotli.compress(BOMB, quality=1), "DOWNLOAD_MAXSIZE (1048576 B)"),
        ("zstd", zstd.compress(BOMB), "DOWNLOAD_MAXSIZE (1048576 B)"),
        ("gzip, gzip", gzip.compress(gzip.compress(BOMB)), "DOWNLOAD_MAXSIZE (1048576 B)"),
        (", ".join(["gzip"] * 9000), gzip.compress(b"x"), "packed 9000 times, more than 5"),
        ("identity", bytes(LIMIT + 1), "DOWNLOAD_MAXSIZE (1048576 B)"),
    ],
    ids=["gzip", "x-gzip", "deflate", "br", "zstd", "gzip in gzip", "nine thousand times", "plain"],
)
def test_a_stored_page_that_unpacks_to_more_than_it_may(packing: str, payload: bytes, why: str) -> None:
    """What other tools have captured is as little to be trusted as what comes by a connection."""
    one = attrs.evolve(capture("<html>", f"Content-Encoding: {packing}"), payload=payload)
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError) as refused:
            made(responses(LIMIT), one, Hint())
        assert tracemalloc.get_traced_memory()[1] < 16 * LIMIT
    finally:
        tracemalloc.stop()
    assert why in str(refused.value)


@pytest.mark.parametrize("wrong", [{"origin": "nowhere"}, {"fetched_at": "yesterday"}])
def test_a_record_that_would_be_wrong(wrong: dict[str, Any]) -> None:
    one = capture(article("One"))
    with pytest.raises(RefusedError, match=r"^the record would be wrong: "):
        made(responses(LIMIT), one, Hint(), wrong)
    assert Rebuilder(responses(LIMIT))(attrs.evolve(missing(one), **wrong)) is None
