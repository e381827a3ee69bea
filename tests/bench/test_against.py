"""`python -m bench --against COMMIT`: what it takes, in which order it measures, and the ratios it prints."""

from __future__ import annotations

import io
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from bench import readers
from bench.__main__ import BENCHES, main
from bench.against import Figure, compare, figures, show, whole
from bench.report import Column
from bench.trees import Tree
from tests.bench.conftest import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
NOW, THEN = (Tree(name, Path("/nowhere"), Path(sys.executable)) for name in ("now", "0123456789ab"))
COLUMNS = (
    Column("reader", "reader"),
    Column("cpu_ms", "CPU", ".2f", better="less", unit="ms"),
    Column("rate", "pages/s", ".0f", better="more", unit="pages/s"),
    Column("errors", "errors", "d", better="less"),
    Column("pages", "pages", "d"),
)


def _figures(*rounds: tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]) -> tuple[dict[str, Figure], list[str]]:
    found = figures("readers", COLUMNS, [([*now], [*then]) for now, then in rounds], THEN)
    return {f"{one.row}/{one.column.key}": one for one in found.figures}, found.missing


def _row(name: str = "sabah", **values: float | None) -> dict[str, Any]:
    return {"reader": name, **values}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reader", "--against", "HEAD"], "unknown: reader; valid are readers, reparse"),
        (["a\nb", "--against", "HEAD"], "unknown: 'a\\nb'; valid are"),
        (["", "--against", "HEAD"], "unknown: ''; valid are"),
        (["against"], "unknown: against; valid are"),
        (["../bench/readers"], "unknown: ../bench/readers; valid are"),
        (["readers", "--rounds", "3"], "--rounds goes with --against"),
        (["readers", "--against", "HEAD", "--rounds", "0"], "0 is no number of rounds; valid is 1 to 999"),
        (["readers", "--against", "HEAD", "--rounds", "-1"], "is no number of rounds"),
        (["readers", "--against", "HEAD", "--rounds", "²"], "² is no number of rounds"),
        (["readers", "--against", "HEAD", "--rounds", "1000"], "1000 is no number of rounds"),
        (["readers", "--against", "HEAD", "--json", "/nowhere/file"], "there is no folder /nowhere"),
        (["readers", "--against"], "expected one argument"),
    ],
)
def test_bad_input_is_one_line_and_code_2(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("python -m bench: ")
    assert not printed.out


def test_every_bench_says_which_way_its_figures_are_better() -> None:
    for name in BENCHES:
        columns = __import__(f"bench.{name}", fromlist=["COLUMNS"]).COLUMNS
        assert [one for one in columns if one.better], name
        assert len({one.key for one in columns}) == len(columns)
        # What has no direction says what was measured, or how far apart its rounds were.
        assert not [one for one in columns if one.unit and not one.better], name


def test_a_ratio_is_now_by_then_and_turned_where_less_is_better() -> None:
    found, missing = _figures(([_row(cpu_ms=2, rate=300, errors=0)], [_row(cpu_ms=4, rate=200, errors=0)]))
    assert not missing
    cpu, rate, errors = found["sabah/cpu_ms"], found["sabah/rate"], found["sabah/errors"]
    assert (cpu.ratios, cpu.times_as_good, cpu.agreed) == ([0.5], 2.0, True)
    assert (rate.ratios, rate.times_as_good, rate.agreed) == ([1.5], 1.5, True)
    assert (errors.ratios, errors.times_as_good, errors.agreed) == ([1.0], 1.0, False)
    assert set(found) == {"sabah/cpu_ms", "sabah/rate", "sabah/errors"}  # the number of pages is no figure


def test_the_ratio_is_the_median_of_the_rounds_own(capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that is three times as slow for one round slows both of it; the medians of each would say 1.5."""
    then, now = (1.0, 3.0, 1.0, 3.0, 1.0), (1.0, 3.0, 3.0, 3.0, 0.5)
    found, _ = _figures(*(([_row(cpu_ms=one)], [_row(cpu_ms=other)]) for one, other in zip(now, then, strict=True)))
    one = found["sabah/cpu_ms"]
    assert one.ratios == [1, 1, 3, 1, 0.5]
    assert one.times_as_good == 1
    assert not one.agreed
    assert one.as_json() == {
        "figure": "sabah/cpu_ms", "unit": "ms", "better": "less", "now": list(now), "then": list(then), "ratio": 1.0, "lowest": 0.5, "highest": 3.0,
        "times_as_good": 1.0,
    }  # fmt: skip


def test_nothing_is_divided_by_nothing() -> None:
    found, _ = _figures(
        ([_row(errors=2, rate=0)], [_row(errors=0, rate=5)]), ([_row(errors=2, rate=0)], [_row(errors=0, rate=5)])
    )
    assert found["sabah/errors"].ratios == [math.inf, math.inf]
    assert found["sabah/errors"].times_as_good == 0
    assert found["sabah/errors"].as_json()["ratio"] is None
    assert found["sabah/rate"].times_as_good == 0
    assert json.loads(json.dumps(found["sabah/errors"].as_json(), allow_nan=False))["times_as_good"] == 0


def test_what_one_state_does_not_measure_is_named() -> None:
    found, missing = _figures(
        ([_row(cpu_ms=1, rate=1), _row("fundus", cpu_ms=3)], [_row(cpu_ms=1), _row("gone", rate=4)]),
        ([_row(cpu_ms=1, rate=1), _row("fundus", cpu_ms=3)], [_row(cpu_ms=1), _row("gone", rate=None)]),
    )
    assert set(found) == {"sabah/cpu_ms"}
    assert missing == [
        "sabah: pages/s (not always measured: 0123456789ab)",
        "fundus: CPU (not always measured: 0123456789ab)",
        "gone: pages/s (not always measured: now and 0123456789ab)",
    ]


def test_rows_go_by_what_names_them() -> None:
    """By the number of processes with its title; by method and threshold."""
    by_number = (Column("jobs", "processes", "d"), Column("rate", "pages/s", ".0f", better="more"))
    rows = [{"jobs": 1, "rate": 10}, {"jobs": 2, "rate": 20}]
    found = figures("reparse", by_number, [(rows, rows[::-1])], THEN)
    assert [(one.row, one.now, one.then) for one in found.figures] == [
        ("processes 1", [10], [10]),
        ("processes 2", [20], [20]),
    ]
    by_two = (
        Column("what", "by", names=True), Column("at", "at", ".2f", names=True), Column("recall", "recall", ".2f", better="more"),
    )  # fmt: skip
    levels: list[dict[str, Any]] = [
        {"what": "sabah", "at": 0.79, "recall": 1},
        {"what": "sabah", "at": 0.81, "recall": 0.5},
    ]
    assert [one.row for one in figures("clusters", by_two, [(levels, levels)], THEN).figures] == [
        "sabah, at 0.79",
        "sabah, at 0.81",
    ]


def test_the_table_says_which_way_is_better() -> None:
    console = Console(width=140, record=True, file=io.StringIO())
    rounds: Any = [([_row(cpu_ms=2, rate=1, errors=1.0)], [_row(cpu_ms=4, errors=0)])] * 2
    show(figures("readers", COLUMNS, rounds, THEN), THEN.name, console)
    text = console.export_text()
    cells = {
        line.split("│")[2].strip(): [cell.strip() for cell in line.split("│")[3:-1]]
        for line in text.splitlines()
        if line.count("│") > 5
    }
    assert "readers: now against 0123456789ab" in text
    assert cells["CPU"] == ["4.00 ms", "2.00 ms", "0.500", "0.500 to 0.500", "less", "2.000"]
    assert cells["errors"] == ["0", "1", "inf", "inf to inf", "less", "0.000"]
    assert "no ratio: sabah: pages/s (not always measured: 0123456789ab)" in text


def test_rounds_alternate(project: Project, tmp_path: Path) -> None:
    """By a bench that is run as a whole, in both checkouts, and tells when it was."""
    log = tmp_path / "log"
    bench = project.place / "bench" / "__main__.py"
    bench.write_text(f"import os\nopen({str(log)!r}, 'a').write(os.getcwd() + '\\n')\n" + bench.read_text())
    old = project.place.with_name("old")
    shutil.copytree(project.place, old)
    (old / "figure.txt").write_text("2")
    now, then = (Tree(name, place, Path(sys.executable)) for name, place in (("now", project.place), ("then", old)))
    found = compare("render", then, rounds=3, now=now)
    assert log.read_text().split() == [str(project.place), str(old)] * 3
    assert found.missing == []
    assert [(one.row, one.now, one.then) for one in found.figures] == []  # it gives none that `render` has


def test_a_bench_as_a_whole_gives_its_rows(project: Project) -> None:
    tree = Tree("now", project.place, Path(sys.executable))
    with whole("readers", quick=True) as measure:
        now, then = measure(tree, tree)
    assert now == then == [{"reader": "sabah", "cpu_ms": 3.0, "errors": 1}]
    found = figures("readers", readers.COLUMNS, [(now, then)], tree)
    assert [(one.column.key, one.now) for one in found.figures] == [("cpu_ms", [3.0]), ("errors", [1])]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """This project with a history of its own, whose bench of readers reads few pages."""
    made = Project(tmp_path_factory.mktemp("checkout") / "sabah")
    for name in ("sabah", "replica", "bench", "deploy"):
        shutil.copytree(ROOT / name, made.place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("scrapy.cfg", "requirements.txt", "requirements-dev.txt", "requirements-alerts.txt", ".gitignore"):
        shutil.copy(ROOT / name, made.place / name)
    file = made.place / "bench" / "readers.py"
    text = file.read_text()
    assert "PAGES_QUICK = 200, 32" in text
    file.write_text(text.replace("PAGES_QUICK = 200, 32", "PAGES_QUICK = 200, 4"))
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit()
    (made.place / "bench" / "export.py").unlink()
    made.commit()
    made.git("revert", "--no-edit", "HEAD")
    return made


def _bench(checkout: Project, *arguments: str, temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench", *arguments],
        cwd=checkout.place, env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_readers_against_a_commit_that_is_the_same(checkout: Project, tmp_path: Path) -> None:
    """Two rounds of four pages by the real command; and a bench that the commit lacks is said, and makes the result partial."""
    file = tmp_path / "figures.json"
    arguments = ("readers", "export", "--quick", "--rounds", "2", "--json", str(file), "--against", "HEAD~1")
    process = _bench(checkout, *arguments, temporary=tmp_path)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 10, err
    old = checkout.git("rev-parse", "HEAD~1")
    assert f"{old[:12]} has the requirements of today: it runs in the present environment" in err
    assert f"export: {old[:12]} has no such bench" in err.splitlines()
    assert err.splitlines().count("readers: round 2 of 2") == 1
    assert f"readers: now against {old[:12]}" in out
    written = json.loads(file.read_text())
    assert (written["about"]["against"], written["about"]["rounds"]) == (old, 2)
    found = {one["figure"]: one for one in written["benches"]["readers"]["figures"]}
    assert {"sabah/cpu_ms", "sabah/parses", "sabah/a_core", "sabah/exact_bodies"} <= set(found)
    assert found["sabah/exact_bodies"]["now"] == found["sabah/exact_bodies"]["then"] == [1.0, 1.0]
    assert all(len(one["now"]) == len(one["then"]) == 2 and min(one["then"]) >= 0 for one in found.values())
    assert found["sabah/cpu_ms"]["ratio"] > 0
    assert written["benches"]["readers"]["missing"] == []
    assert checkout.worktrees == []
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]


@pytest.mark.parametrize("named", ["nowhere", "no such\ncommit", ""])
def test_no_commit_is_one_line_and_code_2(checkout: Project, tmp_path: Path, named: str) -> None:
    process = _bench(checkout, "readers", "--against", named, temporary=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert f"{named!r} is no commit of this repository" in err


def test_nothing_compared_is_a_failure(checkout: Project, tmp_path: Path) -> None:
    process = _bench(checkout, "export", "--against", "HEAD~1", temporary=tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "has no such bench" in err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("begun", ["", "*", "*/sabah", "*/.venv-benc?"])
def test_an_interruption_leaves_no_worktree(
    checkout: Project, tmp_path: Path, sent: signal.Signals, begun: str
) -> None:
    """Also in the midst of making it."""
    process = _bench(checkout, "readers", "--against", "HEAD", temporary=tmp_path)
    while not list(tmp_path.glob(f"bench-against-*/{begun}")):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 14, err
    assert err.splitlines()[-1] == "python -m bench: interrupted; the worktree is removed"
    assert checkout.worktrees == []
    assert list(tmp_path.iterdir()) == []
