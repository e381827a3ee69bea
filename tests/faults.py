"""Crawls that are killed, and what must be there when the same command has been given again. `python -m tests.faults` runs many."""

from __future__ import annotations

import argparse
import gzip
import random
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
from scrapy.http import HtmlResponse
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from sabah.pages import read
from sabah.site.addresses import parse_address
from sabah.spiders.arguments import parse_section_arguments
from sabah.storage import faults, snapshots
from sabah.storage.ledger import Ledger
from tests import forked
from tests.conftest import start_replica
from tests.running import REPOSITORY, SITE, Crawl, command, environment
from tests.truth import differences, reachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Replica

SECTIONS, DEPTH = "all", 2
OF_A_CRAWL: Final = tuple(
    point for point in faults.POINTS
    if point.split("-")[0] in ("run", "claim", "file", "snapshot", "article", "pages", "record", "end")
)  # fmt: skip
"""Fault points that a crawl passes; the others belong to refusals, recovery and the commands that rewrite files."""

ONCE: Final = frozenset({"run", "file", "end"})
"""Those a crawl passes once, as it does the making of each file."""


@attrs.frozen
class World:
    """A newspaper, and one data folder that crawls of it share."""

    newspaper: Replica
    output: Path

    def start(self, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(self._command, **self._options(env))

    @property
    def _command(self) -> list[str]:
        settings = (f"SITE_ORIGIN={self.newspaper.origin}", f"OUTPUT_DIR={self.output}", "DOWNLOAD_DELAY=0", "CONCURRENT_REQUESTS_PER_DOMAIN=8")  # fmt: skip
        given = [part for setting in settings for part in ("-s", setting)]
        arguments = ("section", "-a", f"sections={SECTIONS}", "-a", f"related={DEPTH}", *given)
        return command(*arguments)

    def _options(self, env: dict[str, str]) -> dict[str, Any]:
        return {"cwd": REPOSITORY, "env": environment(**env), "stderr": subprocess.PIPE, "text": True}

    def start_and_wait(self) -> subprocess.Popen[str]:
        """A crawl that has asked for its first page."""
        before, run = self._asked(), self.start()
        while self._asked() == before:
            assert run.poll() is None
            time.sleep(0.05)
        return run

    def finish(self) -> None:
        """The same command until the end: exit code 0."""
        done = forked.run(self._command, timeout=300, **self._options({}))
        assert done.returncode == 0, done.stderr

    @property
    def expected(self) -> set[str]:
        paths = parse_section_arguments({"sections": SECTIONS}).listings
        listed = [link for one in self.newspaper.listings if one["path"] in paths for link in one["links"]["cards"]]
        return reachable(self._truths(), listed, DEPTH)

    def stored(self) -> int:
        """Articles committed so far."""
        if not (self.output / "ledger.sqlite").exists():
            return 0
        with closing(Ledger.read(self.output)) as ledger:
            return int(ledger.one("SELECT count(*) FROM articles")[0])

    def check(self) -> None:
        """Every reachable article once, as it is, with its snapshot; files and ledger agree to the byte."""
        crawl = Crawl(0, "", "", self.output)
        records = crawl.articles
        missing = self.expected ^ {record["url"] for record in records}
        assert not missing, missing
        assert len(records) == len(self.expected), f"{len(records)} lines for {len(self.expected)} articles"
        truths = {truth["record"]["url"]: truth for truth in self._truths()}
        wrong = {record["url"]: found for record in records if (found := differences(record, truths[record["url"]]))}
        assert not wrong, wrong
        for record in records:
            self.check_snapshot(record)
        for path in self.output.glob("snapshots/*"):
            with path.open("rb") as file:
                kinds = [record.rec_type for record in ArchiveIterator(file, check_digests="raise")]
            assert kinds.count("response") == kinds.count("request") == (len(kinds) - 1) / 2
        self.check_ledger(len(records))

    def check_snapshot(self, record: dict[str, Any]) -> None:
        """The record's raw page says what the record says."""
        name, _, offset = record["snapshot"].rpartition(":")
        capture = snapshots.read(self.output / "snapshots" / name, int(offset))
        packed = b"content-encoding: gzip" in capture.head.lower()
        body = gzip.decompress(capture.payload) if packed else capture.payload
        values = read(HtmlResponse(capture.url, body=body), capture.url).values
        assert (values["url"], values["revision_hash"]) == (record["url"], record["revision_hash"])

    def check_ledger(self, articles: int) -> None:
        """`articles` lines have their raw page, nothing is claimed, wanted or under way, and every file has its committed length."""
        with closing(Ledger.read(self.output)) as ledger:
            assert ledger.one("SELECT count(*) FROM articles WHERE snapshot IS NOT NULL")[0] == articles
            assert ledger.one("SELECT count(*) FROM addresses WHERE run IS NOT NULL")[0] == 0
            assert ledger.one("SELECT count(*) FROM wants")[0] == 0
            assert ledger.one("SELECT count(*) FROM runs WHERE ended_at IS NULL")[0] == 0
            lengths = {name: length for name, length in ledger.all("SELECT name, length FROM files") if length}
        sizes = {
            str(path.relative_to(self.output)): path.stat().st_size
            for kind in ("articles/*", "snapshots/*", "rejected.jsonl") for path in self.output.glob(kind)
        }  # fmt: skip
        assert sizes == lengths, (sizes, lengths)

    def _asked(self) -> int:
        return sum(count for path, count in self.newspaper.log.items() if not path.startswith("/_"))

    def _truths(self) -> list[dict[str, Any]]:
        return [{**truth, "aliases": [*truth["aliases"], *truth["served_as"]]} for truth in self.newspaper.truth]


def kill_at_random(world: World, seed: int, kills: int) -> list[int]:
    """Starts and kills crawls, each a random while after it has stored a random part of its share; articles stored at each kill."""
    rolled, stored, reachable_articles = random.Random(seed), [0], len(world.expected)
    for _ in range(kills):
        run = world.start_and_wait()
        share = stored[-1] + rolled.randrange(reachable_articles // (kills + 2))
        while world.stored() < share and run.poll() is None:
            time.sleep(0.02)
        time.sleep(rolled.uniform(0, 0.25))
        kill(run)
        stored.append(world.stored())
        assert stored[-1] < reachable_articles, f"no work was left at a kill: {stored} of {reachable_articles}"
    return stored[1:]


def kill(run: subprocess.Popen[str]) -> None:
    assert run.poll() is None, "the crawl is alive"
    run.kill()
    assert run.wait() == -9
    assert run.stderr is not None
    run.stderr.close()


def strike(world: World, point: str, count: int, action: str = "kill") -> int:
    """A crawl with a fault armed; its exit code."""
    run = world.start(SABAH_FAULT=f"{point}:{count}:{action}")
    said = run.communicate(timeout=300)[1]
    assert "Traceback" not in said, said
    return run.returncode


def twice_asked(world: World, before: dict[str, int]) -> dict[str, int]:
    """Articles asked for more than once since `before`, with how often."""
    asked = {path: count - before.get(path, 0) for path, count in world.newspaper.log.items()}
    return {path: count for path, count in asked.items() if count > 1 and _is_article(path)}


def _is_article(path: str) -> bool:
    address = parse_address(SITE + path)
    return address is not None and address.is_article


def _folders() -> Iterator[Path]:
    while True:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            yield Path(folder) / "output"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--kills", type=int, default=8)
    options = parser.parse_args()
    slow, quick = (
        start_replica("--articles=400", "--seed=5", "--latency=0.2"),
        start_replica("--articles=60", "--seed=5"),
    )
    folders = _folders()
    try:
        for seed in range(options.seeds):
            world = World(slow, next(folders))
            stored = kill_at_random(world, seed, options.kills)
            world.finish()
            world.check()
            print(f"seed {seed}: killed at {stored} of {len(world.expected)} articles; whole", flush=True)
        for point in OF_A_CRAWL:
            world = World(quick, next(folders))
            once = point.split("-")[0] in ONCE or point.endswith("-created")
            assert strike(world, point, 1 if once else random.Random(point).randint(1, 4)) == -9, point
            world.finish()
            world.check()
            print(f"{point}: killed; whole", flush=True)
    finally:
        slow.stop()
        quick.stop()


if __name__ == "__main__":
    main()
