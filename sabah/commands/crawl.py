"""`scrapy crawl`, with everything checked before it starts, and a verdict as its exit code."""

from __future__ import annotations

import logging
import sys
from contextlib import closing, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError
from scrapy.settings.default_settings import LOG_DATEFORMAT, LOG_FORMAT
from scrapy.spiderloader import get_spider_loader

from sabah import configuration
from sabah.cli import STORAGE, USAGE
from sabah.help import HelpFormatter
from sabah.logs import quieten
from sabah.monitors.alerts import Alarm
from sabah.rendering import chromium
from sabah.run import Run
from sabah.spiders.arguments import JOB
from sabah.spiders.base import SabahSpider
from sabah.spiders.errors import ArgumentError
from sabah.storage.errors import StorageError
from sabah.storage.ledger import NAME, Ledger
from sabah.storage.runs import keep_refused
from sabah.storage.segments import check_writable
from sabah.usage import CommandLineError, check_left_over, check_log, check_settings_given, log_given
from sabah.verdict import ACCEPTABLE, CODES, Verdict, judge

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import Settings

logger = logging.getLogger(__name__)


class Command(ScrapyCrawl):
    """A wrong spider, argument, option or setting is one line on stderr and in the log file, and exit code 2; nothing is asked of anyone."""

    def long_desc(self) -> str:
        return (
            "Run a spider of the project and say in one line what became of it. Exit codes: 0 done, 1 failed, 2 usage, 10 some pages "
            "failed, 11 the layout changed, 12 blocked, 13 no source named an article, 14 interrupted, 15 the dataset cannot be written."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.formatter_class = HelpFormatter
        parser.add_argument(
            "--accept",
            default="",
            metavar="VERDICTS",
            help=f"exit with 0 for these too, with commas: {', '.join(ACCEPTABLE)}",
        )
        self.options = [action.option_strings[-1] for action in parser._actions if action.option_strings]
        parser.error = _refuse  # type: ignore[method-assign]  # argparse would print its usage over several lines first

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Everything is checked here, because from the next step on Scrapy logs. Ends the process for what is wrong."""
        assert self.settings is not None
        try:
            check_left_over(args, self.options)
            check_settings_given(opts.set, self.settings)
            super().process_options(args, opts)
            check_log(self.settings)
            arguments = _spider_class(args, self.settings).parse_arguments(opts.spargs)
            configuration.check_run(self.settings, archive=arguments.archive, job=JOB in opts.spargs)
            chromium.check(self.settings, arguments.render)
            Alarm.from_settings(self.settings, CODES)
            self.accepted = _accepted(opts.accept)
        except (ArgumentError, CommandLineError, configuration.ConfigurationError, UsageError, OSError) as error:
            _refuse(f"{error}{self._kept(args, opts, str(error))}")
        output = configuration.output_dir(self.settings)
        try:
            check_writable(output)
            if (output / NAME).exists():
                Ledger.open(output).close()
        except OSError as error:
            _end(STORAGE, f"OUTPUT_DIR={self.settings['OUTPUT_DIR']!r} cannot be used: {error}")
        except StorageError as error:
            _end(STORAGE, str(error))

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

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        assert self.settings is not None
        quieten(self.settings["LOG_LEVEL"])
        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        Run.close_left(crawler)
        if self.crawler_process.bootstrap_failed:
            verdict = Verdict({"failed": "the crawl could not start, the log says why"})
        else:
            verdict = Run.verdict_of(crawler) or judge(crawler.stats.get_stats())
        if self.settings["LOG_FILE"]:
            logger.info(verdict)
        print(verdict, file=sys.stderr)
        self.exitcode = verdict.exit_code(self.accepted)


def _pairs(given: list[str]) -> dict[str, str]:
    """NAME=VALUE by name; the last of a name, as Scrapy has it."""
    return {name: value for name, sign, value in (one.partition("=") for one in given) if sign}


def _accepted(given: str) -> frozenset[str]:
    named = frozenset(one.strip() for one in given.split(",")) - {""}
    if unknown := sorted(named.difference(ACCEPTABLE)):
        raise CommandLineError(f"--accept {unknown[0]!r}: valid are {', '.join(ACCEPTABLE)}")
    return named


def _refuse(message: str) -> NoReturn:
    _end(USAGE, message)


def _end(code: int, message: str) -> NoReturn:
    print(f"crawl: {message}", file=sys.stderr)
    if file := log_given(sys.argv):
        # What is wrong may be the log file itself, and the line above has been said.
        with suppress(OSError), closing(logging.FileHandler(file, encoding="utf-8")) as handler:
            handler.setFormatter(logging.Formatter(LOG_FORMAT, LOG_DATEFORMAT))
            handler.emit(logger.makeRecord(logger.name, logging.ERROR, "", 0, message, (), None))
    raise SystemExit(code)


def _spider_class(args: list[str], settings: Settings) -> type[SabahSpider]:
    loader = get_spider_loader(settings)
    names = sorted(loader.list())
    if not args:
        raise CommandLineError(f"name a spider: {', '.join(names)}")
    name, *left_over = args
    if name not in names:
        close = get_close_matches(name, names, n=1)
        meant = f" (did you mean {close[0]!r}?)" if close else ""
        raise CommandLineError(f"unknown spider {name!r}{meant}; valid are {', '.join(names)}")
    if left_over:
        raise CommandLineError(f"left over: {' '.join(left_over)}; arguments of a spider are given as -a NAME=VALUE")
    spider = loader.load(name)
    assert issubclass(spider, SabahSpider)
    return spider
