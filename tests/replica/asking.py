"""One request to the stand-in newspaper, as it is answered."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import Replica


def ask(
    site: Replica, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET", body: str | None = None
) -> tuple[int, http.client.HTTPMessage, str]:
    """Status, headers and text, without following redirects."""
    connection = http.client.HTTPConnection(urlsplit(site.origin).netloc, timeout=20)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()
