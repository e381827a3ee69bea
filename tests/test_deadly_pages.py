"""A page that kills whoever reads it: it must not be the first of every run, and what is behind it is stored."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sabah.storage import recovery
from sabah.storage.locks import Lock
from tests import forked
from tests.rereading.older import readers, scrapy
from tests.running import FAST, REPOSITORY, SITE, Crawl, SmallSite, article, command, crawl, environment

if TYPE_CHECKING:
    from pathlib import Path

# After scrapy/scrapy's reports of decompression bombs: the system kills the process, and the next one begins with the same page.
KILLING = """
import os, signal
import sabah.pages
today = sabah.pages.values

def killing(page, draft, layout, version):
    values = today(page, draft, layout, version)
    if "BOMB" in values["headline"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return values

sabah.pages.values = killing
"""
KILLED = -signal.SIGKILL


def path(number: int) -> str:
    return f"/world/story-{number:02}/news"


def pages(*bombs: int, number: int = 16) -> dict[str, str]:
    return {
        path(one): article(f"{'BOMB' if one in bombs else 'Story'} {one}", body=f"Text {one}.") for one in range(number)
    }


class Dataset:
    def __init__(self, site: SmallSite, folder: Path, number: int = 16) -> None:
        self.site, self.folder = site, folder / "output"
        self.readers = readers(folder / "readers", KILLING)
        self.lines = "".join(f"{SITE}{path(one)}\n" for one in range(number))
        self.asked: list[str] = []

    def run(self, *args: str, settings: tuple[str, ...] = (), now: str = "") -> Crawl:
        before = len(self.site.asked)
        done = crawl(
            *(args or ("addresses", "-a", "file=-")), output=self.folder, origin=self.site.origin, settings=settings,
            stdin="" if args else self.lines, **self.readers, **({"SABAH_NOW": now} if now else {}),
        )  # fmt: skip
        self.asked = [one for one in self.site.asked[before:] if one.startswith("/world")]
        return done

    def rows(self, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "ledger.sqlite")) as ledger:
            return ledger.execute(f"SELECT {columns} FROM addresses WHERE {where} ORDER BY id").fetchall()


@pytest.mark.parametrize("bomb", [0, 7, 15])
def test_after_two_deaths_it_comes_last_and_after_the_third_it_has_failed(bomb: int, tmp_path: Path) -> None:
    with SmallSite(pages(bomb)) as site:
        dataset = Dataset(site, tmp_path)
        assert [dataset.run().code for _ in range(2)] == [KILLED] * 2
        assert dataset.rows("url", "run IS NOT NULL") != []
        had = {url for (url,) in dataset.rows("url", "run IS NOT NULL")}
        third = dataset.run()
        assert (third.code, dataset.asked[-1]) == (KILLED, path(bomb))
        assert {SITE + path(one) for one in range(16)} - third.addresses <= had, "all others come before it"
        fourth = dataset.run()
        assert (fourth.code, path(bomb) in dataset.asked, len(fourth.articles)) == (10, False, 15), fourth.err
        assert (
            f"Failed (3 runs in a row died while they had it in hand; not asked for any more): {SITE}{path(bomb)}"
            in fourth.err
        )
        assert "1 failed" in fourth.verdict
        assert dataset.rows("url, state, deaths", "deaths > 0") == [(SITE + path(bomb), "failed", 3)]
        fifth = dataset.run()
        assert (fifth.code, dataset.asked, len(fifth.articles)) == (0, [], 15), "said once"
        shown = scrapy(dataset.folder, "status", COLUMNS="200").stdout
        part = shown[shown.index("Not asked any more: 1 in all") :]
        assert SITE + path(bomb) in part
        status = json.loads(scrapy(dataset.folder, "status", "--json").stdout)
        assert status["deadly"] == [{"url": SITE + path(bomb), "deaths": 3}]


def test_some_of_them_in_one_list(tmp_path: Path) -> None:
    with SmallSite(pages(0, 1, 8)) as site:
        dataset = Dataset(site, tmp_path)
        codes: list[int] = []
        while not codes or codes[-1] == KILLED:
            codes.append(dataset.run().code)
            assert len(codes) < 10
        done = dataset.run()
        assert (done.code, len(done.articles), dataset.asked) == (0, 13, [])
        assert dataset.rows("url", "state = 'failed'") == [(SITE + path(one),) for one in (0, 1, 8)]


def test_what_waits_in_the_claimed_batch_is_not_blamed(tmp_path: Path) -> None:
    """With one request at a time, as users have it, the page before it may be on its way to the disk and the next one be asked for: no more was in hand."""
    with SmallSite(pages(5)) as site:
        dataset = Dataset(site, tmp_path)
        alone = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
        assert dataset.run(settings=alone).code == KILLED
        assert dataset.run(settings=alone).code == KILLED
        third = dataset.run(settings=alone)
        assert (third.code, len(third.articles) >= 14) == (KILLED, True)
        assert {url for (url,) in dataset.rows("url", "deaths > 0")} <= {SITE + path(one) for one in (4, 5, 6)}


def test_killed_from_outside_nothing_is_lost(tmp_path: Path) -> None:
    """What a kill met twice comes last, alone, and is stored then: its deaths are forgotten."""
    with SmallSite(pages()) as site:
        dataset = Dataset(site, tmp_path)
        for _ in range(2):
            _stopped(dataset, 4, signal.SIGKILL)
        done = dataset.run()
        assert (done.code, len(done.articles)) == (0, 16), done.err
        assert dataset.rows("deaths", "deaths > 0") == []
        late = dataset.asked[-4:]
        assert set(late) <= {path(number) for number in range(4 + 8)}, (
            "the first ones were in hand twice: four answered, eight at once"
        )


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]], ids=["clean", "at once"])
def test_a_run_that_is_stopped_has_not_died(signals: list[signal.Signals], tmp_path: Path) -> None:
    with SmallSite(pages(number=60)) as site:
        dataset = Dataset(site, tmp_path, 60)
        for _ in range(3):
            _stopped(dataset, 4, *signals)
        done = dataset.run()
        assert (done.code, len(done.articles)) == (0, 60), done.err
        assert dataset.rows("deaths", "deaths > 0") == []


def _stopped(dataset: Dataset, answered: int, *signals: signal.Signals) -> None:
    """A run that is met by signals while pages of it are under way."""
    site = dataset.site
    before = len(site.asked)
    site.answered = before + answered
    process = forked.start(
        command("addresses", "-a", "file=-", "-s", f"OUTPUT_DIR={dataset.folder}", "-s", f"SITE_ORIGIN={site.origin}", *FAST),
        cwd=REPOSITORY, env=environment(**dataset.readers), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(dataset.lines)
    process.stdin.close()
    process.stdin = None
    site.wait(before + answered + 2)
    for number, one in enumerate(signals):
        if number:
            assert process.stderr is not None
            while "received sig" not in (line := process.stderr.readline()).lower():
                assert line
        process.send_signal(one)
    if signals[0] == signal.SIGTERM:
        site.answered = float("inf")
    process.communicate(timeout=60)
    site.answered = float("inf")


def test_a_stored_article_whose_look_kills_keeps_its_record(tmp_path: Path) -> None:
    with SmallSite(pages(number=3)) as site:
        dataset = Dataset(site, tmp_path, 3)
        assert dataset.run(now="2021-09-14T11:00:00+03:00").code == 0
        site.pages[path(1)] = article("BOMB", body="Changed.")
        later = "2021-09-14T13:00:00+03:00"
        codes = [dataset.run("revisit", now=later).code for _ in range(5)]
        assert codes == [KILLED, KILLED, KILLED, 10, 0]
        assert dataset.rows("state, deaths, due_at", "deaths > 0") == [("done", 3, None)]
        assert len(dataset.run("revisit", now=later).articles) == 3


@pytest.mark.parametrize("text", ["", "[1, 2", "{}", "null", '["a", null]', "\x00\x00\x00"])
def test_a_lock_file_that_says_nothing_blames_nobody(text: str, tmp_path: Path) -> None:
    file = tmp_path / "run.lock"
    with Lock(file) as lock:
        lock.write(text)
        assert recovery._noted(file) == []
    file.unlink()
    assert recovery._noted(file) == []
