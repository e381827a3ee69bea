"""Nothing lost, nothing twice: re-readings that are killed, interrupted, that meet each other, crawls and `compact`, and the same command again."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sabah.archive.reparse import outcomes
from sabah.archive.session import Request
from sabah.dataset.filters import parse_filters
from sabah.storage.ledger import Ledger
from sabah.storage.locks import Lock
from sabah.storage.readings import START
from sabah.storage.rewrite import compact
from tests.conftest import start_replica
from tests.rereading.older import SLOW, key, readers, scrapy, start_command
from tests.running import REPOSITORY, SITE, Crawl, SmallSite, article, crawl, environment

if TYPE_CHECKING:
    Records = list[dict[str, Any]]

SMALL = ("-s", "GROUP_COMMIT_PAGES=8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawled by older readers, in two crawls."""
    folder = tmp_path_factory.mktemp("older")
    output, older = folder / "output", readers(folder / "readers")
    newspaper = start_replica("--articles=120", "--seed=7")
    try:
        for sections in ("world,politics", "turkey,business,life,sports"):
            done = crawl("section", "-a", f"sections={sections}", output=output, origin=newspaper.origin, **older)
            assert done.articles, done.err
    finally:
        newspaper.stop()
    return output


@pytest.fixture
def output(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "output")
    return tmp_path / "output"


@pytest.fixture(scope="module")
def expected(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Records:
    """What one re-reading makes of it, without what tells one run from another."""
    folder = tmp_path_factory.mktemp("expected") / "output"
    shutil.copytree(made, folder)
    assert scrapy(folder, "reparse").returncode == 0
    found = said(folder)
    assert sum(one["reading"] == 2 for one in found) > 40
    assert len(found) > len(said(made)) + sum(one["reading"] == 2 for one in found), "and something was refused once"
    return found


def said(output: Path) -> Records:
    records = sorted(Crawl(0, "", "", output).articles, key=key)
    return [{**one, "crawl_id": None} for one in records]


def check(output: Path, expected: Records) -> None:
    """Exactly that, and files and ledger agree to the byte."""
    found = said(output)
    assert list(map(key, found)) == list(map(key, expected))
    assert found == expected
    with closing(Ledger.read(output)) as ledger:
        assert ledger.one("SELECT count(*) FROM runs WHERE ended_at IS NULL") == (0,)
        assert ledger.one("SELECT count(*) FROM places") == (0,)
        lengths = {name: length for name, length in ledger.all("SELECT name, length FROM files") if length}
        lines = ledger.one(
            "SELECT count(*), count(DISTINCT address || ' ' || revision || ' ' || reading) FROM articles"
        )
    assert lines == (len(expected), len(expected))
    found_there = (path for kind in ("articles/*", "snapshots/*", "rejected.jsonl") for path in output.glob(kind))
    assert {str(path.relative_to(output)): path.stat().st_size for path in found_there} == lengths


def start(output: Path, *args: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        start_command(output, "reparse", *SMALL, *args),
        cwd=REPOSITORY,
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def readings(output: Path) -> int:
    with closing(Ledger.read(output)) as ledger:
        return int(ledger.one("SELECT count(*) FROM articles WHERE reading > 1")[0])


def wait(output: Path, number: int, run: subprocess.Popen[str]) -> None:
    """Until so many readings are stored."""
    until = time.monotonic() + 60
    while readings(output) < number and run.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.02)


def children(run: subprocess.Popen[str]) -> list[int]:
    """Living processes that it has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == run.pid and state != "Z":
            found.append(int(path.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended(workers: list[int]) -> None:
    """Waits until they are; they end by themselves when the process that reads is no more."""
    until = time.monotonic() + 10
    while any(map(alive, workers)):
        assert time.monotonic() < until, "a reading process lives on"
        time.sleep(0.02)


@pytest.mark.parametrize(
    "fault",
    [
        "article-torn:2", "pages-unsaved:3",
        *(pytest.param(one, marks=pytest.mark.thorough) for one in (
            "pages-saved:2", "run-locked", "run-unsaved", "run-saved", "file-unsaved", "file-saved", "article-created", "article-written:4", "article-synced:3", "end-unsaved", "end-saved",
        )),
    ],
)  # fmt: skip
def test_killed_between_two_steps(fault: str, output: Path, expected: Records) -> None:
    assert scrapy(output, "reparse", *SMALL, SABAH_FAULT=fault).returncode == -signal.SIGKILL
    done = scrapy(output, "reparse", *SMALL)
    assert done.returncode == 0, done
    check(output, expected)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 8))])
def test_killed_at_random_moments(seed: int, output: Path, expected: Records, tmp_path: Path) -> None:
    rolled, slow = random.Random(seed), readers(tmp_path / "slow", SLOW)
    stored = [0]
    for _ in range(3):
        run = start(output, "--jobs", "2", **slow)
        wait(output, stored[-1] + rolled.randrange(1, 12), run)
        time.sleep(rolled.uniform(0, 0.3))
        workers = children(run)
        assert run.poll() is None
        run.kill()
        run.communicate()
        stored.append(readings(output))
        ended(workers)
    assert stored == sorted(set(stored)), "each went on"
    done = scrapy(output, "reparse", *SMALL)
    assert done.returncode == 0, done
    assert done.stderr.endswith("reparse: goes on where the last one stopped\n")
    assert f" {sum(one['reading'] > 1 for one in expected) - stored[-1]} readings written" in done.stdout
    check(output, expected)


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)])
def test_interrupted_in_an_orderly_way(how: signal.Signals, output: Path, expected: Records, tmp_path: Path) -> None:
    run = start(output, "--jobs", "2", **readers(tmp_path / "slow", SLOW))
    wait(output, 5, run)
    workers = children(run)
    assert len(workers) >= 2
    run.send_signal(how)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (14, "")
    assert out.startswith("reparse: interrupted: the same command goes on; ")
    ended(workers)
    assert scrapy(output, "reparse").returncode == 0
    check(output, expected)


def test_the_disk_fails(output: Path, expected: Records) -> None:
    done = scrapy(output, "reparse", *SMALL, SABAH_FAULT="article-torn:2:ENOSPC")
    assert done.returncode == 15
    assert "no space" in done.stderr or "full" in done.stderr
    assert "Traceback" not in done.stderr
    assert scrapy(output, "reparse").returncode == 0
    check(output, expected)


def test_one_at_a_time(output: Path, expected: Records) -> None:
    with Lock(output / "locks" / "reparse.lock"):
        done = scrapy(output, "reparse")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "reparse: another process is re-reading this dataset\n"
    runs = [start(output) for _ in range(2)]
    ended = [(run.communicate(timeout=120), run.returncode)[1] for run in runs]
    assert sorted(ended) in ([0, 0], [0, 1])
    check(output, expected)


@pytest.mark.thorough
def test_beside_a_living_crawl(output: Path, expected: Records, tmp_path: Path) -> None:
    pages = {f"/world/slow-{number}/news": article(f"Slow {number}") for number in range(5)}
    with SmallSite(pages, slow=dict.fromkeys(pages, 3.0)) as site:
        settings = ["-s", f"OUTPUT_DIR={output}", "-s", f"SITE_ORIGIN={site.origin}", "-s", "DOWNLOAD_DELAY=0"]
        beside = subprocess.Popen(
            start_command(output, "crawl", "addresses", "-a", "file=-", *settings),
            cwd=REPOSITORY,
            env=environment(),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert beside.stdin is not None
        beside.stdin.write("".join(f"{SITE}{path}\n" for path in pages))
        beside.stdin.close()
        while not any(path in pages for path in site.asked):
            assert beside.poll() is None
            time.sleep(0.05)
        assert scrapy(output, "reparse").returncode == 0
        assert beside.poll() is None, "the crawl went on meanwhile"
        beside.stdin = None
        beside.communicate(timeout=120)
    assert beside.returncode in (0, 11), "hand-made pages look like a changed layout"
    assert [one for one in said(output) if one["url"].removeprefix(SITE) not in pages] == expected
    assert len(said(output)) == len(expected) + len(pages)
    assert scrapy(output, "reparse").stdout.startswith("reparse: no_new: 0 readings written")


def test_what_is_moved_meanwhile_is_read_where_it_is(output: Path) -> None:
    request = Request(parse_filters({}), jobs=1)
    with closing(Ledger.read(output)) as ledger:
        found = outcomes(ledger, request, START, lambda *_: None)
        first = next(found)[1]
        with closing(Ledger.open(output)) as other:
            month = other.one("SELECT min(started_at) FROM runs")[0][:7]
            assert compact(other, [month], 10**9).before > 1
        rest = [outcome for _, outcome in found]
    assert first.broken is None
    assert len(rest) > 40
    assert not [one for one in rest if one.broken or one.overtaken]
