"""Commits by name, and their worktrees and environments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.environment import digest
from bench.trees import PRESENT, NoCommit, Tree, checked_out, commit

if TYPE_CHECKING:
    from tests.bench.conftest import Project


@pytest.mark.parametrize("named", ["HEAD~1", "main~1", "v1", "HEAD^"])
def test_a_commit_goes_by_what_git_calls_it(project: Project, named: str) -> None:
    first = project.git("rev-parse", "HEAD~1")
    project.git("tag", "v1", "HEAD~1")
    assert commit(named, project.place) == commit(first[:8], project.place) == commit(first, project.place) == first


@pytest.mark.parametrize(
    "named", ["", " ", "nowhere", "0" * 40, "HEAD:bench", "HEAD~9", "--help", "-1", "a\nb", "main..HEAD", "../project"]
)
def test_what_is_no_commit_is_said_in_one_line(project: Project, named: str) -> None:
    with pytest.raises(NoCommit) as raised:
        commit(named, project.place)
    assert repr(named) in str(raised.value)
    assert "is no commit of this repository" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_without_a_history_of_its_own_is_no_checkout(project: Project, tmp_path: Path) -> None:
    (tmp_path / "unpacked").mkdir()
    for place in (tmp_path / "unpacked", project.place / "bench"):
        with pytest.raises(NoCommit, match="needs a git checkout"):
            commit("HEAD", place)


def test_variables_of_another_git_do_not_lead_elsewhere(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere/.git")
    monkeypatch.setenv("GIT_WORK_TREE", "/nowhere")
    with checked_out(commit("HEAD", project.place), project.place) as tree:
        assert tree.place.is_dir()


def test_a_worktree_holds_the_commit_and_is_removed(project: Project) -> None:
    (project.place / "figure.txt").write_text("of today, not committed")
    with checked_out(commit("HEAD~1", project.place), project.place) as tree:
        assert (tree.place / "figure.txt").read_text() == "2"
        assert project.worktrees == [str(tree.place)]
        (tree.place / "left.txt").write_text("by a bench")
        (tree.place / "figure.txt").write_text("changed by a bench")
    assert not tree.place.exists()
    assert project.worktrees == []
    assert (project.place / "figure.txt").read_text() == "of today, not committed"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_worktree_is_removed_after_a_failure_too(project: Project, error: type[BaseException]) -> None:
    with pytest.raises(error), checked_out(commit("HEAD", project.place), project.place):
        raise error
    assert project.worktrees == []


def test_hooks_of_the_user_are_not_run(project: Project) -> None:
    hook = project.place / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)
    with checked_out(commit("HEAD", project.place), project.place) as tree:
        assert (tree.place / "figure.txt").exists()


def test_the_same_requirements_are_met_by_the_present_environment(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.commit(requirements__txt="\n# said otherwise\n")
    with checked_out(commit("HEAD~1", project.place), project.place) as tree:
        assert tree.python == PRESENT.python
    assert "it runs in the present environment" in capsys.readouterr().err
    assert not list(project.place.glob(".venv-bench*"))


def test_other_requirements_get_an_environment_once(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(project.place / "old-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("old.py", "VERSION = 1")
        wheel.writestr("old-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
        wheel.writestr(
            "old-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("old-1.0.dist-info/RECORD", "")
    old = project.commit(requirements__txt="./old-1.0-py3-none-any.whl\n")
    project.commit(requirements__txt="# no longer\n")
    for _ in range(2):
        with checked_out(old, project.place) as tree:
            assert tree.python != PRESENT.python
            assert tree.run("-c", "import old; print(old.VERSION)") == "1\n"
    assert capfd.readouterr().err.count("Making .venv-bench-") == 1
    assert len(list(project.place.glob(".venv-bench-*"))) == 1
    assert project.git("status", "--porcelain") == ""


def test_requirements_that_cannot_be_met_are_said(project: Project) -> None:
    old = project.commit(requirements__txt="./nowhere-1.0-py3-none-any.whl\n")
    project.commit(requirements__txt="")
    with pytest.raises(RuntimeError, match=f"no environment for {old[:12]}: pip ended with code 1"):
        checked_out(old, project.place).__enter__()
    assert project.worktrees == []


def test_a_commit_that_says_no_requirements_is_said(project: Project) -> None:
    (project.place / "requirements.txt").unlink()
    old = project.commit()
    with pytest.raises(RuntimeError, match=r"has no requirements-dev\.txt and no requirements\.txt"):
        checked_out(old, project.place).__enter__()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("scrapy==2.19.0\nlxml==6.1.3\n", True),
        ("# first\nlxml==6.1.3  # why\n\nscrapy==2.19.0", True),
        ("-r more.txt\nscrapy==2.19.0", True),
        ("--requirement=more.txt\nscrapy==2.19.0", True),
        ("scrapy==2.19.0\n-r requirements.txt\nlxml==6.1.3", True),
        ("scrapy==2.19.0\nlxml==6.1.2\n", False),
        ("scrapy==2.19.0\n", False),
        ("scrapy==2.19.0\nlxml==6.1.3\nold @ https://example.org/old.whl#sha256=1\n", False),
        ("", False),
    ],
)
def test_what_is_asked_for_is_what_counts(tmp_path: Path, text: str, same: bool) -> None:
    (tmp_path / "more.txt").write_text("lxml==6.1.3\n")
    (tmp_path / "other.txt").write_text("scrapy==2.19.0\nlxml==6.1.3\n")
    (tmp_path / "requirements.txt").write_text(text)
    assert (digest(tmp_path / "requirements.txt") == digest(tmp_path / "other.txt")) is same


def test_a_fragment_of_an_address_is_no_comment(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("old @ https://example.org/old.whl#sha256=1\n")
    other.write_text("old @ https://example.org/old.whl#sha256=2\n")
    assert digest(one) != digest(other)


def test_other_readers_are_shared_where_both_want_the_same(project: Project) -> None:
    requirements = project.place / "bench" / "requirements.txt"
    requirements.write_text("a==1\n")
    same = project.commit()
    requirements.write_text("a==2\n")
    other = project.commit()
    requirements.write_text("a==1\n")
    with checked_out(same, project.place) as tree:
        assert (tree.place / ".venv-bench").readlink() == project.place / ".venv-bench"
    with checked_out(other, project.place) as tree:
        assert not (tree.place / ".venv-bench").is_symlink()


def test_a_checkout_runs_its_own_modules(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("SABAH_OUTPUT_DIR", "/nowhere")
    tree = Tree("old", project.place, Path(sys.executable))
    told = tree.run(
        "-c", "import bench, os, json; print(json.dumps([bench.__file__, 'SABAH_OUTPUT_DIR' in os.environ]))"
    )
    assert json.loads(told) == [str(project.place / "bench" / "__init__.py"), False]


def test_a_failure_is_said_with_its_last_line(project: Project) -> None:
    tree = Tree("old", project.place, Path(sys.executable))
    with pytest.raises(RuntimeError, match=r"^old: `-c .*` ended with code 1: ValueError: why$"):
        tree.run("-c", "raise ValueError('why')")
    with pytest.raises(RuntimeError, match="ended with code 3: it said nothing"):
        tree.run("-c", "raise SystemExit(3)")


def test_what_a_bench_has_started_ends_with_an_interruption(project: Project, tmp_path: Path) -> None:
    """Of SIGTERM to the command alone, as a service or a CI sends it: what runs below it hears of it too."""
    pids = tmp_path / "pids"
    below = f"import os, time; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
    middle = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {below!r}]); exec({below!r})"
    above = (
        "import signal, sys, pathlib; from bench.trees import Tree\n"
        "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
        f"Tree('old', pathlib.Path({str(project.place)!r}), pathlib.Path(sys.executable)).run('-c', {middle!r})"
    )
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-c", above], cwd=root, stderr=subprocess.DEVNULL)
    try:
        while not (pids.exists() and len(pids.read_text().split()) == 2):
            assert process.poll() is None
            time.sleep(0.02)
        started = [int(pid) for pid in pids.read_text().split()]
        process.terminate()
        process.wait(30)
    finally:
        process.kill()
    assert not [pid for pid in started if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_folder_of_a_worktree_lies_among_the_temporary_ones(project: Project) -> None:
    with checked_out(commit("HEAD", project.place), project.place) as tree:
        assert os.path.commonpath([tree.place, tempfile.gettempdir()]) == tempfile.gettempdir()
    assert not tree.place.parent.exists()
