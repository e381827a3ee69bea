from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sabah.storage.recovery import rewriting
from tests import forked
from tests.running import REPOSITORY, environment
from tests.storage import upkeep
from tests.storage.conftest import check


def compact(folder: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "scrapy", "compact", *args]
    env = environment(SABAH_OUTPUT_DIR=str(folder), SABAH_NOW="2026-03-05T08:00:00+00:00") | more
    return forked.run(command, cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=60)


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two crawls of January and two of March, which is the present month."""
    folder = tmp_path / "output"
    for depth, day in enumerate(("01-09", "01-10", "03-01", "03-02"), 1):
        monkeypatch.setenv("SABAH_NOW", f"2026-{day}T08:00:00+00:00")
        upkeep.crawl(folder, depth)
    monkeypatch.delenv("SABAH_NOW")
    return folder


def test_months_that_are_over(dataset: Path) -> None:
    done = compact(dataset)
    assert (done.returncode, done.stdout, done.stderr) == (0, "compact: 4 files of 1 month became 2\n", "")
    check(dataset)
    done = compact(dataset)
    assert (done.returncode, done.stdout, done.stderr) == (0, "compact: nothing to merge\n", "")


def test_the_present_month_where_it_is_named(dataset: Path) -> None:
    done = compact(dataset, "--month", "2026-03", "-s", "SNAPSHOT_MAX_BYTES=1000000")
    assert (done.returncode, done.stdout, done.stderr) == (0, "compact: 5 files of 1 month became 2\n", "")
    check(dataset)


def test_killed_and_given_again(dataset: Path) -> None:
    assert compact(dataset, SABAH_FAULT="rewrite-saved").returncode == -signal.SIGKILL
    assert compact(dataset).stdout == "compact: nothing to merge\n", "the next start has ended it"
    check(dataset)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("2026-01",), "compact: unexpected argument '2026-01'; usage: scrapy compact [--month YYYY-MM]"),
        (("--month", "2026-13"), "compact: --month '2026-13': must be a month, written YYYY-MM"),
        (("--month", "january"), "compact: --month 'january': must be a month, written YYYY-MM"),
        (("--month",), "compact: argument --month: expected one argument"),
        (("--weeks",), "compact: unknown option '--weeks'; valid are "),
        ((), "holds no dataset yet; a crawl makes one, OUTPUT_DIR names another folder"),
    ],
)
def test_usage(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    done = compact(tmp_path / "nothing", *args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_disk_that_is_full(dataset: Path) -> None:
    before = upkeep.files(dataset)
    done = compact(dataset, SABAH_FAULT="rewrite-written:1:ENOSPC")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (15, "", 1)
    assert "the disk is full. Free some space." in done.stderr
    assert upkeep.files(dataset) == before
    check(dataset)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written(dataset: Path) -> None:
    (dataset / "articles").chmod(0o500)
    done = compact(dataset)
    (dataset / "articles").chmod(0o700)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (15, "", 1)
    check(dataset)


def test_ledger_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no ledger " * 1000)
    done = compact(tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (15, "", 1)
    assert "the ledger is damaged" in done.stderr


def test_interrupted(dataset: Path) -> None:
    command = [sys.executable, "-m", "scrapy", "compact"]
    env = environment(SABAH_OUTPUT_DIR=str(dataset))
    with rewriting(dataset):
        process = subprocess.Popen(command, cwd=REPOSITORY, env=env, text=True, stderr=subprocess.PIPE)
        while str(process.pid) not in _waiting(dataset):
            assert process.poll() is None
        time.sleep(0.3)  # the lock's file is open; now it waits for the lock
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said.count("\n")) == (14, 1)
    assert said.startswith("compact: interrupted; ")
    check(dataset)


def _waiting(folder: Path) -> set[str]:
    """Processes that have the lock's file open."""
    lock = folder / "locks" / "files.lock"
    found = set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if descriptor.readlink() == lock:
                found.add(descriptor.parts[2])
    return found
