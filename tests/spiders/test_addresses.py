from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sabah.site.selection import ArgumentError
from sabah.spiders.arguments import parse_address_arguments
from tests.running import REPOSITORY, SITE, SmallSite, article, command, crawl, environment, memory_of

if TYPE_CHECKING:
    from tests.running import Crawl

LINES = f"""\ufeff{SITE}/world/one/news\r
# a comment\r
\r
http://dailysabah.com/world/one/news/amp\r
 {SITE}/world/two/news?utm_source=x \r
{SITE}/world\r
nonsense\r
https://example.org/world/three/news"""


def test_lines_that_are_no_article_are_reported_and_skipped(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_bytes(LINES.encode())
    pages = {"/world/one/news": article("One", links=[f"{SITE}/world/four/news"]), "/world/two/news": article("Two")}
    with SmallSite(pages) as site:
        done = crawl("addresses", "-a", f"file={file}", output=tmp_path / "output", origin=site.origin)
    assert done.code == 0, done.err
    assert done.addresses == {f"{SITE}/world/one/news", f"{SITE}/world/two/news"}
    assert sorted(site.asked) == ["/robots.txt", "/world/one/news", "/world/two/news"]
    assert all(record["found_on"] is None for record in done.articles)
    for number, text in ((6, f"{SITE}/world"), (7, "nonsense"), (8, "https://example.org/world/three/news")):
        assert f"{file}:{number}: not the address of an article: {text}" in done.err
    assert done.err.count("not the address of an article") == 3


def test_standard_input(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One")}) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=LINES)
    assert done.addresses == {f"{SITE}/world/one/news"}
    assert "standard input:7: not the address of an article: nonsense" in done.err


def test_a_long_list_is_read_as_it_is_needed(tmp_path: Path) -> None:
    paths = [f"/world/article-{number}/news" for number in range(300)]
    with SmallSite({path: article(path) for path in paths}) as site:
        lines = "".join(f"{SITE}{path}\n" for path in paths)
        done = crawl("addresses", "-a", "file=-", "-a", "limit=20", output=tmp_path, origin=site.origin, stdin=lines)
    assert done.code == 0, done.err
    assert len(done.articles) == 20
    assert len(site.asked) < 60


def test_a_list_without_any_article_is_no_success(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin="nonsense\n")
    assert done.code == 13
    assert done.verdict.startswith("source_empty: no source gave the address of an article")
    assert site.asked == []


def _crawled(lines: bytes, tmp_path: Path, *settings: str) -> Crawl:
    (file := tmp_path / "urls.txt").write_bytes(lines)
    with SmallSite({"/world/one/news": article("One"), "/world/two/news": article("Two")}) as site:
        return crawl(
            "addresses", "-a", f"file={file}", output=tmp_path / "output", origin=site.origin, settings=settings
        )


ONE, TWO = f"{SITE}/world/one/news", f"{SITE}/world/two/news"


def test_bad_lines_are_counted_after_the_fifth(tmp_path: Path) -> None:
    """As of a file that was named by mistake: /etc/passwd stood in a job's log."""
    lines = "".join(f"user{number}:x:{number}:0::/home:/bin/sh\n" for number in range(1, 40))
    done = _crawled(f"{lines}{ONE}\n".encode(), tmp_path)
    assert (done.code, done.addresses) == (0, {ONE}), done.err
    assert done.err.count("not the address of an article: user") == 5
    assert "34 more lines are not the address of an article" in done.err
    assert "user6:" not in done.err


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"\x1b[2J\x1b]0;title\x07hidden", "\ufffd[2J\ufffd]0;title\ufffdhidden"),
        (b"one\rtwo", "one\ufffdtwo"),
        (b"SECRET=1\0OTHER=2", "SECRET=1\ufffdOTHER=2"),
        ("\u202egnp.exe\u2028next".encode(), "\ufffdgnp.exe\ufffdnext"),
        (b"\xff\xfe\x9b31m", "\ufffd\ufffd\ufffd31m"),
        (b"x" * 1000, "x" * 200 + "…"),
    ],
)
def test_bad_lines_are_shown_without_control_characters(line: bytes, shown: str, tmp_path: Path) -> None:
    done = _crawled(line + b"\n" + ONE.encode(), tmp_path)
    assert done.addresses == {ONE}
    assert f"urls.txt:1: not the address of an article: {shown}\n" in done.err


@pytest.mark.parametrize("ending", [b"", b"?x=", b"\t", b" #"])
def test_a_line_that_is_too_long_is_no_address(ending: bytes, tmp_path: Path) -> None:
    lines = ONE.encode() + ending + b"a" * 200_000 + b"\n" + TWO.encode()
    done = _crawled(lines, tmp_path)
    assert done.addresses == {TWO}
    assert f"urls.txt:1: longer than 65536 bytes (ADDRESS_LINE_MAXSIZE), begins {ONE}" in done.err
    assert len(done.err) < 10_000


def test_a_line_as_long_as_it_may_be(tmp_path: Path) -> None:
    longest = ONE + "?" + "a" * (100)
    done = _crawled(f"{longest}\n{TWO}\n".encode(), tmp_path, "-s", f"ADDRESS_LINE_MAXSIZE={len(longest)}")
    assert done.addresses == {ONE, TWO}


def test_a_file_that_is_too_long_is_read_as_far_as_it_may_be(tmp_path: Path) -> None:
    lines = f"{ONE}\n" + "# comment\n" * 100 + f"{TWO}\n"
    done = _crawled(lines.encode(), tmp_path, "-s", "ADDRESS_FILE_MAXSIZE=500")
    assert (done.code, done.addresses) == (10, {ONE}), done.err
    assert "urls.txt: longer than 500 bytes (ADDRESS_FILE_MAXSIZE); the rest is not read" in done.err
    assert done.verdict.startswith("partial: the list of addresses is longer than ADDRESS_FILE_MAXSIZE and was not read to its end")  # fmt: skip


def test_standard_input_without_end(tmp_path: Path) -> None:
    """`/dev/zero` took 8.8 GB."""
    places = ("-s", f"OUTPUT_DIR={tmp_path / 'output'}", "-s", "SITE_ORIGIN=http://127.0.0.1:9", "-s", "ADDRESS_FILE_MAXSIZE=100000000")  # fmt: skip
    most = memory_of(tmp_path)
    with Path("/dev/zero").open("rb") as zeros:
        done = subprocess.run(
            command("addresses", "-a", "file=-", *places), cwd=REPOSITORY, env=environment(PYTHONPATH=str(tmp_path)),
            stdin=zeros, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert "standard input: longer than 100000000 bytes (ADDRESS_FILE_MAXSIZE)" in done.stderr
    assert done.returncode == 13, done.stderr
    assert most() < 200_000


@pytest.mark.parametrize(
    "kind", ["/dev/zero", "/dev/tty", "/proc/self/mem", "fifo", "folder", "socket", "link to a device", "a\0b"]
)
def test_what_is_no_file_is_refused_before_the_run(kind: str, tmp_path: Path) -> None:
    path = Path(kind) if kind.startswith("/") else tmp_path / kind
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link to a device":
        path.symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as one, contextlib.chdir(tmp_path):
        if kind == "socket":
            one.bind("socket")
        with pytest.raises(
            ArgumentError, match=r"(?s)^file=.*: (is no regular file; - reads standard input|cannot be read \(.*\))$"
        ):
            parse_address_arguments({"file": str(path)})
