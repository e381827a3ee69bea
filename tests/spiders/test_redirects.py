"""Redirects from article to article: followed as often as REDIRECT_MAX_TIMES allows, then the first address has failed."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests import forked
from tests.running import FAST, REPOSITORY, SITE, Crawl, Page, SmallSite, article, command, crawl, environment, listing

if TYPE_CHECKING:
    from pathlib import Path


def hop(number: int) -> str:
    return f"/world/hop-{number}/news"


class Endless(dict[str, Page]):
    """Every hop leads to the next, and there is always one."""

    def get(self, path: str, default: Any = None) -> Any:
        if match := re.fullmatch(r"/world/hop-(\d+)/news", path):
            return super().get(path, (302, hop(int(match[1]) + 1)))
        return super().get(path, default)


def run(site: SmallSite, output: Path, *names: str, **settings: str) -> tuple[Crawl, list[str]]:
    """A crawl of these addresses, or of a listing where there are none, and what it asked for."""
    before = len(site.asked)
    lines = "".join(f"{SITE}{name}\n" for name in names)
    what = ("addresses", "-a", "file=-") if names else ("section", "-a", "sections=europe", "-a", "related=0")
    given = [one for name, value in settings.items() for one in ("-s", f"{name}={value}")]
    done = crawl(*what, *given, output=output, origin=site.origin, stdin=lines)
    assert "Traceback" not in done.err, done.err
    return done, [path for path in site.asked[before:] if path.startswith("/world/")]


def states(output: Path) -> dict[str, tuple[str, int]]:
    with closing(sqlite3.connect(output / "ledger.sqlite")) as ledger:
        return {
            url.removeprefix(SITE): (state, failures)
            for url, state, failures in ledger.execute("SELECT url, state, failures FROM addresses")
        }


@pytest.mark.parametrize("named", [(hop(0),), ()], ids=["addresses", "section"])
def test_a_chain_without_end_is_one_failure_of_its_first_address(named: tuple[str, ...], tmp_path: Path) -> None:
    with SmallSite({}) as site:
        site.pages = Endless(site.pages | {"/europe": listing(SITE + hop(0))})
        done, asked = run(site, tmp_path, *named)
        assert asked == [hop(number) for number in range(21)]
        assert (done.code, "1 failed" in done.verdict) == (1, True), done.err
        (said,) = (line for line in done.err.splitlines() if "REDIRECT_MAX_TIMES" in line)
        assert f"): {SITE}{hop(0)}" in said
        assert (
            f"Failed (redirected 21 times, more than REDIRECT_MAX_TIMES allows: {SITE}{hop(0)} -> {SITE}{hop(1)} -> "
            in said
        )
        assert f"-> {SITE}{hop(21)})" in said
        found = states(tmp_path)
        assert found[hop(0)] == found[hop(20)] == ("failed", 1)
        assert hop(22) not in found
        for again in range(2, 7):
            done, asked = run(site, tmp_path, *named)
            assert asked == ([hop(0), hop(20)] if again <= 5 else []), again
            assert ("1 failed" in done.verdict) == (again <= 5)


def test_a_long_chain_is_shown_by_its_ends(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        site.pages = Endless(site.pages)
        done, asked = run(site, tmp_path, hop(0), REDIRECT_MAX_TIMES="60")
        assert len(asked) == 61
        assert f"-> {SITE}{hop(9)} -> … 42 more … -> {SITE}{hop(52)} ->" in done.err


@pytest.mark.parametrize(("most", "stored"), [(3, True), (2, False)])
def test_as_many_as_the_setting_says(most: int, stored: bool, tmp_path: Path) -> None:
    with SmallSite({}) as site:
        site.pages = Endless(site.pages | {hop(3): article("The end")})
        done, asked = run(site, tmp_path, hop(0), REDIRECT_MAX_TIMES=str(most))
        assert (len(done.articles) == 1, len(asked)) == (stored, most + 1)
        if not stored:  # nobody has given up for good
            done, asked = run(site, tmp_path, hop(0))
            assert done.addresses == {SITE + hop(3)}
            assert set(states(tmp_path).values()) == {("done", 0), ("done", 1)}


def test_what_is_named_itself_begins_anew(tmp_path: Path) -> None:
    """A chain of five with two redirects allowed: but somebody names each of them."""
    with SmallSite({}) as site:
        names = [hop(number) for number in range(6)]
        site.pages = Endless(site.pages | {hop(5): article("The end")})
        done, asked = run(site, tmp_path, *names[:1], REDIRECT_MAX_TIMES="20")
        assert done.addresses == {SITE + hop(5)}
        assert len(asked) == 6


def test_many_that_lead_to_one_are_no_chain(tmp_path: Path) -> None:
    pages: dict[str, Page] = {f"/world/old-{number}/news": (301, "/world/new/news") for number in range(40)}
    with SmallSite(
        {**pages, "/world/new/news": (301, "/world/newer/news"), "/world/newer/news": article("Newer")}
    ) as site:
        done, asked = run(site, tmp_path, *pages, REDIRECT_MAX_TIMES="2")
    assert (done.code, done.addresses, len(asked)) == (0, {f"{SITE}/world/newer/news"}, 42), done.err


def test_a_circle_behind_a_chain_is_a_circle(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        site.pages = Endless(site.pages | {hop(5): (302, hop(3))})
        done, asked = run(site, tmp_path, hop(0))
        assert len(asked) == 6
        assert "in a circle" in done.err
        assert "1 failed" in done.verdict


def test_a_crawl_that_dies_goes_on_with_the_chain(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        site.pages = Endless(site.pages | {"/europe": listing(SITE + hop(0))})
        site.answered = 14
        places = ["-s", f"OUTPUT_DIR={tmp_path}", "-s", f"SITE_ORIGIN={site.origin}"]
        process = forked.start(
            command("section", "-a", "sections=europe", "-a", "related=0", *places, *FAST),
            cwd=REPOSITORY, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        site.wait(15)
        process.send_signal(signal.SIGKILL)
        process.wait()
        site.answered = float("inf")
        before = len(site.asked)
        done, asked = run(site, tmp_path)
        assert asked == [hop(number) for number in range(12, 21)], site.asked[:before]
        assert f"{SITE}{hop(0)} -> " in done.err
