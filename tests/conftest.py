"""Fixtures used across the tests."""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import re
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import attrs
import pytest

from sabah.middlewares.rendering.browser import HELP, find
from tests import forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent

# Hundreds of crawls start: where every one had to compile the package anew, that would be a third of all their time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would every crawl that a test interrupts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@attrs.define
class Replica:
    """A running stand-in newspaper; `truth` and `listings` are fetched once, when first asked for."""

    origin: str
    process: subprocess.Popen[str]
    _fetched: dict[str, list[dict[str, Any]]] = attrs.field(factory=dict, repr=False)

    def _repr_pretty_(self, printer: Any, cycle: object) -> None:  # noqa: ARG002 - named by IPython
        """For Hypothesis, which would print all that was fetched, and then say no more than that it is too much."""
        printer.text(f"Replica({self.origin!r})")

    @property
    def truth(self) -> list[dict[str, Any]]:
        """A line of `/_truth.jsonl` for every article."""
        return self._lines("/_truth.jsonl")

    @property
    def listings(self) -> list[dict[str, Any]]:
        """Every listing with its links."""
        return self._lines("/_truth/listings.jsonl")

    @property
    def log(self) -> dict[str, int]:
        """Requests so far, by path."""
        log: dict[str, int] = json.loads(self.get("/_log"))
        return log

    @property
    def times(self) -> list[tuple[float, str, int, bool]]:
        """Requests in order of arrival: monotonic seconds of the server, path, status, whether it was conditional."""
        return [tuple(entry) for entry in json.loads(self.get("/_log/times"))]

    def get(self, path: str) -> bytes:
        with urlopen(self.origin + path, timeout=60) as answer:
            content: bytes = answer.read()
        return content

    def move(self, **how: object) -> dt.datetime:
        """Moves the clock: `at` (ISO 8601 with offset), `forward` (seconds), `rate`. The time it shows then."""
        return dt.datetime.fromisoformat(json.loads(self._send("POST", f"/_clock?{urlencode(how)}"))["now"])

    def strike(self, *rules: dict[str, object]) -> None:
        """Answers go wrong from now on: `strike({"fault": "burst-503", "share": 0.1, "paths": "/world/*"})`."""
        self._send("POST", "/_faults", json.dumps(rules).encode())

    def mend(self) -> None:
        """No more faults."""
        self._send("DELETE", "/_faults")

    def _send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        with urlopen(Request(self.origin + path, data=body, method=method), timeout=60) as answer:
            content: bytes = answer.read()
        return content

    def stop(self) -> int:
        """Ends the server by its own process id; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)
        return self.process.returncode

    def _lines(self, path: str) -> list[dict[str, Any]]:
        if path not in self._fetched:
            self._fetched[path] = [json.loads(line) for line in self.get(path).splitlines()]
        return self._fetched[path]


def start_replica(*options: str) -> Replica:
    process = forked.start(
        [sys.executable, "-m", "scrapy", "replica", "--port", "0", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.match(r"replica: (http://127\.0\.0\.1:\d+) ", line)
    if match is None:
        process.kill()
        process.communicate()
        raise RuntimeError(f"the replica did not start: {line!r}")
    return Replica(match[1], process)


@pytest.fixture(scope="session")
def replica() -> Iterator[Callable[..., Replica]]:
    """Starts stand-in newspapers: `replica(articles=300, seed=7, latency=0.1)`. The same arguments give the same server."""
    running: dict[tuple[str, ...], Replica] = {}

    def start(**options: object) -> Replica:
        arguments = tuple(f"--{name.replace('_', '-')}={value}" for name, value in sorted(options.items()))
        if arguments not in running or running[arguments].process.poll() is not None:
            running[arguments] = start_replica(*arguments)
        return running[arguments]

    yield start
    for one in running.values():
        one.stop()


@pytest.hookimpl(trylast=True)  # when those that do not run are gone from the list
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every process that runs tests begins with its share of the long ones: one begun at the end would keep all others waiting.

    pytest-xdist gives each process as long a piece of the list, in order; later they take from each other's ends.
    """
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if item.get_closest_marker("long")]
    others = iter([item for item in items if not item.get_closest_marker("long")])
    left = len(items)
    ordered: list[pytest.Item] = []
    for number in range(workers):
        share = long[number::workers]
        size = left // (workers - number)
        ordered += [*share, *islice(others, max(0, size - len(share)))]
        left -= size
    items[:] = [*ordered, *others]


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected stays: looking through it at every collection of garbage was a quarter of all time in these processes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_unconfigure() -> None:
    """What was set apart is taken apart with the rest, or extension modules say at the end that it was lost."""
    gc.unfreeze()


NO_CHROMIUM = "no Chromium"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; without one the test is skipped, or fails where SABAH_REQUIRE_CHROMIUM is set."""
    found = find(os.environ.get("CHROMIUM_PATH", ""))
    if found is None:
        if os.environ.get("SABAH_REQUIRE_CHROMIUM"):
            pytest.fail(f"{NO_CHROMIUM}: {HELP}")
        pytest.skip(NO_CHROMIUM)
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [one for one in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(one.longrepr)]
    if skipped:
        line = f"{len(skipped)} tests of rendering were SKIPPED: there is no Chromium; {HELP}"
        terminalreporter.write_line(line, yellow=True, bold=True)
