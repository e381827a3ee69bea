"""Why a request brought no answer, where what Scrapy raises does not say it: what the answer was too large for, and whose certificate is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from OpenSSL import SSL
from scrapy.exceptions import DownloadFailedError
from service_identity import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator


class TooLarge(Exception):
    """What came is larger than it may be; the message says what, and by which setting."""


class BadCertificate(DownloadFailedError):
    """Whoever answered cannot prove to be the host that was asked; the message says why."""


def plain(error: Exception, host: str) -> Exception:
    """The error that says what was the matter with an answer of `host`; the one given, where no other does."""
    for cause in _causes(error):
        if isinstance(cause, TooLarge):
            return cause
        if isinstance(cause, VerificationError):
            return BadCertificate(f"the certificate is for another host than {host}")
        if isinstance(cause, SSL.Error) and (why := _not_verified(cause)):
            return BadCertificate(f"the certificate of {host} is not to be trusted: {why}")
    return error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from; Twisted keeps that in failures of its own."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *(failure.value for failure in getattr(one, "reasons", None) or ())]


def _not_verified(error: SSL.Error) -> str:
    said = [str(reason) for *_, reason in (error.args[0] if error.args and isinstance(error.args[0], list) else [])]
    return next((one for one in said if "certificate" in one and "alert" not in one), "")
