from __future__ import annotations

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests import forked
from tests.dataset import made
from tests.dataset.conftest import article
from tests.dataset.in_process import scrapy
from tests.running import REPOSITORY, SmallSite, crawl, environment, listing
from tests.running import article as page
from tests.scrapyd import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica


INTERRUPTED = "export: interrupted; what was begun is undone or ended, by the next start at the latest\n"


def command(*args: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "scrapy", *args]


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = environment(SABAH_OUTPUT_DIR=str(folder))
    return forked.run(command(*args), cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.dataset(tmp_path_factory.mktemp("export"), [article("one"), article("two")])


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "export: give one NAME; usage: scrapy export NAME [options]"),
        (("../up",), "export: '../up': a name is letters, digits"),
        (("x", "--format", "jsonl,xml"), "export: --format 'xml': must be of jsonl, jsonl.zst, csv, parquet, sqlite, hf"),
        (("x", "--since", "yesterday"), "export: since='yesterday': must be a date like 2021-09-14"),
        (("x", "--section", "wrold"), "export: unknown section 'wrold' (did you mean 'world'?)"),
        (("x", "--shard-size", "0"), "export: --shard-size '0': must be a whole number from 1 to "),
        (("x", "--duplicates", "no"), "export: --duplicates 'no': must be flag or keep or drop"),
        (("x", "--shard-size", "9" * 5000), "export: --shard-size '9999"),
        (("x", "--keyword", "a,\udcff"), "export: --keyword 'a,\\udcff': is not UTF-8\n"),
        (("x", "--keyword", " , "), "export: --keyword is empty"),
        (("x", "--replace=1"), "export: argument --replace: takes no value, was given '1'"),
        (("x", "--bogus"), "export: unknown option '--bogus'"),
    ],
)  # fmt: skip
def test_usage(dataset: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], said: str) -> None:
    assert scrapy(dataset, "export", *args) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(said)
    assert not (dataset / "exports" / "x").exists()


def test_usage_as_the_shell_sees_it(dataset: Path, tmp_path: Path) -> None:
    done = run(dataset, "export", "x", "--revisions", "some")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "export: --revisions 'some': must be latest or all\n"
    assert scrapy(tmp_path, "export", "x") == 2
    assert list(tmp_path.iterdir()) == []


def test_one_line_and_a_name_that_is_taken(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(dataset, "export", "mine", "--format", "jsonl,csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"export: 2 records in 2 files, 0.0 MB: {dataset}/exports/mine\n"
    assert scrapy(dataset, "export", "mine") == 1
    said = f"export: {dataset}/exports/mine is there already; --replace takes its place\n"
    assert capsys.readouterr() == ("", said)
    assert scrapy(dataset, "export", "mine", "--replace") == 0


@pytest.mark.parametrize("options", [(), ("--replace",)])
def test_a_name_that_no_export_has(dataset: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    (dataset / "exports").mkdir(exist_ok=True)
    (dataset / "exports" / "other").touch()
    assert scrapy(dataset, "export", "other", *options) == 1
    said = f"export: {dataset}/exports/other is no export (a folder with a manifest.json): it is left alone, give another NAME or move it away\n"
    assert capsys.readouterr() == ("", said)
    assert not (dataset / "exports" / ".other.partial").exists()


def test_interrupted_with_a_progress_bar(tmp_path: Path) -> None:
    """At a terminal, so that the bar is drawn; enough records that the signal comes in time."""
    output = made.dataset(tmp_path, [article(f"n-{n}", body=f"Some words {n}. " + "Long" * 6000) for n in range(600)])
    ours, theirs = pty.openpty()
    env = environment(SABAH_OUTPUT_DIR=str(output), TERM="xterm", COLUMNS="100")
    with subprocess.Popen(
        command("export", "cut", "--format", "sqlite"), cwd=REPOSITORY, env=env, stderr=theirs, stdout=theirs
    ) as process:
        os.close(theirs)
        wait_until(
            lambda: list((output / "exports").glob(".cut.partial/articles.sqlite")), "the file is begun", pause=0.01
        )
        process.send_signal(signal.SIGINT)
        said = b""
        while process.poll() is None or not said.endswith(b"\n"):
            try:
                said += os.read(ours, 65536)
            except OSError:
                break
        assert process.wait(60) == 14
    os.close(ours)
    assert any(stage in said for stage in (b"choosing", b"near-duplicates", b"writing")), said
    assert b"export: interrupted" in said
    assert list((output / "exports").iterdir()) == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_before_it_begins(dataset: Path, sent: signal.Signals) -> None:
    """As soon as the command runs, while it still imports what it needs."""
    asked = [sys.executable, "-W", "error", "-c", STOPPED_AT_ONCE.format(sent=sent.value), "export", "early"]
    env = environment(SABAH_OUTPUT_DIR=str(dataset))
    done = subprocess.run(asked, cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (14, INTERRUPTED)
    assert not list((dataset / "exports").glob("*early*"))


STOPPED_AT_ONCE = """
import os, sys
from importlib.abc import MetaPathFinder
from scrapy.cmdline import execute

class Stop(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "sabah.dataset.export":
            os.kill(os.getpid(), {sent})

sys.meta_path.insert(0, Stop())
execute()
"""


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough bytes that an export takes seconds to write; of few words, over which near-duplicates would take longer."""
    folder = tmp_path_factory.mktemp("big")
    return made.dataset(folder, [article(f"n-{n}", body=f"Some words {n}. " + f"Long{n}" * 8000) for n in range(1500)])


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("parquet", signal.SIGINT), ("hf", signal.SIGTERM), ("jsonl.zst", signal.SIGINT),
        *(pytest.param(*one, marks=pytest.mark.thorough) for one in (("parquet", signal.SIGTERM), ("hf", signal.SIGINT), ("jsonl.zst", signal.SIGTERM))),
    ],
)  # fmt: skip
def test_interrupted_while_it_writes(big: Path, form: str, sent: signal.Signals) -> None:
    asked = command("export", "cut", "--format", form)
    env = environment(SABAH_OUTPUT_DIR=str(big))
    with subprocess.Popen(asked, cwd=REPOSITORY, env=env, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: _bytes_in(big / "exports" / ".cut.partial"), "something is written", pause=0.005)
        process.send_signal(sent)
        said = process.communicate(timeout=60)[1]
    assert (process.returncode, said) == (14, INTERRUPTED)
    assert list((big / "exports").iterdir()) == []


def _bytes_in(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.rglob("*.[jp]*") if path.is_file())
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize("form", ["parquet", "hf", "sqlite", "jsonl.zst", "csv"])
def test_no_room_left(tmp_path: Path, form: str) -> None:
    output = made.dataset(tmp_path, [article(f"n-{n}", body=os.urandom(30_000).hex()) for n in range(20)])
    asked = ["sh", "-c", 'ulimit -f 800; exec "$@"', "sh", *command("export", "cut", "--format", form)]
    env = environment(SABAH_OUTPUT_DIR=str(output))
    done = subprocess.run(asked, cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr.count("\n")) == (15, 1), done.stderr
    assert "exports/.cut.partial" in done.stderr
    assert list((output / "exports").iterdir()) == []


DAMAGE = {
    "no-json": (b'"headline":"', b'"headline":('),
    "no-utf8": (b"Words", b"Wor\xffs"),
    "no-time": (b'"published_at":"2', b'"published_at":"x'),
    "no-field": (b'"reader_version":', b'"reader-version":'),
    "no-line": (b'{"url"', b"\x00\x00\x00\x00\x00\x00"),
}


LINES, TABLE, RECORDS, REPORT = (
    ("export", "x"), ("export", "x", "--format", "parquet"), ("export", "x", "--format", "sqlite,csv", "--keyword", "word"), ("report",)
)  # fmt: skip


@pytest.mark.parametrize(
    ("damage", "args"),
    [
        *((damage, args) for damage in ("no-json", "no-utf8", "no-line") for args in (LINES, TABLE, RECORDS, REPORT)),
        *(("no-field", args) for args in (LINES, TABLE, RECORDS)),
        *(("no-time", args) for args in (TABLE, REPORT)),  # a text elsewhere, which goes over as it is
    ],
)
def test_a_damaged_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], damage: str) -> None:
    output = made.dataset(tmp_path, [article(name, headline="Words", keywords=["word"]) for name in "abc"])
    file = output / "articles" / f"{made.RUN}.jsonl"
    first, second, third = file.read_bytes().splitlines(keepends=True)
    broken = second.replace(*DAMAGE[damage], 1)
    assert len(broken) == len(second) != 0
    assert broken != second
    file.write_bytes(first + broken + third)
    assert scrapy(output, *args) == 15
    said = f"{args[0]}: {file}: the line at byte {len(first)} is damaged. Start a crawl with -s DEEP_REPAIR=True: it makes it good.\n"
    assert capsys.readouterr() == ("", said)
    assert not list(output.glob("exports/*")) + list(output.glob("exports/.*")) + list(output.glob(".report*"))


@pytest.mark.parametrize("args", [("export", "x"), ("report",)])
def test_a_file_that_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]) -> None:
    output = made.dataset(tmp_path, [article("one"), article("two")])
    file = output / "articles" / f"{made.RUN}.jsonl"
    file.unlink()
    assert scrapy(output, *args) == 15
    said = f"{args[0]}: {file}: bytes that were stored are missing. Start a crawl: it makes them good.\n"
    assert capsys.readouterr() == ("", said)


def test_no_room_left_for_the_choice(tmp_path: Path) -> None:
    """The ledger is only read: what cannot be written is named."""
    output = made.dataset(tmp_path, [article(f"a-very-long-name-of-an-article-{n:0100}") for n in range(300)])
    asked = ["sh", "-c", 'ulimit -f 70; exec "$@"', "sh", *command("export", "cut")]
    env = environment(SABAH_OUTPUT_DIR=str(output))
    done = subprocess.run(asked, cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr.count("\n")) == (15, 1), done.stderr
    assert done.stderr.startswith(
        f"export: {output}/exports/.cut.partial/.work.sqlite: the disk refused to read or write"
    )


@pytest.mark.parametrize("args", [("export", "x"), ("report",)])
def test_a_damaged_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]) -> None:
    """Wherever the damage is: SQLite finds it in whatever it reads first of it."""
    output = made.dataset(tmp_path / "whole", [article(f"n-{n}") for n in range(300)])
    whole = (output / "ledger.sqlite").read_bytes()
    said = set()
    for number in range(1, len(whole) // 4096):
        (output / "ledger.sqlite").write_bytes(whole[: number * 4096] + b"\xa5" * 4096 + whole[(number + 1) * 4096 :])
        if (left := scrapy(output, *args, *(["--replace"] if "x" in args else []))) != 0:
            assert left == 15
            said.add(capsys.readouterr().err.partition(" (")[0])
    assert said == {f"{args[0]}: {output}/ledger.sqlite: the ledger is damaged"}


def test_beside_a_living_crawl(replica: Callable[..., Replica], tmp_path: Path) -> None:
    origin = replica(articles=300, seed=5, latency=0.1).origin
    asked = (
        "crawl",
        "section",
        "-a",
        "sections=all",
        "-s",
        f"SITE_ORIGIN={origin}",
        "-s",
        "DOWNLOAD_DELAY=0",
        "-s",
        "CONCURRENT_REQUESTS_PER_DOMAIN=2",
    )
    env = environment(SABAH_OUTPUT_DIR=str(tmp_path))
    with subprocess.Popen(command(*asked), cwd=REPOSITORY, env=env, stderr=subprocess.DEVNULL) as process:
        rows: list[int] = []
        while process.poll() is None and (len(rows) < 3 or rows[-1] == 0):
            time.sleep(0.5)
            if scrapy(tmp_path, "export", "now", "--replace") == 0:
                lines = (tmp_path / "exports" / "now" / "articles.jsonl").read_bytes().splitlines()
                rows.append(len({json.loads(line)["url"] for line in lines}))
                assert rows[-1] == len(lines)
        process.send_signal(signal.SIGINT)
    assert rows == sorted(rows)
    assert rows[-1] > 0
    assert scrapy(tmp_path, "export", "now", "--replace") == 0


def test_hostile_text_from_page_to_export_and_report(tmp_path: Path) -> None:
    headline = "=cmd|' /C calc'!A0 &lt;script&gt;alert(1)&lt;/script&gt; &#27;[2J &#xD800; &#0; end"
    metadata = '<meta name="description" content="&#xDFFF;@SUM(1)"><script type="application/ld+json">{"@type": "NewsArticle", "keywords": ["\\ud800x", "-1"]}</script>'
    hostile = page(headline, body="\x1b[31m+1 &#xD83D; \\n").replace("</head>", f"{metadata}</head>")
    with SmallSite({"/world": listing("/world/hostile/news"), "/world/hostile/news": hostile}) as site:
        done = crawl("section", "-a", "sections=world", "-a", "related=0", output=tmp_path, origin=site.origin)
    assert len(done.articles) == 1, done.err
    assert "\x1b" not in done.err
    assert scrapy(tmp_path, "export", "hostile", "--format", "jsonl,csv,parquet,sqlite") == 0
    folder = tmp_path / "exports" / "hostile"
    (row,) = csv.DictReader((folder / "articles.csv").read_bytes().decode().splitlines(keepends=True))
    assert row["headline"].startswith("'=cmd")
    for path in (*folder.glob("*.csv"), *folder.glob("*.jsonl"), folder / "README.md"):
        assert not any(one in path.read_bytes() for one in (b"\x1b", b"\x00"))
    assert scrapy(tmp_path, "report") == 0
    assert "<script>alert" not in (tmp_path / "report.html").read_text("utf-8")


def test_report(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(dataset, "report")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"report: {dataset}/report.html\n", "")
    assert scrapy(dataset, "report", "more") == 2
    assert capsys.readouterr().err == "report: unexpected argument 'more'; usage: scrapy report [--open]\n"
