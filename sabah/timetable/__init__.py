"""The standard timetable: which spiders and commands keep a dataset, and when each of them starts."""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT: Final = "sabah"
"""What the project is called at Scrapyd (`project` in scrapy.cfg)."""

_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./@+:,=-]+")
_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


class PlaceError(ValueError):
    """A path, user or setting that no unit or crontab should hold; the message is one line that says what is valid."""


@attrs.frozen(kw_only=True)
class When:
    """Hourly; at `hour` daily; with it weekly on `weekday` (0 is Sunday) or monthly on `day`. In the machine's own zone."""

    minute: int
    hour: int | None = None
    weekday: int | None = None
    day: int | None = None

    @property
    def calendar(self) -> str:
        """As systemd's OnCalendar."""
        week = "" if self.weekday is None else f"{_DAYS[self.weekday]} "
        day = "*" if self.day is None else f"{self.day:02}"
        hour = "*" if self.hour is None else f"{self.hour:02}"
        return f"{week}*-*-{day} {hour}:{self.minute:02}:00"

    @property
    def cron(self) -> str:
        """The five fields of a crontab."""
        return " ".join(
            "*" if one is None else str(one) for one in (self.minute, self.hour, self.day, None, self.weekday)
        )


@attrs.frozen(kw_only=True)
class Job:
    """Either a spider, which Scrapyd runs, or a command, which it cannot."""

    name: str
    what: str
    when: When
    delay: int = 0
    """Seconds it may start later, by chance."""

    spider: str | None = None
    arguments: Mapping[str, str] = attrs.Factory(dict)
    command: tuple[str, ...] = ()


JOBS: Final = (
    Job(name="feeds", what="what is new, from the feeds", when=When(minute=5), delay=120, spider="feeds"),
    Job(name="revisit", what="articles whose age says so, looked at again", when=When(minute=35), delay=120, spider="revisit"),
    Job(
        name="sections", what="what the feeds have missed, from the listings", when=When(minute=50, hour=3, weekday=1),
        delay=600, spider="section", arguments={"sections": "all"},
    ),
    # Two hours of the night come twice or never where clocks are changed: nothing begins before half past three.
    Job(
        name="export", what="the dataset for others, anew", when=When(minute=20, hour=4),
        command=("export", "nightly", "--replace", "--format=jsonl.zst,parquet"),
    ),
    Job(name="compact", what="last month's files, merged", when=When(minute=20, hour=5, day=1), command=("compact",)),
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Place:
    """Where things are on the machine that keeps the timetable. Raises PlaceError."""

    install: str = "/opt/sabah"
    """The repository, with its environment in `.venv`."""

    environment: str = "/etc/sabah/environment"
    """File of NAME=VALUE lines: SCRAPYD_USERNAME, SCRAPYD_PASSWORD, SABAH_CONTACT, SABAH_OUTPUT_DIR, and what else the project reads."""

    data: str = "/var/lib/sabah"
    """The folder that may be written to: the dataset, unless a setting names another for it, and what Scrapyd keeps."""

    user: str = "sabah"
    settings: tuple[str, ...] = ()
    """NAME=VALUE, given to every job."""

    def __attrs_post_init__(self) -> None:
        for name in ("install", "environment", "data"):
            _check_path(f"--{name}", getattr(self, name))
        if not _USER.fullmatch(self.user):
            raise PlaceError(f"--user {self.user!r}: must be the name of a user of this machine")
        for one in self.settings:
            if not _PLAIN.fullmatch(one):
                raise PlaceError(
                    f"-s {one!r}: blanks, quotes and the like are for the environment file, as SABAH_ variables"
                )
        if self.output is not None:
            _check_path("OUTPUT_DIR", self.output)

    @property
    def output(self) -> str | None:
        """The dataset's folder where a setting names it; else the environment does."""
        given = [one.removeprefix("OUTPUT_DIR=") for one in self.settings if one.startswith("OUTPUT_DIR=")]
        return given[-1] if given else None

    @property
    def writable(self) -> str:
        """The folders that may be written to, with a blank between them."""
        within = self.output is None or f"{self.output}/".startswith(f"{self.data.rstrip('/')}/")
        return self.data if within else f"{self.data} {self.output}"

    @property
    def scrapy(self) -> str:
        return f"{self.install}/.venv/bin/scrapy"

    @property
    def scrapyd(self) -> str:
        return f"{self.install}/.venv/bin/scrapyd"

    def line(self, job: Job) -> str:
        """The command that starts the job."""
        words = ("schedule", "--now", job.name) if job.spider else job.command
        return " ".join((self.scrapy, *words, *(f"-s {one}" for one in self.settings)))


def _check_path(name: str, path: str) -> None:
    """Raises PlaceError. A path that is not normal may name another place than it seems to."""
    if not (path.startswith("/") and _PLAIN.fullmatch(path)):
        raise PlaceError(f"{name} {path!r}: must be an absolute path of letters, digits and _ . / @ + : , = -")
    if path != (normal := f"/{normpath(path).lstrip('/')}"):
        raise PlaceError(f"{name} {path!r}: must be written without detours: {normal}")
