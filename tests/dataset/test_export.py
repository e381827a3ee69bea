from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
import orjson
import pyarrow.parquet as pq
import pytest
from backports.zstd import decompress

from sabah.dataset import batches, fields, flat, near
from sabah.dataset.export import Folder
from sabah.dataset.lines import Source
from sabah.dataset.whole_folder import ForeignError, TakenError
from sabah.items import ADDED
from sabah.storage.errors import StorageError
from sabah.storage.forget import forget
from sabah.storage.ledger import Ledger
from sabah.storage.rewrite import compact
from tests.dataset import made
from tests.dataset.conftest import ARTICLES, HOSTILE, article, make
from tests.dataset.in_process import scrapy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SITE = "https://www.dailysabah.com/world"
LATEST = ["late", "early", "earliest", "rich", "hostile", "gallery-1", "gallery-2", "changed"]
PLAIN = [orjson.loads(orjson.dumps(attrs.asdict(one))) for one in ARTICLES]


def lines(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_bytes().splitlines()]


def names(folder: Path) -> list[str]:
    return [line["url"].split("/")[-2] for line in lines(folder)]


def test_latest_readings_of_latest_revisions_without_withdrawn(output: Path) -> None:
    folder, export = make(output, "latest")
    assert names(folder) == LATEST
    assert lines(folder)[-1]["headline"] == "After, read again"
    assert (export.chosen.rows, export.chosen.articles, export.chosen.withdrawn) == (8, 8, 1)


def test_all_revisions_with_withdrawals(output: Path) -> None:
    folder, export = make(output, "revisions", revisions="all")
    assert names(folder)[-4:] == ["changed", "changed", "gone", "gone"]
    assert [line["headline"] for line in lines(folder)][-4:] == [
        "Before",
        "After, read again",
        "Taken back",
        "Taken back",
    ]
    assert lines(folder)[-1]["withdrawn_at"] == "2026-11-01T08:00:00+00:00"
    assert (export.chosen.rows, export.chosen.articles) == (11, 9)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"since": "2022-01-01"}, ["changed"]),
        ({"until": "2016-01-12"}, ["rich"]),
        ({"section": "world/syrian-crisis"}, ["rich"]),
        ({"section": "gallery,business"}, ["gallery-1", "gallery-2", "changed"]),
        ({"kind": "gallery"}, ["gallery-1", "gallery-2"]),
        ({"layout": "legacy"}, ["earliest"]),
        ({"keyword": "SYRIA"}, ["early", "rich"]),
        ({"keyword": "Öğrenci, russia", "section": "world", "since": "2020-01-01"}, ["early"]),
        ({"keyword": "nothing like it"}, []),
    ],
)
def test_filters(output: Path, filters: dict[str, str], expected: list[str]) -> None:
    folder, export = make(output, "filtered", "jsonl,parquet", replace=True, **filters)
    assert names(folder) == expected
    assert pq.read_table(folder / "articles.parquet").num_rows == len(expected)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["filters"] == {**filters, "revisions": "latest", "duplicates": "flag"}
    assert manifest["counts"]["rows"] == export.chosen.rows == len(expected)


def test_duplicates_by_date_then_address(output: Path) -> None:
    same = {"late": f"{SITE}/earliest/news", "early": f"{SITE}/earliest/news"}
    folder, export = make(output, "flagged")
    assert {line["url"]: line["duplicate_of"] for line in lines(folder) if line["duplicate_of"]} == {
        f"{SITE}/{name}/news": first for name, first in same.items()
    }
    assert export.chosen.duplicates == 2
    folder, export = make(output, "dropped", duplicates="drop")
    assert names(folder) == [name for name in LATEST if name not in same]
    assert (export.chosen.duplicates, export.chosen.dropped) == (2, 2)
    folder, _ = make(output, "original-outside", layout="2020")
    assert [line["duplicate_of"] for line in lines(folder)][:2] == [f"{SITE}/early/news", None]


def test_duplicates_as_stored(tmp_path: Path) -> None:
    stored = article(
        "two", duplicate_of=f"{SITE}/one/news", headline='A "duplicate_of":null in text, "duplicate_of":"x"'
    )
    output = made.dataset(tmp_path, [stored])
    folder, _ = make(output, "kept", duplicates="keep")
    alone = {"cluster": cluster_of("two"), "cluster_size": 1}
    line = (output / "articles" / f"{made.RUN}.jsonl").read_bytes()
    assert (folder / "articles.jsonl").read_bytes() == line[:-2] + b"," + orjson.dumps(alone)[1:] + b"\n"
    folder, _ = make(output, "flagged")
    assert lines(folder) == [orjson.loads(orjson.dumps(attrs.asdict(attrs.evolve(stored, duplicate_of=None)))) | alone]


def cluster_of(name: str) -> str:
    return hashlib.sha256(f"{SITE}/{name}/news".encode()).hexdigest()[:16]


WORDS = [f"word{n}" for n in range(200)]
NEAR = [
    article("copy", headline="Copy", body=" ".join([*WORDS[:150], "some", "else"]), published_at="2021-03-02T10:00:00+03:00"),
    article("copy", headline="Copy 2", body=" ".join([*WORDS[:160], "more"]), published_at="2021-03-02T10:00:00+03:00", revision=2),
    article("first", headline="First", body=" ".join(WORDS[:160]), published_at="2021-03-01T23:00:00+03:00", section="business"),
    article("same", headline="First", body=" ".join(WORDS[:160]), published_at="2021-03-04T10:00:00+03:00"),
    article("half", headline="Half", body=" ".join(WORDS[80:]), published_at="2021-02-01T10:00:00+03:00"),
    article("none", headline="None", body=None, kind="video", published_at="2021-01-01T10:00:00+03:00"),
]  # fmt: skip


@pytest.fixture(scope="module")
def nearly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.dataset(tmp_path_factory.mktemp("nearly"), NEAR)


def clusters(folder: Path) -> list[tuple[str, str, int]]:
    return [(line["url"].split("/")[-2], line["cluster"], line["cluster_size"]) for line in lines(folder)]


@pytest.mark.parametrize(
    ("how", "filters", "expected"),
    [
        ("flag", {}, [("copy", "first", 3), ("first", "first", 3), ("same", "first", 3), ("half", "half", 1), ("none", "none", 1)]),
        ("keep", {}, [("copy", "first", 3), ("first", "first", 3), ("same", "first", 3), ("half", "half", 1), ("none", "none", 1)]),
        ("drop", {}, [("copy", "first", 2), ("first", "first", 2), ("half", "half", 1), ("none", "none", 1)]),
        ("flag", {"section": "world"}, [("copy", "copy", 2), ("same", "copy", 2), ("half", "half", 1), ("none", "none", 1)]),
        ("drop", {"revisions": "all", "since": "2021-03-01"}, [("copy", "first", 2), ("copy", "first", 2), ("first", "first", 2)]),
    ],
)  # fmt: skip
def test_near_duplicates(nearly: Path, how: str, filters: dict[str, str], expected: list[tuple[str, str, int]]) -> None:
    """Among what the export has; an article's revisions count once; what has the same text is left out where that is asked for, copies are not."""
    folder, _ = make(nearly, "near", duplicates=how, replace=True, **filters)
    assert clusters(folder) == [(name, cluster_of(first), size) for name, first, size in expected]


def test_near_duplicates_in_every_format(nearly: Path) -> None:
    folder, _ = make(nearly, "every", "jsonl,parquet,csv,sqlite", names="schema.org")
    expected = [(cluster, size) for _, cluster, size in clusters(folder)]
    assert [
        (row["cluster"], row["cluster_size"]) for row in pq.read_table(folder / "articles.parquet").to_pylist()
    ] == expected
    with (folder / "articles.csv").open(newline="", encoding="utf-8") as file:
        assert [(row["cluster"], int(row["cluster_size"])) for row in csv.DictReader(file)] == expected
    with closing(sqlite3.connect(folder / "articles.sqlite")) as db:
        assert db.execute("SELECT cluster, cluster_size FROM articles ORDER BY id").fetchall() == expected
    assert json.loads((folder / "manifest.json").read_text())["near_duplicates"] == {"threshold": near.THRESHOLD}
    assert f"from {near.THRESHOLD} on" in (folder / "README.md").read_text()


def test_the_same_ledger_gives_the_same_bytes(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = "jsonl,jsonl.zst,csv,parquet,sqlite,hf"
    before, _ = make(output, "same", every, shard_size=3)
    found = {path.relative_to(before): path.read_bytes() for path in before.rglob("*") if path.is_file()}
    monkeypatch.setenv("SABAH_NOW", "2031-01-01T00:00:00+00:00")
    after, _ = make(output, "same", every, shard_size=3, replace=True)
    assert {path.relative_to(after): path.read_bytes() for path in after.rglob("*") if path.is_file()} == found
    assert len(found) == 5 * 3 + 1 + 3


def test_withdrawn_are_counted_within_the_filters(output: Path) -> None:
    assert make(output, "withdrawn", section="world")[1].chosen.withdrawn == 1
    for filters in ({"keyword": "syria"}, {"section": "business"}):
        assert make(output, "withdrawn", replace=True, **filters)[1].chosen.withdrawn == 0


def test_published_before_1970(tmp_path: Path) -> None:
    years = ("1969-12-31T23:00:00+03:00", "1968-01-01T00:00:00+02:00", "2021-09-14T10:51:00+03:00")
    made.dataset(tmp_path, [article(f"in-{at[:4]}", published_at=at) for at in years])
    chosen = make(tmp_path, "old")[1].chosen
    assert (chosen.first, chosen.last) == (years[1], years[2])


def test_the_card_in_sentences(output: Path) -> None:
    full, _ = make(output, "carded", "parquet")
    card = (full / "README.md").read_text()
    assert "newspaper Daily Sabah, published from 2016-01-12T00:00:00+02:00 to 2022" in card
    assert "| `keywords` | `list<string>` |" in card
    empty, _ = make(output, "carded", "parquet", replace=True, kind="editorial")
    assert "newspaper Daily Sabah: nothing in the dataset passes the filters." in (empty / "README.md").read_text()
    assert "datePublished" not in json.loads((empty / "croissant.json").read_text())


def test_manifest(output: Path) -> None:
    folder, _ = make(output, "described", "jsonl,sqlite,hf", shard_size=5, section="world")
    manifest = json.loads((folder / "manifest.json").read_text())
    for file in manifest["files"] + manifest["described_by"]:
        data = (folder / file["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (file["sha256"], file["bytes"])
    assert [(file["path"], file["rows"]) for file in manifest["files"]] == [
        ("articles.jsonl", 5),
        ("articles.sqlite", 5),
        ("data/train-00000-of-00001.parquet", 5),
    ]
    assert manifest["schema_version"] == 2
    assert manifest["reader_versions"] == {"0.1.0": 5}
    (run,) = manifest["runs"]
    assert (run["crawl_id"], run["rows"]) == (made.RUN, 5)
    assert manifest["published"] == {"first": "2016-01-12T00:00:00+02:00", "last": "2021-09-14T10:51:00+03:00"}
    assert manifest["counts"]["by"]["layout"] == {"2020": 4, "legacy": 1}


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        ({"sections": "world", "_job": "a1b2"}, {"sections": "world"}),
        ({"file": "/home/me/urls.txt", "limit": "9"}, {"file": "urls.txt", "limit": "9"}),
        ({"file": "-"}, {"file": "-"}),
        ({"files": ["/home/me/one.warc.gz", "two.warc"]}, {"files": ["one.warc.gz", "two.warc"]}),
    ],
)
def test_no_path_of_the_machine_is_handed_on(tmp_path: Path, given: dict[str, Any], handed_on: dict[str, Any]) -> None:
    output = made.dataset(tmp_path, [article("one")])
    with closing(Ledger.open(output)) as ledger:
        ledger.run("UPDATE runs SET arguments = ?", json.dumps(given))
    folder, _ = make(output, "mine")
    (run,) = json.loads((folder / "manifest.json").read_text())["runs"]
    assert run["arguments"] == handed_on


def test_parquet_has_instants_offsets_lists_and_structs(output: Path) -> None:
    folder, _ = make(output, "typed", "parquet")
    rows = pq.read_table(folder / "articles.parquet")
    assert dict(zip(rows.schema.names, rows.schema.types, strict=True)) == fields.table_types("sabah")
    for row, expected in zip(rows.to_pylist(), latest(), strict=True):
        for name, value in expected.items():
            if value is not None and name.endswith("_at"):
                assert (row[name], row[name].utcoffset().total_seconds()) == (datetime.fromisoformat(value), 0)
            else:
                assert row[name] == value or name == "duplicate_of", name
        assert row["published_offset"] == expected["published_at"][-6:]


def latest() -> list[dict[str, Any]]:
    return [one for one in PLAIN if one["url"].split("/")[-2] in LATEST and one["headline"] not in ("Before", "After")]


def test_csv_round_trips(output: Path) -> None:
    folder, _ = make(output, "flat", "csv", duplicates="keep")
    text = (folder / "articles.csv").read_bytes().decode()
    assert not any(one in text for one in "\x1b\x07\x00")
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    found = [flat.unflatten(row) for row in rows]
    assert [{name: one[name] for name in PLAIN[0]} for one in found] == latest()


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_no_cell_is_a_formula(sign: str) -> None:
    texts = {"headline": f"{sign}SUM(A1)", "body": f"'{sign}1\n\n{sign}2", "byline": f"One {sign}"}
    row = dict(zip(flat.columns("sabah"), flat.flatten(PLAIN[0] | texts), strict=True))
    assert (row["headline"], row["byline"]) == (f"'{sign}SUM(A1)", f"One {sign}")
    assert {name: flat.unflatten(row)[name] for name in PLAIN[0]} == PLAIN[0] | texts


def test_sqlite_has_types_indexes_and_full_text(output: Path) -> None:
    folder, _ = make(output, "database", "sqlite")
    with closing(sqlite3.connect(f"file:{folder}/articles.sqlite?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = "SELECT url, published_at, published_utc FROM articles_text_search s JOIN articles a ON a.id = s.rowid WHERE articles_text_search MATCH ?"
        assert db.execute(found, ("dort",)).fetchall() == [
            (f"{SITE}/rich/news", "2016-01-12T00:00:00+02:00", "2016-01-11T22:00:00Z")
        ]
        assert db.execute(
            "SELECT json_extract(images, '$[0].credit'), json_extract(sources, '$.headline') FROM articles WHERE url LIKE '%rich%'"
        ).fetchone() == ("AP", "css")
        assert db.execute("SELECT count(*) FROM keywords WHERE keyword = 'syria'").fetchone() == (2,)
        assert db.execute("SELECT headline FROM articles WHERE url LIKE '%hostile%'").fetchone() == (HOSTILE,)
        plan = str(db.execute("EXPLAIN QUERY PLAN SELECT * FROM articles WHERE published_utc > '2021'").fetchall())
        assert "articles_published" in plan


def test_packed_lines(output: Path) -> None:
    folder, _ = make(output, "packed", "jsonl,jsonl.zst")
    assert decompress((folder / "articles.jsonl.zst").read_bytes()) == (folder / "articles.jsonl").read_bytes()


def test_names_of_schema_org(output: Path) -> None:
    folder, _ = make(
        output, "schema-org", "jsonl,parquet,csv,sqlite", names="schema.org", section="world/syrian-crisis"
    )
    (line,) = lines(folder)
    assert list(line)[:3] == ["@context", "@type", "url"]
    assert (line["@type"], line["datePublished"], line["articleBody"]) == (
        "NewsArticle",
        "2016-01-12T00:00:00+02:00",
        'One.\n\nTwo, "three"; dört.',
    )
    assert line["image"][0] == {"url": "https://i.example/1.jpg", "caption": "A caption", "creditText": "AP"}
    (row,) = pq.read_table(folder / "articles.parquet").to_pylist()
    assert (row["author"], row["image"]) == (line["author"], line["image"])
    with closing(sqlite3.connect(folder / "articles.sqlite")) as db:
        assert db.execute("SELECT rowid FROM articles_text_search WHERE articleBody MATCH 'three'").fetchall() == [(1,)]
    (row,) = csv.DictReader((folder / "articles.csv").read_text().splitlines(keepends=True))
    assert json.loads(row["image"]) == line["image"]
    (stored,) = (one for one in PLAIN if one["url"] == line["url"])
    assert {name: flat.unflatten(row, "schema.org")[name] for name in stored} == stored


def test_shards(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 2000)
    folder, export = make(output, "shards", "jsonl,csv,hf", shard_size=3)
    assert names(folder) == LATEST
    assert [(file.path, file.rows) for file in export.files if file.format == "hf"] == [
        (f"data/train-0000{n}-of-00003.parquet", rows) for n, rows in enumerate((3, 3, 2))
    ]


def test_what_is_not_committed_is_not_seen(tmp_path: Path) -> None:
    output = made.dataset(tmp_path, [article("one")])
    with (output / "articles" / f"{made.RUN}.jsonl").open("ab") as file:
        file.write(b'{"url": "half a li')
    folder, _ = make(output, "whole")
    assert names(folder) == ["one"]


@pytest.mark.parametrize("reading", ["read", "read_all"])  # to find near-duplicates, to write
def test_compact_and_forget_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: str) -> None:
    output = made.dataset(tmp_path, [article("one"), article("two")])
    made.dataset(output, [article("three")], crawl_id="20261102T080000Z-0a1b2c")
    undone: list[Callable[[Ledger], object]] = [
        lambda ledger: compact(ledger, ["2026-11"], 10**9),
        lambda ledger: forget(ledger, [f"{SITE}/two/news"], "asked for", 10**9),
    ]
    read = getattr(Source, reading)

    def meanwhile(self: Source, *place: Any) -> Any:
        if undone:
            ledger = Ledger.open(output)
            undone.pop(0)(ledger)
            ledger.close()
        return read(self, *place)

    monkeypatch.setattr(Source, reading, meanwhile)
    folder, _ = make(output, "current")
    assert names(folder) == ["one", "three"]


def test_a_name_that_is_taken(output: Path) -> None:
    folder, _ = make(output, "taken")
    with pytest.raises(TakenError):
        make(output, "taken")
    (folder / "added-by-hand").touch()
    make(output, "taken", "csv", replace=True)
    assert {path.name for path in folder.iterdir()} == {"articles.csv", "README.md", "croissant.json", "manifest.json"}
    assert not list(folder.parent.glob(".taken*"))


def test_where_two_names_cannot_be_swapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sabah.dataset.whole_folder.rename", lambda *_: False)
    for text in ("one", "two"):
        with Folder(tmp_path, "plain", replace=True) as folder:
            (folder.partial / "manifest.json").write_text(text)
            folder.publish()
    assert (tmp_path / "exports" / "plain" / "manifest.json").read_text() == "two"
    with pytest.raises(TakenError), Folder(tmp_path, "plain", replace=False):
        pass
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["plain"]


@pytest.mark.parametrize("new", [True, False])
def test_killed_where_two_names_cannot_be_swapped(tmp_path: Path, new: bool) -> None:
    """What it had moved aside comes back, or goes where its own export has come."""
    exports = tmp_path / "exports"
    for name in (".plain.old", *(["plain"] if new else [])):
        (exports / name).mkdir(parents=True)
        (exports / name / "manifest.json").write_text(name)
    with pytest.raises(TakenError), Folder(tmp_path, "plain", replace=False):
        pass
    assert [path.name for path in exports.iterdir()] == ["plain"]
    assert (exports / "plain" / "manifest.json").read_text() == ("plain" if new else ".plain.old")


@pytest.mark.parametrize("kind", ["link", "dangling", "file", "folder"])
@pytest.mark.parametrize("replace", [True, False])
def test_what_is_no_export_is_left_alone(tmp_path: Path, kind: str, replace: bool) -> None:
    exports, elsewhere = tmp_path / "exports", tmp_path / "elsewhere"
    (exports / "folder").mkdir(parents=True)
    (exports / "folder" / "kept").touch()
    elsewhere.mkdir()
    (elsewhere / "manifest.json").touch()
    (exports / "link").symlink_to(elsewhere)
    (exports / "dangling").symlink_to(tmp_path / "nowhere")
    (exports / "file").touch()
    before = sorted(tmp_path.glob("e*/**/*"))
    with pytest.raises(ForeignError), Folder(tmp_path, kind, replace=replace):
        pass
    assert sorted(tmp_path.glob("e*/**/*")) == before


@pytest.mark.parametrize("kind", ["link", "file", "folder"])
def test_whatever_lies_where_it_is_made_goes(tmp_path: Path, kind: str) -> None:
    partial, elsewhere = tmp_path / "exports" / ".x.partial", tmp_path / "elsewhere"
    partial.parent.mkdir()
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    if kind == "link":
        partial.symlink_to(elsewhere)
    elif kind == "file":
        partial.touch()
    else:
        (partial / "deep").mkdir(parents=True)
    with Folder(tmp_path, "x", replace=False) as folder:
        assert list(folder.partial.iterdir()) == []
    assert list(partial.parent.iterdir()) == []
    assert (elsewhere / "kept").exists()


def test_nothing_is_left_of_one_that_fails(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sabah.dataset.export.card", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make(output, "failed", "jsonl,parquet,csv,sqlite")
    assert not [path for path in (output / "exports").iterdir() if "failed" in path.name]


def test_card_holds_what_users_typed(tmp_path: Path) -> None:
    output = made.dataset(tmp_path, [article("one", keywords=["a`b</script>"])])
    folder, _ = make(output, "typed", keyword="a`b</script>")
    assert names(folder) == ["one"]
    card = (folder / "README.md").read_text()
    assert '`` {"keyword": "a`b</script>"' in card
    shutil.rmtree(output)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset whose first lines are of schema version 1."""
    folder = made.dataset(tmp_path_factory.mktemp("mixed") / "output", ARTICLES, old=True)
    new = [
        article("new", marks=["answer_cut"], canonical_elsewhere="https://elsewhere.example/a", fetched_at="2026-11-02T08:00:00+00:00"),
        article("changed", revision=3, headline="After all", fetched_at="2026-11-02T08:00:00+00:00"),
    ]  # fmt: skip
    return made.dataset(folder, new, crawl_id="20261102T080000Z-0a1b2c", at="2026-11-02T08:00:00+00:00")


def test_lines_of_both_versions_have_one_set_of_columns(mixed: Path) -> None:
    folder, _ = make(mixed, "both", "jsonl,csv,parquet,sqlite")
    found = lines(folder)
    assert {tuple(line) for line in found} == {(*(field.name for field in fields.FIELDS), *fields.CLUSTER)}
    assert [line["schema_version"] for line in found] == [1] * 7 + [2, 2]
    added = [[line[name] for name in ADDED] for line in found]
    assert added == [[None] * 3] * 7 + [[None, "https://elsewhere.example/a", ["answer_cut"]], [None, None, []]]
    table = pq.read_table(folder / "articles.parquet").to_pylist()
    assert [[row[name] for name in ADDED] for row in table] == added
    with (folder / "articles.csv").open(newline="", encoding="utf-8") as file:
        assert [[flat.unflatten(row)[name] for name in ADDED] for row in csv.DictReader(file)] == added
    with closing(sqlite3.connect(folder / "articles.sqlite")) as database:
        marks = [row[0] for row in database.execute("SELECT marks FROM articles ORDER BY id")]
    assert marks == [None] * 7 + ['["answer_cut"]', "[]"]


def test_an_export_of_old_lines_alone_has_the_same_columns(tmp_path: Path) -> None:
    folder, _ = make(made.dataset(tmp_path, ARTICLES, old=True), "old", "jsonl,parquet")
    assert pq.read_schema(folder / "articles.parquet").names == list(fields.table_types("sabah"))
    assert all(line["marks"] is None for line in lines(folder))


@pytest.mark.parametrize("formats", ["jsonl", "parquet", "csv", "sqlite"])
def test_a_line_that_is_not_what_was_stored(tmp_path: Path, formats: str) -> None:
    output = made.dataset(tmp_path / "output", ARTICLES)
    make(output, "before", formats)
    path = next(output.glob("articles/*"))
    path.write_bytes(path.read_bytes().replace(b'"published_at":"2016', b'"published_at":"1916', 1))
    with pytest.raises(StorageError, match=r"the line at byte \d+ is damaged\. Start a crawl with -s DEEP_REPAIR=True"):
        make(output, "after", formats)
    assert not (output / "exports" / "after").exists()


@pytest.mark.parametrize("revisions", ["latest", "all"])
def test_a_key_that_comes_twice(tmp_path: Path, revisions: str) -> None:
    output = made.dataset(tmp_path / "output", ARTICLES)
    with closing(sqlite3.connect(output / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("PRAGMA writable_schema = ON")
        ledger.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'url TEXT NOT NULL UNIQUE', 'url TEXT NOT NULL') WHERE name = 'addresses'"
        )
        ledger.execute("DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_addresses_1'")
    with closing(sqlite3.connect(output / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE addresses SET url = (SELECT url FROM addresses WHERE id = 1) WHERE id = 2")
    with pytest.raises(
        StorageError, match=r"the ledger is damaged \(https://\S+, revision 1, reading 1 is there twice\)"
    ):
        make(output, "twice", revisions=revisions)
    assert scrapy(output, "export", "twice", "--revisions", revisions) == 15
