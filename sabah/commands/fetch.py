"""`scrapy fetch ADDRESS`: Scrapy's, with all manners towards the newspaper and nothing recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.fetch import Command as ScrapyFetch
from w3lib.url import is_url

from sabah.cli import FAILED, ScrapyTool
from sabah.configuration import CommandLineError

if TYPE_CHECKING:
    import argparse

    from scrapy.http import Response


class Command(ScrapyTool, ScrapyFetch):
    """Where no page came, exit code 1; Scrapy's ends with 0."""

    came = False

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or not is_url(args[0]):
            raise CommandLineError(f"name one address, as http(s)://…; see scrapy {self.word} -h")
        super().check(args, opts)

    def _print_response(self, response: Response, opts: argparse.Namespace) -> None:
        self.came = True
        super()._print_response(response, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        super().run(args, opts)
        if not self.came and not self.exitcode:
            self.exitcode = FAILED
            self.say(f"no page came for {args[0]}; the log says why")
