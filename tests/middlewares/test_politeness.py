from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import closing
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from tests.running import REPOSITORY, SITE, article, command, crawl, environment, listing
from tests.scripted import Answer, ScriptedSite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.running import Crawl
    from tests.scripted import Script

NAMES = ("one", "two", "three", "four", "five", "six")
CHALLENGE = Answer("<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>")
CLOSE = 0.002
"""Seconds by which a clock read twice may disagree."""


def _path(name: str) -> str:
    return f"/world/{name}/news"


def _pages(*names: str) -> dict[str, Script]:
    return {_path(name): article(name.title()) for name in names}


def _crawl(output: Path, site: ScriptedSite, *settings: str, names: Sequence[str] = NAMES) -> Crawl:
    given = [part for setting in settings for part in ("-s", setting)]
    lines = "".join(f"{SITE}{_path(name)}\n" for name in names)
    return crawl("addresses", "-a", "file=-", output=output, origin=site.origin, stdin=lines, settings=given)


def _states(output: Path) -> dict[str, tuple[str, int]]:
    with closing(Ledger.read(output)) as ledger:
        rows = ledger.all("SELECT url, state, failures FROM addresses")
    return {url.split("/")[4]: (state, failures) for url, state, failures in rows}


def test_the_delay_is_the_least_gap_whatever_is_asked(tmp_path: Path) -> None:
    moved = Answer(status=302, headers={"Location": "/world/three/news"})
    pages = _pages("one", "three") | {_path("moved"): moved, _path("broken"): Answer(status=500), "/robots.txt": ""}
    with ScriptedSite(pages) as site:
        done = _crawl(
            tmp_path, site, "DOWNLOAD_DELAY=0.4", "DOWNLOAD_DELAY_JITTER=0.5", names=("one", "moved", "broken")
        )
    assert done.code == 10, done.err
    assert sorted(site.paths) == sorted(["/robots.txt", *map(_path, ("one", "moved", "three")), *[_path("broken")] * 3])
    assert min(site.gaps) >= 0.4 - CLOSE
    assert max(site.gaps) < 1.2


def test_crawl_delay_is_a_minimum(tmp_path: Path) -> None:
    pages = {**_pages("one", "two", "three"), "/robots.txt": "User-agent: *\nCrawl-delay: 0.8\n"}
    with ScriptedSite(pages) as site:
        done = _crawl(tmp_path, site, "DOWNLOAD_DELAY=0.1", names=("one", "two", "three"))
    assert done.code == 0, done.err
    assert len(site.gaps) == 3
    assert min(site.gaps) >= 0.8 - CLOSE
    assert "robots.txt asks for 0.8 s between two requests" in done.err


def test_the_archive_has_a_crawl_delay_of_its_own(tmp_path: Path) -> None:
    lines = "".join(f"{SITE}{_path(name)}\n" for name in ("one", "two", "three"))
    rules = "User-agent: *\nCrawl-delay: 0.8\n"
    with ScriptedSite({"/robots.txt": rules}, always=Answer(article("Captured"))) as site:
        crawl(
            "addresses", "-a", "file=-", "-a", "origin=archive", output=tmp_path, stdin=lines,
            settings=("-s", f"ARCHIVE_ORIGIN={site.origin}", "-s", "CONTACT=desk@example.org"),
        )  # fmt: skip
    assert len(site.gaps) == 3, site.paths
    assert min(site.gaps) >= 0.8 - CLOSE


def test_a_smaller_crawl_delay_changes_nothing(tmp_path: Path) -> None:
    with ScriptedSite({**_pages("one"), "/robots.txt": "User-agent: *\nCrawl-delay: 0.1\n"}) as site:
        _crawl(tmp_path, site, "DOWNLOAD_DELAY=0.5", names=("one",))
    assert min(site.gaps) >= 0.5 - CLOSE


def test_an_absurd_crawl_delay_ends_the_run(tmp_path: Path) -> None:
    with ScriptedSite({**_pages("one"), "/robots.txt": "User-agent: *\nCrawl-delay: 90000\n"}) as site:
        done = _crawl(tmp_path, site, names=("one",))
    assert site.paths == ["/robots.txt"], done.err
    assert done.code == 14
    assert done.verdict.startswith(
        "interrupted: robots.txt asks for 90000 s between two requests, and LONGEST_WAIT is 3600 s;"
    )
    assert _states(tmp_path) == {"one": ("pending", 0)}


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_everything_back(tmp_path: Path, status: int) -> None:
    """Four at once are allowed, and wait where requests leave."""
    told = Answer(status=status, headers={"Retry-After": "2"})
    with ScriptedSite({**_pages(*NAMES), _path("three"): [told, Answer(article("Three"))]}) as site:
        done = _crawl(tmp_path, site, "DOWNLOAD_DELAY=0.2", "CONCURRENT_REQUESTS_PER_DOMAIN=4")
    assert done.code == 0, done.err
    assert len(done.articles) == len(done.addresses) == 6
    long = [gap for gap in site.gaps if gap > 1]
    assert len(long) == 1
    assert long[0] >= 1.7  # another may have left just before the answer came
    assert done.err.count("everything waits for 2 s") == 1


def test_retry_after_as_a_date(tmp_path: Path) -> None:
    site = ScriptedSite(_pages("two"))
    site.script[_path("one")] = [Answer(status=429, headers={"Retry-After": ""}), Answer(article("One"))]

    def date(path: str) -> None:
        if path == _path("one") and len(site.script[path]) > 1:
            site.script[path][0] = Answer(status=429, headers={"Retry-After": formatdate(time.time() + 3, usegmt=True)})

    site.on_asked = date
    with site:
        done = _crawl(tmp_path, site, "CONCURRENT_REQUESTS_PER_DOMAIN=1", names=("one", "two"))
    assert done.code == 0, done.err
    assert 1.8 < max(site.gaps) < 4
    assert site.paths.count(_path("one")) == 2


def test_named_waits_are_no_retries(tmp_path: Path) -> None:
    told = Answer(status=503, headers={"Retry-After": "1"})
    with ScriptedSite({_path("one"): [told] * 4 + [Answer(article("One"))]}) as site:
        done = _crawl(tmp_path, site, names=("one",))
        assert done.code == 0, done.err
    assert site.paths.count(_path("one")) == 5
    with ScriptedSite({_path("two"): told}) as site:
        never = _crawl(tmp_path, site, "RETRY_AFTER_TIMES=1", "RETRY_TIMES=1", names=("two",))
    assert never.code == 1
    assert site.paths.count(_path("two")) == 3


def test_a_wait_that_is_too_long_ends_the_run_and_the_rest_is_pending(tmp_path: Path) -> None:
    told = Answer(status=429, headers={"Retry-After": "86400"})
    with ScriptedSite({**_pages(*NAMES), _path("three"): [told, Answer(article("Three"))]}) as site:
        done = _crawl(tmp_path, site, "CONCURRENT_REQUESTS_PER_DOMAIN=1")
        assert (done.code, len(done.articles)) == (14, 2), done.err
        assert done.verdict.startswith(
            "interrupted: the newspaper would have to be waited for longer than 3600 s (status 429 for a page); the rest is pending; "
            "2 stored, 0 known, 0 refused, 0 out of scope, 0 outside the dates, 0 gone, 0 failed"
        )
        assert "Status 429 and Retry-After: come back in 86400 s" in done.err
        assert "waits" not in done.err
        assert set(_states(tmp_path).values()) == {("done", 0), ("pending", 0)}
        again = _crawl(tmp_path, site)
    assert (again.code, len(again.articles), len(again.addresses)) == (0, 6, 6), again.err
    assert {site.paths.count(_path(name)) for name in NAMES} == {1, 2}


def test_bad_answers_stretch_the_gap_and_good_ones_shorten_it_again(tmp_path: Path) -> None:
    names = tuple(f"article-{number}" for number in range(14))
    bad = [Answer(status=503), Answer(status=429), Answer(article("First"))]
    with ScriptedSite({**_pages(*names), _path(names[0]): bad}) as site:
        done = _crawl(
            tmp_path, site, "DOWNLOAD_DELAY=0.2", "DOWNLOAD_DELAY_JITTER=0", "CONCURRENT_REQUESTS_PER_DOMAIN=1",
            "SLOWEST_DELAY=1.5", names=names,
        )  # fmt: skip
    assert done.code == 0, done.err
    said = [
        line.partition("WARNING: ")[2] or line.partition("INFO: ")[2]
        for line in done.err.splitlines()
        if "between two" in line
    ]
    assert said == [
        "Slower (status 503 for a page): now 1.0 s between two requests",
        "Good answers again: now 0.2 s between two requests",
        "Slower (status 429 for a page): now 1.0 s between two requests",
    ]
    assert min(site.gaps) >= 0.2 - CLOSE
    assert 5 <= sum(gap >= 1.0 - CLOSE for gap in site.gaps) <= 8


def test_timeouts_stretch_the_gap(tmp_path: Path) -> None:
    with ScriptedSite({_path("one"): [Answer("late", after=1.5), Answer(article("One"))]}) as site:
        done = _crawl(tmp_path, site, "DOWNLOAD_TIMEOUT=0.5", names=("one",))
    assert done.code == 0, done.err
    assert "Slower (DownloadTimeoutError for a page): now 1.0 s between two requests" in done.err
    assert site.gaps[-1] >= 1.5 - CLOSE  # half a second until it was given up, then the gap


def test_a_newspaper_that_is_down_ends_the_run(tmp_path: Path) -> None:
    with ScriptedSite(_pages(*NAMES), always=Answer(status=503)) as site:
        done = _crawl(tmp_path, site, "LONGEST_WAIT=3", "RETRY_TIMES=50")
        assert done.code == 14, done.err
        assert "the newspaper would have to be waited for longer than 3 s (status 503 for a page)" in done.verdict
        assert set(_states(tmp_path).values()) == {("pending", 0)}
        site.always = None
        again = _crawl(tmp_path, site)
    assert (again.code, len(again.articles)) == (0, 6), again.err


@pytest.mark.parametrize("blocked", [Answer("no", 403), CHALLENGE, Answer("<html><p>Nothing of ours</p></html>")])
def test_blocks_in_a_row_stop_the_crawl(tmp_path: Path, blocked: Answer) -> None:
    with ScriptedSite(_pages(*NAMES)) as site:
        site.on_asked = lambda path: setattr(site, "always", blocked) if path == _path("three") else None
        done = _crawl(tmp_path, site, "CONCURRENT_REQUESTS_PER_DOMAIN=1")
        assert done.code == 12, done.err
        assert done.verdict.startswith("blocked: 3 answers in a row were blocks, the last one ")
        assert (
            "; the rest is pending; 2 stored, 0 known, 0 refused, 0 out of scope, 0 outside the dates, 0 gone, 0 failed"
            in done.verdict
        )
        assert site.paths == ["/robots.txt", *map(_path, NAMES[:5])]
        assert _states(tmp_path) == {name: ("done" if name in {"one", "two"} else "pending", 0) for name in NAMES}
        assert _kept(tmp_path, "four") == [(blocked.status, blocked.body)]
        site.always, site.on_asked = None, lambda _: None
        again = _crawl(tmp_path, site)
    assert (again.code, len(again.articles), len(again.addresses), again.rejected) == (0, 6, 6, []), again.err


UNLIKE = {"nothing of ours": Answer("<html><p>Nothing of ours</p></html>"), "status 403": Answer("no", 403)}


@pytest.mark.parametrize("odd", UNLIKE.values(), ids=UNLIKE)
def test_pages_that_look_like_blocks_for_good_hide_no_page_behind_them(tmp_path: Path, odd: Answer) -> None:
    """The first three of a list are none of the newspaper's and will never be. What a block has met comes last; beside good pages it fails by itself, as any page does."""
    three = {_path(name): odd for name in NAMES[:3]}
    with ScriptedSite(_pages(*NAMES) | three) as site:
        runs = [_crawl(tmp_path, site, "CONCURRENT_REQUESTS_PER_DOMAIN=1")]
        assert (runs[0].code, runs[0].articles) == (12, []), runs[0].err
        site.asked.clear()
        runs.append(_crawl(tmp_path, site, "CONCURRENT_REQUESTS_PER_DOMAIN=1"))
        assert (runs[1].code, len(runs[1].articles)) == (10, 3), runs[1].err
        assert site.paths == ["/robots.txt", *map(_path, NAMES[3:] + NAMES[:3])]
        assert {_states(tmp_path)[name] for name in NAMES[:3]} == {("failed", 1)}
        runs.append(_crawl(tmp_path, site))
        assert (runs[2].code, set(_states(tmp_path).values())) == (12, {("done", 0), ("pending", 1)}), (
            "nothing else shows that it is no block"
        )
    with ScriptedSite(_pages(*NAMES)) as site:
        assert (_crawl(tmp_path, site).code, set(_states(tmp_path).values())) == (0, {("done", 0)})


def _kept(output: Path, name: str) -> list[tuple[int, str]]:
    with closing(Ledger.read(output)) as ledger:
        rows = ledger.all(
            "SELECT s.status, f.name, s.offset FROM snapshots s JOIN addresses a ON a.id = s.address JOIN files f ON f.id = s.file"
            " WHERE a.url = ?",
            SITE + _path(name),
        )
    return [(status, snapshots.read(output / file, offset).payload.decode()) for status, file, offset in rows]


def test_one_block_between_good_pages_is_a_page_that_failed(tmp_path: Path) -> None:
    pages = {
        **_pages(*NAMES),
        _path("two"): Answer("no", 403),
        _path("four"): CHALLENGE,
        _path("five"): Answer(status=404),
    }
    with ScriptedSite(pages) as site:
        done = _crawl(tmp_path, site, "CONCURRENT_REQUESTS_PER_DOMAIN=1", "BLOCKS_TO_STOP=2")
    assert done.code == 10, done.err
    assert len(done.articles) == 3
    assert _states(tmp_path) | {"two": ("failed", 1), "four": ("failed", 1)} == _states(tmp_path)
    assert f"Failed (Challenge: a challenge page (Cloudflare)): {SITE}{_path('four')}" in done.err


def test_listings_count_too(tmp_path: Path) -> None:
    names = ("europe", "africa", "asia-pacific", "americas")
    with ScriptedSite({f"/{name}": listing(*map(_path, NAMES)) for name in names}, always=CHALLENGE) as site:
        done = crawl(
            "section", "-a", f"sections={','.join(names)}", output=tmp_path, origin=site.origin,
            settings=("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1"),
        )  # fmt: skip
    assert (done.code, len(site.asked)) == (12, 4), done.err
    assert done.verdict.startswith(
        "blocked: 3 answers in a row were blocks, the last one a challenge page (Cloudflare); "
    )


@pytest.mark.parametrize("blocked", [CHALLENGE, Answer("<html><p>Nothing of ours</p></html>")])
@pytest.mark.parametrize("feeds", ["politics", "politics,world,business,turkey"])
def test_feeds_count_too(tmp_path: Path, feeds: str, blocked: Answer) -> None:
    with ScriptedSite({}, always=blocked) as site:
        done = crawl(
            "feeds", "-a", f"feeds={feeds}", output=tmp_path, origin=site.origin,
            settings=("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1"),
        )  # fmt: skip
    assert (done.code, len(site.asked)) == (12, 2 if feeds == "politics" else 4), done.err
    assert done.verdict.startswith("blocked: ")
    assert "Fault of the feed politics: " in done.err


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(Answer(status=500), marks=pytest.mark.thorough),
        pytest.param(Answer(status=503), marks=pytest.mark.thorough),
        pytest.param(Answer(status=429), marks=pytest.mark.thorough),
        Answer(after=1.0),
    ],
)
def test_robots_txt_that_cannot_be_had_is_waited_for(tmp_path: Path, bad: Answer) -> None:
    rules = Answer("User-agent: *\nDisallow: /world/two\n")
    with ScriptedSite({**_pages("one", "two"), "/robots.txt": [bad, bad, bad, rules]}) as site:
        done = _crawl(tmp_path, site, "RETRY_TIMES=1", "DOWNLOAD_TIMEOUT=0.3", names=("one", "two"))
    assert site.paths == [*["/robots.txt"] * 4, _path("one")]
    assert len(done.articles) == 1
    assert site.gaps[0] < site.gaps[1] < site.gaps[2]


def test_rules_that_stay_unknown_end_the_run(tmp_path: Path) -> None:
    with ScriptedSite({**_pages(*NAMES), "/robots.txt": Answer(status=503)}) as site:
        done = _crawl(tmp_path, site, "LONGEST_WAIT=4")
        assert set(site.paths) == {"/robots.txt"}
        assert done.code == 14, done.err
        assert done.verdict.startswith(
            "interrupted: the newspaper would have to be waited for longer than 4 s (status 503 for robots.txt); the rest is pending; 0 stored"
        )
        assert "Traceback" not in done.err
        assert set(_states(tmp_path).values()) <= {("pending", 0)}
        site.script["/robots.txt"] = [Answer(status=403)]
        again = _crawl(tmp_path, site)
    assert (again.code, len(again.articles)) == (0, 6), "4xx means that there are no rules"


def test_rules_that_cannot_be_unpacked_are_not_known(tmp_path: Path) -> None:
    torn = Answer("not gzip", headers={"Content-Encoding": "gzip"})
    with ScriptedSite({**_pages("one"), "/robots.txt": torn}) as site:
        done = _crawl(tmp_path, site, names=("one",))
    assert set(site.paths) == {"/robots.txt"}
    assert done.code == 14
    assert done.verdict.startswith("interrupted: robots.txt is not known (")


def test_a_signal_ends_a_wait(tmp_path: Path) -> None:
    told = Answer(status=429, headers={"Retry-After": "600"})
    with ScriptedSite({**_pages("two"), _path("one"): told}) as site:
        process = subprocess.Popen(
            command("addresses", "-a", "file=-", "-s", f"SITE_ORIGIN={site.origin}", "-s", f"OUTPUT_DIR={tmp_path}"),
            cwd=REPOSITORY, env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write("".join(f"{SITE}{_path(name)}\n" for name in ("one", "two")))
        process.stdin.close()
        process.stdin = None
        while _path("one") not in site.paths:
            time.sleep(0.05)
        time.sleep(1)
        began = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert process.returncode == 14, said
    assert said.splitlines()[-1].startswith("interrupted: ")
    assert _states(tmp_path) == {"one": ("pending", 0), "two": ("pending", 0)}
