from __future__ import annotations

import multiprocessing
import secrets
import signal
import time
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from sabah.storage.revisits import REFUSED
from tests.storage import world

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]


# Its server has imported everything once; each crawl is a process forked from that.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.storage.world"])


class Crawl:
    """A crawl in a process of its own."""

    def __init__(self, folder: Path, size: int, depth: int, fault: str, pause: float) -> None:
        self._errors = folder.with_name(f"{secrets.token_hex(4)}.err")
        self._log = folder.with_suffix(".log")
        self._logged = self._size()
        arguments = [str(folder), str(size), str(depth), "--pause", str(pause)]
        self.process = FORKS.Process(target=world.process, args=(arguments, fault, self._errors))
        self.process.start()

    def begun(self) -> None:
        """Returns when it (or another beside it) has asked for a page."""
        until = time.monotonic() + 120
        while self._size() <= self._logged:
            assert time.monotonic() < until
            assert self.process.is_alive()
            time.sleep(0.005)

    def _size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def kill(self) -> None:
        self.process.kill()

    def ended(self) -> tuple[int | None, str]:
        """Exit code (negative: the signal) and standard error, when it has ended."""
        self.process.join(timeout=300)
        return self.process.exitcode, self._errors.read_text()


class Processes:
    """Starts crawls, and ends them with the test."""

    def __init__(self) -> None:
        self.started: list[Crawl] = []

    def start(self, folder: Path, size: int = 60, depth: int = 4, fault: str = "", pause: float = 0.0) -> Crawl:
        self.started.append(Crawl(folder, size, depth, fault, pause))
        return self.started[-1]

    def run(self, folder: Path, size: int = 60, depth: int = 4, fault: str = "") -> tuple[int | None, str]:
        return self.start(folder, size, depth, fault).ended()

    def killed(self, folder: Path, fault: str) -> None:
        assert self.run(folder, fault=fault) == (-signal.SIGKILL, ""), f"{fault} did not kill"


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    for crawl in processes.started:
        crawl.kill()
        crawl.process.join()


def check(folder: Path, size: int = 60, depth: int = 4, forgotten: Iterable[str] = ()) -> None:
    """The data folder holds what is reachable, exactly once; everything in it reads back; ledger and files agree."""
    articles, refused = (found.difference(forgotten) for found in world.reachable(size, depth))
    lines = [
        orjson.loads(line) for path in sorted(folder.glob("articles/*")) for line in path.read_bytes().splitlines()
    ]
    assert Counter(line["url"] for line in lines) == dict.fromkeys(articles, 1)
    rejected = [orjson.loads(line) for line in (folder / "rejected.jsonl").read_bytes().splitlines()]
    assert {line["url"] for line in rejected} == refused
    for url in refused:  # again only when it was due: some tests crawl months after each other
        at = [datetime.fromisoformat(line["fetched_at"]) for line in rejected if line["url"] == url]
        assert all(later - earlier >= REFUSED[0] for earlier, later in pairwise(at)), url
    for line in lines + rejected:
        name, _, offset = line["snapshot"].rpartition(":")
        capture = snapshots.read(folder / "snapshots" / name, int(offset))
        number = int(capture.payload[len("<html>") :].split()[0])
        assert capture == world.capture(number, capture.url, line["fetched_at"])
        assert world.url(number) == line["url"]
    for path in folder.glob("snapshots/*"):
        with path.open("rb") as file:
            kinds = [record.rec_type for record in ArchiveIterator(file, check_digests="raise")]
        assert kinds == ["warcinfo"] + ["response", "request"] * (len(kinds) // 2)
    ledger = Ledger.open(folder)
    try:
        assert ledger.one("SELECT count(*) FROM addresses WHERE run IS NOT NULL") == (0,)
        assert ledger.all("SELECT crawl_id FROM runs WHERE ended_at IS NULL") == []
        # One killed before its row was written leaves an empty file under a name of its own: litter, not a claim.
        ended = {f"{run}.lock" for (run,) in ledger.all("SELECT crawl_id FROM runs")}
        assert ended.isdisjoint(path.name for path in folder.glob("locks/*"))
        known = dict(ledger.all("SELECT name, length FROM files"))
        assert known == {
            str(path.relative_to(folder)): path.stat().st_size
            for part in ("*.jsonl", "*/*.*z", "*/*l")
            for path in folder.glob(part)
            if path.parent.name != "unknown"
        }
        for url, name, offset, length in ledger.all(
            "SELECT a.url, f.name, t.offset, t.length FROM articles t JOIN addresses a ON a.id = t.address JOIN files f ON f.id = t.file"
        ):
            assert orjson.loads((folder / name).read_bytes()[offset : offset + length])["url"] == url
    finally:
        ledger.close()
