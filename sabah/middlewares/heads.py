"""The head of an answer is bounded while it comes: a server that never ends it would fill the memory before there is an answer to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.web._newclient import HEADER, STATUS

from sabah.middlewares.causes import TooLarge

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.web.client import HTTPConnectionPool


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
