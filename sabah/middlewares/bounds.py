"""Bounds of an answer while it comes, and why a request brought none: too large a head or body, or whose certificate is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from scrapy.exceptions import DownloadFailedError
from service_identity import VerificationError
from twisted.web._newclient import HEADER, STATUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response
    from twisted.web.client import HTTPConnectionPool


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


def bound_heads(pool: HTTPConnectionPool, most: int) -> None:
    """Has connections of the pool end with TooLarge when the head of an answer has more than `most` bytes and is not at its end."""
    inner: Any = pool._factory

    class Bounded(inner):  # type: ignore[misc]  # Scrapy's, with nothing of it changed
        def buildProtocol(self, address: Any) -> Any:  # noqa: N802 - Twisted's name
            protocol = super().buildProtocol(address)
            ask = protocol.request

            def request(asked: Any) -> Any:
                answered = ask(asked)
                _bound(protocol._parser, most)
                return answered

            protocol.request = request
            return protocol

    pool._factory = Bounded


def check_head(response: Response, most: int) -> None:
    """Raises TooLarge for an answer whose head has come to its end, and is too large nevertheless."""
    size = sum(len(name) + len(value) + 4 for name, values in response.headers.items() for value in values or ())
    if size > most:
        raise _too_large(most)


def _bound(parser: Any, most: int) -> None:
    take, got = parser.dataReceived, 0

    def received(data: bytes) -> None:
        nonlocal got
        take(data)
        if parser.state in (STATUS, HEADER):
            got += len(data)
            if got > most:
                raise _too_large(most)

    def too_long(_: bytes) -> None:
        raise _too_large(most)

    parser.dataReceived, parser.lineLengthExceeded, parser.MAX_LENGTH = received, too_long, most


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the head of the answer has more than {most:,} bytes (HEADERS_MAXSIZE)")
