"""`scrapy replica`: the stand-in newspaper."""

from __future__ import annotations

import errno
import importlib.util
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from sabah.cli import HelpFormatter

if TYPE_CHECKING:
    import argparse

    from replica.faults import Rule
    from replica.server import Plan

_OPTIONS = (
    ("--articles", "2000", "how many articles there are (default 2000); with --clock, how many are there at the start"),
    ("--seed", "1", "which newspaper: the same seed and number give the same pages (default 1)"),
    ("--port", "8700", "port on 127.0.0.1; 0 takes a free one (default 8700)"),
    ("--latency", "0", "seconds before every answer (default 0)"),
    ("--clock", None, "time at which the newspaper's clock stands, ISO 8601 with offset; moved at /_clock (default: everything is published)"),
    ("--publish", None, "articles that appear in an hour of the clock (default 0)"),
    ("--correct", None, "share of them that is corrected later, 0 to 1 (default 0)"),
    ("--withdraw", None, "share of them that is withdrawn later, 0 to 1 (default 0)"),
    ("--trouble", None, "share of them that is announced before its page is ready, or moves to another address, 0 to 1 (default 0)"),
    ("--scripts", None, "articles, listings or all: these come by script; articles:FORM or all:FORM with one of the forms plain, pieces, late, wall, hanging (default: no page does)"),
    ("--days", None, "for how many days of the clock articles appear (default 7)"),
)  # fmt: skip
_LIVING = ("publish", "correct", "withdraw", "trouble", "days")
_EARLIEST = 2021


ABSENT = (
    "the stand-in newspaper is not here: it is the folder replica/ of the repository, and no part of an installed sabah"
)


def is_here() -> bool:
    """Whether the package `replica` can be imported: it stands beside `sabah` in the repository, and is not in the egg."""
    return importlib.util.find_spec("replica") is not None


class UsageError(ValueError):
    """What is wrong with an argument, in one line."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, bool]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--articles N] [--seed S] [--port P] [--latency SECONDS] [--clock START [--publish N] [--correct SHARE] [--withdraw SHARE] [--trouble SHARE] [--days N]] [--scripts WHAT[:FORM]] [--fault NAME[=VALUE][@PATHGLOB]]..."

    def short_desc(self) -> str:
        return "Serve a stand-in newspaper on 127.0.0.1"

    def long_desc(self) -> str:
        return "Serves a generated newspaper in the real site's markup. /_truth.jsonl gives the record each article must come out as."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.formatter_class = HelpFormatter
        for name, default, text in _OPTIONS:
            parser.add_argument(name, default=default, help=text)
        parser.add_argument(
            "--fault", action="append", default=[], metavar="NAME[=VALUE][@PATHGLOB]",
            help="answers that go wrong, more at /_faults; VALUE is a share (0.1) or a count (3) of the answers; may be given again",
        )  # fmt: skip

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            if args:
                raise UsageError(f"unexpected argument {args[0]!r}; {self.syntax()}")
            if not is_here():
                raise UsageError(ABSENT)
            self._serve(
                articles=_whole(opts.articles, "--articles", 1, 10_000_000),
                seed=_whole(opts.seed, "--seed", 0, 2**63 - 1),
                port=_whole(opts.port, "--port", 0, 65535),
                latency=_number(opts.latency, "--latency", 60, "seconds"),
                plan=_plan(opts),
                rules=_rules(opts.fault),
                scripts=_scripts(opts.scripts),
            )
        except UsageError as error:
            print(f"replica: {error}", file=sys.stderr)
            self.exitcode = 2

    def _serve(self, *, articles: int, seed: int, port: int, **more: Any) -> None:
        from replica import server  # the server's libraries are loaded for this command alone  # noqa: PLC0415

        def ready(origin: str) -> None:
            print(
                f"replica: {origin} serves {articles} articles of seed {seed}; truth at {origin}/_truth.jsonl; stop with Ctrl-C",
                flush=True,
            )

        try:
            server.run(articles=articles, seed=seed, port=port, ready=ready, **more)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            reason = "is in use" if error.errno == errno.EADDRINUSE else "is not allowed"
            raise UsageError(f"port {port} {reason}; name another with --port, or 0 for a free one") from error


def _plan(opts: argparse.Namespace) -> Plan | None:
    from replica.clock import ClockError, instant  # noqa: PLC0415
    from replica.server import Plan  # noqa: PLC0415

    given = {name: getattr(opts, name) for name in _LIVING if getattr(opts, name) is not None}
    if opts.clock is None:
        if given:
            raise UsageError(f"--{next(iter(given))} needs --clock")
        return None
    try:
        start = instant(opts.clock)
    except ClockError as error:
        raise UsageError(f"--clock {error}") from error
    if not _EARLIEST <= start.year < 2100:
        raise UsageError(f"--clock {opts.clock!r}: must lie from {_EARLIEST} to 2099")
    return Plan(
        start=start,
        per_hour=_number(given.get("publish", "0"), "--publish", 10_000, "articles"),
        correct=_number(given.get("correct", "0"), "--correct", 1, "articles, as a share,"),
        withdraw=_number(given.get("withdraw", "0"), "--withdraw", 1, "articles, as a share,"),
        trouble=_number(given.get("trouble", "0"), "--trouble", 1, "articles, as a share,"),
        days=_number(given.get("days", "7"), "--days", 366, "days"),
    )


def _rules(texts: list[str]) -> list[Rule]:
    from replica import faults  # noqa: PLC0415

    try:
        return [faults.parse(text) for text in texts]
    except faults.FaultError as error:
        raise UsageError(f"--fault {error}") from error


def _scripts(text: str | None) -> dict[str, Any] | None:
    from replica import scripts  # noqa: PLC0415

    try:
        return None if text is None else scripts.parse(text)
    except ValueError as error:
        raise UsageError(
            f"--scripts {text!r}: must be articles, listings or all, with a form behind a colon if any: {', '.join(scripts.FORMS)}"
        ) from error


def _whole(text: str, name: str, least: int, most: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise UsageError(f"{name} {text!r}: must be a whole number from {least} to {most}")
    return value


def _number(text: str, name: str, most: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise UsageError(f"{name} {text!r}: must be a number of {what} from 0 to {most:g}")
    return value
