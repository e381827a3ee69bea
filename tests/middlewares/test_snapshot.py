from __future__ import annotations

import gzip
from contextlib import closing
from typing import TYPE_CHECKING

from sabah import __version__
from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from tests.running import SITE, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.storage.snapshots import Capture
    from tests.running import Page

ONE = f"{SITE}/world/one/news"


def _read(output: Path, name: str) -> Capture:
    file, _, offset = name.rpartition(":")
    return snapshots.read(output / "snapshots" / file, int(offset))


def test_a_record_names_the_page_as_it_came(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One")}) as site:
        done = crawl("addresses", "-a", f"url={ONE}", output=tmp_path, origin=site.origin)
    (record,) = done.articles
    capture = _read(tmp_path, record["snapshot"])
    assert (capture.url, capture.at) == (ONE, record["fetched_at"])
    assert capture.payload == article("One").encode()
    assert capture.head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert b"\r\nContent-Type: text/html; charset=UTF-8\r\n" in capture.head
    assert capture.request.startswith(b"GET /world/one/news HTTP/1.1\r\nHost: www.dailysabah.com\r\n")
    assert f"\r\nUser-Agent: sabah/{__version__}\r\n".encode() in capture.request


def test_pages_that_gave_no_record_are_kept_too(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        "/world/no-date/news": article("No date", date=None),
        "/world/blocked/news": 403,
        "/world/broken/news": 500,
    }
    lines = "".join(f"{SITE}/world/{name}/news\n" for name in ("no-date", "blocked", "broken", "gone"))
    with SmallSite(pages) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=lines)
    (refused,) = done.rejected
    assert _read(tmp_path, refused["snapshot"]).payload == article("No date", date=None).encode()
    with closing(Ledger.read(tmp_path)) as ledger:
        rows = ledger.all(
            "SELECT a.url, a.state, a.attempts, s.status, f.name, s.offset FROM snapshots s"
            " JOIN addresses a ON a.id = s.address JOIN files f ON f.id = s.file"
        )
    assert {(url.split("/")[4], state, attempts, status) for url, state, attempts, status, *_ in rows} == {
        ("no-date", "refused", 1, 200), ("blocked", "failed", 1, 403), ("broken", "failed", 3, 500), ("gone", "gone", 1, 404),
    }  # fmt: skip
    for *_, status, name, offset in rows:
        assert snapshots.read(tmp_path / name, offset).head.startswith(f"HTTP/1.0 {status} ".encode())


def test_without_snapshots(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One")}) as site:
        done = crawl("addresses", "-a", f"url={ONE}", "-s", "SNAPSHOTS=False", output=tmp_path, origin=site.origin)
    assert done.code == 0, done.err
    assert done.articles[0]["snapshot"] is None
    assert not (tmp_path / "snapshots").exists()


def test_a_lost_line_is_read_again_from_its_snapshot(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One", body="Text. " * 50)}) as site:
        done = crawl("addresses", "-a", f"url={ONE}", output=tmp_path, origin=site.origin)
        (segment,) = tmp_path.glob("articles/*.jsonl")
        segment.unlink()
        again = crawl("addresses", "-a", f"url={ONE}", output=tmp_path, origin=site.origin)
    assert again.code == 0, again.err
    assert "1 files were not whole" in again.err
    assert "1 lines rebuilt" in again.err
    assert again.articles == done.articles
    assert site.asked.count("/world/one/news") == 1


def test_what_is_kept_is_what_came_before_it_is_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(article("One").encode())
    with SmallSite({"/world/one/news": packed}) as site:
        done = crawl("addresses", "-a", f"url={ONE}", output=tmp_path, origin=site.origin)
    capture = _read(tmp_path, done.articles[0]["snapshot"])
    assert capture.payload == packed
    assert b"\r\nContent-Encoding: gzip\r\n" in capture.head
