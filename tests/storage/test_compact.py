"""Files of a month are merged: nothing lost, nothing twice, whatever happens meanwhile."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import orjson
import pytest

from sabah.storage import faults, snapshots
from sabah.storage.errors import StorageError
from sabah.storage.ledger import Ledger
from sabah.storage.rewrite import Compacted
from tests.storage import upkeep, world
from tests.storage.conftest import FORKS, check

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.conftest import Processes


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two crawls of January and two of February, each with something to store and something to refuse."""
    folder = tmp_path_factory.mktemp("made") / "output"
    with pytest.MonkeyPatch.context() as patch:
        for depth, day in enumerate(("01-09", "01-10", "02-01", "02-28"), 1):
            patch.setenv("SABAH_NOW", f"2026-{day}T08:00:00+00:00")
            upkeep.crawl(folder, depth)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "output")


def records(folder: Path) -> list[dict[str, object]]:
    lines = [orjson.loads(line) for path in folder.glob("articles/*") for line in path.read_bytes().splitlines()]
    return sorted(({**line, "snapshot": None} for line in lines), key=lambda line: str(line["url"]))


def test_one_segment_and_one_snapshot_file_a_month(folder: Path) -> None:
    before = records(folder)
    assert upkeep.merge(folder) == Compacted(months=2, before=9, after=4)
    assert [name.partition("-")[0] for name in upkeep.files(folder)] == [
        "articles/202601", "articles/202602", "snapshots/202601", "snapshots/202602"
    ]  # fmt: skip
    assert records(folder) == before
    check(folder)


def test_lines_but_for_their_snapshot_stay_as_they_were(folder: Path) -> None:
    def lines() -> set[bytes]:
        found = b"".join(path.read_bytes() for path in folder.glob("articles/*"))
        return {line.partition(b',"snapshot":')[0] for line in found.splitlines()}

    before = lines()
    upkeep.merge(folder)
    assert lines() == before


def test_twice_is_once(folder: Path) -> None:
    upkeep.merge(folder)
    before = upkeep.files(folder)
    assert upkeep.merge(folder) == Compacted()
    assert upkeep.files(folder) == before


def test_one_month_alone_and_months_to_come(folder: Path) -> None:
    assert upkeep.merge(folder, before="2026-02") == Compacted(months=1, before=4, after=2)
    assert upkeep.merge(folder, before="2026-02") == Compacted()
    check(folder)


def test_snapshot_files_keep_to_their_size(folder: Path) -> None:
    upkeep.merge(folder, snapshot_bytes=15_000)
    check(folder)
    largest = max(path.stat().st_size for path in folder.glob("snapshots/*"))
    assert 15_000 <= largest < world.SMALL.snapshot_bytes + world.SMALL.group_pages * 1_500, (
        "a run's own files are that large"
    )
    assert upkeep.merge(folder, snapshot_bytes=15_000) == Compacted()


def test_a_crawl_goes_on_after(folder: Path) -> None:
    upkeep.merge(folder)
    store = world.begin(folder, 90, 5, scope="all")
    world.crawl(store)
    store.close("ok")
    check(folder, 90, 5)
    assert upkeep.merge(folder) == Compacted(months=1, before=3, after=2)
    check(folder, 90, 5)


def test_merged_files_are_repaired_as_others_are(folder: Path) -> None:
    upkeep.merge(folder)
    before = records(folder)
    for path in folder.glob("articles/*"):
        path.write_bytes(path.read_bytes()[:-2000])
    store = world.begin(folder, 60, 4)
    assert store.repair(world.rebuild).result().rebuilt > 2
    store.close("ok")
    assert records(folder) == before
    check(folder)
    assert upkeep.merge(folder).months == 0, (
        "snapshots are merged, and the repaired lines are the only segment of their month"
    )


def test_lines_of_another_month_follow_their_snapshots(folder: Path) -> None:
    """A repair wrote January's lines anew in November; merging January's snapshots takes them along."""
    for path in folder.glob("articles/202601*"):
        path.unlink()
    store = world.begin(folder, 60, 4)
    store.repair(world.rebuild).result()
    store.close("ok")
    upkeep.merge(folder, before="2026-02")
    assert len(list(folder.glob("snapshots/202601*"))) == 1
    check(folder)


def test_snapshots_named_by_a_living_crawl_stay(folder: Path) -> None:
    for path in folder.glob("articles/202601*"):
        path.unlink()
    store = world.begin(folder, 60, 4)
    store.repair(world.rebuild).result()
    before = list(folder.glob("snapshots/202601*"))
    assert upkeep.merge(folder, before="2026-02") == Compacted()
    assert list(folder.glob("snapshots/202601*")) == before
    store.close("ok")
    check(folder)


def test_dataset_with_nothing_in_it(tmp_path: Path) -> None:
    assert upkeep.merge(tmp_path) == Compacted()


@pytest.mark.parametrize("fault", upkeep.BEFORE + upkeep.AFTER)
def test_killed_at_a_step(folder: Path, fault: str) -> None:
    upkeep.killed(fault, upkeep.merge, folder)
    upkeep.start(folder)
    check(folder)
    upkeep.merge(folder)
    assert len(upkeep.files(folder)) == 4
    check(folder)


@pytest.mark.parametrize("fault", ["discard-unsaved", "discard-saved"])
@pytest.mark.parametrize("first", ["rewrite-synced:2", "rewrite-saved"])
def test_killed_while_clearing_up(folder: Path, first: str, fault: str) -> None:
    upkeep.killed(first, upkeep.merge, folder)
    upkeep.killed(fault, upkeep.start, folder)
    upkeep.start(folder)
    check(folder)


@pytest.mark.parametrize(
    "point", ["rewrite-created", "rewrite-added:7", "rewrite-written", "rewrite-synced", "rewrite-unsaved"]
)
def test_full_disk_leaves_nothing_behind(folder: Path, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = upkeep.files(folder)
    count = "" if ":" in point else ":1"
    with monkeypatch.context() as patch:
        patch.setattr(faults, "armed", faults.Fault(f"{point}{count}:ENOSPC"))
        with pytest.raises(StorageError, match=r"the disk is full\. Free some space\."):
            upkeep.merge(folder)
    assert upkeep.files(folder) == before
    check(folder)
    assert upkeep.merge(folder).months == 2


def test_file_that_is_short_is_left_to_repair(folder: Path) -> None:
    path = next(folder.glob("articles/202601*"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(
        StorageError, match=r"bytes that were stored are missing\. Start a crawl: it makes them good\.$"
    ):
        upkeep.merge(folder)
    path.write_bytes(whole)
    check(folder)


def test_beside_living_crawls(folder: Path, processes: Processes) -> None:
    held = folder.with_suffix(".held")
    held.touch()
    crawls = [processes.start(folder, size=400, depth=8, pause=0.005) for _ in range(2)]
    for crawl in crawls:
        crawl.begun()
    assert upkeep.merge(folder) == Compacted(months=2, before=9, after=4)
    assert upkeep.merge(folder) == Compacted()
    held.unlink()  # until here the crawls live, however long a merge takes
    for crawl in crawls:
        assert crawl.ended() == (0, "")
    check(folder, 400, 8)
    assert upkeep.merge(folder).months == 1
    check(folder, 400, 8)


def test_two_at_once(folder: Path) -> None:
    both = [FORKS.Process(target=upkeep.merge, args=(folder,)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert len(upkeep.files(folder)) == 4
    check(folder)


def test_rejected_lines_name_their_snapshots_while_others_append(folder: Path) -> None:
    """Killed between the commit and putting the new rejected.jsonl in its place: whoever appends next does that first."""
    upkeep.killed("rewrite-saved", upkeep.merge, folder)
    ledger = Ledger.open(folder)
    assert ledger.one("SELECT count(*) FROM files WHERE kind = 'replacement' AND closed") == (1,)
    ledger.close()
    store = world.begin(folder, 400, 8, scope="more")
    world.crawl(store)
    store.close("ok")
    check(folder, 400, 8)
    for line in (folder / "rejected.jsonl").read_bytes().splitlines():
        name, _, offset = orjson.loads(line)["snapshot"].rpartition(":")
        snapshots.read(folder / "snapshots" / name, int(offset))
