"""The project as jobs of a real Scrapyd: whatever happens to daemon and jobs, the dataset is right; and nobody else gets in."""

from __future__ import annotations

import json
import os
import signal
import sys
from configparser import ConfigParser
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest
import scrapyd

from sabah.storage.errors import StorageError
from sabah.storage.ledger import Ledger
from tests import forked, week
from tests.faults import DEPTH, SECTIONS, World
from tests.living import mistakes
from tests.running import REPOSITORY, Crawl, environment
from tests.scrapyd import CONFIGURATION, NOBODY, Scrapyd, build_egg, listens, wait_until
from tests.soak import live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Replica

FAST = {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 8}
STEADY = {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
"""Lasts some seconds."""

SLOW = {"DOWNLOAD_DELAY": 1}
"""Lasts for as long as any test."""

SCANNED = {"sections": SECTIONS, "related": str(DEPTH)}
LOOPBACK = "0100007F"


@pytest.fixture(scope="session")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_egg(tmp_path_factory.mktemp("egg"))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Scrapyd]]:
    """Starts a Scrapyd that ends with the test."""
    running: list[Scrapyd] = []

    def one(**options: str) -> Scrapyd:
        running.append(Scrapyd(tmp_path / f"scrapyd-{len(running)}", **options))  # type: ignore[arg-type]
        return running[-1]

    yield one
    for daemon in running:
        daemon.stop()


def run(output: Path, job: str) -> tuple[str | None, str | None]:
    """Verdict and reason of a job's run, None and None while it is under way. Raises LookupError before it has begun."""
    try:
        with closing(Ledger.read(output)) as ledger:
            rows = ledger.all("SELECT verdict, reason FROM runs WHERE job = ?", job)
    except StorageError as error:  # the first job has not made it yet, or is about to
        raise LookupError(job) from error
    if not rows:
        raise LookupError(job)
    return rows[0]


def began(output: Path, *jobs: str) -> bool:
    try:
        return all(run(output, job) == (None, None) for job in jobs)
    except LookupError:
        return False


def claimed(output: Path, job: str) -> int:
    with closing(Ledger.read(output)) as ledger:
        return int(ledger.one("SELECT count(*) FROM addresses a JOIN runs r ON r.id = a.run WHERE r.job = ?", job)[0])


@pytest.mark.long
def test_cancelled_orphaned_killed_and_redeployed_the_jobs_make_the_whole_dataset(
    start: Callable[..., Scrapyd], egg: Path, tmp_path: Path
) -> None:
    plan = week.Plan(hours=4, per_hour=8, backlog=150, correct=0.4, withdraw=0.1, latency=0.05)
    newspaper, output = week.found(plan), tmp_path / "data"
    try:
        daemon = start(SABAH_NOW=f"{newspaper.origin}/_clock", SABAH_OUTPUT_DIR=str(output))
        daemon.deploy("1", egg)
        world = World(newspaper, output)
        fast, steady, slow = ({**pace, "SITE_ORIGIN": newspaper.origin} for pace in (FAST, STEADY, SLOW))
        expected = world.expected  # as listings are before the clock moves

        _cancel(daemon, world, steady)
        _kill_the_daemon(daemon, world, fast, slow)
        _redeploy(daemon, world, steady, egg)
        assert _verdicts(output) == ["died", "interrupted", "no_new", "ok", "ok"]
        assert {line["url"] for line in Crawl(0, "", "", output).articles} >= expected
        for now in plan.times[1:]:
            newspaper.move(at=now.isoformat())
            daemon.wait(daemon.schedule("feeds", fast), daemon.schedule("revisit", fast))

        lines = Crawl(0, "", "", output).articles
        assert any(line["revision"] > 1 for line in lines), "something was corrected"
        lived = week.Lived(plan, tuple(week.Hour(now, ()) for now in plan.times), newspaper.truth, lines)
        assert mistakes(lived, newspaper, output) == []
    finally:
        newspaper.stop()


def _cancel(daemon: Scrapyd, world: World, steady: dict[str, object]) -> None:
    job = daemon.schedule("section", steady, **SCANNED)
    wait_until(lambda: began(world.output, job), "the job has begun")
    wait_until(lambda: world.stored() > 3, "something is stored")
    assert daemon.cancel(job) == "running"
    daemon.wait(job)
    assert run(world.output, job)[0] == "interrupted"
    assert world.stored() < len(world.expected), "there was work left"


def _kill_the_daemon(daemon: Scrapyd, world: World, fast: dict[str, object], slow: dict[str, object]) -> None:
    section = daemon.schedule("section", slow, **SCANNED)
    wait_until(lambda: claimed(world.output, section), "the slow job has claimed what the cancelled one left")
    feeds = daemon.schedule("feeds", fast)
    wait_until(lambda: began(world.output, section, feeds), "both jobs have begun")
    daemon.kill()
    orphans = daemon.alive()
    assert set(orphans) == {section, feeds}
    daemon.start()
    assert daemon.state(section) is None, "the daemon knows nothing of its orphans"

    again = daemon.schedule("section", fast, **SCANNED)
    daemon.wait(again)
    verdict, reason = run(world.output, again)
    assert verdict == "no_new"
    assert section in str(reason)
    assert claimed(world.output, section), "an orphan keeps its claims"

    os.kill(orphans[section], signal.SIGKILL)
    wait_until(lambda: feeds not in daemon.alive(), "the other orphan ends by itself")
    assert run(world.output, feeds)[0] == "ok"


def _redeploy(daemon: Scrapyd, world: World, steady: dict[str, object], egg: Path) -> None:
    """The job that takes over what the dead one has left runs under the old version while the new one comes."""
    job = daemon.schedule("section", steady, **SCANNED)
    wait_until(lambda: began(world.output, job), "the job has begun")
    daemon.deploy("2", egg)
    assert job in daemon.alive()
    daemon.wait(job)
    assert run(world.output, job)[0] == "ok"
    assert daemon.ask("listversions.json?project=sabah")["versions"] == ["1", "2"]


def _verdicts(output: Path) -> list[str]:
    """Of all jobs, as the operator sees them, sorted."""
    command = [sys.executable, "-m", "scrapy", "status", "--jobs", "--json", "-s", f"OUTPUT_DIR={output}"]
    said = forked.run(command, cwd=REPOSITORY, env=environment(), capture_output=True, text=True, check=True).stdout
    return sorted(json.loads(line)["verdict"] for line in said.splitlines())


def test_a_job_that_is_under_way_is_not_started_again(
    start: Callable[..., Scrapyd], egg: Path, replica: Callable[..., Replica], tmp_path: Path
) -> None:
    output, daemon = tmp_path / "data", start()
    daemon.deploy("1", egg)
    slow = {**SLOW, "SITE_ORIGIN": replica(articles=60, seed=5).origin, "OUTPUT_DIR": output}
    first = daemon.schedule("section", slow, **SCANNED)
    wait_until(lambda: began(output, first), "the first has begun")
    second = daemon.schedule("section", slow, **SCANNED)
    daemon.wait(second)
    verdict, reason = run(output, second)
    assert verdict == "no_new"
    assert first in str(reason)
    assert first in daemon.log(second)
    other = daemon.schedule("section", {**slow, **FAST}, sections="world", limit="1")
    daemon.wait(other)
    assert run(output, other)[0] == "ok", "another job is not held up"
    assert began(output, first)


def test_a_job_without_an_absolute_folder_refuses(start: Callable[..., Scrapyd], egg: Path) -> None:
    daemon = start()
    daemon.deploy("1", egg)
    before = {path.name for path in daemon.folder.iterdir()}
    for settings in ({}, {"OUTPUT_DIR": "data"}):
        job = daemon.schedule("feeds", {"CONTACT": "reader@example.org", **settings})
        daemon.wait(job)
        assert "absolute" in daemon.log(job)
        assert "SABAH_OUTPUT_DIR" in daemon.log(job)
    assert {path.name for path in daemon.folder.iterdir()} <= before | {"logs"}


def test_nothing_is_answered_without_the_right_credentials(start: Callable[..., Scrapyd]) -> None:
    daemon = start()
    name, word = daemon.user
    services = ConfigParser(interpolation=None)
    services.read(Path(scrapyd.__file__).with_name("default_scrapyd.conf"))
    asked = [*services["services"], "", "jobs", "logs/", "nothing-of-the-kind"]
    assert len(asked) > 10
    for user in (NOBODY, (name, "wrong"), ("wrong", word), (name, ""), (name.upper(), word)):
        for service in asked:
            for form in (None, {"project": "sabah", "spider": "feeds", "job": "1", "version": "1"}):
                with pytest.raises(HTTPError) as refused:
                    daemon.ask(service, form, user=user)
                with refused.value as answer:
                    assert answer.code == 401, (service, user)
                    assert answer.read() == b"Unauthorized"
    assert daemon.ask("daemonstatus.json")["status"] == "ok"


@pytest.mark.parametrize("conf", [CONFIGURATION.read_text(), "[scrapyd]\n"], ids=["ours", "Scrapyd's own"])
def test_it_listens_on_loopback_alone(conf: str, start: Callable[..., Scrapyd]) -> None:
    assert listens(start(conf=conf).process.pid) == [LOOPBACK]


@pytest.mark.long
def test_a_day_of_hourly_jobs_leaves_what_is_documented(tmp_path: Path) -> None:
    """`make soak` lets a month go by."""
    soak, found = live(24, tmp_path)
    assert found == []
    assert soak.measured[-1].runs == 2 * 25 + 1  # feeds, revisit, and sections once
    assert len(soak.compacted) == 1
