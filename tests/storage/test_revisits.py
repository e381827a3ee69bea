"""Stored articles looked at again: the schedule, and that a kill at any step costs no revision and repeats none."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabah.storage import faults, repair
from sabah.storage.ledger import Ledger
from sabah.storage.revisits import AGES, Schedule, aged_from, rested
from tests.storage import editions, upkeep, world

if TYPE_CHECKING:
    from pathlib import Path

STEPS = [
    name for name in faults.POINTS
    if name.startswith(("due", "claim", "snapshot", "article", "pages", "end"))
]  # fmt: skip
START = datetime.fromisoformat("2021-09-14T07:51:00+00:00")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The dataset after each edition."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SABAH_NOW", editions.TIMES[1])
        folders = {edition: tmp_path_factory.mktemp("editions") / "output" for edition in editions.TIMES}
        for edition, folder in folders.items():
            if edition > 1:
                shutil.copytree(folders[edition - 1], folder)
            editions.crawl(folder, edition)
    return folders


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SABAH_NOW", editions.TIMES[1])
    return tmp_path / "output"


def at(hours: float) -> str:
    return (START + timedelta(hours=hours)).isoformat(timespec="seconds")


@given(st.lists(st.floats(0, 500), max_size=30).map(sorted))
def test_each_age_is_looked_at_once_at_most(visits: list[float]) -> None:
    looks, due = 0, Schedule().due(at(0), at(0))
    for hours in visits:
        if due is not None and due <= at(hours):
            looks += 1
            due = Schedule().due(at(0), at(hours))
            assert due is None or due > at(hours)
    assert looks <= len(AGES)
    assert (due is None) == any(at(hours) >= at(336) for hours in visits)


def test_no_ages_or_no_age() -> None:
    assert Schedule(ages=()).due(at(0), at(1)) is None
    assert Schedule().due(None, at(1)) is None
    assert Schedule().confirmation(at(1)) == at(1.5)


@pytest.mark.parametrize(
    ("published_at", "precision", "fetched", "before", "start"),
    [
        ("2021-09-14T10:51:00+03:00", "minute", 2, None, at(0)),
        ("2021-09-14T12:51:00+03:00", "minute", 1, None, at(1)),
        ("2021-09-14T12:51:00+03:00", "minute", 7, at(1), at(1)),
        ("2021-09-13T00:00:00+03:00", "day", 7, None, "2021-09-13T21:00:00+00:00"),
        ("2021-09-14T00:05:00+03:00", "day", 1, None, at(1)),
    ],
)
def test_age_counts_from(published_at: str, precision: str, fetched: float, before: str | None, start: str) -> None:
    assert aged_from(published_at, precision, at(fetched), before) == start


def test_rest() -> None:
    assert [rested(at(0), at(hours)) for hours in (23.9, 24)] == [False, True]


def test_editions_as_they_come(kept: dict[int, Path], folder: Path) -> None:
    for edition, one in kept.items():
        editions.check(one, edition)
    asked: list[str] = []
    shutil.copytree(kept[2], folder)
    editions.crawl(folder, 2, asked.append)
    assert {world.number_of(url) % 5 for url in asked} == {3}, "what failed is tried again by the next run"
    assert max(Counter(asked).values()) == 1, "but once"
    editions.crawl(folder, 2)
    editions.check(folder, 2)


@pytest.mark.parametrize("edition", [2, 3, 4])
@pytest.mark.parametrize("fault", STEPS)
def test_killed_at_a_step(kept: dict[int, Path], folder: Path, fault: str, edition: int) -> None:
    shutil.copytree(kept[edition - 1], folder)
    upkeep.killed(fault, editions.crawl, folder, edition)
    editions.crawl(folder, edition)
    editions.check(folder, edition)
    with_claims = "SELECT count(*) FROM addresses WHERE run IS NOT NULL"
    ledger = Ledger.read(folder)
    try:
        assert ledger.one(with_claims) == (0,)
    finally:
        ledger.close()


def test_a_page_that_fails_in_many_runs_waits_for_its_next_age(kept: dict[int, Path], folder: Path) -> None:
    shutil.copytree(kept[1], folder)
    number = next(one for one in editions.STORED if one % 5 == 3)
    due = []
    for _ in range(6):
        editions.crawl(folder, 2)
        ledger = Ledger.read(folder)
        due.append(ledger.one("SELECT due_at, failures FROM addresses WHERE url = ?", world.url(number)))
        ledger.close()
    assert due == [*((at(1), runs) for runs in range(1, 5)), (at(6), 0), (at(6), 0)]
    editions.check(folder, 2)


@pytest.mark.parametrize("lost", ["all lines", "half of the lines", "withdrawals"])
def test_lines_are_rebuilt_with_all_revisions(kept: dict[int, Path], folder: Path, lost: str) -> None:
    shutil.copytree(kept[4], folder)
    before = sorted(map(str, editions.lines(folder)))
    for path in sorted(folder.glob("articles/*")):
        if lost == "all lines":
            path.unlink()
        elif lost == "half of the lines":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif b'withdrawn_at":"' in path.read_bytes():
            path.unlink()
    editions.crawl(folder, 4)
    assert sorted(map(str, editions.lines(folder))) == before
    editions.check(folder, 4)


def _in_small_steps(folder: Path) -> None:
    repair.AT_ONCE = 5  # type: ignore[misc]  # in a process of its own
    editions.crawl(folder, 3)


@pytest.mark.parametrize(
    "fault", ["repair-unsaved:1", "repair-saved:1", "repair-saved:2", "repair-saved:4", "repair-saved:6"]
)
def test_a_line_whose_raw_page_is_gone_for_good_says_so(kept: dict[int, Path], folder: Path, fault: str) -> None:
    shutil.copytree(kept[3], folder)
    first = {line["snapshot"].rpartition(":")[0] for line in editions.lines(folder) if line["revision"] == 1}
    for name in first:
        (folder / "snapshots" / name).unlink()
    upkeep.killed(fault, _in_small_steps, folder)
    editions.crawl(folder, 3)
    found = editions.lines(folder)
    assert {line["snapshot"] for line in found if line["revision"] == 1} == {None}
    assert None not in {line["snapshot"] for line in found if line["revision"] > 1}
    assert len(found) == sum(len(editions.expected(number, 3)) for number in editions.STORED)
    rejected = (folder / "rejected.jsonl").read_bytes()
    assert b'"snapshot":null' in rejected
    assert not any(name.encode() in rejected for name in first)
    ledger = Ledger.read(folder)
    try:
        missing = "SELECT count(*) FROM articles WHERE snapshot IS NULL"
        assert ledger.one(missing) == (len(editions.STORED),)
    finally:
        ledger.close()


def test_merged_and_taken_down(kept: dict[int, Path], folder: Path) -> None:
    shutil.copytree(kept[4], folder)
    upkeep.merge(folder, before="9999")
    editions.check(folder, 4)
    editions.crawl(folder, 4)
    editions.check(folder, 4)
    number = next(one for one in editions.STORED if one % 10 == 2 and world.fate(one + 1) != "alias")
    done = upkeep.take_down(folder, number)
    assert (done.lines, done.snapshots) == (3, 4), "three lines; the first visit that found it gone was kept, too"
    assert upkeep.traces(folder, number, hashes=False) == []
    editions.crawl(folder, 4)
    assert world.url(number) not in {line["url"] for line in editions.lines(folder)}
