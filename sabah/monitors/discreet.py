"""What may be said of an alert that failed: the kind of error and the host. Addresses and messages of receivers hold tokens and passwords."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES: Final = ("spidermon", "urllib3", "requests", "slack_sdk", "sentry_sdk", "sentry_sdk.errors")
"""Whose own lines name addresses with all that is in them."""


class Overheard(logging.Handler):
    """Keeps whether a library has complained, and none of its words."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.complained = False

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - that there is one is what counts
        self.complained = True


@contextmanager
def unheard() -> Iterator[Overheard]:
    """Keeps what the libraries log from every log while it lasts."""
    overheard, loggers = Overheard(), [logging.getLogger(name) for name in LIBRARIES]
    before = [one.propagate for one in loggers]
    for one in loggers:
        one.propagate = False
        one.addHandler(overheard)
    try:
        yield overheard
    finally:
        for one, propagated in zip(loggers, before, strict=True):
            one.removeHandler(overheard)
            one.propagate = propagated


def kind(error: BaseException) -> str:
    """The kind of an error, with the number by which a server refused, where there is one."""
    if isinstance(error, URLError) and not isinstance(error, HTTPError) and isinstance(error.reason, Exception):
        error = error.reason
    answered = getattr(error, "response", None)
    for number in (
        getattr(error, "code", None),
        getattr(error, "smtp_code", None),
        getattr(answered, "status_code", None),
    ):
        if isinstance(number, int):
            return f"{type(error).__name__} {number}"
    return type(error).__name__


def host_of(address: Any) -> str:
    """The host in an address, alone."""
    try:
        return urlsplit(str(address or "")).hostname or "no host"
    except ValueError:
        return "no host"
