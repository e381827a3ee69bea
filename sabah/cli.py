"""What the project's own commands share: usage errors in one line, documented exit codes.

Not in `commands`, where Scrapy takes every command class for a command.
"""

from __future__ import annotations

import signal
import sys
from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, NoReturn

from scrapy.commands import ScrapyCommand

from sabah import configuration
from sabah.help import HelpFormatter
from sabah.storage.errors import StorageError
from sabah.storage.ledger import NAME
from sabah.usage import CommandLineError, check_left_over
from sabah.verdict import CODES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

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


class SabahCommand(ScrapyCommand):
    """A command whose mistakes in use are one line on stderr and exit code 2, never a traceback."""

    requires_project = True
    default_settings: ClassVar = {"LOG_ENABLED": False}

    @property
    def word(self) -> str:
        """The command's name on the command line."""
        return type(self).__module__.rpartition(".")[2]

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        self.add_own_options(parser)
        parser.formatter_class = HelpFormatter
        self.options = [action.option_strings[-1] for action in parser._actions if action.option_strings]
        parser.error = self._refuse  # type: ignore[method-assign]  # argparse would print its usage over several lines first

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """The options beside Scrapy's global ones."""

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

    def say(self, message: str) -> None:
        """One line on stderr, with the command's name."""
        print(f"{self.word}: {message}", file=sys.stderr)

    def _refuse(self, message: str) -> NoReturn:
        self.say(message.replace("ignored explicit argument", "takes no value, was given"))
        raise SystemExit(USAGE)


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
