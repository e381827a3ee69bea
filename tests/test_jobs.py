"""Runs that Scrapyd starts: where they write, what they say when they cannot, and that one job never runs twice at once."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sabah.spiders.feeds import FeedsSpider
from sabah.storage.ledger import Ledger
from sabah.storage.locks import Lock, UnderWay, take_turn
from tests import forked
from tests.running import REPOSITORY, Crawl, SmallSite, article, command, environment, listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = {"/europe": listing("/world/one/news"), "/world/one/news": article("One")}
EUROPE = ("section", "-a", "sections=europe")
ENVIRONMENT = environment(SCRAPY_SETTINGS_MODULE="sabah.settings", PYTHONPATH=str(REPOSITORY))
"""What Scrapyd gives a job; no scrapy.cfg is near its folder."""


def start(folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return forked.run(command(*args), cwd=folder, env=ENVIRONMENT | env, capture_output=True, text=True, timeout=60)


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


@pytest.mark.parametrize(
    ("args", "spider", "said"),
    [
        (("section", "-a", "sectoins=europe"), "section", "unknown argument 'sectoins' (did you mean 'sections'?)"),
        (("sectoin", "-a", "sections=europe"), "sectoin", "unknown spider 'sectoin' (did you mean 'section'?)"),
        ((*EUROPE, "-s", "DOWNLOAD_DELAY=fast"), "section", "DOWNLOAD_DELAY='fast': must be a number from 0"),
        ((*EUROPE, "-s", "DOWNLAOD_DELAY=1"), "section", "unknown setting 'DOWNLAOD_DELAY'"),
        ((*EUROPE, "-s", "CONTACT=nobody"), "section", "CONTACT='nobody' is neither an e-mail address"),
    ],
)
def test_a_refused_job_is_among_the_jobs(args: tuple[str, ...], spider: str, said: str, daemon: Path) -> None:
    data = daemon.parent / "data"
    Ledger.open(data).close()
    by_setting = ("-s", f"OUTPUT_DIR={data}")
    refused(daemon, *args, SABAH_OUTPUT_DIR=str(data))
    (daemon.parent / "job.log").unlink()
    refused(daemon, *args, *by_setting)
    shown = forked.run(
        [sys.executable, "-m", "scrapy", "status", "--jobs", "--json"],
        cwd=daemon, env=ENVIRONMENT | {"SABAH_OUTPUT_DIR": str(data)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = [json.loads(line) for line in shown.splitlines()]
    assert [(one["spider"], one["job"], one["verdict"], one["articles"]) for one in found] == [
        (spider, "7f3a", "failed", 0)
    ] * 2
    for one in found:
        assert one["reason"].startswith(f"refused: {said}")
        assert one["ended_at"]


def test_by_hand_a_refusal_leaves_no_row(daemon: Path) -> None:
    data = daemon.parent / "data"
    Ledger.open(data).close()
    assert start(daemon, *EUROPE, "-s", f"OUTPUT_DIR={data}", "-s", "CONTACT=nobody").returncode == 2
    assert runs(data) == []


def test_a_refusal_that_cannot_be_kept_says_so(daemon: Path) -> None:
    data = daemon.parent / "data"
    data.mkdir()
    (data / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    said = refused(daemon, *EUROPE, "-s", "CONTACT=nobody", SABAH_OUTPUT_DIR=str(data))
    assert said.startswith("CONTACT='nobody' is neither an e-mail address")
    assert " (`status --jobs` does not show this: " in said


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


@pytest.fixture
def newspaper() -> Iterator[SmallSite]:
    """Sixty articles, of which few are answered until a run was met at work."""
    paths = [f"/world/article-{number}/news" for number in range(60)]
    pages = {"/europe": listing(*paths), "/asia-pacific": listing(paths[0]), **{path: article(path) for path in paths}}
    with SmallSite(pages) as site:
        yield site


def job(number: int | None, site: SmallSite, folder: Path, *args: str) -> subprocess.Popen[str]:
    """A run under way, as Scrapyd starts it; without a number, as a person does."""
    named = () if number is None else ("-a", f"_job=job-{number}")
    places = ("-s", f"OUTPUT_DIR={folder}", "-s", f"SITE_ORIGIN={site.origin}")
    slowly = ("-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "-a", "related=0")
    return forked.start(
        command(*(args or EUROPE), *named, *places, *slowly),
        cwd=REPOSITORY,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )


def at_work(site: SmallSite, asked: int = 5) -> None:
    """Returns when the run has asked so often; it has no further answer until `answered` grows."""
    site.answered = asked - 1
    site.wait(asked)


def go_on(site: SmallSite) -> None:
    site.answered = math.inf


def ended(run: subprocess.Popen[str], code: int = 0) -> str:
    """Its last line."""
    said = run.communicate(timeout=60)[1]
    assert run.returncode == code, said
    assert "Traceback" not in said
    return said.splitlines()[-1]


def runs(folder: Path) -> list[tuple[str | None, str | None, str | None, int, int]]:
    with closing(Ledger.read(folder)) as ledger:
        return ledger.all("SELECT job, verdict, reason, pages, articles FROM runs ORDER BY id")


def test_a_job_stands_back_while_the_same_one_runs(newspaper: SmallSite, tmp_path: Path) -> None:
    with SmallSite({}) as bell:
        first = job(1, newspaper, tmp_path)
        at_work(newspaper)
        with closing(Ledger.read(tmp_path)) as ledger:
            (crawl_id,) = ledger.one("SELECT crawl_id FROM runs")
        second = job(2, newspaper, tmp_path, *EUROPE, "-s", "ALERTS=webhook", "-s", f"ALERT_WEBHOOK={bell.origin}/bell")
        why = f"this job is under way already (job job-1, run {crawl_id})"
        assert ended(second).startswith(f"no_new: {why}; 0 stored, ")
        assert first.poll() is None
        go_on(newspaper)
        assert ended(first).startswith("ok: 60 stored, ")
        assert bell.asked == []
    assert runs(tmp_path) == [("job-1", "ok", None, 60, 60), ("job-2", "no_new", why, 0, 0)]
    assert Counter(newspaper.asked).most_common(1)[0][1] == 1, "the second has asked for nothing, not even robots.txt"
    assert sorted(path.name for path in (tmp_path / "locks").iterdir()) == ["check.lock", "files.lock", "ledger.lock"]


def test_the_next_takes_over_from_one_that_was_killed(newspaper: SmallSite, tmp_path: Path) -> None:
    first = job(1, newspaper, tmp_path)
    at_work(newspaper, 20)
    first.kill()
    first.communicate(timeout=20)
    before = len(newspaper.asked)
    second = job(2, newspaper, tmp_path)
    at_work(newspaper, before + 3)
    assert ended(job(3, newspaper, tmp_path)).startswith("no_new: this job is under way already (job job-2, run ")
    go_on(newspaper)
    assert ended(second).startswith("ok: ")
    (died, *_), (ok, *_), (none, *_) = (row[1:] for row in runs(tmp_path))
    assert (died, ok, none) == ("died", "ok", "no_new")
    stored = Crawl(0, "", "", tmp_path).articles
    assert len(stored) == len({one["url"] for one in stored}) == 60


def test_jobs_with_other_arguments_and_runs_by_hand_go_on_beside_it(newspaper: SmallSite, tmp_path: Path) -> None:
    first = job(1, newspaper, tmp_path)
    at_work(newspaper)
    other = job(2, newspaper, tmp_path, "section", "-a", "sections=asia-pacific")
    by_hand = job(None, newspaper, tmp_path)
    newspaper.wait(5 + 2)  # each has asked for robots.txt, while the first is under way
    go_on(newspaper)
    assert not ended(other).startswith("no_new: this job")
    assert not ended(by_hand).startswith("no_new: this job")
    assert ended(first).startswith("ok: ")
    stored = Crawl(0, "", "", tmp_path).articles
    assert len(stored) == len({one["url"] for one in stored}) == 60


def test_how_much_is_wanted_makes_no_other_job(newspaper: SmallSite, tmp_path: Path) -> None:
    first = job(1, newspaper, tmp_path)
    at_work(newspaper)
    assert ended(job(2, newspaper, tmp_path, *EUROPE, "-a", "limit=1")).startswith("no_new: this job is under way")
    first.send_signal(signal.SIGINT)
    go_on(newspaper)
    assert ended(first, 14).startswith("interrupted: ")
    assert ended(job(3, newspaper, tmp_path)).startswith("ok: ")


def test_a_turn_given_back_is_one_even_where_its_file_was_opened_before(tmp_path: Path) -> None:
    """Who opens the file, and locks it after it was given back and removed, has nothing: another may hold the new file."""
    turn = take_turn(tmp_path, "scope", "run-1", "1")
    opened = Lock.__new__(Lock)
    opened.path, opened._descriptor = turn.path, os.open(turn.path, os.O_RDWR)
    turn.release(remove=True)
    assert not opened.stands()
    with take_turn(tmp_path, "scope", "run-2", "2") as held:
        assert held.stands()
        assert not opened.stands()
        with pytest.raises(UnderWay, match=r"this job is under way already \(job 2, run run-2\)"):
            take_turn(tmp_path, "scope", "run-3", "3")
        take_turn(tmp_path, "another scope", "run-4", "4").release(remove=True)
    opened.release()


def test_a_folder_that_refuses_the_turn_is_a_storage_error(newspaper: SmallSite, tmp_path: Path) -> None:
    taken = take_turn(tmp_path, FeedsSpider(_job="1").scope, "run-1", "1")
    path = taken.path
    taken.release(remove=True)
    path.mkdir()
    run = job(1, newspaper, tmp_path, "feeds")
    assert ended(run, 15).startswith(f"storage: {path}: ")
    assert newspaper.asked == []
