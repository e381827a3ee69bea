"""Nothing lost, nothing twice: crawls that are killed, that share a folder, whose disk fails, and the same command again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from sabah.storage.frontier import BATCH
from tests.faults import World, kill, kill_at_random, strike, twice_asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica

LOST = BATCH + 16 + 8
"""Pages a killed process may have had asked for or under way: a batch, what was left of the one before, and its connections."""


@pytest.fixture
def slow(replica: Callable[..., Replica], tmp_path: Path) -> World:
    """A crawl of it takes ten seconds."""
    return World(replica(articles=400, seed=5, latency=0.2), tmp_path / "output")


@pytest.fixture
def quick(replica: Callable[..., Replica], tmp_path: Path) -> World:
    return World(replica(articles=60, seed=5), tmp_path / "output")


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_killed_at_random_moments(seed: int, slow: World) -> None:
    before = slow.newspaper.log
    stored = kill_at_random(slow, seed, kills=4)
    assert stored == sorted(stored)
    assert stored[-1] > 0
    slow.finish()
    slow.check()
    assert len(twice_asked(slow, before)) <= 4 * LOST


@pytest.mark.parametrize(
    ("point", "count"),
    [
        ("claim-saved", 2), ("snapshot-torn", 2), ("article-torn", 2), ("pages-saved", 4), ("record-compared", 5), ("record-checked", 5), ("record-stored", 5),
        pytest.param("article-synced", 3, marks=pytest.mark.thorough),
        *(pytest.param(one, 1, marks=pytest.mark.thorough) for one in ("claim-unsaved", "pages-unsaved", "run-saved", "file-saved", "snapshot-synced", "article-created", "end-unsaved", "end-saved")),
    ],
)  # fmt: skip
def test_killed_between_two_steps(point: str, count: int, quick: World) -> None:
    assert strike(quick, point, count) == -9
    quick.finish()
    quick.check()


@pytest.mark.parametrize(
    ("point", "error"), [("snapshot-torn", "ENOSPC"), pytest.param("article-torn", "ENOSPC", marks=pytest.mark.thorough), ("article-written", "EFBIG"), pytest.param("pages-unsaved", "EIO", marks=pytest.mark.thorough)]
)  # fmt: skip
def test_the_disk_fails(point: str, error: str, quick: World) -> None:
    assert strike(quick, point, 2, error) == 15
    quick.finish()
    quick.check()


@pytest.mark.parametrize("point", ["record-compared", "record-checked", "record-stored"])
def test_two_at_once_and_one_is_killed_between_deduplicate_and_store(point: str, quick: World) -> None:
    """The other goes on with what was claimed, and stores nothing twice."""
    doomed, other = quick.start(SABAH_FAULT=f"{point}:7"), quick.start()
    said = [run.communicate(timeout=300)[1] for run in (doomed, other)]
    assert doomed.returncode in (-9, 0), said  # 0: the other had left it fewer than seven articles
    assert other.returncode == 0, said
    quick.finish()
    quick.check()


@pytest.mark.long
def test_two_at_once(slow: World) -> None:
    before = slow.newspaper.log
    runs = [slow.start() for _ in range(2)]
    said = [run.communicate(timeout=300)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    slow.check()
    assert twice_asked(slow, before) == {}


@pytest.mark.parametrize("processes", [pytest.param(2, marks=pytest.mark.thorough), 4])
@pytest.mark.thorough
def test_several_at_once_and_one_dies(processes: int, slow: World) -> None:
    before = slow.newspaper.log
    runs = [slow.start() for _ in range(processes - 1)]
    runs.insert(0, slow.start_and_wait())
    time.sleep(1.5)
    assert slow.stored() < len(slow.expected)
    kill(runs.pop(0))
    said = [run.communicate(timeout=300)[1] for run in runs]
    assert {run.returncode for run in runs} == {0}, said
    slow.finish()  # where the dead one had claimed nothing, this start is the first to notice
    slow.check()
    again = twice_asked(slow, before)
    assert len(again) <= LOST, "only what the dead one had under way"
    assert set(again.values()) <= {2}
