"""A month of hourly jobs through a real Scrapyd, on the standard timetable: what grows, and whether the dataset is right at the end. `python -m tests.soak`."""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from tests import growth, week
from tests.living import mistakes
from tests.running import FAST, REPOSITORY, Crawl
from tests.scrapyd import Scrapyd, build_egg

if TYPE_CHECKING:
    from tests.conftest import Replica
    from tests.growth import Measured

END: Final = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
"""The last hour is the first of a month, when the one before is compacted, and of a week."""


@attrs.define
class Soak:
    """One newspaper, one Scrapyd, one dataset."""

    newspaper: Replica
    daemon: Scrapyd
    output: Path
    measured: list[Measured] = attrs.field(factory=list)
    compacted: list[tuple[Measured, Measured]] = attrs.field(factory=list)
    """Before and after each `compact`."""

    def hour(self, now: dt.datetime) -> None:
        """What the timetable has due, in its order; sections, compact and export at midnight."""
        self.newspaper.move(at=now.isoformat())
        if now.hour == 0 and now.day == 1:
            before = self.measure(now)
            self.command("compact")
            self.compacted.append((before, self.measure(now)))
        jobs = [self.job("feeds"), self.job("revisit")]
        self.daemon.wait(*jobs)
        if now.hour == 0 and now.weekday() == 0:
            jobs.append(self.job("section", sections="all"))
            self.daemon.wait(jobs[-1])
        if now.hour == 0:
            self.command("export", "nightly", "--replace")
        self.measured.append(self.measure(now))

    def job(self, spider: str, **arguments: str) -> str:
        settings = dict(one.split("=") for one in FAST if "=" in one)
        places = {"OUTPUT_DIR": self.output, "SITE_ORIGIN": self.newspaper.origin}
        # Its memory is asked for often enough that a job of a second has a peak.
        return self.daemon.schedule(spider, {**settings, **places, "MEMUSAGE_CHECK_INTERVAL_SECONDS": 0.1}, **arguments)

    def command(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", *words, "-s", f"OUTPUT_DIR={self.output}"],
            cwd=REPOSITORY, env=self.daemon.env, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stderr}"

    def measure(self, now: dt.datetime) -> Measured:
        return growth.measure(now, self.output, self.daemon)


def live(hours: int, folder: Path, per_hour: int = 6) -> tuple[Soak, list[str]]:
    """So many hours until END, and everything that is not as documented, in words."""
    plan = week.Plan(hours=hours, per_hour=per_hour, backlog=300, withdraw=0.03, start=END - dt.timedelta(hours=hours))
    newspaper = week.found(plan)
    daemon = Scrapyd(folder / "scrapyd", SABAH_NOW=f"{newspaper.origin}/_clock")
    soak = Soak(newspaper, daemon, folder / "output")
    try:
        daemon.deploy("1", build_egg(folder))
        for now in plan.times:
            began = time.monotonic()
            soak.hour(now)
            if now.hour == 0:
                print(growth.row(soak.measured[-1], time.monotonic() - began), flush=True)
        lines = Crawl(0, "", "", soak.output).articles
        lived = week.Lived(plan, tuple(week.Hour(now, ()) for now in plan.times), newspaper.truth, lines)
        to_keep = daemon.configuration.getint("scrapyd", "jobs_to_keep")
        return soak, [
            *growth.beyond(soak.measured, soak.compacted, to_keep),
            *mistakes(lived, newspaper, soak.output),
        ]
    finally:
        daemon.stop()
        newspaper.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=720)
    parser.add_argument("--per-hour", type=int, default=6, help="articles that appear in an hour")
    options = parser.parse_args()
    began = time.monotonic()
    print(growth.HEAD, flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak, found = live(options.hours, Path(folder), options.per_hour)
    print(growth.summary(soak.measured, soak.compacted))
    print(f"{options.hours} hours in {(time.monotonic() - began) / 60:.1f} minutes")
    for one in found:
        print(f"NOT AS DOCUMENTED: {one}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
