"""Bytes changed inside files that keep their sizes: DEEP_REPAIR finds them and makes them good, or says what is lost."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import orjson
import pytest

from sabah.items import ADDED
from sabah.storage import snapshots
from sabah.storage.errors import StorageError
from sabah.storage.ledger import NAME, Ledger
from sabah.storage.repair import Repaired
from sabah.storage.rewrite import compact
from tests.storage import world
from tests.storage.conftest import check
from tests.storage.test_repair import repair, segments
from tests.storage.upkeep import unindex

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

    from sabah.items import Article
    from sabah.storage.repair import Missing

SIZE, DEPTH = 60, 4


def seeds(usual: int, all_: int) -> list[ParameterSet]:
    """Some of them each time, and all with `make faults`."""
    return [pytest.param(seed, marks=[pytest.mark.thorough] if seed >= usual else []) for seed in range(all_)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "output"
    store = world.begin(folder, SIZE, DEPTH)
    world.crawl(store)
    store.close("ok")
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return _copy(whole, tmp_path / "output")


def _copy(whole: Path, folder: Path) -> Path:
    shutil.copytree(whole, folder)
    return folder


def _flip(path: Path, random: Random, least: int = 0) -> int:
    """Changes a byte anywhere in the file; where."""
    data = bytearray(path.read_bytes())
    at = random.randrange(least, len(data))
    data[at] ^= 1 << random.randrange(8)
    path.write_bytes(data)
    return at


def deep(folder: Path, rebuild: Callable[[Missing], Article | None] = world.rebuild) -> Repaired:
    """A deep look that knows what the words of this newspaper's records come to."""
    store = world.begin(folder, SIZE, DEPTH)
    report = store.repair(rebuild, deep=True, consistent=_consistent).result()
    store.close("ok")
    return report


def _consistent(record: Article) -> bool:
    number = int(record.headline.removeprefix("Story "))
    return record.revision_hash == world.digest(f"{number} {record.body}")


def _change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / NAME)) as ledger, ledger:
        for one in statements:
            ledger.execute(one)


@pytest.mark.parametrize("seed", seeds(15, 40))
def test_a_byte_of_a_line(seed: int, folder: Path) -> None:
    before = segments(folder)
    (path,) = folder.glob("articles/*")
    _flip(path, Random(seed))
    assert segments(folder) != before
    report = repair(folder, deep=True)
    assert (report.files, report.rebuilt) == ([f"articles/{path.name}"], report.rebuilt or 1)
    assert 1 <= report.rebuilt <= 2, "a line break that is none any more is of two lines"
    assert segments(folder) == before
    assert repair(folder, deep=True) == Repaired()
    check(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"published_at":"2021-', b'"published_at":"1921-'),
        (b'"published_at":"2021-09-14T10:51:00+03:00"', b'"published_at":"2021-09-14T10:51:00+08:00"'),
        (b'"section":"world"', b'"section":"sport"'),
        (b'"headline":"Story 1"', b'"headline":"Story 7"'),
        (b'"status":200', b'"status":201'),
        (b'"revision":1', b'"revision":2'),
        (b'"origin":"replica"', b'"origin":"archive"'),
        (b'"found_on":"https', b'"found_on":"httpz'),
        (b'"language":"en"', b'"language":"eM"'),
        (b'"withdrawn_at":null', b'"withdrawn_at":true'),
        (b".warc.gz:", b".warc.gz;"),
        (b'"url":"https://www.dailysabah.com/world/2021/09/14/story-1"', b'"url":"https://www.dailysabah.com/world/2021/09/14/story-2"'),
    ],
)  # fmt: skip
def test_a_field_of_a_line(old: bytes, new: bytes, folder: Path) -> None:
    before = segments(folder)
    (path,) = folder.glob("articles/*")
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    assert repair(folder) == Repaired(), "sizes are all that an ordinary start looks at"
    assert repair(folder, deep=True).rebuilt == 1
    assert segments(folder) == before
    check(folder)


def test_damage_is_not_vouched_for_by_moving_it(folder: Path) -> None:
    before = segments(folder)
    (path,) = folder.glob("articles/*")
    path.write_bytes(path.read_bytes().replace(b'"published_at":"2021-', b'"published_at":"1921-', 1))
    store = world.begin(folder, SIZE + 20, DEPTH)  # a second file to merge
    world.crawl(store)
    store.close("ok")
    with closing(Ledger.open(folder)) as ledger:
        assert compact(ledger, ["2026-11", f"{store.crawl_id[:4]}-{store.crawl_id[4:6]}"], 1_000_000).after
    assert repair(folder, deep=True).rebuilt == 1
    with_places = {line.replace(b"-", b"") for line in before}
    assert with_places
    check(folder, size=SIZE + 20)


@pytest.mark.parametrize("seed", seeds(8, 25))
def test_a_byte_of_a_refused_line(seed: int, folder: Path) -> None:
    path = folder / "rejected.jsonl"
    before = path.read_bytes()
    _flip(path, Random(seed))
    report = repair(folder, deep=True)
    assert (report.files, 1 <= report.rebuilt <= 2) == (["rejected.jsonl"], True)
    assert path.read_bytes() == before
    assert repair(folder, deep=True) == Repaired()
    check(folder)


@pytest.mark.parametrize("seed", seeds(15, 40))
def test_a_byte_of_a_snapshot(seed: int, folder: Path) -> None:
    """The record stands and says that it has no raw page; or what was changed is no part of the page, nor of what the file says of it."""
    random = Random(seed)
    before, read = segments(folder), _captures(folder)
    path = random.choice(sorted(folder.glob("snapshots/*")))
    _flip(path, random)
    report = repair(folder, deep=True)
    now = _captures(folder)
    lost = [place for place in read if place not in now]
    assert all(now[place] == read[place] for place in now)
    assert report.snapshots == len(lost) <= 1
    named = [orjson.loads(line) for line in segments(folder)]
    assert len(named) == len(before)
    assert sum(line["snapshot"] is None for line in named) <= len(lost)
    assert repair(folder, deep=True) == Repaired()


def _captures(folder: Path) -> dict[str, snapshots.Capture]:
    with closing(Ledger.read(folder)) as ledger:
        rows = ledger.all("SELECT f.name, s.offset FROM snapshots s JOIN files f ON f.id = s.file")
    return {f"{name}:{offset}": snapshots.read(folder / name, offset) for name, offset in rows}


@pytest.mark.parametrize("seed", seeds(25, 80))
def test_a_byte_of_the_ledger(seed: int, folder: Path) -> None:
    """It is refused with a line that says what helps, or every record is there once, and as it was."""
    before = segments(folder)
    with closing(sqlite3.connect(folder / NAME)) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _flip(folder / NAME, Random(seed))
    try:
        repair(folder, deep=True)
        store = world.begin(folder, SIZE, DEPTH)
        world.crawl(store)
        store.close("ok")
    except StorageError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert "ledger" in refused
        assert "\n" not in refused
        return
    with closing(Ledger.read(folder)) as ledger:
        stored = [
            orjson.loads((folder / name).read_bytes()[offset : offset + length])
            for name, offset, length in ledger.all("SELECT f.name, t.offset, t.length FROM articles t JOIN files f ON f.id = t.file")
        ]  # fmt: skip
    expected = [orjson.loads(line) for line in before]
    assert sorted(line["url"] for line in stored) == sorted(line["url"] for line in expected)
    dates = {line["url"]: (line["published_at"], line["body"], line["headline"], line["revision"]) for line in expected}
    assert {
        line["url"]: (line["published_at"], line["body"], line["headline"], line["revision"]) for line in stored
    } == dates


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET published_at = '1921-09-14T10:51:00+03:00' WHERE id = 3",
        "UPDATE articles SET text_hash = upper(text_hash) WHERE id = 3",
        "UPDATE articles SET revision = 5 WHERE id = 3",
        "UPDATE articles SET reading = 2, layout = 'amp' WHERE id = 3",
        "UPDATE articles SET withdrawn_at = '2021-09-14T10:51:00+00:00' WHERE id = 3",
        "UPDATE articles SET snapshot = 1 WHERE id = 3",
        "UPDATE articles SET address = (SELECT id FROM addresses WHERE id NOT IN (SELECT address FROM articles) LIMIT 1) WHERE id = 3",
        "UPDATE addresses SET url = url || 'x' WHERE id = (SELECT address FROM articles WHERE id = 3)",
        "UPDATE runs SET crawl_id = '20200101T000000Z-aaaaaa'",
    ],
)
def test_a_row_that_does_not_say_what_its_line_says(change: str, folder: Path) -> None:
    before = segments(folder)
    with closing(sqlite3.connect(folder / NAME)) as ledger:
        rows = ledger.execute(_ROWS).fetchall()
    _change(folder, change)
    report = repair(folder, deep=True)
    assert (report.rows >= 1, report.rebuilt) == (True, 0)
    with closing(sqlite3.connect(folder / NAME)) as ledger:
        assert ledger.execute(_ROWS).fetchall() == rows
    assert segments(folder) == before
    assert repair(folder, deep=True) == Repaired()
    check(folder)


_ROWS = (
    "SELECT a.url, r.crawl_id, t.revision, t.reading, t.text_hash, t.revision_hash, t.layout, t.published_at, t.withdrawn_at, t.snapshot FROM articles t"
    " JOIN addresses a ON a.id = t.address JOIN runs r ON r.id = t.run ORDER BY t.id"
)


@pytest.mark.parametrize(
    "index",
    [
        "sqlite_autoindex_addresses_1",
        "sqlite_autoindex_articles_1",
        "articles_text",
        "sqlite_autoindex_runs_1",
        "wants_next",
        "addresses_due",
    ],
)
def test_a_damaged_index_is_built_anew(index: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = segments(folder)
    unindex(folder, index)
    store = world.begin(folder, SIZE, DEPTH)
    world.crawl(store)
    store.close("ok")
    assert "an index was damaged" in caplog.text
    assert segments(folder) == before, "nothing is stored a second time"
    check(folder)


def test_an_index_whose_table_has_a_row_twice_is_not_mended(folder: Path) -> None:
    _change(folder, "DROP INDEX articles_text")
    with closing(sqlite3.connect(folder / NAME)) as ledger, ledger:
        ledger.execute("PRAGMA writable_schema = ON")
        ledger.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'url TEXT NOT NULL UNIQUE', 'url TEXT NOT NULL') WHERE name = 'addresses'"
        )
        ledger.execute("DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_addresses_1'")
    with closing(sqlite3.connect(folder / NAME)) as ledger, ledger:
        ledger.execute("UPDATE addresses SET url = (SELECT url FROM addresses WHERE id = 1) WHERE id = 2")
        ledger.execute("CREATE UNIQUE INDEX other ON addresses (url, id)")
        ledger.execute("PRAGMA writable_schema = ON")
        ledger.execute(
            "UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX other ON addresses (url)' WHERE name = 'other'"
        )
    with pytest.raises(StorageError, match=r"the ledger is damaged .*Restore ledger\.sqlite from a backup"):
        Ledger.open(folder)


def test_lines_of_schema_version_1_agree_with_the_ledger(folder: Path) -> None:
    (path,) = folder.glob("articles/*")
    offset, old = 0, []
    statements = []
    for line in path.read_bytes().splitlines():
        record = {name: value for name, value in orjson.loads(line).items() if name not in ADDED}
        old.append(orjson.dumps(record | {"schema_version": 1}, option=orjson.OPT_APPEND_NEWLINE))
        statements.append(
            f"UPDATE articles SET digest = NULL, offset = {offset}, length = {len(old[-1])} WHERE id = {len(old)}"
        )
        offset += len(old[-1])
    path.write_bytes(b"".join(old))
    _change(folder, *statements, f"UPDATE files SET length = {offset} WHERE kind = 'article'")
    assert deep(folder) == Repaired()
    path.write_bytes(path.read_bytes().replace(b'"layout":"2020', b'"layout":"2029', 1))
    assert deep(folder).rebuilt == 1
    check(folder)


def test_older_lines_get_a_digest_where_they_agree_with_the_ledger(folder: Path) -> None:
    _change(folder, "UPDATE articles SET digest = NULL", "UPDATE refusals SET digest = NULL")
    assert deep(folder) == Repaired()
    with closing(Ledger.read(folder)) as ledger:
        assert ledger.one("SELECT count(*) FROM articles WHERE digest IS NULL") == (0,)
        assert ledger.one("SELECT count(*) FROM refusals WHERE digest IS NULL") == (0,)
    check(folder)


@pytest.mark.parametrize(
    "field",
    [
        b'"published_at":"2021',
        b'"section":"world',
        b'"status":200',
        b'"origin":"rep',
        b'"layout":"2020',
        b'"headline":"Story 1',
    ],
)
def test_older_lines_are_compared_with_the_ledger(field: bytes, folder: Path) -> None:
    before = segments(folder)
    _change(folder, "UPDATE articles SET digest = NULL")
    (path,) = folder.glob("articles/*")
    data = path.read_bytes()
    assert field in data
    path.write_bytes(data.replace(field, field[:-1] + b"9", 1))
    assert (deep(folder).rebuilt, segments(folder)) == (1, before)


def test_an_older_line_without_a_page_stands_and_is_named(folder: Path) -> None:
    _change(folder, "UPDATE articles SET digest = NULL")
    (path,) = folder.glob("articles/*")
    path.write_bytes(path.read_bytes().replace(b'"published_at":"2021', b'"published_at":"1921', 1))
    report = deep(folder, lambda _: None)
    assert (report.rebuilt, len(report.doubtful), report.pending) == (0, 1, [])
    again = deep(folder, lambda _: None)
    assert again.doubtful == report.doubtful, "it is said each time"
