from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.running import REPOSITORY
from tests.storage import world

if TYPE_CHECKING:
    from pathlib import Path


def status(folder: Path, *args: str, columns: int = 200) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "scrapy", "status", *args]
    environment = {**os.environ, "SABAH_OUTPUT_DIR": str(folder), "COLUMNS": str(columns)}
    return subprocess.run(command, cwd=REPOSITORY, env=environment, text=True, capture_output=True, timeout=60)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    store = world.begin(tmp_path / "output", 20, 2)
    world.crawl(store)
    store.close("ok", "3 of 3", {"fetch/failed": 1})
    return tmp_path / "output"


def test_tables_for_a_person(dataset: Path) -> None:
    store = world.begin(dataset, 20, 5)
    store.store(world.listing(0, 13)).result()
    store.claim(1).result()
    done = status(dataset)
    store.close("interrupted")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("9 articles, 9 revisions, 1 refusals, 11 snapshots\n")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["known", "9"] in lines
    assert ["pending", "1"] in lines
    assert ["claimed", "by", "a", "run", "now", "1"] in lines
    assert ["world", "9", "1", "10", "1"] in lines
    assert any(line[-1:] == ["running"] for line in lines)
    assert any(line[-4:] == ["ok", "3", "of", "3"] for line in lines)
    assert any(line[:1] == [world.url(12)] for line in lines)


def test_json_for_machines(dataset: Path) -> None:
    done = status(dataset, "--json", "--runs", "1", "--oldest", "0")
    summary = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert summary["articles"] == 9
    assert summary["states"] == {
        "known": 10,
        "pending": 0,
        "done": 10,
        "refused": 1,
        "failed": 0,
        "gone": 0,
        "forgotten": 0,
    }
    assert summary["oldest_pending"] == []
    (run,) = summary["runs"]
    assert (run["verdict"], run["reason"], run["articles"], run["pages"]) == ("ok", "3 of 3", 9, 11)
    assert (run["arguments"], run["counts"]) == ({"size": 20, "depth": 2}, {"fetch/failed": 1})


def test_narrow_terminal_loses_nothing(dataset: Path) -> None:
    assert "verdict" in status(dataset, columns=100).stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("all",), "status: unexpected argument 'all'; usage: scrapy status [--json]"),
        (("--runs", "few"), "status: --runs 'few': must be a whole number from 0"),
        (("--runs", "9" * 5000), "9': must be a whole number from 0 to 999999999999999999"),
        (("--last", "3"), "status: --last is for --changes"),
        (("--changes", "--runs", "3"), "status: --runs is not for --changes"),
        (("--changes", "--oldest", "3"), "status: --oldest is not for --changes"),
        (("--bogus",), "status: unknown option '--bogus'; valid are"),
        (("-s", "OUTPUT_DIR="), "status: OUTPUT_DIR is empty"),
        ((), "holds no dataset yet; a crawl makes one, OUTPUT_DIR names another folder"),
    ],
)
def test_usage(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    done = status(tmp_path / "nothing", *args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_ledger_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no ledger " * 1000)
    done = status(tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (15, "", 1)
    assert "the ledger is damaged" in done.stderr
