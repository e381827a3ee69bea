"""A small project with a history, as `--against` meets it: two commits, each with a bench that gives the number in its `figure.txt`."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import attrs
import pytest

if TYPE_CHECKING:
    from pathlib import Path

_BENCH = """\
import argparse, json, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("--quick", action="store_true")
parser.add_argument("--json", type=pathlib.Path)
given = parser.parse_args()
figure = float(pathlib.Path("figure.txt").read_text())
rows = [{"reader": "sabah", "cpu_ms": figure, "errors": int(given.quick)}]
given.json.write_text(json.dumps({"benches": {given.name: {"rows": rows}}}))
"""


@attrs.frozen
class Project:
    place: Path

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *who, *arguments], cwd=self.place, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, **files: str) -> str:
        """The hash of a commit with these files, whose names have `__` for a dot."""
        for name, text in files.items():
            (self.place / name.replace("__", ".")).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A step")
        return self.git("rev-parse", "HEAD")

    @property
    def worktrees(self) -> list[str]:
        """The paths of all but the project itself."""
        lines = self.git("worktree", "list", "--porcelain").splitlines()
        return [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")][1:]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    (made.place / "bench").mkdir(parents=True)
    (made.place / "bench" / "__init__.py").touch()
    (made.place / "bench" / "__main__.py").write_text(_BENCH)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit(requirements__txt="# nothing\n", figure__txt="2", __gitignore=".venv*\n__pycache__/\n")
    made.commit(figure__txt="3")
    return made
