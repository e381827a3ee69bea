"""What a run sees of the store: levels, links of what is stored already, redirects, revisions, limits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import attrs
import orjson
import pytest

from sabah.storage import faults
from sabah.storage.errors import StorageError
from sabah.storage.ledger import Ledger
from sabah.storage.pages import Page
from sabah.storage.store import Options, Store
from tests.storage import world
from tests.storage.conftest import check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    store = world.begin(folder, 1000, 3)
    yield store
    store.close("ok")


def numbers(store: Store, size: int = 48) -> list[int]:
    return [world.number_of(one.url) for one in store.claim(size).result().addresses]


def claim(store: Store, *wanted: int) -> list[Page]:
    store.store(world.listing(*wanted)).result()
    return list(store.claim().result().addresses)


def rows(folder: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    ledger = Ledger.read(folder)
    try:
        return ledger.all(sql, *values)
    finally:
        ledger.close()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for path in sorted(folder.glob("articles/*")) for line in path.read_bytes().splitlines()]


def test_nothing_is_made_before_the_first_record(store: Store, folder: Path) -> None:
    store.store(world.listing(0)).result()
    assert sorted(path.name for path in folder.iterdir() if "sqlite" not in path.name) == ["locks"]


def test_a_level_waits_for_the_one_above(store: Store) -> None:
    zero, one = claim(store, 0, 1)
    store.store(world.fetch(zero)).result()
    waiting = store.claim().result()
    assert (waiting.addresses, waiting.waiting, waiting.held) == ((), True, False)
    store.store(world.fetch(one)).result()
    below = store.claim().result().addresses
    assert [(world.number_of(one.url), one.depth) for one in below] == [(2, 1), (3, 1), (4, 1)]
    assert {one.found_on for one in below} == {world.url(0), world.url(1)}


def test_what_is_given_back_comes_again(store: Store) -> None:
    first = claim(store, 0, 1)
    assert numbers(store) == []
    store.release(first[:1]).result()
    assert numbers(store) == [0]


def test_a_deeper_crawl_goes_on_from_stored_links_and_fetches_nothing_twice(folder: Path) -> None:
    asked: list[str] = []
    for depth in (1, 5, 5):
        store = world.begin(folder, 120, depth)
        world.crawl(store, asked.append)
        store.close("ok")
    check(folder, 120, 5)
    answered = [url for url in asked if world.fate(world.number_of(url)) != "failed"]
    assert len(answered) == len(set(answered))


def test_unwanted_links_are_counted_by_reason(store: Store) -> None:
    listing = Page(url=f"{world.SITE}world", links=tuple(world.named(number) for number in (1, 1000, 1001)))
    assert store.store(listing).result().unwanted == {"out of scope": 2}
    assert store.store(listing).result().unwanted == {}
    assert store.store(attrs.evolve(listing, depth=3, links=(world.named(2),))).result().unwanted == {"too deep": 1}


def test_a_redirect_gives_one_article_under_its_final_address(store: Store, folder: Path) -> None:
    alias, final = claim(store, 3, 2)
    assert len(store.store(world.fetch(alias)).result().articles) == 1
    assert store.store(world.fetch(final)).result().articles == ()
    assert [line["url"] for line in lines(folder)] == [world.url(2)]
    known = rows(
        folder,
        "SELECT a.url, a.state, f.url FROM addresses a LEFT JOIN addresses f ON f.id = a.alias_of WHERE a.state = 'done' ORDER BY 1",
    )
    assert known == [(world.url(2), "done", None), (world.url(3), "done", world.url(2))]
    assert numbers(store) == [5, 6, 1]


def test_an_article_met_first_under_another_address_was_seen_then(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = [f"2021-09-14T07:51:0{second}+00:00" for second in range(3)]
    monkeypatch.setenv("SABAH_NOW", times[0])
    (alias,) = claim(store, 3)
    monkeypatch.setenv("SABAH_NOW", times[1])
    page = world.fetch(alias)
    monkeypatch.setenv("SABAH_NOW", times[2])
    store.store(world.listing(2)).result()  # another page names it while the first is under way
    store.store(page).result()
    (line,) = lines(folder)
    assert (line["url"], line["first_seen_at"], line["fetched_at"]) == (world.url(2), *times[:2])


def test_twin_texts_and_revisions(store: Store, folder: Path) -> None:
    first, second = claim(store, 0, 1)  # stories 2n and 2n+1 have one text
    stored = [store.store(world.fetch(one)) for one in (first, second)]
    assert [one.result().articles[0].duplicate_of for one in stored] == [None, world.url(0)]
    changed = attrs.evolve(world.fetch(first), record=world.article(0, "Corrected."))
    assert [one.revision for one in store.store(changed).result().articles] == [2]
    assert store.store(changed).result().articles == ()
    assert [(line["url"], line["revision"]) for line in lines(folder)] == [
        (world.url(0), 1),
        (world.url(1), 1),
        (world.url(0), 2),
    ]
    assert {line["crawl_id"] for line in lines(folder)} == {store.crawl_id}


def test_a_failed_page_is_tried_again_by_the_next_run_but_not_for_ever(folder: Path) -> None:
    tried = []
    for _ in range(4):
        store = world.begin(folder, 100, 0, attrs.evolve(world.SMALL, runs_to_fail=2))
        claimed = claim(store, 11)
        for one in claimed:
            store.store(attrs.evolve(world.fetch(one), attempts=3)).result()
        assert not store.claim().result().waiting
        store.close("partial")
        tried.append(len(claimed))
    assert tried == [1, 1, 0, 0]
    assert rows(folder, "SELECT state, attempts, failures FROM addresses") == [("failed", 6, 2)]


def test_a_forgotten_address_is_neither_fetched_nor_stored(store: Store, folder: Path) -> None:
    (alias,) = claim(store, 3)
    ledger = Ledger.open(folder)
    ledger.run(
        "INSERT INTO addresses (url, kind, depth, first_seen_at, state) VALUES (?, 'article', 0, '', 'forgotten')",
        world.url(2),
    )
    ledger.close()
    assert store.store(world.fetch(alias)).result().articles == ()
    assert claim(store, 2) == []
    assert lines(folder) == []
    assert rows(folder, "SELECT count(*) FROM snapshots") == [(0,)]


def test_limit_is_exact_and_what_is_left_stays_pending(folder: Path) -> None:
    store = world.begin(folder, 100, 3, Options(limit=2, group_pages=10))
    claimed = claim(store, 0, 1, 2, 4)
    within = [store.store(world.fetch(one)) for one in claimed]
    assert [one.result().within for one in within] == [True, True, False, False]
    store.close("ok", "limit")
    assert len(lines(folder)) == 2
    assert rows(folder, "SELECT pages, articles FROM runs") == [(2, 2)]
    assert rows(folder, "SELECT url FROM addresses a JOIN wants w ON w.address = a.id WHERE a.state = 'pending' AND w.depth = 0") == [
        (world.url(2),), (world.url(4),),
    ]  # fmt: skip


def test_pages_that_wait_together_are_one_commit(folder: Path) -> None:
    store = world.begin(folder, 100, 3, Options(group_pages=4, group_seconds=60))
    pages = [store.store(world.listing(number)) for number in range(3)]
    assert not any(page.done() for page in pages)
    store.store(world.listing(3)).result(timeout=10)
    assert all(page.done() for page in pages)
    last = store.store(world.listing(4))
    store.claim().result(timeout=10)
    assert last.done(), "what was handed in before a claim is committed before it"
    store.close("ok")


def test_after_a_failure_nothing_more_is_stored_or_claimed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = world.begin(folder, 100, 3)
    claimed = claim(store, 0, 1)
    monkeypatch.setattr(faults, "armed", faults.Fault("article-written:1:ENOSPC"))
    for attempt in (store.store(world.fetch(claimed[0])), store.store(world.listing(5)), store.claim()):
        with pytest.raises(StorageError, match="the disk is full"):
            attempt.result()
    store.close("failed", "storage")
    assert rows(folder, "SELECT count(*) FROM addresses WHERE run IS NOT NULL OR state <> 'pending'") == [(0,)]
    store = world.begin(folder, 100, 3)
    world.crawl(store)
    store.close("ok")
    check(folder, 100, 3)


def test_pages_from_many_threads(folder: Path) -> None:
    store = world.begin(folder, 100, 3)
    claimed = claim(store, *range(100))
    results: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda part=part: results.extend(
                store.store(world.fetch(one)).result().within for one in claimed[part::4]
            )
        )
        for part in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close("ok")
    assert results == [True] * len(claimed)
