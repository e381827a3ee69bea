"""Committed lines and snapshots that are not there when a run begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from sabah.storage.repair import Repaired
from tests.storage import world
from tests.storage.conftest import check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sabah.items import Article
    from sabah.storage.repair import Missing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = world.begin(tmp_path / "output", 60, 4)
    world.crawl(store)
    store.close("ok")
    return tmp_path / "output"


def repair(
    folder: Path, rebuild: Callable[[Missing], Article | None] = world.rebuild, *, deep: bool = False
) -> Repaired:
    store = world.begin(folder, 60, 4)
    report = store.repair(rebuild, deep=deep).result()
    store.close("ok")
    return report


def segments(folder: Path) -> list[bytes]:
    return sorted(line for path in folder.glob("articles/*") for line in path.read_bytes().splitlines())


def test_nothing_missing(folder: Path) -> None:
    assert repair(folder) == repair(folder, deep=True) == Repaired()


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
def test_lines_are_rebuilt_as_they_were(folder: Path, share: float) -> None:
    before = segments(folder)
    (path,) = folder.glob("articles/*")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    report = repair(folder)
    assert report.files == [f"articles/{path.name}"]
    assert report.rebuilt == len(before) - int(len(before) * share)
    assert report.pending == []
    assert segments(folder) == before
    assert repair(folder) == Repaired()
    check(folder)


def test_a_segment_that_is_gone(folder: Path) -> None:
    before = segments(folder)
    next(folder.glob("articles/*")).unlink()
    assert repair(folder).rebuilt == len(before)
    assert segments(folder) == before


def test_a_page_that_gives_no_record_any_more_is_fetched_again(folder: Path) -> None:
    (path,) = folder.glob("articles/*")
    path.unlink()
    articles, _ = world.reachable(60, 4)
    report = repair(folder, lambda _: None)
    assert (report.rebuilt, set(report.pending)) == (0, articles)
    store = world.begin(folder, 60, 4)
    world.crawl(store)
    store.close("ok")
    check(folder)


def test_bytes_changed_inside_are_found_by_a_deep_look(folder: Path) -> None:
    before = segments(folder)
    (path,) = folder.glob("articles/*")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = b"\0" * (len(lines[1]) - 1) + b"\n"
    path.write_bytes(b"".join(lines))
    assert repair(folder) == Repaired()
    assert repair(folder, deep=True) == Repaired(files=[f"articles/{path.name}"], rebuilt=1)
    assert segments(folder) == before
    check(folder)


def test_rejected_lines_are_written_anew(folder: Path) -> None:
    path = folder / "rejected.jsonl"
    before = path.read_bytes()
    path.write_bytes(before[:-30])
    assert repair(folder) == Repaired(files=["rejected.jsonl"], rebuilt=1)
    assert path.read_bytes() == before
    path.unlink()
    assert repair(folder).rebuilt == before.count(b"\n")
    assert path.read_bytes() == before


def test_lost_snapshots_leave_their_records(folder: Path) -> None:
    before = segments(folder)
    last = max(folder.glob("snapshots/*"), key=lambda path: (len(path.name), path.name))
    last.write_bytes(last.read_bytes()[:-10])
    report = repair(folder)
    assert (report.files, report.snapshots) == ([f"snapshots/{last.name}"], 1)
    last.unlink(missing_ok=True)
    repair(folder)
    next(folder.glob("articles/*")).unlink()
    report = repair(folder)
    assert 0 < len(report.pending) < len(before)
    assert report.rebuilt + len(report.pending) == len(before)
    assert {orjson.loads(line)["url"] for line in before} == {
        orjson.loads(line)["url"] for line in segments(folder)
    } | set(report.pending)


def test_a_torn_tail_goes_at_the_next_start(folder: Path) -> None:
    """As one finds it after a power cut: bytes behind the committed length of the file all share."""
    with (folder / "rejected.jsonl").open("ab") as file:
        file.write(b'{"url": "https://www.daily')
    store = world.begin(folder, 60, 4)
    store.close("ok")
    check(folder)
