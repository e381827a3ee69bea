from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from sabah.storage import snapshots
from tests.storage import world

if TYPE_CHECKING:
    from pathlib import Path

CAPTURE = world.capture(7, world.url(7), "2021-09-14T07:51:00+00:00")
OPENING = snapshots.opening("run.warc.gz", CAPTURE.at)


@given(st.binary(max_size=3000), st.integers(0, 3), st.none() | st.binary(max_size=300))
def test_what_is_packed_is_read(
    tmp_path_factory: pytest.TempPathFactory, payload: bytes, level: int, rendered: bytes | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "given.warc.gz"
    capture = attrs.evolve(CAPTURE, payload=payload, rendered=rendered)
    before = OPENING + snapshots.pack(CAPTURE)
    path.write_bytes(before + snapshots.pack(capture, level) + before)
    assert snapshots.read(path, len(before)) == capture


@pytest.mark.parametrize("name", ["crawl.warc.gz:4711+12", "günlük\n%.warc:0", "no-utf-8-\udcff.warc:3"])
def test_what_was_taken_from_a_file_names_it_in_place_of_the_request(name: str, tmp_path: Path) -> None:
    path = tmp_path / "run.warc.gz"
    taken = attrs.evolve(CAPTURE, request=b"", taken_from=name)
    path.write_bytes(OPENING + snapshots.pack(taken) + snapshots.pack(CAPTURE))
    assert snapshots.read(path, len(OPENING)) == taken
    with path.open("rb") as file:
        records = [(one.rec_type, one.content_stream().read()) for one in ArchiveIterator(file, check_digests="raise")]
    assert [kind for kind, _ in records] == ["warcinfo", "response", "metadata", "response", "request"]
    assert records[2][1].startswith(b"taken-from: ")
    assert records[2][1].count(b"\n") == 1


def test_standard_readers_read_it(tmp_path: Path) -> None:
    path = tmp_path / "run.warc.gz"
    packed = gzip.compress(CAPTURE.payload)
    head = snapshots.head("HTTP/1.1 200 OK", [(b"Content-Encoding", b"gzip"), (b"X-Odd", b"\xff  kept ")])
    path.write_bytes(OPENING + snapshots.pack(attrs.evolve(CAPTURE, head=head, payload=packed)))
    with path.open("rb") as file:
        records = [
            (one.rec_type, one.rec_headers.get_header("WARC-Target-URI"), one.content_stream().read())
            for one in ArchiveIterator(file, check_digests="raise")
        ]
    assert records[0][0] == "warcinfo"
    assert records[1:] == [("response", CAPTURE.url, CAPTURE.payload), ("request", CAPTURE.url, b"")]
    assert snapshots.read(path, len(OPENING)).payload == packed
    assert snapshots.read(path, len(OPENING)).head == head


def test_a_rendered_page_that_is_not_whole_is_no_snapshot(tmp_path: Path) -> None:
    """Its response alone is a frame without an article."""
    path = tmp_path / "run.warc.gz"
    packed = snapshots.pack(attrs.evolve(CAPTURE, rendered=b"<html>rendered</html>"))
    path.write_bytes(packed[:-40])
    with pytest.raises(snapshots.SnapshotError):
        snapshots.read(path, 0)
    path.write_bytes(packed[: packed.rindex(b"\x1f\x8b\x08")] + snapshots.pack(CAPTURE))
    with pytest.raises(snapshots.SnapshotError):
        snapshots.read(path, 0)


def test_each_record_is_a_gzip_member_of_its_own() -> None:
    assert snapshots.pack(CAPTURE).count(b"\x1f\x8b\x08") == 2


@pytest.mark.parametrize("offset", [0, 3, 10**6])
def test_no_snapshot_there(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "run.warc.gz"
    path.write_bytes(OPENING + snapshots.pack(CAPTURE))
    with pytest.raises(snapshots.SnapshotError, match=rf"run\.warc\.gz:{offset}: ") as caught:
        snapshots.read(path, offset)
    assert str(caught.value).isprintable()


def test_damaged_and_absent(tmp_path: Path) -> None:
    path = tmp_path / "run.warc.gz"
    whole = snapshots.pack(CAPTURE)
    for size in (len(whole) - 30, len(whole) // 2, 30, 0):
        path.write_bytes(whole[:size])
        with pytest.raises(snapshots.SnapshotError):
            snapshots.read(path, 0)
    for place in range(0, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert attrs.evolve(snapshots.read(path, 0), url=CAPTURE.url, at=CAPTURE.at) == CAPTURE
        except snapshots.SnapshotError:
            continue
    path.unlink()
    with pytest.raises(snapshots.SnapshotError, match="FileNotFoundError"):
        snapshots.read(path, 0)
