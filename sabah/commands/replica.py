"""`scrapy replica`: the stand-in newspaper."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING, ClassVar

from scrapy.commands import ScrapyCommand

if TYPE_CHECKING:
    import argparse

_OPTIONS = (
    ("--articles", "2000", "how many articles there are (default 2000)"),
    ("--seed", "1", "which newspaper: the same seed and number give the same pages (default 1)"),
    ("--port", "8700", "port on 127.0.0.1; 0 takes a free one (default 8700)"),
    ("--latency", "0", "seconds before every answer (default 0)"),
)


class UsageError(ValueError):
    """What is wrong with an argument, in one line."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, bool]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--articles N] [--seed S] [--port P] [--latency SECONDS]"

    def short_desc(self) -> str:
        return "Serve a stand-in newspaper on 127.0.0.1"

    def long_desc(self) -> str:
        return "Serves a generated newspaper in the real site's markup. /_truth.jsonl gives the record each article must come out as."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        for name, default, text in _OPTIONS:
            parser.add_argument(name, default=default, help=text)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            if args:
                raise UsageError(f"unexpected argument {args[0]!r}; {self.syntax()}")
            self._serve(
                articles=_whole(opts.articles, "--articles", 1, 10_000_000),
                seed=_whole(opts.seed, "--seed", 0, 2**63 - 1),
                port=_whole(opts.port, "--port", 0, 65535),
                latency=_seconds(opts.latency),
            )
        except UsageError as error:
            print(f"replica: {error}", file=sys.stderr)
            self.exitcode = 2

    def _serve(self, *, articles: int, seed: int, port: int, latency: float) -> None:
        from sabah.replica import server  # the server's libraries are loaded for this command alone  # noqa: PLC0415

        def ready(origin: str) -> None:
            print(
                f"replica: {origin} serves {articles} articles of seed {seed}; truth at {origin}/_truth.jsonl; stop with Ctrl-C",
                flush=True,
            )

        try:
            server.run(articles=articles, seed=seed, port=port, latency=latency, ready=ready)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            reason = "is in use" if error.errno == errno.EADDRINUSE else "is not allowed"
            raise UsageError(f"port {port} {reason}; name another with --port, or 0 for a free one") from error


def _whole(text: str, name: str, least: int, most: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise UsageError(f"{name} {text!r}: must be a whole number from {least} to {most}")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 60:
        raise UsageError(f"--latency {text!r}: must be a number of seconds from 0 to 60")
    return value
