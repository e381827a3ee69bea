from __future__ import annotations

import json
import os
import re
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sabah.storage.ledger import Ledger
from sabah.storage.locks import UnderWay
from sabah.storage.store import Store
from tests import forked
from tests.running import REPOSITORY
from tests.storage import world

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path


def status(folder: Path, *args: str, columns: int = 200) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "scrapy", "status", *args]
    environment = {**os.environ, "SABAH_OUTPUT_DIR": str(folder), "COLUMNS": str(columns)}
    return forked.run(command, cwd=REPOSITORY, env=environment, text=True, capture_output=True, timeout=60)


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
        "dropped": 0,
        "failed": 0,
        "gone": 0,
        "forgotten": 0,
    }
    assert summary["oldest_pending"] == []
    (run,) = summary["runs"]
    assert (run["verdict"], run["reason"], run["articles"], run["pages"]) == ("ok", "3 of 3", 9, 11)
    assert (run["arguments"], run["counts"]) == ({"size": 20, "depth": 2}, {"fetch/failed": 1})


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Path]:
    """A job that failed, a run by hand, a job that is running, one that stood back for it, one that died."""
    folder = tmp_path / "output"

    def begin(scope: str, job: str | None, **arguments: str) -> Store:
        given = arguments | ({} if job is None else {"_job": job})
        return Store.open(
            folder, spider="section", arguments=given, scope=scope, follow=lambda *_: None, crawl_id=f"run-{scope}-{job}", job=job
        )  # fmt: skip

    begin("world", "first", sections="world").close("partial", "some pages failed")
    begin("world", None, sections="world").close("ok")
    begin("sports", "third", sections="sports").close("ok")
    running = begin("all", "second" * 5, sections="all", limit="3")
    with closing(Ledger.open(folder)) as ledger:
        ledger.run("UPDATE runs SET ended_at = NULL, verdict = NULL, reason = NULL WHERE job = 'third'")
    with pytest.raises(UnderWay):
        begin("all", "fourth", sections="all")
    yield folder
    running.close("ok")


def test_jobs_for_a_person(jobs: Path) -> None:
    done = status(jobs, "--jobs", columns=40)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [re.sub(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00", "TIME", line) for line in done.stdout.splitlines()]
    assert lines == [
        "no_new  section sections=all",
        "  TIME to TIME, 0 articles, job fourth",
        f"  this job is under way already (job {'second' * 5}, run run-all-{'second' * 5})",
        "running  section limit=3 sections=all",
        f"  TIME to not ended, 0 articles, job {'second' * 5}",
        "died  section sections=sports",
        "  TIME to not ended, 0 articles, job third",
        "partial  section sections=world",
        "  TIME to TIME, 0 articles, job first",
        "  some pages failed",
    ]


def test_jobs_for_machines(jobs: Path) -> None:
    done = status(jobs, "--jobs", "--json", "--last", "2")
    assert (done.returncode, done.stderr) == (0, "")
    stood_back, running = (json.loads(line) for line in done.stdout.splitlines())
    assert (stood_back["job"], stood_back["verdict"], stood_back["spider"]) == ("fourth", "no_new", "section")
    assert stood_back["reason"].startswith("this job is under way already (job secondsecond")
    assert stood_back["started_at"] <= stood_back["ended_at"]
    assert stood_back["arguments"] == {"sections": "all", "_job": "fourth"}
    assert (running["verdict"], running["ended_at"], running["articles"]) == ("running", None, 0)


def test_no_jobs(dataset: Path) -> None:
    assert status(dataset, "--jobs").stdout == "No job so far.\n"
    assert status(dataset, "--jobs", "--json").stdout == ""


def test_narrow_terminal_loses_nothing(dataset: Path) -> None:
    assert "verdict" in status(dataset, columns=100).stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("all",), "status: unexpected argument 'all'; usage: scrapy status [--json]"),
        (("--runs", "few"), "status: --runs 'few': must be a whole number from 0"),
        (("--runs", "9" * 5000), "9': must be a whole number from 0 to 999999999999999999"),
        (("--last", "3"), "status: --last is for --changes and --jobs"),
        (("--jobs", "--last", "few"), "status: --last 'few': must be a whole number from 0"),
        (("--jobs", "--runs", "3"), "status: --runs is not for --jobs"),
        (("--jobs", "--changes"), "status: either --changes or --jobs"),
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
