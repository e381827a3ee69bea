from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sabah.storage.recovery import rewriting
from tests import forked
from tests.running import REPOSITORY, environment
from tests.storage import upkeep, world
from tests.storage.conftest import Processes, check, processes

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["processes"]

COMMAND = [sys.executable, "-W", "error", "-m", "scrapy", "backup"]


def backup(folder: Path, *args: object, **more: str) -> subprocess.CompletedProcess[str]:
    env = environment(SABAH_OUTPUT_DIR=str(folder)) | more
    return forked.run([*COMMAND, *map(str, args)], cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=60)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    for depth in (1, 2, 4):
        upkeep.crawl(folder, depth)
    (folder / "exports").mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_copy_and_what_is_new(dataset: Path, tmp_path: Path) -> None:
    dataset.chmod(0o750)
    copy = tmp_path / "copies" / "one"
    copy.parent.mkdir()
    done = backup(dataset, copy)
    assert (done.returncode, done.stderr) == (0, "")
    files = [path for path in copy.rglob("*") if path.is_file()]
    size = f"{sum(path.stat().st_size for path in files) / 1e6:,.1f} MB"
    assert done.stdout == f"backup: {len(files)} files, {size}, {size} of it copied: {copy}\n"
    assert names(copy) == ["articles", "ledger.sqlite", "rejected.jsonl", "snapshots"]
    assert copy.stat().st_mode & 0o777 == 0o750
    inodes = {path.name: path.stat().st_ino for path in copy.glob("*/*")}
    upkeep.crawl(dataset, 5)
    done = backup(dataset, copy)
    assert (done.returncode, done.stderr) == (0, "")
    again = {path.name: path.stat().st_ino for path in copy.glob("*/*")}
    assert inodes.items() < again.items()
    assert len(again) == len(inodes) + 2
    assert names(copy.parent) == ["one"]
    check(copy, 60, 5)


def test_relative_folder_is_that_of_the_shell(dataset: Path, tmp_path: Path) -> None:
    env = environment(
        SABAH_OUTPUT_DIR=str(dataset), SCRAPY_SETTINGS_MODULE="sabah.settings", PYTHONPATH=str(REPOSITORY)
    )
    subprocess.run([*COMMAND, "here"], cwd=tmp_path, env=env, check=True, capture_output=True)
    check(tmp_path / "here")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (".", "is the dataset's own folder; give another FOLDER"),
        ("copy", "is inside the dataset's folder; give one outside it"),
        ("..", "give another FOLDER"),
        ("../no/copy", "is no folder: make it first, or mount its disk"),
        ("/proc", "is where a disk is mounted; give a folder in it"),
    ],
)
def test_folder_that_cannot_be_meant(dataset: Path, where: str, said: str) -> None:
    before = state(dataset)
    done = backup(dataset, dataset / where)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert state(dataset) == before


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "backup: give one FOLDER; usage: scrapy backup FOLDER"),
        (("a", "b"), "backup: give one FOLDER; usage: scrapy backup FOLDER"),
        (("--all", "b"), "backup: unknown option '--all'; valid are "),
        (("b",), "holds no dataset yet; a crawl makes one, OUTPUT_DIR names another folder"),
    ],
)
def test_usage(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    done = backup(tmp_path / "nothing", *args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_what_is_no_earlier_backup_is_left_alone(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"

    def refused(said: str) -> None:
        before = state(copy)
        done = backup(dataset, copy)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
        assert said in done.stderr
        assert state(copy) == before

    copy.mkdir()
    refused("is there already, and is no backup (a folder with a ledger.sqlite)")
    (copy / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    refused("its ledger.sqlite cannot be read")
    shutil.rmtree(copy)
    assert backup(dataset, copy).returncode == 0
    (copy / "notes.txt").touch()
    refused("holds 'notes.txt', which is of no backup")
    (copy / "notes.txt").unlink()
    upkeep.crawl(copy, 5)
    refused("which this dataset does not: it is no earlier backup of it")
    copy.rename(tmp_path / "mine")
    (tmp_path / "copy").symlink_to(tmp_path / "gone" / "copy")
    done = backup(dataset, copy)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_disk_that_is_full(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert backup(dataset, copy).returncode == 0
    upkeep.crawl(dataset, 5)
    before = state(copy)
    for fault in ("backup-file:1:ENOSPC", "backup-file:2:EIO", "backup-ledger:1:ENOSPC", "backup-copied:1:EROFS"):
        done = backup(dataset, copy, SABAH_FAULT=fault)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (15, "", 1), done.stderr
        assert state(copy) == before
        assert names(tmp_path) == ["copy", "output"]


def test_file_size_limit(dataset: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "copy")],
        cwd=REPOSITORY,
        env=environment(SABAH_OUTPUT_DIR=str(dataset), PYTHONDONTWRITEBYTECODE="1"),
        text=True,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (15, "", 1), done.stderr
    assert not (tmp_path / "copy").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    done = backup(dataset, tmp_path / "closed" / "copy")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (15, "", 1)
    assert "no permission to write" in done.stderr


def test_loss_is_not_copied_over_what_is_whole(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    next(dataset.glob("snapshots/*")).unlink()
    done = backup(dataset, copy)
    assert (done.returncode, done.stdout) == (15, "")
    assert "bytes that were stored are missing. Start a crawl: it makes them good." in done.stderr
    assert not copy.exists()


def test_loss_since_the_backup_before_is_said_and_the_backup_whole(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert backup(dataset, copy).returncode == 0
    lost = next(dataset.glob("snapshots/*"))
    whole = lost.read_bytes()
    lost.write_bytes(whole[:-1])
    done = backup(dataset, copy)
    assert done.returncode == 15
    assert done.stdout.startswith("backup: ")
    assert done.stderr == (
        f"backup: {lost}: bytes that were stored are missing. Start a crawl: it makes them good. The backup is whole: it had them before\n"
    )
    assert (copy / "snapshots" / lost.name).read_bytes() == whole
    check(copy)


def test_what_using_a_backup_has_added_goes(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert backup(dataset, copy).returncode == 0
    for command in (["export", "mine"], ["report"]):
        forked.run(
            [sys.executable, "-m", "scrapy", *command],
            cwd=REPOSITORY,
            env=environment(SABAH_OUTPUT_DIR=str(copy)),
            check=True,
            capture_output=True,
        )
    assert {"exports", "report.html"} <= set(names(copy))
    done = backup(dataset, copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert names(copy) == ["articles", "ledger.sqlite", "rejected.jsonl", "snapshots"]


def test_what_a_report_that_was_killed_has_left_in_a_backup_goes(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert backup(dataset, copy).returncode == 0
    killed = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "report"], cwd=REPOSITORY, env=environment(SABAH_OUTPUT_DIR=str(copy))
    )
    while not list(copy.glob(".report-*")):
        assert killed.poll() is None
        time.sleep(0.001)
    killed.kill()
    killed.wait()
    assert list(copy.glob(".report-*"))
    done = backup(dataset, copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert names(copy) == ["articles", "ledger.sqlite", "rejected.jsonl", "snapshots"]


@pytest.mark.parametrize("inside", ["copy/sub", "copy/articles/sub", "further/deep/sub"])
def test_a_backup_is_not_made_in_another(dataset: Path, tmp_path: Path, inside: str) -> None:
    copy, further = tmp_path / "copy", tmp_path / "further"
    assert backup(dataset, copy).returncode == 0
    shutil.copytree(copy, further)
    (further / "deep").mkdir()
    done = backup(dataset, tmp_path / inside)
    outer = tmp_path / inside.partition("/")[0]
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"backup: {outer} is a data folder or a backup, which holds nothing else; give a FOLDER outside it\n"
    )
    assert not (tmp_path / inside).exists()


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(dataset: Path, tmp_path: Path, signal_: signal.Signals) -> None:
    env = environment(SABAH_OUTPUT_DIR=str(dataset))
    partial = tmp_path / ".copy.partial"
    with rewriting(dataset):
        process = subprocess.Popen([*COMMAND, str(tmp_path / "copy")], cwd=REPOSITORY, env=env, text=True, stderr=subprocess.PIPE)  # fmt: skip
        while not partial.exists():
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal_)
        said = process.communicate(timeout=20)[1]
    assert (process.returncode, said.count("\n")) == (14, 1)
    assert names(tmp_path) == ["output"]


def test_two_at_once(dataset: Path, tmp_path: Path) -> None:
    with rewriting(dataset):
        first = subprocess.Popen([*COMMAND, str(tmp_path / "copy")], cwd=REPOSITORY, env=environment(SABAH_OUTPUT_DIR=str(dataset)), stdout=subprocess.DEVNULL)  # fmt: skip
        while not (tmp_path / ".copy.partial").exists():
            time.sleep(0.02)
        done = backup(dataset, tmp_path / "copy")
        assert (done.returncode, done.stderr) == (1, "backup: another process is making a backup of this dataset\n")
    assert first.wait(timeout=20) == 0
    check(tmp_path / "copy")


def test_living_runs_are_dead_ones_in_the_copy(tmp_path: Path, processes: Processes) -> None:
    folder = tmp_path / "output"
    crawl = processes.start(folder, size=400, depth=8, pause=0.1)
    crawl.begun()
    assert backup(folder, tmp_path / "copy").returncode == 0
    assert crawl.process.is_alive()
    store = world.begin(tmp_path / "copy", 400, 8)
    assert len(store.recovered.runs) == 1
    world.crawl(store)
    store.close("ok")
    check(tmp_path / "copy", 400, 8)
