"""One crawl of the replica in a process of its own, and the figures it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from bench.environment import REPOSITORY
from bench.stats import PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL = Path(__file__).with_name("usual")
ORIGIN_HANDLER = "sabah.middlewares.origin.OriginHandler"
SHARED: Mapping[str, Any] = {
    # What leads to the replica: the same code for every crawler, so that all of them ask for the newspaper's own addresses.
    "DOWNLOAD_HANDLERS": {"http": ORIGIN_HANDLER, "https": ORIGIN_HANDLER},
    # As fast as it goes, with the same number of requests under way.
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "ROBOTSTXT_OBEY": True,
    # sabah's tuning of Scrapy is given to all, so that it is the code that is compared.
    "CONCURRENT_ITEMS": 4,
    "COOKIES_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "INFO",
    "STATS_CLASS": "bench.stats.FileStats",
}


@attrs.frozen
class Crawler:
    name: str
    spider: str
    arguments: tuple[str, ...] = ()
    place: Path = USUAL
    """Folder of its scrapy.cfg."""

    writes_feed: bool = True
    """Whether its output is a feed (`-o`); sabah writes its own files."""


@attrs.frozen
class Run:
    """What a crawl did between opening and closing its spider."""

    pages: int
    """Pages that came and gave an item."""

    responses: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


def crawl(crawler: Crawler, origin: str, folder: Path) -> Run:
    """Run it to its end into an empty folder. Raises RuntimeError with the end of its log when it fails."""
    stats, log = folder / "stats.json", folder / "crawl.log"
    settings = {**SHARED, "SITE_ORIGIN": origin, "OUTPUT_DIR": str(folder), "LOG_FILE": str(log)}
    command = [sys.executable, "-m", "scrapy", "crawl", crawler.spider, *crawler.arguments]
    for name, value in settings.items():
        command += ["-s", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    if crawler.writes_feed:
        command += ["-o", str(folder / "out.jsonl")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SABAH_")}
    environment |= {"PYTHONPATH": str(REPOSITORY), PLACE: str(stats)}
    done = subprocess.run(command, cwd=crawler.place, env=environment, capture_output=True, text=True, check=False)
    if not stats.exists():
        tail = (log.read_text() if log.exists() else done.stderr)[-2000:]
        raise RuntimeError(f"{crawler.name} ended with code {done.returncode} and no figures:\n{tail}")
    found = json.loads(stats.read_text())
    return Run(
        pages=found["item_scraped_count"],
        responses=found["response_received_count"],
        seconds=found["elapsed_time_seconds"],
        cpu_seconds=found["cpu_seconds"],
    )
