"""The work of `scrapy check-site`; the command itself is a file whose name is no identifier, because Scrapy names commands by their files."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sabah import __version__, canary_report, clock, configuration
from sabah.canary import CheckSpider
from sabah.cli import SabahCommand
from sabah.usage import CommandLineError
from sabah.verdict import CODES, judge

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


_PATIENCE = 60.0
"""Seconds that it waits for a site in trouble: a maintainer sits before it."""


class CheckSite(SabahCommand):
    def syntax(self) -> str:
        return "[--save DIR] [--listing PATH] [--feed PATH]"

    def short_desc(self) -> str:
        return "Ask the site for six pages and show what of the known layout holds"

    def long_desc(self) -> str:
        return (
            "Fetches robots.txt, one listing, one feed and three articles, with all manners, and prints a report made to be pasted into an issue. "
            "The dataset is not touched. Exit codes: 0 all holds, 1 failed, 2 usage, 10 some pages failed, 11 the layout changed, 12 blocked, 13 the listing or the feed is empty, 14 interrupted, 15 --save cannot be written."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--save", metavar="DIR", help="keep the pages, with the records read, as tests/pages/ has them"
        )
        parser.add_argument("--listing", default="/world", metavar="PATH", help="the listing to ask (default /world)")
        parser.add_argument(
            "--feed", default="/rss/homepage.xml", metavar="PATH", help="the feed to ask (default /rss/homepage.xml)"
        )

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        if args:
            raise CommandLineError(f"unexpected argument {args[0]!r}; usage: scrapy check-site {self.syntax()}")
        for name, path in (("--listing", opts.listing), ("--feed", opts.feed)):
            if not path.startswith("/"):
                raise CommandLineError(f"{name} {path!r}: is a path and begins with /")
        folder = Path(opts.save) if opts.save else None
        if folder is not None and folder.exists() and not folder.is_dir():
            raise CommandLineError(f"--save {opts.save!r}: is no folder")
        try:
            configuration.check(self.settings)
        except configuration.ConfigurationError as error:
            raise CommandLineError(str(error)) from error
        with tempfile.TemporaryDirectory() as temporary:
            longest = min(self.settings.getfloat("LONGEST_WAIT"), _PATIENCE)
            for name, value in {
                "OUTPUT_DIR": temporary, "SNAPSHOTS": False, "ALERTS": "", "EXTENSIONS": {"sabah.progress.Progress": None}, "LONGEST_WAIT": longest,
            }.items():  # fmt: skip
                self.settings.set(name, value, priority="cmdline")
            spider, stats = self._crawl(opts)
        found = {
            "layout_changed": canary_report.changed(spider.looks),
            "source_empty": _silent(spider),
            "partial": _torn(spider),
        }
        judged = judge(stats, found)
        about = f"sabah {__version__}, {configuration.site_origin(self.settings)}, {clock.timestamp()}"
        print(
            "\n".join(
                canary_report.report(
                    spider.looks, about, f"{judged.name}{': ' if judged.reason else ''}{judged.reason}"
                )
            )
        )
        if folder is not None:
            try:
                for path in canary_report.save(spider.looks, folder):
                    print(f"saved {path}", file=sys.stderr)
            except OSError as error:
                self.say(f"{opts.save} cannot be written: {error}")
                return CODES["storage"]
        return judged.exit_code()

    def _crawl(self, opts: argparse.Namespace) -> tuple[CheckSpider, Mapping[str, object]]:
        process = self.crawler_process
        assert process is not None
        crawler = process.create_crawler(CheckSpider)
        process.crawl(crawler, listing=opts.listing, feed=opts.feed)
        process.start()
        spider = crawler.spider
        assert isinstance(spider, CheckSpider)
        return spider, crawler.stats.get_stats()


def _silent(spider: CheckSpider) -> str:
    return next(
        (f"the {one.what} {one.url} names no article" for one in spider.looks if one.found == 0 and one.status == 200),
        "",
    )


def _torn(spider: CheckSpider) -> str:
    return next((f"the {one.what} {one.url}: {one.problem}" for one in spider.looks if one.found and one.problem), "")
