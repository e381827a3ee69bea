"""Exports as those read them whom they are for. Each in a process of its own: the libraries are large and warn of themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sabah.dataset import fields
from sabah.dataset.card import READABLE, croissant, features
from sabah.dataset.formats import FORMATS
from tests.dataset import made
from tests.dataset.conftest import ARTICLES, HOSTILE, article, make
from tests.dataset.test_export import LATEST, SITE, latest
from tests.running import environment

if TYPE_CHECKING:
    from pathlib import Path

URLS = [f"{SITE}/{name}/news" for name in LATEST]

_DATASETS = """
import json, sys, datasets
found = []
for folder in sys.argv[1:]:
    rows = datasets.load_dataset(folder, split="train")
    found.append({name: rows[name][:] for name in ("url", "headline", "keywords")} | {"type": str(rows.features.get("published_at"))})
print(json.dumps(found))
"""
_PANDAS = """
import json, sys, pandas
typed = pandas.read_parquet(sys.argv[1] + "/articles.parquet")
flat = pandas.read_csv(sys.argv[1] + "/articles.csv", dtype=str, keep_default_na=False)
print(json.dumps([list(typed.url), str(typed.published_at.dt.tz), list(flat.url), flat.headline[4]]))
"""
_CROISSANT = """
import contextlib, json, os, sys, mlcroissant
from mlcroissant.scripts.cli import main
folder, *names = sys.argv[1:]
sys.argv = ["mlcroissant", "validate", f"--jsonld={folder}/croissant.json"]
with contextlib.suppress(SystemExit):
    main()
dataset = mlcroissant.Dataset(f"{folder}/croissant.json")
print(json.dumps({
    one.name: [[row[f"{one.name}/{name}"] for name in names] for row in dataset.records(one.name)] for one in dataset.metadata.record_sets
}, default=lambda one: one.decode() if isinstance(one, bytes) else str(one)), flush=True)
os._exit(0)  # the threads of its readers can abort a process that ends on a busy machine, when all is said
"""


def run(tmp_path: Path, *command: str) -> Any:
    env = environment(
        HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HOME=str(tmp_path), HF_DATASETS_CACHE=str(tmp_path / "cache")
    )
    done = subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_datasets_loads_every_folder_offline(output: Path, tmp_path: Path) -> None:
    exports = [
        make(output, "hub", "hf,jsonl,csv,sqlite", shard_size=4), make(output, "hub-lines", "jsonl", shard_size=3), make(output, "hub-csv", "csv"),
        make(output, "hub-named", "hf", names="schema.org"), make(output, "hub-lines-named", "jsonl", names="schema.org"),
    ]  # fmt: skip
    for said in (found := run(tmp_path, "-c", _DATASETS, *(str(folder) for folder, _ in exports))[0]):
        assert said["url"] == URLS
    assert [said["headline"][4] == HOSTILE for said in found] == [True, True, False, True, True]
    assert found[0]["keywords"][3] == found[1]["keywords"][3] == ["syria", "öğrenci"]
    assert [one["type"] for one in found[:3]] == [
        "Value('timestamp[ms, tz=UTC]')",
        "Value('string')",
        "Value('string')",
    ]


def test_pandas_reads_parquet_and_csv(output: Path, tmp_path: Path) -> None:
    folder, _ = make(output, "pandas", "parquet,csv")
    typed, zone, flat, headline = run(tmp_path, "-c", _PANDAS, str(folder))[0]
    assert (typed, zone, flat) == (URLS, "UTC", URLS)
    assert headline.startswith("'=cmd")


def test_duckdb_reads_parquet(output: Path) -> None:
    folder, _ = make(output, "duckdb", "parquet", shard_size=3)
    read = f"FROM '{folder}/*.parquet'"
    db = duckdb.connect()
    assert [row[0] for row in db.execute(f"SELECT url {read}").fetchall()] == URLS
    found = db.execute(
        f"SELECT epoch(published_at), published_offset, images[1].credit, sources.headline, len(keywords) {read} WHERE url LIKE '%rich%'"
    )
    at = datetime(2016, 1, 11, 22, tzinfo=UTC).timestamp()
    assert found.fetchall() == [(at, "+02:00", "AP", "css", 2)]


@pytest.mark.parametrize(
    ("formats", "names", "shards"),
    [
        ("jsonl,parquet,csv,sqlite,jsonl.zst", "sabah", None),
        ("csv,jsonl", "schema.org", None),
        ("hf", "sabah", 3),
    ],
)
def test_croissant_validates_and_reads(
    output: Path, tmp_path: Path, formats: str, names: str, shards: int | None
) -> None:
    folder, _ = make(output, f"croissant-{names}-{shards}", formats, names=names, shard_size=shards)
    asked = [fields.renamed(name, names) for name in ("url", "word_count", "published_at")]
    found, said = run(tmp_path, "-c", _CROISSANT, str(folder), *asked)
    assert "Done" in said
    assert "warning" not in said.lower()
    assert len(found) == len(READABLE.intersection(formats.split(",")))
    stored = {one["url"]: one for one in latest()}
    for rows in found.values():
        assert sorted(url for url, *_ in rows) == sorted(URLS)
        for url, words, published in rows:
            assert words == stored[url]["word_count"]
            assert datetime.fromisoformat(published) == datetime.fromisoformat(stored[url]["published_at"])


@pytest.mark.parametrize("names", fields.NAMES)
def test_card_and_croissant_say_the_same_of_a_column(output: Path, names: str) -> None:
    formats = [FORMATS[name] for name in ("jsonl", "csv", "parquet")]
    _, what = make(output, f"columns-{names}", "jsonl,csv,parquet", names=names)
    for format_, described in zip(formats, croissant(what)["recordSet"], strict=True):
        numbers = {one["name"]: one.get("dataType") == "sc:Integer" for one in described["field"]}
        assert list(numbers.items()) == [(one["name"], one.get("dtype") == "int32") for one in features(format_, what)]
        assert numbers[fields.renamed("word_count", names)]


def test_datasets_loads_lines_of_both_schema_versions(tmp_path: Path) -> None:
    dataset = made.dataset(tmp_path / "output", ARTICLES, old=True)
    new = article("new", marks=["answer_cut"])
    made.dataset(dataset, [new], crawl_id="20261102T080000Z-0a1b2c", at="2026-11-02T08:00:00+00:00")
    exports = [make(dataset, form.replace(".", "-"), form)[0] for form in ("hf", "jsonl", "csv")]
    for said in run(tmp_path, "-c", _DATASETS, *map(str, exports))[0]:
        assert said["url"] == [*URLS, f"{SITE}/new/news"]
