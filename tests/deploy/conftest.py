"""A checkout as users have it, and the egg that scrapyd-deploy makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import TYPE_CHECKING

import pytest

from tests.running import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

GENERATED = ignore_patterns(
    ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "build", "dist", "*.egg-info", "setup.py", "output"
)


class Checkout:
    """A git checkout with nothing but what is committed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copytree(REPOSITORY, folder, ignore=GENERATED)
        self.run("git", "init", "--quiet")
        self.run("git", "add", "--all")
        self.run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message=all")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("SCRAPY", "SABAH_"))}
        return subprocess.run(
            command, cwd=self.folder, env=environment, check=check, capture_output=True, text=True, timeout=120
        )

    def build(self, egg: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run(str(Path(sys.executable).with_name("scrapyd-deploy")), "--build-egg", str(egg), check=check)

    def litter(self) -> list[str]:
        """What git sees beside the commit, ignored files too."""
        return self.run("git", "status", "--porcelain", "--ignored").stdout.splitlines()

    def files(self, *folders: str) -> list[str]:
        return self.run("git", "ls-files", *folders).stdout.splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, Path]:
    """A checkout from which an egg was built, and the egg."""
    folder = tmp_path_factory.mktemp("built")
    checkout, egg = Checkout(folder / "checkout"), folder / "sabah.egg"
    checkout.build(egg)
    return checkout, egg


@pytest.fixture
def deployed(built: tuple[Checkout, Path], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a scrapy command the way Scrapyd does: `scrapyd.runner`, the egg in its storage, the daemon's folder."""
    (tmp_path / "eggs" / "sabah").mkdir(parents=True)
    (tmp_path / "eggs" / "sabah" / "1.egg").write_bytes(built[1].read_bytes())
    (tmp_path / "scrapyd.conf").write_text(f"[scrapyd]\neggs_dir = {tmp_path}/eggs\n")

    def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("SCRAPY", "SABAH_"))}
        return subprocess.run(
            [sys.executable, "-m", "scrapyd.runner", *command],
            cwd=tmp_path,
            env=environment | {"SCRAPY_PROJECT": "sabah"} | more,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
