from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests import forked
from tests.running import REPOSITORY, SITE, SmallSite, article, crawl, environment, listing
from tests.storage import upkeep, world
from tests.storage.conftest import check

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


def forget(folder: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "scrapy", "forget", *args]
    env = environment(SABAH_OUTPUT_DIR=str(folder)) | more
    return forked.run(command, cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=60)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    upkeep.crawl(tmp_path / "output", 5)
    return tmp_path / "output"


BECAUSE = ("--reason", "asked for by the court")
STORY = f"{SITE}/mid-east/a-secret/news"


def test_an_article_of_a_real_crawl(tmp_path: Path) -> None:
    pages: dict[str, str | int | tuple[int, str]] = {
        "/mid-east": listing("/mid-east/a-secret/news", "/mid-east/old-secret/news", "/mid-east/other/news"),
        "/mid-east/a-secret/news": article("A secret", body="What nobody is to read."),
        "/mid-east/old-secret/news": (301, "/mid-east/a-secret/news"),
        "/mid-east/other/news": article("Other", links=["/mid-east/a-secret/news"]),
    }
    with SmallSite(pages) as site:
        first = crawl("section", "-a", "sections=mid-east", output=tmp_path, origin=site.origin)
        assert (first.code, len(first.articles)) == (0, 2), first.err
        done = forget(tmp_path, f"{STORY}?utm_source=x", *BECAUSE)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "forget: 2 addresses, 1 lines and 1 snapshots removed\n"
        site.asked.clear()
        again = crawl("section", "-a", "sections=mid-east", output=tmp_path, origin=site.origin)
    assert again.code == 0, again.err
    assert not {"/mid-east/a-secret/news", "/mid-east/old-secret/news"} & set(site.asked)
    assert [one["headline"] for one in again.articles] == ["Other"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"nobody is to read" in path.read_bytes()]


def test_said_when_the_same_text_is_elsewhere_and_when_nothing_is_left(dataset: Path) -> None:
    done = forget(dataset, world.url(42), *BECAUSE)
    assert done.stdout == (
        f"forget: 1 addresses, 1 lines and 1 snapshots removed; the same text is stored under {world.url(43)}\n"
    )
    assert upkeep.traces(dataset, 42) == []
    done = forget(dataset, world.url(42), *BECAUSE)
    assert (done.returncode, done.stdout) == (0, "forget: removed before, nothing is left to remove\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (BECAUSE, "forget: name an address; usage: scrapy forget ADDRESS… --reason TEXT"),
        ((STORY,), "forget: --reason is missing: say who asked for it and why"),
        ((STORY, "--reason", " "), "forget: --reason is missing: say who asked for it and why"),
        ((f"{SITE}/world", *BECAUSE), f"forget: '{SITE}/world' is not the address of an article"),
        (("https://example.org/x", *BECAUSE), "forget: 'https://example.org/x' is not the address of an article"),
        ((STORY, *BECAUSE), f"forget: {STORY}: the dataset does not know this address"),
        ((STORY, "--because", "x"), "forget: unknown option '--because'"),
    ],
)
def test_usage(dataset: Path, args: tuple[str, ...], said: str) -> None:
    done = forget(dataset, *args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    check(dataset, 60, 5)


def test_no_dataset(tmp_path: Path) -> None:
    done = forget(tmp_path / "nothing", STORY, *BECAUSE)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not (tmp_path / "nothing").exists()


def test_refuses_what_a_running_crawl_is_writing(dataset: Path) -> None:
    store = world.begin(dataset, 120, 6)
    world.crawl(store)
    done = forget(dataset, world.url(72), *BECAUSE)
    store.close("ok")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"forget: nothing is removed: the crawl {store.crawl_id} is running and its files are concerned; try again when it has ended\n"
    )


def test_killed_and_given_again(dataset: Path) -> None:
    assert forget(dataset, world.url(42), *BECAUSE, SABAH_FAULT="rewrite-synced").returncode == -signal.SIGKILL
    assert forget(dataset, world.url(42), *BECAUSE, SABAH_FAULT="rewrite-saved").returncode == -signal.SIGKILL
    assert forget(dataset, world.url(42), *BECAUSE).stdout == "forget: removed before, nothing is left to remove\n"
    assert upkeep.traces(dataset, 42) == []
    check(dataset, 60, 5, forgotten=[world.url(42)])
