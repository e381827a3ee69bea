"""Usage errors of commands: what was given on the command line and cannot be meant."""

from __future__ import annotations

import logging
from difflib import get_close_matches
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings, Settings

from sabah.configuration import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class CommandLineError(ValueError):
    """Something given on the command line that cannot be used; the message is one line."""


def check_settings_given(given: Iterable[str], known: BaseSettings) -> None:
    """Raises CommandLineError for a `NAME=VALUE` whose name is nearly that of a known setting, or whose value is not of its type.

    Names unlike any known setting pass: they belong to components that a user adds.
    """
    for one in given:
        name, equals, text = one.partition("=")
        if not equals:
            continue  # Scrapy refuses it by itself
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
