from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from scrapyd_client.deploy import _SETUP_PY_TEMPLATE

from sabah.commands.replica import ABSENT
from tests.running import Crawl
from tests.truth import differences

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica
    from tests.deploy.conftest import Checkout

SETUP = _SETUP_PY_TEMPLATE % {"settings": "sabah.settings"}


def test_the_egg_holds_the_package_and_nothing_else(built: tuple[Checkout, Path]) -> None:
    checkout, egg = built
    with ZipFile(egg) as archive:
        names = set(archive.namelist())
        metadata = b"".join(archive.read(name) for name in names if name.startswith("EGG-INFO/"))
    assert {name.split("/")[0] for name in names} == {"sabah", "EGG-INFO"}
    assert {name for name in names if name.startswith("sabah/") and not name.endswith(".pyc")} == set(
        checkout.files("sabah")
    )
    assert b"[scrapy]\nsettings = sabah.settings\n" in metadata
    assert b"tests" not in metadata


def _source_of(egg: Path) -> str:
    """Where a module of the egg comes from."""
    asked = [sys.executable, "-W", "error", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import sabah.site; print(sabah.site.__file__)"]  # fmt: skip
    return subprocess.run([*asked, str(egg)], cwd=egg.parent, check=True, capture_output=True, text=True).stdout.strip()


def test_a_job_compiles_nothing(built: tuple[Checkout, Path], tmp_path: Path) -> None:
    checkout, egg = built
    with ZipFile(egg) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    modules = {name for name in checkout.files("sabah") if name.endswith(".py")}
    assert {f"{name}c" for name in modules} <= set(files)
    assert _source_of(egg) == f"{egg}/sabah/site/__init__.pyc"
    other = tmp_path / "other.egg"
    with ZipFile(other, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, b"\0\0\r\n" + content[4:] if name.endswith(".pyc") else content)
    assert _source_of(other) == f"{other}/sabah/site/__init__.py", "bytecode of another Python"


def test_nothing_is_left_in_the_tree(built: tuple[Checkout, Path]) -> None:
    checkout, _ = built
    assert checkout.litter() == []


def test_what_was_in_the_tree_before_stays(checkout: Checkout, tmp_path: Path) -> None:
    own = {"setup.py": SETUP.partition("\n")[2], "build/lib/own.py": "", "sabah.egg-info/SOURCES.txt": "sabah/old.py\n"}
    for name, text in own.items():
        (checkout.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout.folder / name).write_text(text)
    checkout.build(tmp_path / "own.egg")
    assert (checkout.folder / "setup.py").read_text() == own["setup.py"]
    assert (checkout.folder / "sabah.egg-info/SOURCES.txt").read_text() == own["sabah.egg-info/SOURCES.txt"]
    with ZipFile(tmp_path / "own.egg") as egg:
        assert "own.py" not in egg.namelist()
        assert "sabah/settings.py" in egg.namelist()


def test_a_build_that_fails_leaves_nothing_either(checkout: Checkout, tmp_path: Path) -> None:
    (checkout.folder / "setup.py").write_text(SETUP)
    (tmp_path / "file").touch()
    failed = checkout.run(sys.executable, "setup.py", "bdist_egg", "-d", str(tmp_path / "file"), check=False)
    assert failed.returncode == 1
    assert "file" in failed.stderr.splitlines()[-1]
    assert checkout.litter() == []


def test_what_fails_before_the_build_is_tidied_by_the_next_one(checkout: Checkout, tmp_path: Path) -> None:
    pyproject = checkout.folder / "pyproject.toml"
    whole = pyproject.read_text()
    pyproject.write_text(whole + "[")
    assert checkout.build(tmp_path / "x.egg", check=False).returncode == 1
    pyproject.write_text(whole)
    checkout.build(tmp_path / "x.egg")
    assert checkout.litter() == []


READ = """
import sys
from importlib.resources import files
sys.path.insert(0, sys.argv[1])
import sabah, sabah.items
assert sabah.__file__.startswith(sys.argv[1]), sabah.__file__
for name in sys.argv[2:]:
    assert files("sabah").joinpath(name).is_file(), name
    print(name, len(files("sabah").joinpath(name).read_bytes()))
sabah.items.published()
"""


def test_everything_is_read_from_the_packed_egg(built: tuple[Checkout, Path], tmp_path: Path) -> None:
    checkout, egg = built
    resources = [name.removeprefix("sabah/") for name in checkout.files("sabah") if not name.endswith(".py")]
    read = subprocess.run(
        [sys.executable, "-W", "error", "-c", READ, str(egg), *resources],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert read.returncode == 0, read.stderr
    sizes = dict(line.split() for line in read.stdout.splitlines())
    assert sizes == {name: str((checkout.folder / "sabah" / name).stat().st_size) for name in resources}


@pytest.mark.parametrize("spider", ["addresses", "feeds", "revisit", "section"])
def test_scrapyd_finds_the_spiders(deployed: Callable[..., subprocess.CompletedProcess[str]], spider: str) -> None:
    assert spider in deployed("list", "-s", "LOG_STDOUT=0").stdout.splitlines()


@pytest.mark.parametrize("command", ["replica", "demo"])
def test_the_stand_in_newspaper_is_not_in_the_egg(
    command: str, deployed: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = deployed(command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"{command}: {ABSENT}"


def test_a_crawl_from_the_egg(
    deployed: Callable[..., subprocess.CompletedProcess[str]], replica: Callable[..., Replica], tmp_path: Path
) -> None:
    site = replica(articles=60, seed=8)
    settings = {"OUTPUT_DIR": tmp_path / "data", "SITE_ORIGIN": site.origin, "DOWNLOAD_DELAY": 0}
    done = deployed(
        "crawl", "section", "-a", "sections=world", *[a for n, v in settings.items() for a in ("-s", f"{n}={v}")]
    )
    assert done.returncode == 0, done.stderr
    articles = Crawl(done.returncode, done.stdout, done.stderr, tmp_path / "data").articles
    by_url = {truth["record"]["url"]: truth for truth in site.truth}
    assert len(articles) > 1
    assert [found for article in articles for found in differences(article, by_url[article["url"]])] == []
