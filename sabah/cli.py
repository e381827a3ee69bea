"""What commands share, the project's own and Scrapy's inside it: usage errors in one line, documented exit codes.

Not in `commands`, where Scrapy takes every command class for a command.
"""

from __future__ import annotations

import logging
import signal
import sys
from abc import abstractmethod
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NoReturn

from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings, Settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.spider import DefaultSpider

from sabah import addon, configuration
from sabah.configuration import NUMBERS, CommandLineError
from sabah.crawling.console import quieten
from sabah.monitors.verdict import CODES
from sabah.site.selection import ArgumentError
from sabah.storage.errors import StorageError
from sabah.storage.ledger import NAME

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from scrapy import Spider
    from scrapy.spiderloader import SpiderLoaderProtocol


class HelpFormatter(ScrapyHelpFormatter):
    """Scrapy's, which underlines every line that ends with a colon; here those of options, which begin with an indented line, stay as they are."""

    def format_part_strings(self, part_strings: list[str]) -> list[str]:
        if part_strings and part_strings[0].startswith(" "):
            return part_strings
        found: list[str] = []
        for part in part_strings:
            found += [part] if part.startswith(" ") else super().format_part_strings([part])
        return found


def check_settings_given(given: Iterable[str], known: BaseSettings) -> None:
    """Raises CommandLineError for a `NAME=VALUE` whose name is nearly that of a known setting, or whose value is not of its type.

    Names unlike any known setting pass: they belong to components that a user adds.
    """
    for one in given:
        name, equals, text = one.partition("=")
        if not equals:
            continue  # Scrapy refuses it by itself
        if name not in known and name.startswith("SPIDERMON_"):
            continue  # one of spidermon's many, of which the project sets a few; nearly all are near one another
        if name not in known:
            if close := get_close_matches(name.upper(), list(known), n=1, cutoff=0.8):
                raise CommandLineError(f"unknown setting {name!r} (did you mean {close[0]!r}?)")
            continue
        try:
            _check_value(name, text, known[name])
        except (TypeError, ValueError):
            raise CommandLineError(f"{name}={text!r}: must be {_wanted(name, known[name])}") from None


def check_log(settings: BaseSettings) -> None:
    """Raises CommandLineError for a log level that is none and a log file that cannot be made."""
    level, file = settings["LOG_LEVEL"], settings["LOG_FILE"]
    if str(level) not in logging.getLevelNamesMapping():
        raise CommandLineError(f"LOG_LEVEL={level!r}: must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
    if file and not Path(file).absolute().parent.is_dir():
        raise CommandLineError(f"LOG_FILE={file!r}: its folder does not exist")


def log_given(argv: Sequence[str]) -> str | None:
    """The log file that a command line names, read without its options being in order; None where it names none."""
    found = None
    for option, value in pairwise(argv):
        if option == "--logfile":
            found = value
        elif option in ("-s", "--set") and value.startswith("LOG_FILE="):
            found = value.removeprefix("LOG_FILE=")
    return found or None


def check_left_over(args: Iterable[str], options: Iterable[str]) -> None:
    """Raises CommandLineError for what argparse took for no known option."""
    for one in args:
        if one.startswith("-") and one != "-":
            raise CommandLineError(f"unknown option {one.split('=')[0]!r}; valid are {', '.join(options)}")


def _check_value(name: str, text: str, default: object) -> None:
    settings = Settings({name: text})
    if isinstance(default, dict | BaseSettings):
        settings.getdict(name)
    elif isinstance(default, bool):
        settings.getbool(name)
    elif isinstance(default, int | float):
        number = settings.getint(name) if isinstance(default, int) else settings.getfloat(name)
        least, largest = _ends(name)
        if not least <= number <= largest:  # also for "nan"
            raise ValueError(text)


def _ends(name: str) -> tuple[float, float]:
    """The least and the largest value of a number."""
    if name in NUMBERS:
        return NUMBERS[name][1:]
    if name.startswith("CONCURRENT_"):
        return 1, inf
    return -inf if name.endswith(("_ADJUST", "_PRIORITY")) else 0, inf


def _wanted(name: str, default: object) -> str:
    if isinstance(default, dict | BaseSettings):
        return "a dictionary, in JSON"
    if isinstance(default, bool):
        return "True or False"
    least, largest = _ends(name)
    what = "a whole number" if isinstance(default, int) else "a number"
    return what + (f" from {least:g}" if least >= 0 else "") + (f" to {largest:g}" if largest < inf else "")


FAILED, INTERRUPTED, STORAGE = (CODES[name] for name in ("failed", "interrupted", "storage"))
USAGE = 2
"""No verdict: nothing was begun."""


@contextmanager
def terminated() -> Iterator[None]:
    """SIGTERM does what Ctrl-C does, so that nothing is left behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class OneLineCommand(ScrapyCommand):
    """A command whose mistakes in use are one line on stderr and exit code 2."""

    @property
    def word(self) -> str:
        """The command's name on the command line."""
        return type(self).__module__.rpartition(".")[2]

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        self.add_own_options(parser)
        parser.formatter_class = HelpFormatter
        self.options = [action.option_strings[-1] for action in parser._actions if action.option_strings]
        parser.error = self.refuse  # type: ignore[method-assign]  # argparse would print its usage over several lines first

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """The options beside Scrapy's."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's, and the spiders loaded, which Scrapy does later and with a traceback. Raises CommandLineError."""
        super().process_options(args, opts)
        assert self.settings is not None
        if self.requires_crawler_process:
            load_spiders(self.settings)

    def say(self, message: str) -> None:
        """One line on stderr, with the command's name."""
        print(f"{self.word}: {message}", file=sys.stderr)

    def refuse(self, message: str) -> NoReturn:
        """Ends the process for a mistake in use."""
        self.say(message.strip().replace("ignored explicit argument", "takes no value, was given"))
        raise SystemExit(USAGE)


class ScrapyTool(OneLineCommand):
    """One of Scrapy's own commands inside the project: what it asks of the newspaper is asked with all manners, and nothing is recorded."""

    only_looks = True

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Everything is checked here, because from the next step on Scrapy logs. Ends the process for what is wrong."""
        assert self.settings is not None
        try:
            check_left_over(args, self.options)
            check_settings_given(opts.set, self.settings)
            super().process_options(args, opts)
            check_log(self.settings)
            self.settings.set("ONLY_LOOK", self.only_looks, priority="cmdline")
            addon.add_to(self.settings)
            self.check(args, opts)
        except (ArgumentError, CommandLineError, configuration.ConfigurationError, UsageError, OSError) as error:
            self.refuse(str(error))

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises ArgumentError, CommandLineError and ConfigurationError for what cannot be meant: a spider, its argument, an address, a setting."""
        assert self.settings is not None
        name = getattr(opts, "spider", None)
        spiders = load_spiders(self.settings)
        spider = find_spider(spiders, name) if name else DefaultSpider
        settings = addon.completed(self.settings, spider)
        if any(map(configuration.is_newspaper, args)):
            configuration.check_contact(settings, str(settings["USER_AGENT"]))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        quieten(self.settings["LOG_LEVEL"])
        try:
            super().run(args, opts)  # type: ignore[safe-super]  # Scrapy's command stands behind this class
        except UsageError as error:
            self.exitcode = USAGE
            self.say(str(error).strip() or f"usage: scrapy {self.word} {self.syntax()}")


def load_spiders(settings: BaseSettings) -> SpiderLoaderProtocol:
    """All spiders of the project. Raises CommandLineError where a module of theirs cannot be imported."""
    try:
        return get_spider_loader(settings)
    except Exception as error:
        raise CommandLineError(f"the spiders cannot be loaded: {addon.where(error)}") from error


def find_spider(spiders: SpiderLoaderProtocol, name: str) -> type[Spider]:
    """The spider of this name. Raises CommandLineError."""
    names = sorted(spiders.list())
    if name not in names:
        close = get_close_matches(name, names, n=1)
        meant = f" (did you mean {close[0]!r}?)" if close else ""
        raise CommandLineError(f"unknown spider {name!r}{meant}; valid are {', '.join(names)}")
    return spiders.load(name)


class SabahCommand(OneLineCommand):
    """A command of the project's own, none of whose mistakes is a traceback."""

    requires_project = True
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Settings are compared with those known before the given ones are among them."""
        assert self.settings is not None
        try:
            check_settings_given(opts.set, self.settings)
            super().process_options(args, opts)
        except CommandLineError as error:
            self.refuse(str(error))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            check_left_over(args, self.options)
            self.exitcode = self.perform(args, opts)
        except CommandLineError as error:
            self.exitcode = USAGE
            self.say(str(error))

    @abstractmethod
    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        """Does the work and gives the exit code. Raises CommandLineError for what cannot be meant."""


class DatasetCommand(SabahCommand):
    """A command that works on a dataset there is: one that is not is a mistake in use, what its disk or ledger refuses is exit code 15."""

    makes_one = False
    """Whether it may begin a dataset; `check` may say so."""

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        try:
            with terminated():
                return self._on_dataset(args, opts)
        except StorageError as error:
            self.say(str(error))
            return STORAGE
        except KeyboardInterrupt:
            self.say("interrupted; what was begun is undone or ended, by the next start at the latest")
            return INTERRUPTED

    def _on_dataset(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        try:
            folder = configuration.output_dir(self.settings)
        except configuration.ConfigurationError as error:
            raise CommandLineError(str(error)) from error
        self.check(args, opts)
        if not self.makes_one and not (folder / NAME).exists():
            raise CommandLineError(f"{folder} holds no dataset yet; a crawl makes one, OUTPUT_DIR names another folder")
        return self.work(folder)

    @abstractmethod
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises CommandLineError for what cannot be meant, before anything is looked at."""

    @abstractmethod
    def work(self, folder: Path) -> int:
        """Does the work on the dataset in `folder` and gives the exit code."""
