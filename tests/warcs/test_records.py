"""WARC files as others write and damage them: every whole record is there, every broken one is named."""

from __future__ import annotations

import gzip
import random
import tracemalloc
from typing import TYPE_CHECKING

import attrs
import pytest

from sabah.archive.records import Broken, Record, record_at, records
from sabah.archive.streams import Packed, Plain
from tests.warcs.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PAGES = 12


@attrs.frozen
class Written:
    """A file made by warcio, and where each of its response records begins."""

    data: bytes
    starts: list[int]
    blocks: list[bytes]


def written(*, packed: bool, pages: int = PAGES, size: int = 3000) -> Written:
    dice = random.Random(7)
    writer = Writer(gzip=packed)
    starts, blocks = [], []
    for number in range(pages):
        # Incompressible in part, so that damage has something to hit; longer than what is unpacked at once now and then.
        body = b"<html>" + dice.randbytes(size if number % 3 else 80_000).hex().encode() + b"</html>"
        url = f"https://www.dailysabah.com/world/story-{number}/news"
        starts.append(writer.add(url, f"2024-01-01T00:00:{number:02}Z", body))
        blocks.append(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n" + body)
    return Written(writer.data, starts, blocks)


def read(path: Path, data: bytes) -> tuple[list[Record], list[Broken]]:
    path.write_bytes(data)
    found = list(records(path, lambda kind, _: kind == "response"))
    whole = [one for one in found if isinstance(one, Record)]
    for one in whole:
        if one.place.within == 0:
            assert record_at(path, one.place) == one
    return whole, [one for one in found if isinstance(one, Broken)]


def numbers(whole: Iterable[Record]) -> list[int]:
    return [int(one.url.split("-")[1].split("/")[0]) for one in whole]


@pytest.fixture(params=["packed", "plain", "one stream"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def file_of(kind: str, made: Written) -> bytes:
    return gzip.compress(made.data) if kind == "one stream" else made.data


def test_every_record_of_a_whole_file_is_there(kind: str, tmp_path: Path) -> None:
    made = written(packed=kind == "packed")
    whole, broken = read(tmp_path / "file.warc", file_of(kind, made))
    assert not broken
    assert [one.block for one in whole] == made.blocks
    assert whole[3].at == "2024-01-01T00:00:03+00:00"
    if kind != "one stream":
        assert [one.place.offset for one in whole] == made.starts


@pytest.mark.parametrize("gap", [b"\0" * 512, b"\r\n\r\n", b""])
def test_padding_between_records_is_no_damage(gap: bytes, tmp_path: Path) -> None:
    made = written(packed=True)
    whole, broken = read(
        tmp_path / "a.warc.gz", made.data[: made.starts[4]] + gap.strip(b"\r\n") + made.data[made.starts[4] :]
    )
    assert (len(whole), broken) == (PAGES, [])
    made = written(packed=False)
    whole, broken = read(
        tmp_path / "a.warc", made.data[: made.starts[4]] + gap.strip(b"\0") + made.data[made.starts[4] :]
    )
    assert (len(whole), broken) == (PAGES, [])


@pytest.mark.parametrize(
    "garbage", [b"<html>no record</html>\r\n\r\n" * 40, random.Random(3).randbytes(5000), b"\x1f\x8b\x08 no gzip"]
)
@pytest.mark.parametrize("packed", [True, False])
def test_garbage_between_records_is_named_and_passed_over(packed: bool, garbage: bytes, tmp_path: Path) -> None:
    made = written(packed=packed)
    at = made.starts[5]
    data = made.data[:at] + garbage + (b"" if packed else b"\r\n\r\n") + made.data[at:]
    whole, broken = read(tmp_path / ("a.warc.gz" if packed else "a.warc"), data)
    assert numbers(whole) == list(range(PAGES))
    assert [one.place.offset for one in broken] == [at]
    assert "begins here" in broken[0].reason or "damaged" in broken[0].reason


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_byte_costs_the_record_it_is_in_and_no_other(packed: bool, seed: int, tmp_path: Path) -> None:
    made = written(packed=packed)
    dice = random.Random(seed)
    hit = dice.randrange(len(made.data))
    data = bytearray(made.data)
    data[hit] ^= 1 << dice.randrange(8)
    whole, broken = read(tmp_path / ("a.warc.gz" if packed else "a.warc"), bytes(data))
    of = max(number for number, start in enumerate(made.starts) if start <= hit)
    assert set(range(PAGES)) - {of} <= set(numbers(whole))
    lost = of not in numbers(whole)
    changed = not lost and next(one for one in whole if numbers([one]) == [of]).block != made.blocks[of]
    assert not changed
    if lost:
        assert [one.place.offset for one in broken] == [made.starts[of]]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.77, 0.999])
def test_what_a_cut_leaves_whole_is_there(kind: str, share: float, tmp_path: Path) -> None:
    made = written(packed=kind == "packed")
    data = file_of(kind, made)
    cut = int(len(data) * share)
    whole, broken = read(tmp_path / "a.warc.gz", data[:cut])
    if kind == "one stream":
        assert numbers(whole) == list(range(len(whole)))
        assert len(whole) >= int(PAGES * share) - 3
    else:
        ends = [*made.starts[1:], len(made.data)]
        before = [number for number, end in enumerate(ends) if end <= cut]
        assert numbers(whole)[: len(before)] == before
        assert len(whole) - len(before) <= 1  # all but its last line end may be there
    assert [one.reason for one in broken if "ends" in one.reason or "damaged" in one.reason] or kind == "plain"
    assert len(broken) <= 1


@pytest.mark.parametrize(
    "wrong", [b"Content-Length: 9999999999", b"Content-Length: 99999", b"Content-Length: 12", b"Content-Length: many"]
)
def test_a_wrong_length_costs_one_record(wrong: bytes, kind: str, tmp_path: Path) -> None:
    made = written(packed=False)
    at = made.starts[6]
    head, blank, rest = made.data[at:].partition(b"\r\n\r\n")
    lines = [wrong if line.startswith(b"Content-Length") else line for line in head.split(b"\r\n")]
    broken_one = b"\r\n".join(lines) + blank + rest[: made.starts[7] - at - len(head) - 4]
    if kind == "packed":
        parts = [made.data[a:b] for a, b in zip(made.starts, [*made.starts[1:], len(made.data)], strict=True)]
        parts[6] = broken_one
        data = b"".join(map(gzip.compress, parts))
        at = sum(len(gzip.compress(one)) for one in parts[:6])
    else:
        data = made.data[:at] + broken_one + made.data[made.starts[7] :]
    whole, broken = read(tmp_path / "a.warc", gzip.compress(data) if kind == "one stream" else data)
    assert numbers(whole) == [number for number in range(PAGES) if number != 6]
    assert len(broken) == 1
    assert sum(broken[0].place) == at


@pytest.mark.parametrize(
    ("field", "wrong", "named"),
    [
        ("Content-Length", "9" * 5000, "its Content-Length is '9999"),
        ("WARC-Date", "0001-01-01T00:00:00+14:00", "its WARC-Date is '0001-01-01T00:00:00+14:00'"),
        ("WARC-Date", "9999-12-31T23:59:59-14:00", "its WARC-Date is '9999-12-31T23:59:59-14:00'"),
    ],
)
def test_numbers_beyond_all_bounds_cost_one_record(
    field: str, wrong: str, named: str, kind: str, tmp_path: Path
) -> None:
    made = written(packed=False, pages=3)
    head, blank, rest = made.data[made.starts[1] :].partition(b"\r\n\r\n")
    lines = [f"{field}: {wrong}".encode() if line.startswith(field.encode()) else line for line in head.split(b"\r\n")]
    data = made.data[: made.starts[1]] + b"\r\n".join(lines) + blank + rest
    whole, broken = read(tmp_path / "a.warc", gzip.compress(data) if kind != "plain" else data)
    assert (numbers(whole), [sum(one.place) for one in broken]) == ([0, 2], [made.starts[1]])
    assert broken[0].reason.startswith(named)
    nobody = list(records(tmp_path / "a.warc", lambda *_: False))
    assert [type(one) for one in nobody] == [Record, Broken if field == "Content-Length" else Record, Record]


def plain_record(block: bytes, length: int | str) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://x/\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


def test_broken_records_deep_in_one_stream_are_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    more = Packed._more

    def counted(stream: Packed) -> bytes:
        taken.append(len(data := more(stream)))
        return data

    monkeypatch.setattr(Packed, "_more", counted)
    block = random.Random(1).randbytes(30_000)
    pair = plain_record(block, len(block)) + plain_record(block, "x") + plain_record(block, 20)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(pair * 100 + plain_record(b"last", 4), compresslevel=1))
    found = list(records(path, lambda *_: False))
    assert [type(one) for one in found] == [Record, Broken, Broken] * 100 + [Record]
    assert sum(taken) == path.stat().st_size


def test_lengths_beyond_the_end_are_not_read_to_the_end_each_time(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_on = []
    stream = Plain if kind == "plain" else Packed
    whole_read = stream.read

    def counted(one: Plain | Packed, size: int) -> bytes:
        read_on.append(len(data := whole_read(one, size)))  # type: ignore[arg-type]
        return data

    monkeypatch.setattr(stream, "read", counted)
    parts = [plain_record(bytes(30_000), 30_000), plain_record(bytes(10), 10**15)] * 60 + [plain_record(b"last", 4)]
    data = b"".join(map(gzip.compress, parts)) if kind == "packed" else b"".join(parts)
    path = tmp_path / "a.warc"
    path.write_bytes(gzip.compress(data) if kind == "one stream" else data)
    found = list(records(path, lambda *_: False))
    assert [type(one) for one in found] == [Record, Broken] * 60 + [Record]
    assert sum(read_on) < 2.1 * sum(map(len, parts))
    said = "another record begins" if kind == "packed" else "the file ends"
    assert {one.reason.partition(" within")[0] for one in found if isinstance(one, Broken)} == {said}


def test_memory_does_not_grow_with_what_lies_before_a_broken_record(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(3):
            file.write(plain_record(bytes(50_000_000), 50_000_000))
        file.write(plain_record(bytes(50_000_000), 49_999_999))
        file.write(plain_record(b"last", 4))
    tracemalloc.start()
    found = list(records(path, lambda *_: False))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(one) for one in found] == [Record] * 3 + [Broken, Record]
    assert most < 50_000_000


def test_what_is_no_warc_file_is_one_broken_stretch(tmp_path: Path) -> None:
    for data in (b"<html>" * 1000, random.Random(1).randbytes(300_000), b"\x28\xb5\x2f\xfd" + b"zstd" * 100):
        whole, broken = read(tmp_path / "a.warc.gz", data)
        assert whole == []
        assert [one.place.offset for one in broken] == [0]
    assert read(tmp_path / "empty.warc", b"") == ([], [])
