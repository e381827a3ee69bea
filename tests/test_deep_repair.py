"""`-s DEEP_REPAIR=True` in whole crawls: what is damaged is read again from the raw page, and said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.running import SITE, SmallSite, article, crawl, feed, item
from tests.storage.upkeep import unindex

if TYPE_CHECKING:
    from pathlib import Path

DEEP = ("-s", "DEEP_REPAIR=True")
PATHS = [f"/world/europe/story-{number}" for number in range(6)]


@pytest.fixture
def site() -> SmallSite:
    pages = {path: article(f"Headline {path[-1]}", body=f"Text {path[-1]}.") for path in PATHS}
    return SmallSite(pages | {"/rss/world": feed(*(item(SITE + path) for path in PATHS))})


def lines(output: Path) -> list[bytes]:
    return sorted(line for path in output.glob("articles/*") for line in path.read_bytes().splitlines())


def change(output: Path, statement: str) -> None:
    with closing(sqlite3.connect(output / "ledger.sqlite")) as ledger, ledger:
        ledger.execute(statement)


@pytest.mark.parametrize("older", [False, True], ids=["with a digest", "from before digests"])
def test_a_year_that_was_changed(older: bool, tmp_path: Path, site: SmallSite) -> None:
    with site:
        assert crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin).code == 0
        before = lines(tmp_path)
        if older:
            change(tmp_path, "UPDATE articles SET digest = NULL")
        assert (
            crawl("feeds", "-a", "feeds=world", *DEEP, output=tmp_path, origin=site.origin).err.count("Recovered") == 0
        )
        path = next(tmp_path.glob("articles/*"))
        if older:
            change(tmp_path, "UPDATE articles SET digest = NULL")
        path.write_bytes(path.read_bytes().replace(b'"published_at":"2021', b'"published_at":"1921', 1))
        done = crawl("feeds", "-a", "feeds=world", *DEEP, output=tmp_path, origin=site.origin)
    assert "1 files were not whole" in done.err
    assert "1 lines rebuilt, 0 addresses to be fetched again" in done.err
    assert lines(tmp_path) == before


def test_bytes_flipped_anywhere_in_lines(tmp_path: Path, site: SmallSite) -> None:
    random = Random(1914)
    with site:
        assert crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin).code == 0
        before = lines(tmp_path)
        path = next(tmp_path.glob("articles/*"))
        data = bytearray(path.read_bytes())
        for at in random.sample(range(len(data)), 17):
            data[at] ^= 1 << random.randrange(8)
        path.write_bytes(data)
        done = crawl("feeds", "-a", "feeds=world", *DEEP, output=tmp_path, origin=site.origin)
    assert done.code == 0, done.err
    assert lines(tmp_path) == before


def test_nothing_is_stored_twice_where_an_index_is_damaged(tmp_path: Path, site: SmallSite) -> None:
    with site:
        assert crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin).code == 0
        before = lines(tmp_path)
        unindex(tmp_path)
        done = crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin)
    assert "an index was damaged" in done.err
    assert (done.code, lines(tmp_path)) == (0, before)


def test_after_damage_of_an_index_all_that_is_stored_is_compared_once(tmp_path: Path, site: SmallSite) -> None:
    """Whoever mends it: the command looks at the ledger before the run does. What damaged an index may have damaged lines, too."""
    with site:
        assert crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin).code == 0
        before = lines(tmp_path)
        unindex(tmp_path)
        path = next(tmp_path.glob("articles/*"))
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b'"published_at":"2021', b'"published_at":"1921', 1))
        done = crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin)
        assert "1 lines rebuilt" in done.err
        assert (done.code, lines(tmp_path)) == (0, before)
        path = next(tmp_path.glob("articles/*"))
        path.write_bytes(path.read_bytes().replace(b'"published_at":"2021', b'"published_at":"1921', 1))
        assert "rebuilt" not in crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin).err, "once"


def test_a_table_whose_index_tells_that_it_is_damaged(tmp_path: Path, site: SmallSite) -> None:
    """One byte of an address: the index is built anew from the wrong table, and the article was fetched and stored a second time."""
    with site:
        assert crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin).code == 0
        before = lines(tmp_path)
        with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger:
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (root,) = ledger.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'addresses'").fetchone()
            (size,) = ledger.execute("PRAGMA page_size").fetchone()
        with (tmp_path / "ledger.sqlite").open("r+b") as file:
            file.seek((root - 1) * size)
            page = file.read(size)
            assert b"/story-3" in page
            file.seek((root - 1) * size)
            file.write(page.replace(b"/story-3", b"/storz-3", 1))
        done = crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin)
    assert "an index was damaged" in done.err
    assert (done.code, lines(tmp_path)) == (0, before)


@pytest.mark.parametrize("deep", [(), DEEP], ids=["as ever", "deep"])
def test_a_repair_that_the_disk_does_not_allow_is_no_success(
    deep: tuple[str, ...], tmp_path: Path, site: SmallSite
) -> None:
    """It ended `no_new` with exit code 0, and nothing was asked for: every run of a timetable, as long as the cause lasted."""
    with site:
        assert crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=site.origin).code == 0
        path = next(tmp_path.glob("articles/*"))
        path.unlink()
        path.mkdir()
        done = crawl("feeds", "-a", "feeds=world", *deep, output=tmp_path, origin=site.origin)
    assert (done.code, done.verdict.split(": ")[0]) == (15, "storage"), done.err
    assert str(path) in done.verdict
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger:
        assert ledger.execute("SELECT verdict FROM runs ORDER BY id DESC LIMIT 1").fetchone() == ("storage",)
