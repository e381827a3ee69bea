"""A takedown leaves an address, a reason and a time, and no word of the article."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import attrs
import orjson
import pytest

from sabah.storage.forget import Forgotten, UnknownAddressError, forget
from sabah.storage.ledger import Ledger
from sabah.storage.rewrite import InUseError
from tests.storage import upkeep, world
from tests.storage.conftest import check

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.conftest import Processes

STORY = 42
"""Has the text of 43."""

REFUSED = 39
ALIAS = 3
"""Redirects to 2."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "output"
    for depth in (3, 5):
        upkeep.crawl(folder, depth)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "output")


def whole(folder: Path, *numbers: int) -> None:
    check(folder, 60, 5, forgotten=[world.url(number) for number in numbers])


def test_the_world_is_as_these_tests_need_it(folder: Path) -> None:
    assert [world.fate(number) for number in (STORY, REFUSED, ALIAS, 2)] == ["done", "refused", "alias", "done"]
    assert upkeep.traces(folder, STORY)
    assert "ledger.sqlite" in upkeep.traces(folder, STORY)
    whole(folder)


def test_every_trace_goes(folder: Path) -> None:
    assert upkeep.take_down(folder, STORY) == Forgotten(addresses=1, lines=1, snapshots=1, twins=(world.url(43),))
    assert upkeep.traces(folder, STORY) == []
    whole(folder, STORY)
    ledger = Ledger.read(folder)
    assert ledger.one("SELECT a.url, a.state, t.reason, t.clean FROM tombstones t JOIN addresses a ON a.id = t.address") == (
        world.url(STORY), "forgotten", "asked for by the court", 1
    )  # fmt: skip
    assert ledger.one("PRAGMA integrity_check") == ("ok",)
    assert ledger.all("PRAGMA foreign_key_check") == []
    ledger.close()


def test_nothing_is_left_in_free_pages_and_the_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some builds of SQLite clear what is deleted by themselves; not here. A second connection keeps the log's file alive."""
    connect = sqlite3.connect

    def careless(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)
        connection.execute("PRAGMA secure_delete = OFF")
        return connection

    monkeypatch.setattr(sqlite3, "connect", careless)
    beside = Ledger.read(folder)
    assert beside.one("SELECT count(*) FROM articles") > (0,)
    upkeep.take_down(folder, STORY)
    assert upkeep.traces(folder, STORY) == []
    assert (folder / "ledger.sqlite-wal").exists()
    beside.close()


def test_who_reads_for_long_puts_the_end_off(folder: Path) -> None:
    ledger = Ledger.open(folder)
    ledger.run("PRAGMA busy_timeout = 100")
    reader = Ledger.read(folder)
    reader.run("BEGIN")
    reader.one("SELECT count(*) FROM articles")
    forget(ledger, [world.url(STORY)], "asked for by the court", upkeep.LARGE)
    assert ledger.one("SELECT clean FROM tombstones") == (0,)
    reader.run("COMMIT")
    reader.close()
    ledger.close()
    upkeep.start(folder)
    ledger = Ledger.read(folder)
    assert ledger.one("SELECT clean FROM tombstones") == (1,)
    ledger.close()
    assert upkeep.traces(folder, STORY) == []


def test_it_is_not_fetched_again(folder: Path) -> None:
    upkeep.take_down(folder, STORY)
    asked: list[str] = []
    store = world.begin(folder, 120, 6, scope="another")
    world.crawl(store, asked.append)
    store.close("ok")
    assert world.url(STORY) not in asked
    assert asked, "what others name is"
    lines = [orjson.loads(line) for path in folder.glob("articles/*") for line in path.read_bytes().splitlines()]
    assert world.url(STORY) not in {line["url"] for line in lines}


def test_refused_page(folder: Path) -> None:
    before = (folder / "rejected.jsonl").read_bytes()
    assert upkeep.take_down(folder, REFUSED).lines == 1
    after = (folder / "rejected.jsonl").read_bytes()
    assert f'{world.url(REFUSED)}"'.encode() in before
    assert f'{world.url(REFUSED)}"'.encode() not in after
    assert before.count(b"\n") - after.count(b"\n") == 1
    assert upkeep.traces(folder, REFUSED) == []
    whole(folder, REFUSED)


@pytest.mark.parametrize("given", [ALIAS, 2])
def test_redirects_lead_to_the_same_article(folder: Path, given: int) -> None:
    done = upkeep.take_down(folder, given)
    assert (done.addresses, done.lines) == (2, 1)
    assert upkeep.traces(folder, 2, hashes=False) == []
    whole(folder, 2)


def test_several_at_once_and_once_more(folder: Path) -> None:
    assert upkeep.take_down(folder, STORY, REFUSED, ALIAS).addresses == 4
    whole(folder, STORY, REFUSED, 2)
    before = upkeep.files(folder)
    assert upkeep.take_down(folder, STORY, ALIAS) == Forgotten()
    assert upkeep.files(folder) == before


def test_all_there_is(folder: Path) -> None:
    articles, refused = world.reachable(60, 5)
    upkeep.take_down(folder, *map(world.number_of, articles | refused))
    assert [path.stat().st_size for path in folder.glob("articles/*")] == []
    assert (folder / "rejected.jsonl").read_bytes() == b""
    check(folder, 60, 5, forgotten=articles | refused)


def test_all_or_nothing(folder: Path) -> None:
    before = upkeep.files(folder)
    with pytest.raises(UnknownAddressError, match=r"story-999: the dataset does not know this address$"):
        upkeep.take_down(folder, STORY, 999)
    assert upkeep.files(folder) == before
    whole(folder)


def test_before_and_after_a_merge(folder: Path) -> None:
    upkeep.take_down(folder, STORY)
    upkeep.merge(folder)
    whole(folder, STORY)
    upkeep.take_down(folder, REFUSED)
    whole(folder, STORY, REFUSED)
    upkeep.crawl(folder, 5)
    whole(folder, STORY, REFUSED)
    for number in (STORY, REFUSED):
        assert upkeep.traces(folder, number) == []


@pytest.mark.parametrize("fault", upkeep.BEFORE)
def test_killed_before_the_commit_nothing_has_happened(folder: Path, fault: str) -> None:
    upkeep.killed(fault, upkeep.take_down, folder, STORY)
    upkeep.start(folder)
    whole(folder)
    upkeep.take_down(folder, STORY)
    whole(folder, STORY)
    assert upkeep.traces(folder, STORY) == []


@pytest.mark.parametrize("fault", upkeep.AFTER + upkeep.SCRUBBED)
def test_killed_after_the_commit_the_next_start_ends_it(folder: Path, fault: str) -> None:
    upkeep.killed(fault, upkeep.take_down, folder, STORY)
    upkeep.start(folder)
    whole(folder, STORY)
    assert upkeep.traces(folder, STORY) == []


def test_beside_a_living_crawl(folder: Path, processes: Processes) -> None:
    crawl = processes.start(folder, size=400, depth=8, pause=0.005)
    crawl.begun()
    upkeep.take_down(folder, STORY)
    assert upkeep.traces(folder, STORY, hashes=False) == []
    assert crawl.ended() == (0, "")
    check(folder, 400, 8, forgotten=[world.url(STORY)])


def test_files_of_a_living_crawl_are_not_touched(folder: Path) -> None:
    store = world.begin(folder, 120, 6)
    world.crawl(store)
    with pytest.raises(InUseError, match=rf"^the crawl {store.crawl_id} is running and its files are concerned; try"):
        upkeep.take_down(folder, STORY, 72)
    store.close("ok")
    check(folder, 120, 6)
    upkeep.take_down(folder, STORY, 72)
    check(folder, 120, 6, forgotten=[world.url(STORY), world.url(72)])


@pytest.mark.parametrize("redirect", [False, True])
def test_page_under_way_when_its_article_is_forgotten(folder: Path, redirect: bool) -> None:
    store = world.begin(folder, 400, 8, scope="late")
    store.store(world.listing(300)).result()
    (claimed,) = store.claim().result().addresses
    assert upkeep.take_down(folder, 300) == Forgotten(addresses=1)
    page = world.fetch(claimed)
    if redirect:
        page = attrs.evolve(claimed, status=301, leads_to=world.named(301))
    assert store.store(page).result().articles == ()
    store.close("ok")
    assert upkeep.traces(folder, 300) == []
    whole(folder)
    ledger = Ledger.read(folder)
    assert ledger.one("SELECT state, run FROM addresses WHERE url = ?", world.url(300)) == ("forgotten", None)
    ledger.close()
