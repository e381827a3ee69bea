"""Backups beside a real crawl; each is a dataset that the same command brings to the truth."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults import World, kill
from tests.running import REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica


def backup(world: World, copy: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "scrapy", "backup", str(copy)],
        cwd=REPOSITORY,
        env=environment(SABAH_OUTPUT_DIR=str(world.output)),
        stdout=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.thorough
def test_beside_a_crawl_and_moved_away(replica: Callable[..., Replica], tmp_path: Path) -> None:
    world = World(replica(articles=90, seed=5, latency=0.4), tmp_path / "output")
    run, copy = world.start_and_wait(), tmp_path / "copy"
    stored: list[int] = []
    kept: list[Path] = []
    while run.poll() is None:
        assert backup(world, copy).wait(timeout=60) == 0
        if stored and not kept and World(world.newspaper, copy).stored() > stored[-1]:
            kept.append(shutil.copytree(copy, tmp_path / "elsewhere"))
        stored.append(World(world.newspaper, copy).stored())
        backup_under_way = backup(world, copy)
        try:
            backup_under_way.wait(timeout=0.9)
        except subprocess.TimeoutExpired:
            backup_under_way.kill()
            backup_under_way.wait()
    assert run.communicate()[1]
    assert run.returncode == 0
    assert stored == sorted(stored)
    assert len(kept) == 1
    assert backup(world, copy).wait(timeout=60) == 0
    World(world.newspaper, copy).check()
    for place in kept:
        moved = World(world.newspaper, place)
        assert 0 < moved.stored() < len(world.expected)
        killed = moved.start_and_wait()
        kill(killed)
        moved.finish()
        moved.check()
    world.check()
    assert not list(tmp_path.glob(".*"))
