"""The browser never outlives the crawl, and what happens to a page in it costs no address."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.frames import ARTICLE_JS, LISTING_JS, SCRIPTS, cards, endless, frame, part, processes
from tests.middlewares.test_render import FEW, states, stats, urls
from tests.running import FAST, REPOSITORY, SITE, SmallSite, article, command, crawl, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.running import Page

pytestmark = pytest.mark.usefixtures("chromium")

SPIN = "/spin.js"
WITHIN = 60.0


def pages() -> dict[str, Page]:
    """Script-only articles `good`, `held` (the part comes slowly), and a plain one."""
    found: dict[str, Page] = {**SCRIPTS, "/world/plain/news": article("Plain")}
    for name in ("good", "held"):
        found |= {f"/world/{name}/news": frame(), f"/part/world/{name}/news": part(name)}
    return found


@contextmanager
def crawling(site: SmallSite, output: Path, *more: str, wanted: str) -> Iterator[subprocess.Popen[str]]:
    """A crawl of the addresses, in the middle of it."""
    (output / "urls.txt").write_text(wanted)
    settings = ("-s", f"OUTPUT_DIR={output / 'data'}", "-s", f"SITE_ORIGIN={site.origin}", *FEW, *FAST)
    process = subprocess.Popen(
        command("addresses", "-a", f"file={output / 'urls.txt'}", *more, *settings),
        cwd=REPOSITORY, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=WITHIN)


def until(true: Callable[[], object]) -> None:
    """Waits until it is so."""
    end = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def alive(pids: dict[int, str]) -> list[str]:
    """Those of the processes that still run."""
    return [line for pid, line in processes(1).items() if pids.get(pid) == line]


def _asked(site: SmallSite, times: int) -> bool:
    return site.asked.count("/part/world/held/news") == times


def test_a_page_whose_renderer_is_killed_gives_its_address_back(tmp_path: Path) -> None:
    with SmallSite(pages(), slow={"/part/world/held/news": 600}) as site:
        with crawling(
            site, tmp_path, "-s", "RENDER_TIMEOUT=50", wanted=urls("/world/held/news", "/world/plain/news")
        ) as one:
            for again in (1, 2):
                until(partial(_asked, site, again))
                for pid, line in processes(one.pid).items():
                    if "--type=renderer" in line:
                        with suppress(ProcessLookupError):  # Chromium ends one that has no page any more
                            os.kill(pid, signal.SIGKILL)
            _, err = one.communicate(timeout=WITHIN)
        assert one.returncode == 10, err
        assert "Failed (TabLost: the page crashed)" in err
        assert "'render/replaced': 2" in err
        assert states(tmp_path / "data") == {"/world/held/news": "pending", "/world/plain/news": "done"}
        site.slow = {}
        done = crawl(
            "addresses",
            "-a",
            "file=-",
            *FEW,
            output=tmp_path / "data",
            origin=site.origin,
            stdin=urls("/world/held/news"),
        )
    assert done.code == 0, done.err
    assert {one["headline"] for one in done.articles} == {"Plain", "held"}


def test_a_page_that_hangs_or_brings_nothing_is_left_and_the_others_go_on(tmp_path: Path) -> None:
    found = pages() | {
        SPIN: "while (true) {}",
        "/world/spins/news": frame(script=SPIN),
        "/world/empty/news": frame(),
        "/part/world/empty/news": "",
        "/world/waits/news": frame("<script>fetch('/never')</script>"),
        "/part/world/waits/news": part("waits"),
    }
    wanted = urls(*(f"/world/{name}/news" for name in ("spins", "empty", "waits", "good", "plain")))
    with SmallSite(found, slow={"/never": 600}) as site:
        done = crawl("addresses", "-a", "file=-", *FEW, output=tmp_path, origin=site.origin, stdin=wanted)
    assert done.code == 10, done.err
    assert {one["headline"] for one in done.articles} == {"good", "waits", "Plain"}
    known = states(tmp_path)
    assert (known["/world/spins/news"], known["/world/empty/news"]) == ("pending", "pending")
    kinds = {name: count for name, count in stats(done).items() if name.startswith(("failed/", "unfinished"))}
    assert kinds == {"failed/Stuck": 1, "failed/RenderError": 1, "unfinished": 1}


def test_a_listing_keeps_what_it_had_loaded_before_its_page_was_lost(tmp_path: Path) -> None:
    def links(number: int) -> list[str]:
        return [f"/world/card-{number}-{one}/news" for one in range(5)]

    found: dict[str, Page] = {**SCRIPTS, "/africa": endless(links(0), button=True)}
    found |= {f"/more/africa/{number}": cards(links(number)) for number in (1, 2)}
    found["/more/africa/3"] = ""
    found[LISTING_JS] = str(SCRIPTS[LISTING_JS]).replace("if (busy)", "if (page === 3) while (true) {}\n  if (busy)")
    with SmallSite(found) as site:
        done = crawl(
            "section", "-a", "sections=world/africa", "-a", "related=0", *FEW, output=tmp_path, origin=site.origin
        )
    assert set(states(tmp_path)) == {link for number in range(3) for link in links(number)}, done.err
    assert stats(done)["ended/lost"] == 1


@pytest.mark.parametrize(
    "how", [*(pytest.param(one, marks=pytest.mark.thorough) for one in ("SIGTERM", "SIGINT")), "SIGKILL"]
)
def test_the_browser_is_gone_with_the_crawl(how: str, tmp_path: Path) -> None:
    wanted = urls("/world/held/news", "/world/good/news")
    with SmallSite(pages(), slow={"/part/world/held/news": 2}) as site:
        with crawling(site, tmp_path, wanted=wanted) as one:
            until(lambda: "/part/world/held/news" in site.asked)
            browser = {pid: line for pid, line in processes(one.pid).items() if pid != one.pid}
            assert any("--type=renderer" in line for line in browser.values())
            if how == "SIGINT":
                os.killpg(one.pid, signal.SIGINT)  # as a terminal does
            else:
                one.send_signal(signal.Signals[how])
            _, err = one.communicate(timeout=WITHIN)
        until(lambda: not alive(browser))
        if how != "SIGKILL":
            assert one.returncode == 14, err
            assert "Traceback" not in err
            return
        done = crawl("addresses", "-a", "file=-", *FEW, output=tmp_path / "data", origin=site.origin, stdin=wanted)
    assert done.code == 0, done.err
    assert sorted(one["headline"] for one in done.articles) == ["good", "held"]


def test_a_browser_that_is_killed_is_started_again(tmp_path: Path) -> None:
    wanted = urls("/world/held/news", "/world/good/news")
    with SmallSite(pages(), slow={"/part/world/held/news": 3}) as site:
        with crawling(site, tmp_path, wanted=wanted) as one:
            until(lambda: "/part/world/held/news" in site.asked)
            driver = next(pid for pid, line in processes(one.pid).items() if "run-driver" in line)
            os.kill(driver, signal.SIGKILL)
            site.slow = {}
            _, err = one.communicate(timeout=WITHIN)
        assert one.returncode == 0, err
        assert "'render/starts': 2" in err


def test_a_program_that_is_no_browser_is_said_once(tmp_path: Path) -> None:
    with SmallSite(pages()) as site:
        done = crawl(
            "addresses", "-a", "file=-", *FEW, output=tmp_path, origin=site.origin,
            stdin=urls("/world/good/news", "/world/held/news", "/world/plain/news"), CHROMIUM_PATH="/bin/false",
        )  # fmt: skip
    assert done.code == 10
    assert done.err.count("/bin/false does not start") == 1
    assert done.err.count("`make chromium`") == 1
    assert ARTICLE_JS not in site.asked
    assert SITE + "/world/plain/news" in done.addresses


def test_an_article_that_is_there_is_kept_when_the_crawl_is_ended(tmp_path: Path) -> None:
    found = pages() | {
        "/world/waits/news": frame("<script>fetch('/never')</script>"),
        "/part/world/waits/news": part("waits"),
    }
    with (
        SmallSite(found, slow={"/never": 8}) as site,
        crawling(site, tmp_path, wanted=urls("/world/waits/news")) as one,
    ):
        until(lambda: "/never" in site.asked and "/part/world/waits/news" in site.asked)
        time.sleep(0.5)
        one.send_signal(signal.SIGTERM)
        _, err = one.communicate(timeout=WITHIN)
    assert one.returncode == 14, err
    assert states(tmp_path / "data") == {"/world/waits/news": "done"}, err
