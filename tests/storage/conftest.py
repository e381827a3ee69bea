from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from tests.storage import world

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


class Processes:
    """Crawls in processes of their own, ended with the test."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[str]] = []

    def start(
        self, folder: Path, size: int = 60, depth: int = 4, fault: str = "", pause: float = 0.0
    ) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            "tests.storage.world",
            str(folder),
            str(size),
            str(depth),
            "--pause",
            str(pause),
        ]
        environment = {**os.environ, "SABAH_FAULT": fault}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.started.append(process)
        return process

    def run(self, folder: Path, size: int = 60, depth: int = 4, fault: str = "") -> tuple[int, str]:
        """Exit code and standard error."""
        process = self.start(folder, size, depth, fault)
        errors = process.communicate(timeout=60)[1]
        return process.returncode, errors

    def killed(self, folder: Path, fault: str) -> None:
        assert self.run(folder, fault=fault) == (-signal.SIGKILL, ""), f"{fault} did not kill"


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    for process in processes.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def check(folder: Path, size: int = 60, depth: int = 4) -> None:
    """The data folder holds what is reachable, exactly once; everything in it reads back; ledger and files agree."""
    articles, refused = world.reachable(size, depth)
    lines = [
        orjson.loads(line) for path in sorted(folder.glob("articles/*")) for line in path.read_bytes().splitlines()
    ]
    assert Counter(line["url"] for line in lines) == dict.fromkeys(articles, 1)
    rejected = [orjson.loads(line) for line in (folder / "rejected.jsonl").read_bytes().splitlines()]
    assert Counter(line["url"] for line in rejected) == dict.fromkeys(refused, 1)
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
        }
        for url, name, offset, length in ledger.all(
            "SELECT a.url, f.name, t.offset, t.length FROM articles t JOIN addresses a ON a.id = t.address JOIN files f ON f.id = t.file"
        ):
            assert orjson.loads((folder / name).read_bytes()[offset : offset + length])["url"] == url
    finally:
        ledger.close()
