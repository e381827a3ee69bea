from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser, InterpolationMissingOptionError
from pkgutil import get_data
from typing import TYPE_CHECKING

import pytest
from scrapy.utils.misc import load_object
from scrapyd.config import Config

from tests.running import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

DEPLOY = REPOSITORY / "deploy"
CONF = DEPLOY / "scrapyd.conf"


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Config:
    """As Scrapyd reads it, on top of its own defaults."""
    shutil.copy(CONF, tmp_path)
    monkeypatch.chdir(tmp_path)
    return Config()


def test_scrapyd_reads_what_is_meant(config: Config) -> None:
    texts = {
        "bind_address": "127.0.0.1",
        "items_dir": "",
        "jobs_dir": "",
        "eggs_dir": "/var/lib/sabah/scrapyd/eggs",
        "logs_dir": "/var/lib/sabah/scrapyd/logs",
        "dbs_dir": "/var/lib/sabah/scrapyd/dbs",
    }
    assert {name: config.get(name) for name in texts} == texts
    numbers = {"http_port": 6800, "max_proc": 2, "jobs_to_keep": 30 * 24, "finished_to_keep": 1500}
    assert {name: config.getint(name) for name in numbers} == numbers
    assert config.getfloat("poll_interval") == 5.0
    assert config.getboolean("debug") is False
    assert load_object(config.get("jobstorage")).__name__ == "SqliteJobStorage"


@pytest.mark.parametrize("name", ["username", "password"])
def test_no_user_or_password_is_in_the_file(config: Config, name: str) -> None:
    with pytest.raises(InterpolationMissingOptionError, match=f"set scrapyd_{name} in the environment"):
        config.get(name)


@pytest.mark.parametrize("file", ["scrapyd.conf", "image.conf"])
def test_every_option_is_one_of_scrapyds(file: str) -> None:
    known, ours = ConfigParser(), ConfigParser(interpolation=None)
    known.read_string((get_data("scrapyd", "default_scrapyd.conf") or b"").decode())
    ours.read(DEPLOY / file)
    options = [
        (section, name) for section in ours.sections() if section != "settings" for name in ours.options(section)
    ]
    assert options
    assert [f"[{section}] {name}" for section, name in options if not known.has_option(section, name)] == []


@pytest.mark.parametrize("file", ["scrapyd.conf", "image.conf"])
def test_every_line_is_explained_by_a_comment_before_it(file: str) -> None:
    paragraphs = (DEPLOY / file).read_text().split("\n\n")
    options = [part for part in paragraphs if re.search(r"^\w[\w.]* *=", part, re.MULTILINE)]
    assert options
    assert [part for part in options if not part.lstrip().startswith("#")] == []
    assert "  #" not in "".join(options), "a comment behind a value is part of the value"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "username"),
        ({"SCRAPYD_USERNAME": "reader"}, "password"),
        ({"SCRAPYD_PASSWORD": "a word"}, "username"),
        ({"SCRAPYD_USERNAME": "reader", "SCRAPYD_PASSWORD": ""}, "password"),
    ],
)
def test_it_does_not_start_without_user_and_password(given: dict[str, str], missing: str, tmp_path: Path) -> None:
    conf = CONF.read_text().replace("/var/lib/sabah", str(tmp_path)).replace("6800", "0")
    (tmp_path / "scrapyd.conf").write_text(conf)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCRAPYD_")} | given
    command = [sys.executable, "-m", "scrapyd", "--pidfile="]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"set SCRAPYD_{missing.upper()} in the environment" in done.stdout + done.stderr
    assert "web console available" not in done.stdout
