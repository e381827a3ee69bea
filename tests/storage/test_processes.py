"""Several crawls of one folder at once."""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.storage.conftest import check

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.conftest import Processes


@pytest.mark.parametrize("number", [2, 4])
def test_no_address_is_asked_for_twice(tmp_path: Path, processes: Processes, number: int) -> None:
    folder = tmp_path / "output"
    crawls = [processes.start(folder, size=400, depth=8, pause=0.002) for _ in range(number)]
    for crawl in crawls:
        assert crawl.ended() == (0, "")
    check(folder, size=400, depth=8)
    asked = [line.split() for line in folder.with_suffix(".log").read_text().splitlines()]
    # An address that failed is tried again by a run that began later.
    failed = {url for _, url in asked if int(url.rpartition("-")[2]) % 29 == 11}
    assert max(Counter(url for _, url in asked if url not in failed).values()) == 1
    assert len({run for run, _ in asked}) > 1


def test_claims_of_a_dead_one_are_taken_over_by_a_living_one(tmp_path: Path, processes: Processes) -> None:
    folder = tmp_path / "output"
    dying = processes.start(folder, size=400, depth=8, fault="pages-unsaved:4", pause=0.01)
    dying.begun()
    others = [processes.start(folder, size=400, depth=8, pause=0.01) for _ in range(2)]
    assert dying.ended()[0] == -signal.SIGKILL
    for crawl in others:
        assert crawl.ended() == (0, "")
    check(folder, size=400, depth=8)


def test_a_scope_waits_for_what_another_has_claimed(tmp_path: Path, processes: Processes) -> None:
    folder = tmp_path / "output"
    wide = processes.start(folder, size=200, depth=7, pause=0.005)
    narrow = processes.start(folder, size=200, depth=5, pause=0.005)
    for crawl in (wide, narrow):
        assert crawl.ended() == (0, "")
    check(folder, size=200, depth=7)
