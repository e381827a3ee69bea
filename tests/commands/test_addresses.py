from __future__ import annotations

import gzip
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import forked
from tests.running import REPOSITORY, SITE, environment

if TYPE_CHECKING:
    from pathlib import Path

ONE, OLD, COLUMN = f"{SITE}/world/europe/one", f"{SITE}/turkey/2016/01/12/old", f"{SITE}/opinion/columns/a-column"
CDX = f"""\
com,dailysabah)/world/europe/one 20210101000000 {ONE} text/html 200 AAAA 27000
com,dailysabah)/world/europe/one 20220101000000 http://dailysabah.com:80/world/europe/one?utm_source=x text/html 200 AAAA 27000
com,dailysabah)/world/europe/one/amp 20230101000000 {ONE}/amp warc/revisit - AAAA 500
com,dailysabah)/world/europe/one 20240101000000 {ONE} text/html 404 AAAA 27000
com,dailysabah)/turkey/2016/01/12/old 20170203040506 {OLD} text/html 200 AAAA 27000
com,dailysabah)/turkey 20170203040506 {SITE}/turkey text/html 200 AAAA 27000
dns:www.dailysabah.com 20170203040506 dns:www.dailysabah.com text/dns - AAAA 60
com,dailysabah)/world/gone 20170203040506 {SITE}/world/gone/news text/html 301 AAAA 300
"""
CDXJ = f"""\
com,dailysabah)/opinion/columns/a-column 20190101000000 {{"url": "{COLUMN}", "mime": "text/html", "status": "200", "digest": "A"}}
com,dailysabah)/world/europe/one 20200101000000 {{"url": "{ONE}", "mime": "text/html", "status": "200"}}
"""
LIST = f"{COLUMN}\t20190101000000\n{OLD}\t20170203040506\n{ONE}\t20210101000000\n"


def addresses(*args: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = forked.run(
        [sys.executable, "-W", "error", "-m", "scrapy", "addresses", *map(str, args)],
        cwd=REPOSITORY,
        env=environment(),
        input=stdin,
        capture_output=True,
        timeout=60,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    plain, packed = tmp_path / "wayback.cdx", tmp_path / "cc.cdxj"
    plain.write_text(CDX)
    half = len(CDXJ) // 2
    packed.write_bytes(gzip.compress(CDXJ[:half].encode()) + gzip.compress(CDXJ[half:].encode()))
    return [plain, packed]


def test_one_line_an_address_with_its_last_whole_capture(files: list[Path]) -> None:
    done = addresses(*files)
    assert (done.returncode, done.stdout) == (0, LIST), done.stderr
    assert "3 addresses, 10 lines, 3 captures of redirects, errors and files, 1 of other pages, 0 of articles not asked for, 0 bad lines" in done.stderr  # fmt: skip
    table = [line.split() for line in done.stderr.splitlines()]
    assert ["year", "article", "column", "all"] in table
    assert ["2016", "1", "0", "1"] in table


def test_an_article_captured_only_under_another_address_says_so() -> None:
    line = "com,dailysabah)/x 20210101000000 {} text/html 200 AAAA 27000\n"
    text = line.format(f"{ONE}/amp") + line.format(f"{ONE}?page=2")
    done = addresses("-", stdin=text.encode())
    assert done.stdout == f"{ONE}\t20210101000000\t{ONE}?page=2\n", done.stderr


def test_standard_input_header_lines_and_other_orders_of_fields() -> None:
    text = f" CDX a b m s k\n{ONE} 20210101000000 text/html 200 AAAA\n"
    done = addresses("-", stdin=gzip.compress(text.encode()))
    assert (done.returncode, done.stdout) == (0, f"{ONE}\t20210101000000\n"), done.stderr


def test_filters(files: list[Path]) -> None:
    for options, wanted in (
        (("--kind", "column"), [COLUMN]),
        (("--section", "world,opinion"), [COLUMN, ONE]),
        (("--section", "investigations"), []),
        (("--since", "2019-01-01"), [COLUMN, ONE]),
        (("--since", "2020-01-02"), []),
        (("--until", "2016-01-11"), [COLUMN, ONE]),
    ):
        done = addresses(*files, *options)
        assert done.returncode == 0, done.stderr
        assert [line.split("\t")[0] for line in done.stdout.splitlines()] == wanted, options


def test_bad_lines_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "index"
    file.write_text(CDX + "nonsense\n" + "x 2021 y text/html 200 A 1\n" * 7 + 'x 20210101000000 {"url"\n')
    done = addresses(file)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2), done.stderr
    assert f"addresses: bad line {file}:9: 1 fields instead of 7 to 11" in done.stderr
    assert f"addresses: bad line {file}:10: '2021' is no time of 14 digits" in done.stderr
    assert "addresses: and 4 more bad lines" in done.stderr
    assert "9 bad lines" in done.stderr


def test_a_line_without_end_is_a_bad_line_and_takes_no_memory(tmp_path: Path) -> None:
    """`/dev/zero`, or a file that is no index, is one line of any length; what stands behind it is read."""
    file = tmp_path / "index"
    file.write_bytes(b"x" * 300_000 + b"\n" + CDX.encode() + b"\0" * 200_000)
    packed = tmp_path / "index.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    for one in (file, packed):
        done = addresses(one)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 2), done.stderr
        assert "2 bad lines" in done.stderr
        assert max(map(len, done.stderr.splitlines())) < 500


def test_a_damaged_file_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    file, out = tmp_path / "index.gz", tmp_path / "list"
    file.write_bytes(gzip.compress(CDX.encode() * 50)[:-20])
    out.write_text("as before")
    done = addresses(file, "--output", out)
    assert (done.returncode, done.stdout, out.read_text()) == (1, "", "as before")
    assert done.stderr.startswith(f"addresses: {file}: is damaged or cut off (")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.gz", "list"]


def test_output_is_written_whole(files: list[Path], tmp_path: Path) -> None:
    done = addresses(*files, "--output", tmp_path / "list")
    assert (done.returncode, done.stdout, (tmp_path / "list").read_text()) == (0, "", LIST)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "name an index file, or - for standard input"),
        (("nowhere.cdx",), "nowhere.cdx: No such file or directory"),
        (("-", "-"), "standard input can be read once"),
        (("-", "--kind", "novel"), "--kind 'novel': must be of article"),
        (("-", "--section", "wrld"), "unknown section 'wrld' (did you mean 'world'?)"),
        (("-", "--since", "yesterday"), "since='yesterday': must be a date"),
        (("-", "--output", "/nowhere/list"), "--output '/nowhere/list': its folder cannot be written"),
    ],
)
def test_usage(args: tuple[str, ...], message: str) -> None:
    done = addresses(*args)
    assert done.returncode == 2
    assert done.stderr.startswith(f"addresses: {message}"), done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_is_no_index_at_all() -> None:
    done = addresses("-", stdin=b"<html>\n<body>\n")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "addresses: no line is one of an index file (CDX or CDXJ)"
