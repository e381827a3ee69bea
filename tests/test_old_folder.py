"""What a user of 674f7d4 has is opened, continued, read, exported, backed up, repaired and compacted by today's code."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import orjson
import pytest

from sabah.dataset.formats import FORMATS
from sabah.items import ADDED, article_schema
from sabah.storage.ledger import Ledger
from tests import old
from tests.rereading.older import scrapy
from tests.running import SITE, Crawl, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

NEW = f"{SITE}/world/a-new-one/news"
CHANGED = f"{SITE}/world/asia-pacific/558-displaced-as-island-cease-fire-falters-near-istanbul"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return old.copied(tmp_path / "output")


def lines(folder: Path) -> list[dict[str, Any]]:
    return [
        orjson.loads(line)
        for path in sorted(folder.glob("articles/*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


def on(folder: Path, *args: str, code: int = 0) -> str:
    """What the command prints on the dataset in `folder`, a day after its last run."""
    done = scrapy(folder, *args, SABAH_NOW=old.NOW)
    assert done.returncode == code, done.stderr
    return done.stdout


def continued(folder: Path) -> Crawl:
    """A crawl by today's code: of one article that is new, and of what an old run has left."""
    with SmallSite({"/world/a-new-one/news": article("A new one")}) as site:
        done = crawl("addresses", "-a", f"url={NEW}", output=folder, origin=site.origin, SABAH_NOW=old.NOW)
    assert done.code == 0, done.err
    return done


def test_the_migration_keeps_every_row(folder: Path) -> None:
    before = old.tables(folder)
    Ledger.open(folder).close()
    after = old.tables(folder)
    for name, rows in before.items():
        kept = [{column: row[column] for column in rows[0]} for row in after[name]] if rows else after[name]
        if name == "addresses":  # but for the due time that those get which were refused
            assert [row["url"] for row in rows if row not in kept] == [f"{SITE}/world/no-date-yet/news"]
            assert [row for row in kept if row["state"] != "refused"] == [
                row for row in rows if row["state"] != "refused"
            ]
            continue
        assert kept == rows, name
    assert set(after) - set(before) == {"namers", "namings", "facts", "signs"}


def test_the_migration_knows_of_when_every_line_is(folder: Path) -> None:
    """Lines with a page, without one, of a capture, withdrawals: each as its line says."""
    with closing(Ledger.open(folder)) as ledger:
        rows = ledger.all(
            "SELECT a.url, t.revision, t.reading, t.as_of FROM articles t JOIN addresses a ON a.id = t.address"
        )
    said = {
        (line["url"], line["revision"], line["reading"]): line["withdrawn_at"]
        or line["captured_at"]
        or line["fetched_at"]
        for line in lines(folder)
    }
    assert {tuple(key): as_of for *key, as_of in rows} == said
    assert len(rows) == len(said) == 21


def test_a_line_that_is_gone_keeps_no_migration_up(folder: Path) -> None:
    for path in (folder / "articles").iterdir():
        path.write_bytes(b"")
    with closing(Ledger.open(folder)) as ledger:
        assert ledger.one("SELECT count(*) FROM articles WHERE as_of IS NULL") == (0,)


def test_refused_addresses_are_due_within_two_weeks(folder: Path) -> None:
    with closing(Ledger.open(folder)) as ledger:
        soon = "due_at BETWEEN strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-1 minute') AND strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '14 days')"
        assert ledger.all(f"SELECT refusals, {soon} FROM addresses WHERE state = 'refused'") == [(0, 1)]


@pytest.mark.parametrize(
    "command",
    [
        ("status",), ("status", "--json"), ("status", "--changes"), ("status", "--jobs"), ("export", "old"), ("report",),
        ("reparse", "--dry-run"), ("diff", CHANGED),
    ],
    ids=" ".join,
)  # fmt: skip
def test_read_before_any_crawl_of_today(command: tuple[str, ...], folder: Path) -> None:
    on(folder, *command)


def test_continued(folder: Path) -> None:
    before = lines(folder)
    continued(folder)
    after = lines(folder)
    assert [line for line in after if line["url"] != NEW] == before
    (new,) = (line for line in after if line["url"] == NEW)
    assert (new["schema_version"], new["revision"], new["marks"]) == (2, 1, [])
    validator = jsonschema.Draft202012Validator(article_schema())
    assert [list(validator.iter_errors(line)) for line in after] == [[]] * 22


def test_every_format_of_a_mixed_folder(folder: Path) -> None:
    continued(folder)
    on(folder, "export", "all", "--revisions", "all", "--format", ",".join(FORMATS))
    found = [orjson.loads(line) for line in (folder / "exports/all/articles.jsonl").read_bytes().splitlines()]
    assert len({tuple(line) for line in found}) == 1
    assert [line["schema_version"] for line in found] == [1] * (len(found) - 1) + [2]
    assert all(line[name] is None for line in found[:-1] for name in ADDED)
    assert len(found) == 19  # a line each of the 17 revisions and the withdrawal, and the new one


def test_status_diff_and_changes_of_a_mixed_folder(folder: Path) -> None:
    continued(folder)
    assert "Who named an address is not known before 2026-03-06T00:00:00+00:00." in on(folder, "status")
    status = json.loads(on(folder, "status", "--json"))
    assert status["articles"] == 17
    assert status["namings_since"] == "2026-03-06T00:00:00+00:00"
    assert {one["kind"]: one["addresses"] for one in status["namers"]}["given"] == 1
    changes = [json.loads(line) for line in on(folder, "status", "--changes", "--json").splitlines()]
    assert sorted(one["what"] for one in changes) == ["changed", "withdrawn"]
    (changed,) = (one for one in changes if one["what"] == "changed")
    (comparison,) = map(json.loads, on(folder, "diff", changed["url"], "--json").splitlines())
    assert (comparison["before"]["revision"], comparison["after"]["revision"]) == (1, 2)


def test_read_again_nothing_changes(folder: Path) -> None:
    continued(folder)
    assert "0 readings to write" in on(folder, "reparse", "--dry-run")


def test_repaired(folder: Path) -> None:
    """A line of an old segment that is spoilt is made anew, in today's form, from its page."""
    (segment,) = (path for path in folder.glob("articles/*.jsonl") if b'"reading":2' in path.read_bytes())
    before = lines(folder)
    data = segment.read_bytes()
    segment.write_bytes(b"#" + data[1:])
    with SmallSite({"/world/a-new-one/news": article("A new one")}) as site:
        done = crawl(
            "addresses",
            "-a",
            f"url={NEW}",
            "-s",
            "DEEP_REPAIR=True",
            output=folder,
            origin=site.origin,
            SABAH_NOW=old.NOW,
        )
    assert done.code == 0, done.err
    with closing(Ledger.read(folder)) as ledger:
        places = ledger.all("SELECT f.name, t.offset, t.length FROM articles t JOIN files f ON f.id = t.file")
    after = [orjson.loads((folder / name).read_bytes()[offset : offset + length]) for name, offset, length in places]
    by_key = {(line["url"], line["revision"], line["reading"]): line for line in after}
    for line in before:
        if line["reader_version"] == "0.0.1":  # its readers were made up, and did not count the words of what they took
            continue
        again = by_key[line["url"], line["revision"], line["reading"]]
        assert {name: again[name] for name in line if name not in ("schema_version", "crawl_id", "snapshot")} == {
            name: line[name] for name in line if name not in ("schema_version", "crawl_id", "snapshot")
        }


def test_backed_up_and_compacted(folder: Path, tmp_path: Path) -> None:
    continued(folder)
    before = sorted(lines(folder), key=repr)
    on(folder, "backup", str(tmp_path / "backup"))
    assert sorted(lines(tmp_path / "backup"), key=repr) == before
    assert old.tables(tmp_path / "backup")["namings"] == old.tables(folder)["namings"] != []
    assert scrapy(folder, "compact", SABAH_NOW="2026-05-01T00:00:00+00:00").returncode == 0
    assert len(list(folder.glob("articles/*.jsonl"))) == 1
    places = [{name: line[name] for name in line if name != "snapshot"} for line in lines(folder)]
    assert sorted(places, key=repr) == sorted(
        ({name: line[name] for name in line if name != "snapshot"} for line in before), key=repr
    )
