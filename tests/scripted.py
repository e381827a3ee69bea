"""A newspaper that answers by a script: what each address says first, second, and from then on."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import TYPE_CHECKING, Self, Union

import attrs

from tests.running import http_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@attrs.frozen
class Answer:
    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = attrs.Factory(dict)
    """Beside Content-Type and Content-Length; an empty one is not sent. Without Content-Length the connection ends with the answer."""

    after: float = 0.0
    """Seconds that it takes."""


Script = Union[str, Answer, "Sequence[Answer]"]


class ScriptedSite:
    """On 127.0.0.1; kept connections. The last answer of an address goes on; what has none is 404. `asked` is (monotonic time, path)."""

    def __init__(self, script: Mapping[str, Script], always: Answer | None = None) -> None:
        self.script = {"/robots.txt": _answers("User-agent: *\nDisallow: /search\n")}
        self.script |= {path: _answers(given) for path, given in script.items()}
        self.always = always
        """In place of any answer but that for robots.txt, while it is set."""

        self.on_asked: Callable[[str], None] = lambda _: None
        self.asked: list[tuple[float, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def paths(self) -> list[str]:
        return [path for _, path in self.asked]

    @property
    def gaps(self) -> list[float]:
        """Seconds between two requests as they came, each."""
        return [later - earlier for (earlier, _), (later, _) in pairwise(self.asked)]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _next(self, path: str) -> Answer:
        if self.always is not None and path != "/robots.txt":
            return self.always
        answers = self.script.get(path) or [Answer(status=404)]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((time.monotonic(), self.path))
                site.on_asked(self.path)
                answer = site._next(self.path)
                time.sleep(answer.after)
                body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
                self.send_response(answer.status)
                headers = {"Content-Type": "text/html; charset=UTF-8", "Content-Length": str(len(body))}
                for name, value in (headers | dict(answer.headers)).items():
                    if value:
                        self.send_header(name, value)
                if answer.headers.get("Content-Length", str(len(body))) != str(len(body)):
                    self.close_connection = True
                self.end_headers()
                self.wfile.write(body)

            def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - the base class's signature
                return http_date()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Says nothing."""

        return Handler


def _answers(given: Script) -> list[Answer]:
    if isinstance(given, str):
        return [Answer(given)]
    return [given] if isinstance(given, Answer) else list(given)
