"""Runs that Scrapyd starts: where they write, what they say when they cannot, and that one job never runs twice at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.running import REPOSITORY, SmallSite, article, command, environment, listing

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {"/europe": listing("/world/one/news"), "/world/one/news": article("One")}
EUROPE = ("section", "-a", "sections=europe")
ENVIRONMENT = environment(SCRAPY_SETTINGS_MODULE="sabah.settings", PYTHONPATH=str(REPOSITORY))
"""What Scrapyd gives a job; no scrapy.cfg is near its folder."""


def start(folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*args), cwd=folder, env=ENVIRONMENT | env, capture_output=True, text=True, timeout=60)


def refused(daemon: Path, *args: str, **env: str) -> str:
    """What a job started in the daemon's folder says when it refuses."""
    with SmallSite(PAGES) as site:
        log = daemon.parent / "job.log"
        places = ("-a", "_job=7f3a", "-s", f"LOG_FILE={log}", "-s", f"SITE_ORIGIN={site.origin}")
        done = start(daemon, *args, *places, **env)
        assert site.asked == []
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert list(daemon.iterdir()) == []
    said = done.stderr.removeprefix("crawl: ")
    logged = log.read_text()
    assert logged.count("\n") == 1
    assert logged.endswith(f" [sabah.commands.crawl] ERROR: {said}")
    return said


@pytest.fixture
def daemon(tmp_path: Path) -> Path:
    folder = tmp_path / "daemon"
    folder.mkdir()
    return folder


def test_a_job_says_that_it_needs_an_absolute_folder(daemon: Path) -> None:
    assert refused(daemon, *EUROPE) == (
        "OUTPUT_DIR='output' is no absolute folder, which a job needs: set SABAH_OUTPUT_DIR=/FOLDER in Scrapyd's environment, "
        "or schedule with setting=OUTPUT_DIR=/FOLDER\n"
    )


@pytest.mark.parametrize("folder", ["data", "./data", "~/data"])
def test_no_other_folder_will_do(folder: str, daemon: Path) -> None:
    assert refused(daemon, *EUROPE, SABAH_OUTPUT_DIR=folder).startswith(f"OUTPUT_DIR={folder!r} is no absolute folder")
    (daemon.parent / "job.log").unlink()
    said = refused(daemon, *EUROPE, "-s", f"OUTPUT_DIR={folder}", SABAH_OUTPUT_DIR=str(daemon.parent / "data"))
    assert said.startswith(f"OUTPUT_DIR={folder!r} is no absolute folder")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("section", "-a", "sectoins=europe"), "unknown argument 'sectoins' (did you mean 'sections'?)"),
        (("sectoin", "-a", "sections=europe"), "unknown spider 'sectoin' (did you mean 'section'?)"),
        ((*EUROPE, "-a", "-limit=3"), "argument -a: expected one argument"),
        ((*EUROPE, "-s", "DOWNLOAD_DELAY=fast"), "DOWNLOAD_DELAY='fast': must be a number from 0"),
        ((*EUROPE, "-s", "CONTACT=nobody"), "CONTACT='nobody' is neither an e-mail address nor an http(s) address"),
    ],
)
def test_every_mistake_is_in_the_jobs_log(args: tuple[str, ...], said: str, daemon: Path) -> None:
    assert refused(daemon, *args, SABAH_OUTPUT_DIR=str(daemon.parent / "data")).startswith(said)
    assert not (daemon.parent / "data").exists()


def test_a_missing_contact_is_in_the_jobs_log(daemon: Path) -> None:
    live = ("-s", "SITE_ORIGIN=https://www.dailysabah.com", "-s", f"OUTPUT_DIR={daemon.parent / 'data'}")
    log = daemon.parent / "job.log"
    done = start(daemon, *EUROPE, "-a", "_job=7f3a", "-s", f"LOG_FILE={log}", *live)
    assert done.returncode == 2
    assert "ERROR: the live site is not asked without a contact: set CONTACT" in log.read_text()


def test_a_job_by_another_way_than_the_command_is_refused_too(daemon: Path) -> None:
    script = (
        "from scrapy.crawler import CrawlerProcess; from scrapy.utils.project import get_project_settings\n"
        "process = CrawlerProcess({**get_project_settings(), 'SITE_ORIGIN': 'http://127.0.0.1:9'})\n"
        "process.crawl('feeds', _job='7f3a'); process.start()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=daemon, env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )
    assert "sabah.configuration.ConfigurationError: OUTPUT_DIR='output' is no absolute folder" in done.stderr
    assert list(daemon.iterdir()) == []
