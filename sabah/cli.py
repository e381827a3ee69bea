"""What commands share, the project's own and Scrapy's inside it: usage errors in one line, documented exit codes.

Not in `commands`, where Scrapy takes every command class for a command.
"""

from __future__ import annotations

import signal
import sys
from abc import abstractmethod
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.spider import DefaultSpider

from sabah import addon, configuration
from sabah.help import HelpFormatter
from sabah.logs import quieten
from sabah.spiders.errors import ArgumentError
from sabah.storage.errors import StorageError
from sabah.storage.ledger import NAME
from sabah.usage import CommandLineError, check_left_over, check_log, check_settings_given
from sabah.verdict import CODES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from scrapy import Spider
    from scrapy.settings import BaseSettings
    from scrapy.spiderloader import SpiderLoaderProtocol

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
