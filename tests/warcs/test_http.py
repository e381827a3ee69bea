"""HTTP answers as crawlers write them into WARC files: whatever they undid or left, one page comes out."""

from __future__ import annotations

import gzip
import zlib

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from scrapy.http import TextResponse

from sabah.archive.http import answer
from sabah.archive.records import BrokenError
from sabah.archive.rereading import responses
from sabah.storage.snapshots import Capture

PAGE = "<!DOCTYPE html><html><head><title>Türkiye</title></head><body>" + "<p>A paragraph.</p>" * 400 + "</body></html>"
PACKINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def chunked(body: bytes, size: int = 700) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-Trailer: 1\r\n\r\n"


def block(body: bytes, *headers: str, first: str = "HTTP/1.1 200 OK", end: str = "\r\n") -> bytes:
    return end.join([first, "Content-Type: text/html; charset=UTF-8", *headers, "", ""]).encode() + body


def page(data: bytes) -> str:
    """The text that the readers are given."""
    found = answer(data)
    capture = Capture(
        url="https://www.dailysabah.com/world/a/news",
        at="2024-01-01T00:00:00+00:00",
        head=found.head,
        payload=found.payload,
    )
    response = responses(1 << 24)(capture)
    assert isinstance(response, TextResponse)
    return response.text


@pytest.mark.parametrize("name", PACKINGS)
@pytest.mark.parametrize("joined", [True, False])
def test_packed_as_it_says_or_unpacked_though_it_says_so(name: str, joined: bool) -> None:
    body, said = PAGE.encode(), [f"Content-Encoding: {name}", "Transfer-Encoding: chunked"]
    packed = PACKINGS[name](body)
    assert page(block(packed if joined else chunked(packed), *said)) == PAGE
    assert page(block(body if joined else chunked(body), *said)) == PAGE


def test_common_crawl_renames_what_it_undid() -> None:
    said = [
        "X-Crawler-Content-Encoding: gzip",
        "X-Crawler-Transfer-Encoding: chunked",
        "X-Crawler-Content-Length: 77",
        "Content-Length: 77",
    ]
    assert page(block(PAGE.encode(), *said)) == PAGE


@pytest.mark.parametrize(
    "first", ["HTTP/1.0 200 OK", "HTTP/2 200", "HTTP/2.0 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 Très bien"]
)
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_heads_of_every_kind(first: str, end: str) -> None:
    assert (
        page(
            block(
                PAGE.encode(), "X-Folded: one", "  two", "no header at all", "Content-Length: 3", first=first, end=end
            )
        )
        == PAGE
    )
    found = answer(block(PAGE.encode(), "X-Folded: one", "\ttwo", first=first, end=end))
    assert found.status == 200
    assert found.head.endswith(b"X-Folded: one two\r\n\r\n")


def test_chunks_that_were_cut_give_what_there_is_and_are_said_to_be_cut() -> None:
    whole = chunked(PAGE.encode())
    assert answer(block(whole[:2000], "Transfer-Encoding: chunked")).payload == PAGE.encode()[:1963]
    last = whole.index(b"0\r\nX-Trailer")
    assert not answer(block(whole[: last + 3], "Transfer-Encoding: chunked")).cut
    for end in (0, 20, 2000, last - 2, last, last + 1):
        assert answer(block(whole[:end], "Transfer-Encoding: chunked")).cut == "its last chunk is missing", end
    found = answer(block(whole[:2131] + b"garbage" + whole[2131:], "Transfer-Encoding: chunked"))
    assert found.cut == "its last chunk is missing"
    # What looks like a chunk's size and is none is left as it is.
    odd = b"add\r\nno chunk of that size\r\n"
    assert answer(block(odd + b"more text" * 400, "Transfer-Encoding: chunked")).payload == odd + b"more text" * 400


@pytest.mark.parametrize("name", PACKINGS)
def test_a_payload_shorter_than_its_content_length_is_cut(name: str) -> None:
    body, packed = PAGE.encode(), PACKINGS[name](PAGE.encode())
    assert answer(block(body[:-9], f"Content-Length: {len(body)}")).cut == f"{len(body) - 9:,} of {len(body):,} bytes"
    assert not answer(block(body, f"Content-Length: {len(body)}")).cut
    said = f"Content-Encoding: {name}"
    found = answer(block(packed[:-2], said, f"Content-Length: {len(packed)}"))
    assert (found.cut, found.packing) == (f"{len(packed) - 2:,} of {len(packed):,} bytes", name)
    # Unpacked or joined by the crawler, with the headers as they were: the length is of what was sent.
    found = answer(block(body[:-9], said, f"Content-Length: {len(body)}"))
    assert (found.cut, found.packing) == ("", "")
    assert not answer(block(body, "Transfer-Encoding: chunked", f"Content-Length: {len(body) + 99}")).cut
    assert not answer(block(chunked(body), "Transfer-Encoding: chunked", "Content-Length: 9999999")).cut
    assert not answer(block(body, "Content-Length: many")).cut


def test_a_content_length_beyond_all_bounds_says_nothing() -> None:
    assert answer(block(PAGE.encode(), f"Content-Length: {'9' * 5000}")).cut == ""


def test_whether_it_is_html() -> None:
    assert answer(block(b"<p>")).is_html
    assert not answer(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF").is_html
    assert answer(b"HTTP/1.1 200 OK\r\n\r\n" + PAGE.encode()).is_html
    assert not answer(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG").is_html
    assert answer(b"HTTP/1.1 200 OK\r\nContent-type:application/xhtml+xml\r\n\r\n<html>").is_html


@pytest.mark.parametrize("data", [b"", b"<html>", b"HTTP/1.1 OK\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n"])
def test_what_is_no_answer_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(BrokenError, match="no HTTP answer"):
        answer(data)
