"""`make eval`: the corpus as it is pinned, and the rules of pinning on a copy of a few fixtures."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from sabah.items import KINDS, KINDS_WITHOUT_TEXT, LAYOUTS
from tests.evaluate import scores
from tests.evaluate.__main__ import main
from tests.evaluate.corpus import FLOORS, load
from tests.pages.saved import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

FEW = ("bare-minimum", "generic", "seed-article", "amp-with-spot", "not-found")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A copy of a few fixtures, pinned."""
    for name in FEW:
        for path in FOLDER.glob(f"{name}.*"):
            shutil.copy(path, tmp_path)
    assert run(tmp_path, "--pin", "--anew") == 0
    return tmp_path


def run(folder: Path, *args: str) -> int:
    return main(["--corpus", str(folder), *args])


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values, ensure_ascii=False, indent=2))


def floors(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / FLOORS).read_text())["floors"]
    return read


def by_hand(folder: Path, **values: Any) -> None:
    """The floors of some layouts, changed by hand; None takes a layout out."""
    new = {layout: fields for layout, fields in (floors(folder) | values).items() if fields is not None}
    change(folder / FLOORS, floors=new)


def test_the_corpus_is_as_pinned_and_reaches_its_floors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.endswith("as pinned, and no field below its floor\n")


def test_the_corpus_holds_all_layouts_and_kinds() -> None:
    records = [one.record for one in load(FOLDER) if one.record is not None]
    assert len(records) >= 60
    assert len({record["url"] for record in records}) == len(records)
    kinds, layouts = (Counter(record[field] for record in records) for field in ("kind", "layout"))
    assert set(kinds) == set(KINDS)
    assert set(layouts) == set(LAYOUTS)
    assert min(kinds.values()) > 1
    assert min(layouts.values()) >= 5
    pairs = {(record["layout"], record["kind"]) for record in records}
    assert pairs >= set(product(("2020", "amp", "legacy"), KINDS_WITHOUT_TEXT))


def test_the_copy_is_as_pinned(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(corpus) == 0
    out = capsys.readouterr().out
    assert "| body | 4 | 100.0 | 100.0 | 100.0 |  |\n" in out
    assert "| refused | 1 |  |  |  | 100.0 |\n" in out
    assert "5 pages, corpus " in out


@pytest.mark.parametrize("args", [(), ("--pin",), ("--pin", "--lower")])
def test_floors_are_begun_only_when_it_is_said(
    args: tuple[str, ...], corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pinned = (corpus / FLOORS).read_bytes()
    (corpus / FLOORS).unlink()
    capsys.readouterr()
    assert run(corpus, *args) == 1
    assert capsys.readouterr() == (
        "",
        "eval: floors.json is missing: take it from git; for a new corpus, --pin --anew begins it\n",
    )
    assert not (corpus / FLOORS).exists()
    assert run(corpus, "--pin", "--anew") == 0
    assert (corpus / FLOORS).read_bytes() == pinned


def test_beginning_anew_spares_floors_that_are_there(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(corpus / "bare-minimum.json", headline="Another headline")
    before = floors(corpus)
    assert run(corpus, "--pin", "--anew") == 1
    assert "below its floor: headline of 2020: 0.5000, floor 1.0000\n" in capsys.readouterr().out
    assert floors(corpus) == before


@pytest.mark.parametrize("args", [(), ("--pin",), ("--pin", "--lower")])
@pytest.mark.parametrize(
    "values",
    [
        {"2020": {"headline": 0.5}},
        {"generic": None},
        {"generic": {}},
        {"none": {"refused": 0.0}},
        {"none": {"refused": float("nan")}},
        {"2020": None, "amp": None, "generic": None, "none": None},
    ],
)
def test_floors_are_not_changed_by_hand(
    values: dict[str, Any], args: tuple[str, ...], corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand(corpus, **values)
    changed = (corpus / FLOORS).read_bytes()
    capsys.readouterr()
    assert run(corpus, *args) == 1
    assert capsys.readouterr() == (
        "",
        "eval: floors.json is damaged: its floors are not those that were pinned; take it from git\n",
    )
    assert (corpus / FLOORS).read_bytes() == changed


def test_what_is_measured_has_a_floor(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "FIELDS", (*scores.FIELDS, "language"))
    capsys.readouterr()
    assert run(corpus) == 1
    out = capsys.readouterr().out
    assert "not as pinned: language of 2020 has no floor\n" in out
    assert "not as pinned: language of generic has no floor\n" in out
    assert "as pinned, and" not in out
    assert run(corpus, "--pin") == 0
    assert "pinned: language of 2020 has no floor\n" in capsys.readouterr().out
    assert run(corpus) == 0
    assert floors(corpus)["2020"]["language"] == 1


@pytest.mark.parametrize("name", ["bare-minimum.html", "bare-minimum.json"])
def test_a_changed_file_is_seen(name: str, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (corpus / name).open("a") as file:
        file.write("\n")
    assert run(corpus) == 1
    assert "not as pinned: fixture bare-minimum has changed\n" in capsys.readouterr().out
    assert run(corpus, "--pin") == 0
    assert "pinned: fixture bare-minimum has changed\n" in capsys.readouterr().out
    assert run(corpus) == 0


def test_a_fixture_is_missing(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in corpus.glob("seed-article.*"):
        path.unlink()
    assert run(corpus) == 1
    assert "not as pinned: fixture seed-article is missing\n" in capsys.readouterr().out


def test_a_new_fixture_is_not_as_pinned(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in FOLDER.glob("legacy-2014.*"):
        shutil.copy(path, corpus)
    assert run(corpus) == 1
    out = capsys.readouterr().out
    assert "not as pinned: fixture legacy-2014 is new\n" in out
    assert "not as pinned: body of legacy has no floor\n" in out
    assert run(corpus, "--pin") == 0
    assert floors(corpus)["legacy"]["body"] == 1


def test_a_page_without_its_record_must_be_refused(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "seed-article.json").unlink()
    assert run(corpus) == 1
    out = capsys.readouterr().out
    assert "seed-article: wrong in refused\n" in out
    assert "below its floor: refused of none: 0.5000, floor 1.0000\n" in out


def test_a_record_without_its_page(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "seed-article.html").unlink()
    assert run(corpus, "--pin") == 1
    assert "eval: seed-article.html is missing" in capsys.readouterr().err


def test_floors_are_lowered_only_when_it_is_said(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = floors(corpus)
    change(corpus / "bare-minimum.json", headline="Another headline", body="The council of Marlo met on Monday.")
    capsys.readouterr()
    for args in ([], ["--pin"]):
        assert run(corpus, *args) == 1
        out = capsys.readouterr().out
        assert "bare-minimum: wrong in headline, body, body F1\n" in out
        assert "below its floor: headline of 2020: 0.5000, floor 1.0000\n" in out
        assert floors(corpus) == before
    assert run(corpus, "--pin", "--lower") == 0
    assert "floor lowered: headline of 2020: 0.5000, floor 1.0000\n" in capsys.readouterr().out
    lowered = floors(corpus)
    assert lowered["2020"]["headline"] == 0.5
    assert 0.5 < lowered["2020"]["body F1"] < 1
    assert lowered["amp"] == before["amp"]
    assert run(corpus) == 0
    shutil.copy(FOLDER / "bare-minimum.json", corpus)
    assert run(corpus) == 1
    assert run(corpus, "--pin") == 0
    assert floors(corpus) == before


def test_a_layout_that_is_gone_does_not_reach_its_floors(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in corpus.glob("generic.*"):
        path.unlink()
    assert run(corpus, "--pin") == 1
    assert "below its floor: headline of generic: not measured, floor 1.0000\n" in capsys.readouterr().out
    assert "generic" in floors(corpus)
    assert run(corpus, "--pin", "--lower") == 0
    assert "generic" not in floors(corpus)


def test_a_page_that_is_refused_is_wrong_in_all_fields(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "generic.html").write_bytes((corpus / "not-found.html").read_bytes())
    assert run(corpus) == 1
    assert "below its floor: body F1 of generic: 0.0000, floor 1.0000\n" in capsys.readouterr().out


def test_unchecked_records_are_refused(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(corpus / "generic.json", unchecked="…")
    for args in ([], ["--pin"], ["--pin", "--lower"]):
        assert run(corpus, *args) == 1
        assert capsys.readouterr().err == (
            "eval: generic.json is not checked yet: compare each field with the page, correct it, then take out 'unchecked'\n"
        )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"hash": "", "fixtures": {"a": "b"}, "floors": {}}'])
def test_damaged_floors(content: str, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / FLOORS).write_text(content)
    assert run(corpus, "--pin") == 1
    assert capsys.readouterr().err.startswith("eval: floors.json is damaged")
    assert (corpus / FLOORS).read_text() == content
    assert run(corpus, "--pin", "--anew") == 0
    assert run(corpus) == 0


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_record_that_is_none(content: str, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "generic.json").write_text(content)
    assert run(corpus) == 1
    assert capsys.readouterr().err.startswith("eval: generic.json is no JSON")


@pytest.mark.parametrize(
    "args", [["--lower"], ["--anew"], ["--corpus", "/no/such/folder"], ["--nonsense"], ["left over"]]
)
def test_usage(args: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 2


def test_derived_fields_of_a_corrected_record(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (corpus / "generic.json").read_bytes()
    change(corpus / "generic.json", word_count=1, text_hash="", revision_hash="")
    assert run(corpus, "--derive", "generic") == 0
    assert (corpus / "generic.json").read_bytes() == whole
    assert run(corpus, "--derive", "nowhere") == 1
    assert "No such file" in capsys.readouterr().err
