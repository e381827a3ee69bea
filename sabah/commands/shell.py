"""`scrapy shell [ADDRESS|FILE]`: Scrapy's, with all manners towards the newspaper and nothing recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.commands.shell import Command as ScrapyShell
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)
from scrapy.utils.url import guess_scheme

from sabah.cli import FAILED, ScrapyTool

if TYPE_CHECKING:
    import argparse

_NO_ANSWER = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)


class NoAnswer(Exception):
    """There is no page that the code of `-c` could be about."""


class Command(ScrapyTool, ScrapyShell):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check([guess_scheme(one) for one in args], opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.has_code = bool(args and opts.code)
        try:
            super().run(args, opts)
        except (NoAnswer, *_NO_ANSWER) as error:
            self.exitcode = FAILED
            self.say(f"no page came for {args[0] if args else 'that'} ({str(error) or type(error).__name__})")

    def update_vars(self, vars: dict[str, Any]) -> None:  # noqa: A002 - the base class's name
        """Scrapy passes over what was not let through (robots.txt, a spider's domains), and `-c` would fail over None."""
        if self.has_code and vars["response"] is None:
            raise NoAnswer("what kept it back is in the log")
