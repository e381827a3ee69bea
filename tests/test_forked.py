"""Forked commands are what they are in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests import forked
from tests.running import REPOSITORY, SITE, SmallSite, article, crawl, environment, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCRAPY = [sys.executable, "-m", "scrapy"]
STRICT = [sys.executable, "-W", "error", "-m", "scrapy"]
LOOKING = """
import atexit, os, sys, warnings

@atexit.register
def look():
    print(sys.argv[1:], sys.stdin.read(), os.getcwd(), sorted(os.environ), sys.path[:3], os.getpgid(0), __import__("time").tzname)
    print("ä", sys.stdout.encoding, sys.stderr.errors, sys.stdout.line_buffering, sys.stderr.line_buffering, sys.warnoptions)
    try:
        warnings.warn("old", DeprecationWarning)
        warnings.warn("meant")
    except Warning as error:
        print("raised", error)
"""


def both(command: Sequence[str], **options: Any) -> list[tuple[int, Any, Any]]:
    options |= {"capture_output": True, "env": environment(**options.pop("more", {}))}
    done = (subprocess.run(command, **options), forked.run(command, **options))
    return [(one.returncode, one.stdout, one.stderr) for one in done]


@pytest.mark.parametrize(
    ("start", "asked"),
    [
        (SCRAPY, ("crawl", "feeds", "-a", "nonsense=1")),
        (SCRAPY, ("extract", "-", "--url", f"{SITE}/world/one/news")),
        (STRICT, ("crawl", "--help")),
        (STRICT, ("extract", "-", "--url", f"{SITE}/world/one/news")),
        (STRICT, ("status",)),
    ],
)
def test_says_and_ends_as_one_of_its_own(start: list[str], asked: tuple[str, ...], tmp_path: Path) -> None:
    more = {"SABAH_OUTPUT_DIR": str(tmp_path)}
    own, fork = both([*start, *asked], cwd=REPOSITORY, input=article("Ömer").encode(), more=more)
    assert fork == own


@pytest.mark.parametrize("start", [SCRAPY, STRICT], ids=["", "strict"])
def test_sees_what_one_of_its_own_sees(start: list[str], tmp_path: Path) -> None:
    """Environment, folder, standard input, warnings and encodings are the command's; a `sitecustomize` on its path is run."""
    (tmp_path / "sitecustomize.py").write_text(LOOKING)
    more = {"PYTHONPATH": str(tmp_path), "TZ": "Asia/Tokyo"}
    own, fork = both([*start, "version"], cwd=REPOSITORY, input=b"given", more=more)
    assert fork == own
    assert b"given" in own[1]
    assert b"JST" in own[1]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_ends_by_a_signal_as_one_of_its_own(sent: signal.Signals) -> None:
    codes = []
    for start in (subprocess.Popen, forked.start):
        with start(
            [*SCRAPY, "replica", "--port", "0"], cwd=REPOSITORY, env=environment(), stdout=subprocess.PIPE
        ) as running:
            assert running.stdout is not None
            assert running.stdout.readline().startswith(b"replica: http://127.0.0.1:")
            assert running.poll() is None
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(timeout=0.01)
            running.send_signal(sent)
            codes.append(running.wait(timeout=60))
            assert running.poll() == codes[-1]
    assert codes[0] == codes[1]


def test_one_that_takes_too_long_is_ended() -> None:
    with pytest.raises(subprocess.TimeoutExpired) as told:
        forked.run([*SCRAPY, "replica", "--port", "0"], cwd=REPOSITORY, capture_output=True, text=True, timeout=1.5)
    assert told.value.timeout == 1.5


def test_a_fault_is_armed(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One"), "/europe": listing("/world/one/news")}) as site:
        done = crawl(
            "section", "-a", "sections=europe", output=tmp_path, origin=site.origin, SABAH_FAULT="claim-saved:1"
        )
        assert (done.code, done.articles) == (-signal.SIGKILL, [])
        assert crawl("section", "-a", "sections=europe", output=tmp_path, origin=site.origin).code == 0


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ([sys.executable, "-c", ""], {}),
        (["scrapy", "crawl"], {}),
        ([*STRICT, "crawl"], {"start_new_session": True}),
        ([*STRICT, "crawl"], {"cwd": "/"}),
        ([*STRICT, "crawl"], {"env": {"PYTHONHASHSEED": "1"}}),
        ([*STRICT, "crawl"], {"env": {"LC_ALL": "C"}}),
    ],
)
def test_what_a_fork_is_not_gets_a_process_of_its_own(asked: list[str], options: dict[str, Any]) -> None:
    assert forked.can_be_forked([*STRICT, "crawl"], {"cwd": REPOSITORY, "env": environment()})
    assert not forked.can_be_forked(asked, {"cwd": REPOSITORY, "env": environment(), **options})


def test_the_server_has_one_thread_and_no_reactor() -> None:
    """Other threads would be lost in a fork, and an event loop would be shared by all of them."""
    asked = "import os, sys; from tests.forkserver import preload; preload(); print(len(os.listdir('/proc/self/task')), 'twisted.internet.reactor' in sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", asked], cwd=REPOSITORY, env=environment(OPENBLAS_NUM_THREADS="1"), capture_output=True, text=True)  # fmt: skip
    assert (done.stdout, done.stderr) == ("1 False\n", "")
