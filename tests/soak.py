"""A month of hourly jobs through a real Scrapyd, on the standard timetable: what grows, and whether the dataset is right at the end. `python -m tests.soak`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from sabah.timetable import JOBS
from sabah.timetable.daemon import Daemon
from tests import forked, growth, week
from tests.living import mistakes
from tests.running import FAST, REPOSITORY, Crawl
from tests.scrapyd import Scrapyd, build_egg

if TYPE_CHECKING:
    from sabah.timetable import Job, When
    from tests.conftest import Replica
    from tests.growth import Measured

END: Final = dt.datetime(2026, 6, 1, 6, tzinfo=dt.UTC)
"""A Monday, the first of a month: its last hours have every job of the timetable, and jobs after `compact`."""


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
        """What the timetable has due: spiders side by side, as late ones are, then commands."""
        self.newspaper.move(at=now.isoformat())
        due = [job for job in JOBS if _is_due(job.when, now)]
        self.daemon.wait(*[self.job(job) for job in due if job.spider])
        for job in due:
            if job.command:
                before = self.measure(now)
                self.command(*job.command)
                if job.name == "compact":
                    self.compacted.append((before, self.measure(now)))
        self.measured.append(self.measure(now))

    def job(self, job: Job) -> str:
        places = (f"OUTPUT_DIR={self.output}", f"SITE_ORIGIN={self.newspaper.origin}")
        # Its memory is asked for often enough that a job of a second has a peak.
        settings = (*places, *(one for one in FAST if one != "-s"), "MEMUSAGE_CHECK_INTERVAL_SECONDS=0.1")
        return Daemon.from_environment(self.daemon.env).schedule(job, settings)

    def command(self, *words: str) -> None:
        done = forked.run(
            [sys.executable, "-m", "scrapy", *words, "-s", f"OUTPUT_DIR={self.output}"],
            cwd=REPOSITORY, env=self.daemon.env, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stderr}"

    def measure(self, now: dt.datetime) -> Measured:
        return growth.measure(now, self.output, self.daemon)


def _is_due(when: When, now: dt.datetime) -> bool:
    found = {"hour": now.hour, "day": now.day, "weekday": now.isoweekday() % 7}
    return all(getattr(when, name) in (None, value) for name, value in found.items())


def live(hours: int, folder: Path, per_hour: int = 6) -> tuple[Soak, list[str]]:
    """So many hours until END, and everything that is not as documented, in words."""
    plan = week.Plan(
        hours=hours, per_hour=per_hour, backlog=300, withdraw=0.03, trouble=0.1, start=END - dt.timedelta(hours=hours)
    )
    newspaper = week.found(plan)
    newspaper.strike({"fault": "cut", "share": 0.02, "paths": "/[!r]*/*-*"})
    daemon = Scrapyd(folder / "scrapyd", SABAH_NOW=f"{newspaper.origin}/_clock")
    soak = Soak(newspaper, daemon, folder / "output")
    try:
        daemon.deploy("1", build_egg(folder))
        for number, now in enumerate(plan.times):
            began = time.monotonic()
            soak.hour(now)
            if number % 24 == 0:
                print(growth.row(soak.measured[-1], time.monotonic() - began), flush=True)
        lines = Crawl(0, "", "", soak.output).articles
        lived = week.Lived(plan, tuple(week.Hour(now, ()) for now in plan.times), newspaper.truth, lines)
        print(_met(lived, newspaper))
        to_keep = daemon.configuration.getint("scrapyd", "jobs_to_keep")
        return soak, [
            *growth.beyond(soak.measured, soak.compacted, to_keep),
            *mistakes(lived, newspaper, soak.output),
        ]
    finally:
        daemon.stop()
        newspaper.stop()


def _met(lived: week.Lived, newspaper: Replica) -> str:
    """What the crawls have met that is not as it should be: a month that met nothing of it shows nothing."""
    lives = [(truth, week.life(truth, lived.plan)) for truth in lived.articles.values()]
    healed = sum(truth["heals_at"] is not None for truth, _ in lives)
    moved = sum(bool(whole.moved) for _, whole in lives)
    cut = sum(rule["hits"] for rule in json.loads(newspaper.get("/_faults")))
    withdrawn = sum(any(one.withdrawn for one in whole.versions) and not whole.moved for _, whole in lives)
    return f"articles that were not ready at first {healed}, moved {moved}, withdrawn {withdrawn}; answers cut {cut}"


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
