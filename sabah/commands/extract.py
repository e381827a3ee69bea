"""`scrapy extract FILE|- [--url ADDRESS]`: the record of a saved page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse

from sabah.cli import FAILED, SabahCommand
from sabah.configuration import CommandLineError
from sabah.items import Article
from sabah.pages import NotAnArticle, read
from sabah.storage.lines import to_line

if TYPE_CHECKING:
    import argparse

_NOWHERE = "https://nowhere.invalid/"


class Command(SabahCommand):
    def syntax(self) -> str:
        return "FILE|- [--url ADDRESS]"

    def short_desc(self) -> str:
        return "Print the record of a saved article page as JSON"

    def long_desc(self) -> str:
        return (
            "Reads a saved page (- is standard input) and prints its record as one JSON object. The page's own canonical link names "
            "its address unless --url does. Exit code 1: not an article, or cut off; 2: usage."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--url", metavar="ADDRESS", help="address of the page (default: its canonical link)")

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        if len(args) != 1:
            raise CommandLineError(
                "give one FILE, or - for standard input; usage: scrapy extract FILE|- [--url ADDRESS]"
            )
        name = args[0]
        _check_address(opts.url)
        try:
            body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            raise CommandLineError(f"{name}: {error.strerror or error}") from error
        try:
            article = Article(**read(HtmlResponse(opts.url or _NOWHERE, body=body), opts.url).values)
        except NotAnArticle as error:
            self.say(f"{name}: {error}")
            return FAILED
        if article.published_at is None:
            self.say(f"warning: {name}: the page prints no date; published_at is null")
        sys.stdout.buffer.write(to_line(article))
        return 0


def _check_address(url: str | None) -> None:
    """Raises CommandLineError for what is no absolute http(s) address with a host."""
    try:
        valid = url is None or (urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname))
    except ValueError:
        valid = False
    if not valid:
        raise CommandLineError(f"--url {url!r} is no address; it begins with https:// or http:// and names a host")
