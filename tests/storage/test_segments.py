from __future__ import annotations

import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import orjson
import pytest

from sabah.items import Article, Image, Refusal
from sabah.storage.segments import LineFile, check_writable, read_lines, to_line
from tests.records import record

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


def test_a_file_is_made_with_its_first_line_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "articles" / "run.jsonl"
    for lines in ([b"1\n", b"2\n"], [b"3\n"]):
        file = LineFile(path)
        assert path.exists() is (lines == [b"3\n"])
        for line in lines:
            file.append(line)
        file.close()
        file.close()
    assert path.read_bytes() == b"1\n2\n3\n"


def test_a_torn_line_stays_alone(tmp_path: Path) -> None:
    path = tmp_path / "rejected.jsonl"
    path.write_bytes(b'{"a":1}\n{"b"')
    file = LineFile(path)
    file.append(b'{"c":3}\n')
    file.close()
    assert path.read_bytes() == b'{"a":1}\n{"b"\n{"c":3}\n'


def test_segments_are_read_oldest_first_and_torn_lines_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "20260102T000000Z-aaaaaa.jsonl").write_bytes(b'{"n":3}\n{"n":')
    (tmp_path / "20260101T000000Z-ffffff.jsonl").write_bytes(b'{"n":1}\n{"n":2}\n')
    assert list(read_lines(tmp_path)) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert "20260102T000000Z-aaaaaa.jsonl:2: not a whole record" in caplog.text
    assert list(read_lines(tmp_path / "none")) == []


FILL = """
import sys
from pathlib import Path
from sabah.storage.segments import LineFile
file = LineFile(Path(sys.argv[1]))
line = b"x" * 999 + b"\\n"
try:
    for _ in range(100):
        file.append(line)
except OSError as error:
    print(error)
"""


def test_where_no_more_fits_the_last_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_500, 10_500))

    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, preexec_fn=small_files, check=True
    )
    assert "took 500 of 1000 bytes" in done.stdout
    assert path.read_bytes() == (b"x" * 999 + b"\n") * 10


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
