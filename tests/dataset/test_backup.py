"""Backups made while crawls run, files are merged and processes are killed: each is opened, checked whole and crawled on to the truth."""

from __future__ import annotations

import math
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import orjson
import pytest

from sabah.dataset.backup import Made, backup
from sabah.dataset.whole_folder import ForeignError
from sabah.storage import faults, snapshots
from sabah.storage.errors import StorageError
from sabah.storage.ledger import Ledger
from tests.storage import upkeep, world
from tests.storage.conftest import FORKS, Processes, check, processes

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["processes"]
POINTS = ["backup-ledger", "backup-file", "backup-file:3", "backup-copied", "backup-published"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def make(folder: Path, copy: Path) -> Made:
    return backup(folder, copy, lambda *_: None)


def whole(copy: Path) -> int:
    """Checks a backup as it was made, without opening it as a data folder; lines in it."""
    before = {str(path.relative_to(copy)): path.stat().st_size for path in copy.rglob("*") if path.is_file()}
    ledger = Ledger.read(copy)
    try:
        known = {name: length for name, length in ledger.all("SELECT name, length FROM files") if length}
        lines = ledger.all(
            "SELECT a.url, f.name, t.offset, t.length FROM articles t JOIN addresses a ON a.id = t.address JOIN files f ON f.id = t.file"
            " UNION ALL SELECT a.url, f.name, r.offset, r.length FROM refusals r JOIN addresses a ON a.id = r.address JOIN files f ON f.id = r.file"
        )
    finally:
        ledger.close()
    assert before.pop("ledger.sqlite") > 0
    assert before == known
    for url, name, offset, length in lines:
        with (copy / name).open("rb") as file:
            file.seek(offset)
            line = orjson.loads(file.read(length))
        assert line["url"] == url
        where, _, at = line["snapshot"].rpartition(":")
        number = int(snapshots.read(copy / "snapshots" / where, int(at)).payload[len("<html>") :].split()[0])
        assert world.url(number) == url
    return len(lines)


def crawl_on(copy: Path, size: int, depth: int) -> None:
    """On from a copy of it, so that it stays an earlier backup."""
    further = copy.with_name("further")
    shutil.copytree(copy, further)
    store = world.begin(further, size, depth, scope="all")
    world.crawl(store)
    store.close("ok")
    check(further, size, depth)
    shutil.rmtree(further)


def test_in_a_loop_beside_crawls_and_compact(tmp_path: Path, processes: Processes) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    for depth in (1, 2, 4):
        upkeep.crawl(folder, depth)
    held = folder.with_suffix(".held")
    held.touch()
    crawls = [processes.start(folder, size=400, depth=8, pause=0.05) for _ in range(2)]
    for crawl in crawls:
        crawl.begun()
    found, merges = [], 0
    while any(crawl.process.is_alive() for crawl in crawls):
        merge = FORKS.Process(target=upkeep.merge, args=(folder,))
        merge.start()
        make(folder, copy)
        found.append(whole(copy))
        if len(found) == 3:
            held.unlink()  # until here the crawls go on, however long a backup takes
        crawl_on(copy, 400, 8)
        merge.join()
        merges += merge.exitcode == 0
    assert found == sorted(found)
    assert found[0] < found[-1], "a crawl was under way"
    assert len(found) > 2
    assert merges
    for crawl in crawls:
        assert crawl.ended() == (0, "")
    make(folder, copy)
    assert whole(copy) >= found[-1]
    check(copy, 400, 8)


@pytest.mark.parametrize("fault", POINTS)
@pytest.mark.parametrize("first", [True, False])
def test_killed_at_a_step(tmp_path: Path, fault: str, first: bool) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    upkeep.crawl(folder, 2)
    if not first:
        make(folder, copy)
        upkeep.crawl(folder, 3)
        upkeep.crawl(folder, 4)
    before = whole(copy) if copy.exists() else None
    upkeep.killed(fault, make, folder, copy)
    published = fault == "backup-published"
    assert copy.exists() == (published or not first)
    if copy.exists():
        assert (whole(copy) == before) != published
    make(folder, copy)
    whole(copy)
    assert names(tmp_path) == ["copy", "output"]
    check(copy, depth=2 if first else 4)


@pytest.mark.parametrize("fault", [*upkeep.BEFORE, *upkeep.AFTER])
def test_of_a_dataset_whose_merging_was_killed(tmp_path: Path, fault: str) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    for depth in (1, 2, 4):
        upkeep.crawl(folder, depth)
    make(folder, copy)
    upkeep.killed(fault, upkeep.merge, folder)
    make(folder, copy)
    whole(copy)
    check(copy)
    check(folder)


def test_moved_while_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    for depth in (1, 2, 4):
        upkeep.crawl(folder, depth)
    passed: list[str] = []
    point = faults.point

    def between(name: str) -> None:
        passed.append(name)
        if passed == [
            "backup-file",
            "backup-ledger",
            "backup-file",
        ]:  # the first is of rejected.jsonl, holding the lock
            upkeep.merge(folder)
        point(name)

    # Between the copying of two files, at a moment that no process of its own could be held to.
    monkeypatch.setattr(faults, "point", between)
    make(folder, copy)
    assert passed.count("backup-ledger") == 2, "it began anew"
    whole(copy)
    assert upkeep.files(copy) == upkeep.files(folder)
    check(copy)


def test_what_is_there_is_not_copied_again(tmp_path: Path) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    upkeep.crawl(folder, 4)
    (folder / "unknown").mkdir()
    (folder / "unknown" / "old.warc.gz").write_bytes(b"bytes" * 1000)
    first = make(folder, copy)
    assert first.copied == first.bytes
    second = make(folder, copy)
    ledger, rejected = (copy / "ledger.sqlite").stat().st_size, (copy / "rejected.jsonl").stat().st_size
    assert (second.bytes, second.copied) == (first.bytes, ledger + rejected)
    assert (copy / "unknown" / "old.warc.gz").read_bytes() == b"bytes" * 1000
    assert {path.stat().st_nlink for path in copy.rglob("*") if path.is_file()} == {1}


def test_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    upkeep.crawl(folder, 4)
    make(folder, copy)
    for path in folder.glob("snapshots/*"):
        path.unlink()  # lost on the disk: the backup has them still

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    make(folder, copy)
    whole(copy)
    check(copy)


def test_what_was_forgotten_goes(tmp_path: Path) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    upkeep.crawl(folder, 4)
    make(folder, copy)
    assert upkeep.traces(copy, 4)
    upkeep.take_down(folder, 4)
    make(folder, copy)
    assert upkeep.traces(copy, 4, hashes=False) == []
    check(copy, forgotten={world.url(4)})


def test_restored_over_the_dataset(tmp_path: Path) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    upkeep.crawl(folder, 2)
    make(folder, copy)
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)
    upkeep.crawl(folder, 4)
    check(folder)
    make(folder, copy)
    check(copy)


def state(folder: Path) -> dict[str, bytes]:
    """Of all but the ledger, which reading it tidies."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.stem != "ledger"
    }


def refused(folder: Path, copy: Path, said: str) -> None:
    before = state(copy)
    with pytest.raises(ForeignError, match=said):
        make(folder, copy)
    assert state(copy) == before


def test_an_older_generation_restored_beside_a_newer_backup(tmp_path: Path, processes: Processes) -> None:
    """One run was living at both, so that neither knows of a run that the other does not."""
    folder, copy, older = tmp_path / "output", tmp_path / "copy", tmp_path / "older"
    crawl = processes.start(folder, size=400, depth=8, pause=0.05)
    crawl.begun()
    make(folder, older)
    stored = whole(older)
    while whole(copy) <= stored if copy.exists() else True:
        make(folder, copy)
    crawl.process.kill()
    crawl.process.join()
    shutil.rmtree(folder)
    shutil.copytree(older, folder)
    refused(folder, copy, "holds more of run .* than this dataset, which is of an earlier moment")
    crawl_in = world.begin(folder, 400, 8)
    world.crawl(crawl_in)
    crawl_in.close("ok")
    refused(folder, copy, "holds more of run .* than this dataset, which is of an earlier moment")
    make(folder, older)
    check(older, 400, 8)


def test_a_takedown_that_only_the_backup_knows(tmp_path: Path) -> None:
    folder, copy, older = tmp_path / "output", tmp_path / "copy", tmp_path / "older"
    upkeep.crawl(folder, 4)
    make(folder, older)
    upkeep.take_down(folder, 4)
    make(folder, copy)
    shutil.rmtree(folder)
    shutil.copytree(older, folder)
    refused(folder, copy, f"holds the takedown of {world.url(4)}, which this dataset does not")
    upkeep.take_down(folder, 4)
    make(folder, copy)
    check(copy, forgotten={world.url(4)})


def test_addresses_that_only_the_backup_knows(tmp_path: Path) -> None:
    folder, copy, older = tmp_path / "output", tmp_path / "copy", tmp_path / "older"
    upkeep.crawl(folder, 2)
    make(folder, older)
    with closing(Ledger.open(folder)) as ledger, ledger.transaction("found"):
        ledger.run(
            "INSERT INTO addresses (url, kind, depth, first_seen_at) VALUES (?, 'news', 1, '2026')", world.url(59)
        )
    make(folder, copy)
    shutil.rmtree(folder)
    shutil.copytree(older, folder)
    refused(folder, copy, "holds addresses that this dataset does not")


def test_merged_and_repaired_is_still_the_later_one(tmp_path: Path) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    for depth in (1, 2, 4):
        upkeep.crawl(folder, depth)
    make(folder, copy)
    upkeep.merge(folder)
    make(folder, copy)
    lost = next(folder.glob("snapshots/*"))
    lost.write_bytes(lost.read_bytes()[:-100])
    upkeep.crawl(folder)  # gives up what is lost: the ledger says less of that file than before
    make(folder, copy)
    assert upkeep.files(copy) == upkeep.files(folder)


def test_an_index_that_is_damaged_is_built_anew_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder, copy = tmp_path / "output", tmp_path / "copy"
    store = world.begin(folder, 60, 4)
    world.crawl(store)
    store.close("ok")
    upkeep.unindex(folder)
    make(folder, copy)
    whole(copy)
    for one in (folder, copy):
        with closing(Ledger.open(one)) as ledger:
            ledger.check(math.inf)
            assert ledger.mended, "the next crawl compares all that is stored with it"
    assert caplog.text.count("an index was damaged") == 1


def test_a_ledger_that_is_damaged_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the start of a command, which takes half a second at most, has not come to it."""
    folder, copy = tmp_path / "output", tmp_path / "copy"
    store = world.begin(folder, 60, 4)
    world.crawl(store)
    store.close("ok")
    make(folder, copy)
    before = (copy / "ledger.sqlite").read_bytes()
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = ledger.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'links'").fetchone()
        (size,) = ledger.execute("PRAGMA page_size").fetchone()
    with (folder / "ledger.sqlite").open("r+b") as file:
        file.seek((root - 1) * size + 3)
        file.write(b"\xff\xff\xff")
    monkeypatch.setattr("sabah.storage.ledger.CHECK", -1.0)
    with pytest.raises(StorageError, match=r"the ledger is damaged .*Restore ledger\.sqlite from a backup"):
        make(folder, copy)
    assert (copy / "ledger.sqlite").read_bytes() == before
