"""A crawl is killed between any two steps of a store, and the same command again makes it whole."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sabah.storage import faults
from tests.storage.conftest import check

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.conftest import Processes

ELSEWHERE = ("due", "looks", "record", "recovery", "repair", "discard", "rewrite", "backup")
STEPS = [name for name in faults.POINTS if not name.startswith(ELSEWHERE)]
WORDS = {
    "ENOSPC": "the disk is full. Free some space.",
    "EFBIG": "the file size limit is reached. Raise it (ulimit -f).",
    "EIO": "the disk reports an error. Check the disk.",
}
TWICE = [
    name
    for name in STEPS
    if name.startswith(("claim", "snapshot", "article", "rejected", "pages"))
    and name not in ("article-created", "rejected-created")
]


@pytest.mark.parametrize("fault", [f"{name}:1" for name in STEPS] + [f"{name}:2" for name in TWICE])
def test_killed_at_a_step(tmp_path: Path, processes: Processes, fault: str) -> None:
    folder = tmp_path / "output"
    processes.killed(folder, fault)
    assert processes.run(folder) == (0, "")
    check(folder)


@pytest.mark.parametrize("fault", [name for name in faults.POINTS if name.startswith("recovery")])
def test_killed_while_recovering(tmp_path: Path, processes: Processes, fault: str) -> None:
    folder = tmp_path / "output"
    processes.killed(folder, "article-torn:2")
    processes.killed(folder, fault)
    assert processes.run(folder) == (0, "")
    check(folder)


@pytest.mark.parametrize(
    "fault",
    [
        "repair-unsaved:1",
        "repair-saved:1",
        "repair-unsaved:2",
        "repair-saved:2",
        "discard-unsaved",
        "discard-saved",
        "article-written",
        "rejected-torn",
    ],
)
def test_killed_while_repairing(tmp_path: Path, processes: Processes, fault: str) -> None:
    folder = tmp_path / "output"
    assert processes.run(folder) == (0, "")
    for path in (folder / "rejected.jsonl", *folder.glob("articles/*")):
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
    processes.killed(folder, fault)
    assert processes.run(folder) == (0, "")
    check(folder)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_moments_again_and_again(tmp_path: Path, processes: Processes, seed: int) -> None:
    folder, chance, hits = tmp_path / "output", random.Random(seed), 0
    while hits < 4:
        process = processes.start(folder, size=400, depth=8, pause=0.005)
        process.begun()
        time.sleep(chance.uniform(0.05, 0.4))
        process.kill()
        hits += process.ended()[0] == -signal.SIGKILL
    assert processes.run(folder, size=400, depth=8) == (0, "")
    check(folder, size=400, depth=8)
    asked = Counter(folder.with_suffix(".log").read_text().split()[1::2])
    assert sum(asked.values()) - len(asked) < 4 * 64, "at most what was under way is fetched again"


@pytest.mark.parametrize(
    "fault",
    [f"{name}:1:ENOSPC" for name in STEPS if name.endswith(("torn", "written", "created", "unsaved"))]
    + ["article-torn:1:EFBIG", "pages-unsaved:2:EIO"],
)
def test_disk_that_fails_at_a_step(tmp_path: Path, processes: Processes, fault: str) -> None:
    folder = tmp_path / "output"
    code, message = processes.run(folder, fault=fault)
    assert code == 15
    assert message.startswith(str(folder))
    assert WORDS[fault.rpartition(":")[2]] in message
    assert message.endswith("Nothing stored is lost; give the same command again afterwards.\n")
    assert message.count("\n") == 1
    assert processes.run(folder) == (0, "")
    check(folder)


def test_fault_of_no_such_name() -> None:
    with pytest.raises(ValueError, match=r"no such point; one of run-locked"):
        faults.Fault("nowhere:1")
