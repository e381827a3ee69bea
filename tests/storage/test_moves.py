"""Articles that moved, killed at every step: each ends once, at the address that has a record, and keeps its history."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest

from sabah.storage import faults, snapshots
from sabah.storage.ledger import Ledger
from tests.storage import editions, upkeep, world

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.storage.pages import Page

STEPS = [
    f"{name}:{count}" for name in faults.POINTS for count in (1, 3)
    if name.startswith(("due", "claim", "file", "snapshot", "article", "pages", "end"))
    and (count == 1 or name in ("claim-saved", "article-torn", "article-synced", "pages-unsaved", "pages-saved"))
]  # fmt: skip
NOW = "2021-09-14T09:00:00+00:00"
OLD = editions.STORED[:24]
NEW = 1000
"""Added to the number of a story that has moved: its new one. Twice, for one that has moved twice."""


def end_of(number: int) -> int:
    """The story at which an old one stands now."""
    if number % 4 == 0:
        return number  # not moved
    if number % 4 == 1:
        return number + NEW
    return number + 2 * NEW if number % 4 == 2 else OLD[0]


def look(claimed: Page) -> Page:
    if claimed.state == "refused":
        return world.fetch(claimed)  # asked for again, and refused again
    number = world.number_of(claimed.url)
    capture = world.capture(number, str(claimed.url), NOW, status="301 Moved Permanently")
    page = attrs.evolve(claimed, status=301, fetched_at=NOW, attempts=1, raw_page=capture)
    to = end_of(number) if number in OLD else number
    if number < 2 * NEW and number % NEW in OLD and number % 4 == 2:
        to = number + NEW  # on its way to the one after that
    if to == number:
        capture = world.capture(number, str(claimed.url), NOW)
        return attrs.evolve(page, status=200, record=world.article(number), raw_page=capture)
    page.for_good = True
    page.end(leads_to=world.named(to))
    return page


def crawl(folder: Path) -> None:
    os.environ["SABAH_NOW"] = NOW
    store = world.begin(folder, 10_000, 0, scope="revisit")
    store.repair(world.rebuild).result()
    store.want_due().result()
    while addresses := store.claim(5).result().addresses:
        for page in [store.store(look(one)) for one in addresses]:
            page.result()
    store.close("ok")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset before anything moved."""
    folder = tmp_path_factory.mktemp("moves") / "output"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SABAH_NOW", editions.TIMES[1])
        editions.crawl(folder, 1)
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: Path) -> Path:
    monkeypatch.setenv("SABAH_NOW", NOW)
    shutil.copytree(before, tmp_path / "output")
    return tmp_path / "output"


def check(folder: Path) -> None:
    found: dict[int, list[tuple[int, str | None]]] = {}
    for line in sorted(editions.lines(folder), key=lambda line: line["revision"]):
        found.setdefault(world.number_of(line["url"]), []).append((line["revision"], line["moved_to"]))
        name, _, offset = line["snapshot"].rpartition(":")
        shown = snapshots.read(folder / "snapshots" / name, int(offset))
        assert (shown.head.split()[1], line["status"]) == ((b"301", 301) if line["moved_to"] else (b"200", 200))
        assert (line["withdrawn_at"] is None) == (line["moved_to"] is None)
    ends = {number: end_of(number) if number in OLD else number for number in editions.STORED}
    expected: dict[int, list[tuple[int, str | None]]] = {number: [(1, None)] for number in (*ends, *ends.values())}
    for number, end in ends.items():
        if number != end:
            expected[number].append((2, world.url(end)))
    assert found == expected
    ledger = Ledger.read(folder)
    try:
        assert ledger.one("SELECT count(*) FROM signs") == (0,)
        assert ledger.one("SELECT count(*) FROM addresses WHERE run IS NOT NULL") == (0,)
        assert ledger.one("SELECT count(*) FROM addresses WHERE state = 'gone' AND due_at IS NULL")[0] >= len(OLD) // 2
    finally:
        ledger.close()


def test_each_ends_once(folder: Path) -> None:
    assert OLD[0] % 4 == 0, "stands, and others move to it"
    crawl(folder)
    check(folder)
    crawl(folder)
    check(folder)


@pytest.mark.parametrize("fault", STEPS)
def test_killed_at_a_step(folder: Path, fault: str) -> None:
    upkeep.killed(fault, crawl, folder)
    crawl(folder)
    check(folder)


def test_forgotten_while_it_was_on_its_way(folder: Path) -> None:
    """A sign of an article that is taken down goes with it."""
    (number, *_) = (one for one in OLD if one % 4 == 1)
    store = world.begin(folder, 10_000, 0, scope="revisit")
    store.want_due().result()
    claimed = {world.number_of(one.url): one for one in store.claim(100).result().addresses}
    store.store(look(claimed[number])).result()
    store.close("ok")
    upkeep.take_down(folder, number)
    ledger = Ledger.read(folder)
    try:
        assert ledger.one("SELECT count(*) FROM signs") == (0,)
    finally:
        ledger.close()
    assert upkeep.traces(folder, number, hashes=False) == []
