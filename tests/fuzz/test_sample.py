"""A sample of what `make fuzz` runs, always the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sabah.pages.tree import DEEPEST, is_deeper, parse
from tests.fuzz import __main__ as fuzz
from tests.fuzz.check import check
from tests.fuzz.mutations import Input, make
from tests.fuzz.shapes import FRAMES, GROWTHS, NO_ARTICLE, TOO_DEEP

if TYPE_CHECKING:
    from pathlib import Path

_SEED, _INPUTS, _PARTS = 2026, 600, 6


@pytest.mark.parametrize("part", range(_PARTS))
def test_spoilt_pages_and_feeds(part: int) -> None:
    said = {check(make(_SEED, number)) for number in range(part, _INPUTS, _PARTS)}
    assert {"article", "refused", "feed"} <= said


def test_the_same_number_is_the_same_input() -> None:
    assert make(1, 7) == make(1, 7) != make(2, 7)


def test_shapes_are_no_deeper_than_a_page_may_be_but_for_a_few() -> None:
    deep = {name for name, growth in GROWTHS.items() if is_deeper(parse(FRAMES["legacy"](growth(30_000))), DEEPEST)}
    assert deep == set(TOO_DEEP)


@pytest.mark.parametrize(("frame", "said"), [(one, "refused" if one in NO_ARTICLE else "article") for one in FRAMES])
def test_what_frames_are_read_as(frame: str, said: str) -> None:
    page = FRAMES[frame]("<p>One more word.</p>").encode()
    assert check(Input(page, None, named=True, is_feed=False)) == said


def test_an_input_that_hangs_or_kills_is_saved_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = [make(1, number) for number in range(20)]
    hangs, kills = inputs[7], inputs[12]

    def check_of_test(given: Input) -> str:
        if given == kills:
            os._exit(3)
        time.sleep(60 if given == hangs else 0)
        return "read"

    monkeypatch.setattr(fuzz, "check", check_of_test)
    run = fuzz.Run(1, range(20), 2, tmp_path, hang=2)
    run.finish()
    assert sorted(run.faults) == ["12: its worker ended with 3", "7: no answer for 2 s"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "1-7.html": hangs.body,
        "1-12.html": kills.body,
    }
    assert run.said["read"] == 3 + 6


@pytest.mark.thorough
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("growth", GROWTHS)
def test_whatever_grows_takes_time_in_proportion(growth: str, frame: str) -> None:
    check(Input(FRAMES[frame](GROWTHS[growth](100_000)).encode(), None, named=True, is_feed=False))


_MEASURED = """
import resource, sys
from tests.fuzz.check import check
from tests.fuzz.mutations import Input
from tests.fuzz.shapes import FRAMES, GROWTHS
def read(size):
    check(Input(FRAMES["in the body"](GROWTHS[sys.argv[1]](size)).encode(), None, named=True, is_feed=False))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(read(100_000), read(500_000))
"""


@pytest.mark.parametrize("growth", ["pictures in divs", "tags never closed", "attributes"])
def test_memory_is_in_proportion_to_the_page(growth: str) -> None:
    command = [sys.executable, "-c", _MEASURED, growth]
    small, large = map(int, subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert large - small < 100 * 500  # KiB: a hundred times the page
