"""`scrapy schedule`: the standard timetable as systemd units or cron lines, and one of its jobs at once."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from sabah import configuration
from sabah.cli import FAILED, INTERRUPTED, SabahCommand
from sabah.configuration import CommandLineError
from sabah.timetable import JOBS, Place, PlaceError
from sabah.timetable.cron import crontab
from sabah.timetable.systemd import units

if TYPE_CHECKING:
    import argparse

    from sabah.timetable import Job

_PLACES = ("install", "environment", "data", "user")


class Command(SabahCommand):
    def syntax(self) -> str:
        return "--systemd [--into DIR] | --cron | --now JOB"

    def short_desc(self) -> str:
        return "Print the standard timetable as systemd units or cron lines, or schedule one of its jobs now"

    def long_desc(self) -> str:
        return (
            "--systemd prints the units of the timetable and of Scrapyd, each behind a line with its file name, or writes them; --cron "
            "prints a file for /etc/cron.d. --now asks Scrapyd for a job: SCRAPYD_URL (default http://127.0.0.1:6800), SCRAPYD_USERNAME and "
            "SCRAPYD_PASSWORD in the environment say where and who. Settings given with -s go with every job. "
            "Exit code 1: Scrapyd cannot be reached or refuses, or a unit cannot be written; 2: usage, nothing was asked; 14: interrupted."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add, default = parser.add_argument, Place()
        add("--now", metavar="JOB", help=f"of {', '.join(job.name for job in JOBS if job.spider)}")
        add("--systemd", action="store_true", help="units for systemd")
        add("--into", metavar="DIR", help="write them there instead, over units of the same names")
        add("--cron", action="store_true", help="lines for cron")
        add("--install", metavar="DIR", help=f"where the project is, with its .venv (default {default.install})")
        add("--environment", metavar="FILE", help=f"file of NAME=VALUE lines (default {default.environment})")
        add(
            "--data",
            metavar="DIR",
            help=f"the folder that may be written to (default {default.data}); scrapyd.conf names it too, and has to follow",
        )
        add("--user", metavar="NAME", help=f"who runs it all (default {default.user})")

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        if args:
            raise CommandLineError(f"unexpected argument {args[0]!r}; usage: scrapy schedule {self.syntax()}")
        if sum((opts.systemd, opts.cron, opts.now is not None)) != 1:
            raise CommandLineError(f"give one of --systemd, --cron and --now; usage: scrapy schedule {self.syntax()}")
        if opts.into is not None and not opts.systemd:
            raise CommandLineError("--into is for --systemd")
        if any(one.startswith("OUTPUT_DIR=") for one in opts.set):
            try:
                configuration.check_job(self.settings)
            except configuration.ConfigurationError as error:
                raise CommandLineError(str(error)) from error
        given = {name: value for name in _PLACES if (value := getattr(opts, name)) is not None}
        if opts.now is not None:
            if given:
                raise CommandLineError(f"--{next(iter(given))} is for --systemd and --cron")
            return self._now(_find(opts.now), opts.set)
        try:
            place = Place(**given, settings=tuple(opts.set))
        except PlaceError as error:
            raise CommandLineError(str(error)) from error
        if opts.cron:
            print(crontab(place), end="")
            return 0
        made = units(place)
        if opts.into is not None:
            return self._write(Path(opts.into), made)
        print("\n".join(f"# {name}\n{text}" for name, text in made.items()), end="")
        return 0

    def _write(self, folder: Path, made: dict[str, str]) -> int:
        if not folder.is_dir():
            raise CommandLineError(f"--into {str(folder)!r}: there is no such folder")
        try:
            for name, text in made.items():
                (folder / name).write_text(text)
        except OSError as error:
            self.say(f"{error.filename}: {error.strerror}")
            return FAILED
        print(f"schedule: {len(made)} units in {folder}")
        return 0

    def _now(self, job: Job, settings: list[str]) -> int:
        from sabah.timetable.daemon import AddressError, Daemon, DaemonError  # noqa: PLC0415 - requests takes a tenth of a second to import

        try:
            daemon = Daemon.from_environment(os.environ)
        except AddressError as error:
            raise CommandLineError(str(error)) from error
        try:
            job_id = daemon.schedule(job, settings)
        except DaemonError as error:
            self.say(str(error))
            return FAILED
        except KeyboardInterrupt:
            self.say("interrupted; Scrapyd may have the job or not")
            return INTERRUPTED
        print(f"schedule: {job.name} is job {job_id} of Scrapyd at {daemon.url}")
        return 0


def _find(name: str) -> Job:
    """The timetable's job that is a spider's. Raises CommandLineError."""
    found = next((job for job in JOBS if job.name == name), None)
    spiders = [job.name for job in JOBS if job.spider]
    if found is None:
        close = get_close_matches(name, spiders, n=1)
        meant = f" (did you mean {close[0]!r}?)" if close else ""
        raise CommandLineError(f"--now: unknown job {name!r}{meant}; valid are {', '.join(spiders)}")
    if not found.spider:
        raise CommandLineError(
            f"--now: {name} is a command, which Scrapyd cannot run: scrapy {' '.join(found.command)}"
        )
    return found
