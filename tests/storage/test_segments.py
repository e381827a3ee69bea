from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs
import orjson
import pytest

from sabah.items import Article, Image, Refusal
from sabah.storage.lines import check_writable, from_line, read_lines, to_line
from tests.records import old_line, record

if TYPE_CHECKING:
    from pathlib import Path


def test_a_line_is_the_record_in_the_order_of_its_fields() -> None:
    line = to_line(record(images=[Image(url="https://i/1.jpg", credit="AP")]))
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert "Türkiye".encode() in line
    values = orjson.loads(line)
    assert list(values) == [field.name for field in attrs.fields(Article)]
    assert values["images"] == [{"url": "https://i/1.jpg", "caption": None, "credit": "AP"}]


def test_a_refusal_is_a_line_too() -> None:
    refusal = Refusal(url="https://www.dailysabah.com/world/one/news", reason="no date", status=200)
    assert orjson.loads(to_line(refusal)) == attrs.asdict(refusal)


def test_segments_are_read_oldest_first_and_torn_lines_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "20260102T000000Z-aaaaaa.jsonl").write_bytes(b'{"n":3}\n{"n":')
    (tmp_path / "20260101T000000Z-ffffff.jsonl").write_bytes(b'{"n":1}\n{"n":2}\n')
    assert list(read_lines(tmp_path)) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert "20260102T000000Z-aaaaaa.jsonl:2: not a whole record" in caplog.text
    assert list(read_lines(tmp_path / "none")) == []


def test_check_writable(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folders")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="file is no folder"):
        check_writable(tmp_path / "file" / "output")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_check_writable_sees_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        check_writable(tmp_path / "output")


@pytest.mark.parametrize(
    "line", [b"{}\n", b"[]\n", b"null\n", b"7\n", b'{"images": 7}\n', b'{"images": []}\n', b"{\n", b""]
)
def test_a_line_that_is_no_record(line: bytes) -> None:
    with pytest.raises(ValueError, match="no record"):
        from_line(line)


def test_a_line_of_version_1_is_a_record_of_today() -> None:
    one = record(withdrawn_at="2026-11-01T08:00:00+00:00", revision=2)
    assert from_line(old_line(to_line(one))) == one
    assert orjson.loads(to_line(from_line(old_line(to_line(one)))))["schema_version"] == 2


def test_a_line_of_a_newer_sabah_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="schema version 3"):
        from_line(to_line(record()).replace(b'"schema_version":2', b'"schema_version":3'))
