"""How a run of `scrapy crawl` ends, and what it leaves."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from contextlib import closing
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

import orjson
import pytest

from sabah import __version__
from sabah.storage.ledger import Ledger
from tests import forked
from tests.running import FAST, REPOSITORY, SITE, Crawl, SmallSite, article, command, crawl, environment, listing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Page

ONE, TWO = f"{SITE}/world/one/news", f"{SITE}/world/two/news"
PAGES: dict[str, Page] = {
    "/europe": listing(ONE, TWO), "/world/one/news": article("One"), "/world/two/news": article("Two"),
}  # fmt: skip


def _europe(output: Path, site: SmallSite, *more: str, **env: str) -> Crawl:
    return crawl("section", "-a", "sections=europe", *more, output=output, origin=site.origin, **env)


def test_settings_from_the_environment(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        places = {
            "SABAH_SITE_ORIGIN": site.origin,
            "SABAH_OUTPUT_DIR": str(tmp_path),
            "SABAH_CONTACT": "desk@example.org",
        }
        done = forked.run(
            command("section", "-a", "sections=europe", *FAST),
            cwd=REPOSITORY / "sabah",
            env=environment(**places),
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    assert Crawl(0, "", "", tmp_path).addresses == {ONE, TWO}
    assert {headers["User-Agent"] for headers in site.headers} == {f"sabah/{__version__} (+desk@example.org)"}


def test_the_command_line_goes_before_the_environment(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = _europe(tmp_path, site, "-s", "CONTACT=https://example.org/bot", SABAH_CONTACT="desk@example.org")
    assert done.code == 0, done.err
    assert {headers["User-Agent"] for headers in site.headers} == {f"sabah/{__version__} (+https://example.org/bot)"}
    assert not any("Cookie" in headers for headers in site.headers)


def test_by_default_it_asks_one_page_a_second(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = forked.run(
            command(
                "section", "-a", "sections=europe", "-s", f"SITE_ORIGIN={site.origin}", "-s", f"OUTPUT_DIR={tmp_path}"
            ),
            cwd=REPOSITORY,
            env=environment(),
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    assert site.asked == ["/robots.txt", "/europe", "/world/one/news", "/world/two/news"]
    assert all(later - earlier > 0.998 for earlier, later in pairwise(site.times))


def test_scrapys_own_output_works_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "beside.jsonl"
    with SmallSite(PAGES) as site:
        done = _europe(tmp_path / "output", site, "-o", str(file))
        piped = _europe(tmp_path / "other", site, "-o", "-:jsonl", "-s", "CONCURRENT_REQUESTS=1")
    beside = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert {record["url"] for record in beside} == {ONE, TWO}
    assert sorted(beside, key=itemgetter("url")) == sorted(done.articles, key=itemgetter("url")), "as stored"
    assert {orjson.loads(line)["url"] for line in piped.out.splitlines()} == {ONE, TWO}


def test_some_pages_failed(tmp_path: Path) -> None:
    with SmallSite({**PAGES, "/world/two/news": 500}) as site:
        done = _europe(tmp_path, site)
    assert done.code == 10
    assert done.verdict.startswith("partial: some pages failed; 1 stored, 0 known, 0 refused, 0 out of scope, ")
    assert f"Failed (status 500): {TWO} (found on {SITE}/europe)" in done.err
    assert site.asked.count("/world/two/news") == 3
    assert done.addresses == {ONE}


def test_every_source_failed(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        done = _europe(tmp_path, site)
    assert (done.code, done.verdict.split(";")[0]) == (1, "failed: no article could be read")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.sqlite", "locks"]


def test_nobody_answers(tmp_path: Path) -> None:
    done = crawl("addresses", "-a", f"url={ONE}", output=tmp_path, origin="http://127.0.0.1:9")
    assert (done.code, done.articles) == (1, [])
    assert done.verdict.startswith("failed: the newspaper cannot be reached (")
    assert "Traceback" not in done.err


def test_blocked(tmp_path: Path) -> None:
    with SmallSite({**PAGES, "/europe": 403}) as site:
        done = _europe(tmp_path, site)
    assert (done.code, done.verdict.split(";")[0]) == (
        12,
        "blocked: 1 pages were answered with status 403 or with a challenge",
    )


def test_listings_without_links(tmp_path: Path) -> None:
    with SmallSite({"/europe": listing(f"{SITE}/world", f"{SITE}/search?query=x")}) as site:
        done = _europe(tmp_path, site)
    assert (done.code, done.verdict.split(";")[0]) == (
        13,
        "source_empty: no source gave the address of an article: /europe",
    )
    assert f"No article link on {SITE}/europe" in done.err


def test_an_interrupt_ends_it_gracefully(tmp_path: Path) -> None:
    paths = [f"/world/article-{number}/news" for number in range(200)]
    pages = {"/europe": listing(*paths), **{path: article(path) for path in paths}}
    places = ("-s", f"OUTPUT_DIR={tmp_path}", "-s", "DOWNLOAD_DELAY=0.05", "-s", "LOGSTATS_INTERVAL=0.2")
    with SmallSite(pages) as site:
        run = subprocess.Popen(
            command("section", "-a", "sections=europe", "-s", f"SITE_ORIGIN={site.origin}", *places),
            cwd=REPOSITORY,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert run.stderr is not None
        lines = []
        for line in run.stderr:
            lines.append(line)
            if " pages/s, " in line and " 0 articles" not in line and run.poll() is None:
                break
        run.send_signal(signal.SIGINT)
        lines += run.stderr.readlines()
        assert run.wait(30) == 14, "".join(lines)
        run.stderr.close()
    assert lines[-1].startswith("interrupted: the run ended early (shutdown); ")
    done = Crawl(14, "", "", tmp_path)
    assert 0 < len(done.articles) < 200
    assert "Traceback" not in "".join(lines)


@pytest.mark.parametrize("signals", [pytest.param(1, marks=pytest.mark.thorough), 2])
def test_signals_give_back_what_was_claimed(signals: int, tmp_path: Path) -> None:
    paths = [f"/world/article-{number}/news" for number in range(100)]
    pages = {path: article(path) for path in paths}
    lines = "".join(f"{SITE}{path}\n" for path in paths)
    with SmallSite(pages, slow=dict.fromkeys(paths[20:], 0.5)) as site:
        arguments = ("addresses", "-a", "file=-", "-s", f"SITE_ORIGIN={site.origin}", "-s", f"OUTPUT_DIR={tmp_path}")
        run = subprocess.Popen(
            command(*arguments, *FAST), cwd=REPOSITORY, env=environment(), text=True,
            stdin=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert run.stdin is not None
        run.stdin.write(lines)
        run.stdin.close()
        run.stdin = None
        while len(site.asked) < 30:
            time.sleep(0.02)
        run.terminate()
        if signals == 2:
            time.sleep(0.1)
            run.terminate()
        said = run.communicate(timeout=60)[1]
        assert run.returncode == 14, said
        assert "Traceback" not in said
        with closing(Ledger.read(tmp_path)) as ledger:
            assert ledger.one("SELECT count(*) FROM addresses WHERE run IS NOT NULL")[0] == 0
            assert ledger.one("SELECT verdict FROM runs")[0] == "interrupted"
            assert ledger.one("SELECT count(*) FROM addresses WHERE state = 'pending'")[0] > 0
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=lines)
    assert done.code == 0, done.err
    assert len(done.articles) == len(done.addresses) == 100


def test_a_log_file_gets_the_verdict_too(tmp_path: Path) -> None:
    log = tmp_path / "crawl.log"
    with SmallSite(PAGES) as site:
        done = _europe(tmp_path / "output", site, "--logfile", str(log))
    assert done.err.startswith("ok: 2 stored")
    assert done.err.count("\n") == 1
    assert done.err.strip() in log.read_text()


def test_the_log_holds_no_records_and_no_lists(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = _europe(tmp_path, site)
        debug = _europe(tmp_path, site, "-L", "DEBUG")
    assert "Text." not in done.err + debug.err
    assert len(done.err.splitlines()) < 8
    assert debug.verdict.startswith("no_new: 0 stored, 2 known, ")


def test_at_a_terminal_a_line_shows_the_state(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with SmallSite({**PAGES, "/world/two/news": 400}, slow={"/world/one/news": 2}) as site:
        run = subprocess.Popen(
            command(
                "section",
                "-a",
                "sections=europe",
                "-s",
                f"SITE_ORIGIN={site.origin}",
                "-s",
                f"OUTPUT_DIR={tmp_path}",
                *FAST,
            ),
            cwd=REPOSITORY,
            env=environment(TERM="xterm-256color", COLUMNS="200"),
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the terminal is gone when the process is
            pass
        assert run.wait(30) == 10, shown.decode()
    os.close(ours)
    text = shown.decode()
    assert "\r" in text
    assert "2 pages, 0 articles" in text
    assert f"Failed (status 400): {TWO}" in text
    assert text.rstrip().splitlines()[-1].startswith("partial: some pages failed; 1 stored")
