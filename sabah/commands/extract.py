"""`scrapy extract FILE|- [--url ADDRESS]`: the record of a saved page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.http import HtmlResponse

from sabah.items import Article
from sabah.pages import NotAnArticle, read
from sabah.storage.segments import to_line

if TYPE_CHECKING:
    import argparse

NOT_AN_ARTICLE = 1
USAGE = 2
_NOWHERE = "https://nowhere.invalid/"


class Command(ScrapyCommand):
    requires_project = True
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "FILE|- [--url ADDRESS]"

    def short_desc(self) -> str:
        return "Print the record of a saved article page as JSON"

    def long_desc(self) -> str:
        return (
            "Reads a saved page (- is standard input) and prints its record as one JSON object. The page's own canonical link names "
            "its address unless --url does. Exit code 1: not an article, or cut off; 2: usage."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", metavar="ADDRESS", help="address of the page (default: its canonical link)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            self._end(USAGE, "give one FILE, or - for standard input; usage: scrapy extract FILE|- [--url ADDRESS]")
        elif opts.url is not None and not opts.url.startswith(("https://", "http://")):
            self._end(USAGE, f"--url {opts.url!r} is no address; it begins with https:// or http://")
        else:
            try:
                body = sys.stdin.buffer.read() if args[0] == "-" else Path(args[0]).read_bytes()
            except OSError as error:
                self._end(USAGE, f"{args[0]}: {error.strerror or error}")
            else:
                self._print(args[0], body, opts.url)

    def _print(self, name: str, body: bytes, url: str | None) -> None:
        try:
            reading = read(HtmlResponse(url or _NOWHERE, body=body), url)
        except NotAnArticle as error:
            self._end(NOT_AN_ARTICLE, f"{name}: {error}")
            return
        article = Article(**reading.values)
        if article.published_at is None:
            print(f"extract: warning: {name}: the page prints no date; published_at is null", file=sys.stderr)
        sys.stdout.buffer.write(to_line(article))
        self.exitcode = 0

    def _end(self, code: int, message: str) -> None:
        print(f"extract: {message}", file=sys.stderr)
        self.exitcode = code
