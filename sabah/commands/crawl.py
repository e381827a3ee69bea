"""`scrapy crawl`, with everything checked before it starts, and a verdict as its exit code."""

from __future__ import annotations

import gc
import logging
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError
from scrapy.settings.default_settings import LOG_DATEFORMAT, LOG_FORMAT

from sabah import addon, configuration
from sabah.cli import (
    FAILED,
    INTERRUPTED,
    STORAGE,
    USAGE,
    OneLineCommand,
    check_left_over,
    check_log,
    check_settings_given,
    find_spider,
    load_spiders,
    log_given,
)
from sabah.configuration import CommandLineError
from sabah.crawling.console import quieten
from sabah.crawling.run import Run
from sabah.middlewares.rendering import browser
from sabah.monitors.alerts import Alarm
from sabah.monitors.verdict import ACCEPTABLE, CODES, UNREACHABLE, WAIT, Verdict, judge
from sabah.monitors.verdict import USAGE as NOT_ALLOWED
from sabah.site.selection import ArgumentError
from sabah.spiders.arguments import JOB
from sabah.spiders.base import SabahSpider
from sabah.storage.errors import StorageError
from sabah.storage.ledger import NAME, Ledger
from sabah.storage.lines import check_writable
from sabah.storage.store import keep_refused

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_NEW_OBJECTS = 10_000
"""After so many, Python looks for garbage among them."""

_CODES_OF_PLAIN = {NOT_ALLOWED: USAGE, WAIT: INTERRUPTED, UNREACHABLE: FAILED}
"""Exit codes of a spider that is none of the project's, by why it ended."""


class Command(OneLineCommand, ScrapyCrawl):
    """A wrong spider, argument, option or setting is one line on stderr and in the log file, and exit code 2; nothing is asked of anyone."""

    def long_desc(self) -> str:
        return (
            "Run a spider of the project and say in one line what became of it. Exit codes: 0 done, 1 failed, 2 usage, 10 some pages "
            "failed, 11 the layout changed, 12 blocked, 13 no source named an article, 14 interrupted, 15 the dataset cannot be written."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--accept",
            default="",
            metavar="VERDICTS",
            help=f"exit with 0 for these too, with commas: {', '.join(ACCEPTABLE)}",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Everything is checked here, because from the next step on Scrapy logs. Ends the process for what is wrong."""
        assert self.settings is not None
        try:
            check_left_over(args, self.options)
            check_settings_given(opts.set, self.settings)
            super().process_options(args, opts)
            check_log(self.settings)
            addon.add_to(self.settings)
            self.spider = self.find_spider(args)
            self._check(self.spider, opts)
        except (ArgumentError, CommandLineError, configuration.ConfigurationError, UsageError, OSError) as error:
            self.refuse(f"{error}{self._kept(args, opts, str(error))}")
        if issubclass(self.spider, SabahSpider):
            self._check_folder(configuration.output_dir(self.settings))

    def find_spider(self, args: list[str]) -> type[Spider]:
        """The spider that the command line names. Raises CommandLineError."""
        assert self.settings is not None
        spiders = load_spiders(self.settings)
        if not args:
            raise CommandLineError(f"name a spider: {', '.join(sorted(spiders.list()))}")
        spider, left_over = find_spider(spiders, args[0]), args[1:]
        if left_over:
            raise CommandLineError(
                f"left over: {' '.join(left_over)}; arguments of a spider are given as -a NAME=VALUE"
            )
        return spider

    def _check(self, spider: type[Spider], opts: argparse.Namespace) -> None:
        """Raises ArgumentError, CommandLineError and ConfigurationError for what would not run, or not as it is meant."""
        assert self.settings is not None
        if self.settings.getbool("ONLY_LOOK"):
            raise CommandLineError(
                "ONLY_LOOK is for Scrapy's shell, fetch, view, parse and check; a crawl records what it reads"
            )
        if issubclass(spider, SabahSpider):
            arguments = spider.parse_arguments(opts.spargs)
            configuration.check_run(self.settings, archive=arguments.archive, job=JOB in opts.spargs)
            browser.check(self.settings, arguments.render)
            Alarm.from_settings(self.settings, CODES)
        self.accepted = _accepted(opts.accept)
        addon.completed(self.settings, spider)

    def _check_folder(self, output: Path) -> None:
        assert self.settings is not None
        try:
            check_writable(output)
            if (output / NAME).exists():
                Ledger.open(output).close()
        except OSError as error:
            self._end(STORAGE, f"OUTPUT_DIR={self.settings['OUTPUT_DIR']!r} cannot be used: {error}")
        except StorageError as error:
            self._end(STORAGE, str(error))

    def _kept(self, args: list[str], opts: argparse.Namespace, why: str) -> str:
        """Keeps a row of a job that is refused, so that `status --jobs` shows it; why that cannot be, in brackets.

        Settings and arguments may not have been read yet. Without a ledger in an absolute folder there is nothing to keep it in.
        """
        assert self.settings is not None
        given = dict(opts.spargs if isinstance(opts.spargs, dict) else _pairs(opts.spargs))
        folder = Path(_pairs(opts.set).get("OUTPUT_DIR", str(self.settings["OUTPUT_DIR"] or "")))
        if JOB not in given or not folder.is_absolute():
            return ""
        try:
            if (folder / NAME).exists():
                keep_refused(folder, " ".join(args[:1]), given, given[JOB], why)
        except (OSError, StorageError, ValueError) as error:
            return f" (`status --jobs` does not show this: {error})"
        return ""

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        crawler = super()._create_crawler(spidercls)
        addon.add_to(crawler.settings)  # a spider's custom_settings may name add-ons of their own
        return crawler

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - the base class's; they have been read
        assert self.crawler_process is not None
        assert self.settings is not None
        quieten(self.settings["LOG_LEVEL"])
        crawler = self._create_crawler(self.spider)
        self.crawler_process.crawl(crawler, **opts.spargs)
        # What is imported by now stays, and a page makes many objects at once: to look for cycles at every 700 of them took 6 % of a crawl's processor time.
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS)
        self.crawler_process.start()
        if not issubclass(self.spider, SabahSpider):
            self._end_plain(crawler)
            return
        Run.close_left(crawler)
        if self.crawler_process.bootstrap_failed:
            verdict = Verdict({"failed": "the crawl could not start, the log says why"})
        else:
            verdict = Run.verdict_of(crawler) or judge(crawler.stats.get_stats())
        if self.settings["LOG_FILE"]:
            logger.info(verdict)
        print(verdict, file=sys.stderr)
        self.exitcode = verdict.exit_code(self.accepted)

    def _end_plain(self, crawler: Crawler) -> None:
        """A spider that is none of the project's ends as with Scrapy, unless the newspaper may not be asked any more."""
        assert self.crawler_process is not None
        if self.crawler_process.bootstrap_failed:
            self.exitcode = FAILED
        elif why := crawler.stats.get_value("stop/why"):
            self.say(str(why))
            self.exitcode = _CODES_OF_PLAIN[crawler.stats.get_value("finish_reason")]

    def refuse(self, message: str) -> NoReturn:
        self._end(USAGE, message)

    def _end(self, code: int, message: str) -> NoReturn:
        self.say(message)
        if file := log_given(sys.argv):
            # What is wrong may be the log file itself, and the line above has been said.
            with suppress(OSError), closing(logging.FileHandler(file, encoding="utf-8")) as handler:
                handler.setFormatter(logging.Formatter(LOG_FORMAT, LOG_DATEFORMAT))
                handler.emit(logger.makeRecord(logger.name, logging.ERROR, "", 0, message, (), None))
        raise SystemExit(code)


def _pairs(given: list[str]) -> dict[str, str]:
    """NAME=VALUE by name; the last of a name, as Scrapy has it."""
    return {name: value for name, sign, value in (one.partition("=") for one in given) if sign}


def _accepted(given: str) -> frozenset[str]:
    named = frozenset(one.strip() for one in given.split(",")) - {""}
    if unknown := sorted(named.difference(ACCEPTABLE)):
        raise CommandLineError(f"--accept {unknown[0]!r}: valid are {', '.join(ACCEPTABLE)}")
    return named
