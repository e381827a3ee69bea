"""Work in processes: in order, as many pages ahead as said, and nobody left behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from sabah.archive.pool import AHEAD, CHUNK, WorkError, answers

LARGE = 300_000
"""Bytes: more than a pipe takes at once."""


def squared(number: int) -> int:
    return number * number


def swollen(size: bytes) -> bytes:
    return size * 2


def process(_: int) -> int:
    return os.getpid()


def failing(number: int) -> int:
    if number == 40:
        raise RuntimeError("not\nthis one")
    return number


def dying(number: int) -> int:
    if number == 40:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_answers_in_order(jobs: int) -> None:
    assert list(answers(squared, range(100), jobs)) == [(number, number**2) for number in range(100)]


def test_one_job_is_this_process_and_two_are_others() -> None:
    assert {pid for _, pid in answers(process, range(3), 1)} == {os.getpid()}
    others = {pid for _, pid in answers(process, range(4 * CHUNK), 2)}
    assert len(others) == 2
    assert os.getpid() not in others
    assert not any(Path(f"/proc/{pid}").exists() for pid in others)


def test_large_tasks_and_answers_do_not_lock_up() -> None:
    tasks = [bytes(LARGE)] * (3 * CHUNK)
    assert all(len(answer) == 2 * LARGE for _, answer in answers(swollen, tasks, 2))


def test_tasks_are_taken_a_few_ahead() -> None:
    tasks = count()
    found = answers(squared, tasks, 2)
    for _ in range(100):
        next(found)
    assert next(tasks) <= 100 + 2 * (AHEAD + 1) * CHUNK
    found.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_the_work_names_the_page(jobs: int) -> None:
    seen = []
    with pytest.raises(WorkError, match=r"^40: RuntimeError: not this one$"):
        seen += [task for task, _ in answers(failing, range(100), jobs)]
    found = answers(failing, range(100), jobs)
    assert [next(found)[0] for _ in range(40)] == list(range(40))
    with pytest.raises(WorkError):
        next(found)


def test_a_process_that_dies_is_said() -> None:
    with pytest.raises(WorkError, match="a reading process died over one of 16 pages, from 32 to 47"):
        list(answers(dying, range(100), 2))


ENDLESS = """
import itertools, sys
from sabah.archive.pool import answers
from tests.rereading.test_pool import process

if __name__ == "__main__":
    for _, pid in answers(process, itertools.count(), 2):
        print(pid, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_nobody_is_left_behind(how: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert run.stdout is not None
    pids = {int(run.stdout.readline()) for _ in range(4 * CHUNK)}
    assert len(pids) == 2
    run.send_signal(how)
    run.communicate()
    until = time.monotonic() + 10
    while any(_alive(pid) for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
