"""For tests that run whole crawls: the command in a process of its own, and a newspaper of a few hand-made pages."""

from __future__ import annotations

import datetime as dt
import math
import os
import sys
import threading
import time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
import orjson

from tests import forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

REPOSITORY = Path(__file__).parents[1]
SITE = "https://www.dailysabah.com"
Page = str | bytes | int | tuple[int, str]
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8")


@attrs.frozen
class Crawl:
    """What a `scrapy crawl` left behind."""

    code: int
    out: str
    err: str
    output: Path

    @property
    def verdict(self) -> str:
        return self.err.splitlines()[-1]

    @property
    def articles(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for path in sorted(self.output.glob("articles/*.jsonl")) for line in _lines(path)]

    @property
    def addresses(self) -> set[str]:
        return {article["url"] for article in self.articles}

    @property
    def rejected(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in _lines(self.output / "rejected.jsonl")]


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines() if path.exists() else []


def command(*args: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "scrapy", "crawl", *args]


class Shown:
    """The time that the clock of the last command showed (SABAH_NOW): the small newspapers answer by it, as a real one goes by the same time as its readers."""

    now = ""


def http_date() -> str:
    """The time of `Shown` as a Date header has it; now where no command was given another."""
    at = dt.datetime.fromisoformat(Shown.now) if Shown.now else dt.datetime.now(dt.UTC)
    return format_datetime(at.astimezone(dt.UTC), usegmt=True)


def environment(**more: str) -> dict[str, str]:
    """This process's, without settings of the project, and without what a command run in this process has left there for Scrapy."""
    try:
        Shown.now = dt.datetime.fromisoformat(more.get("SABAH_NOW", "")).isoformat()
    except ValueError:  # none, or the address of a clock
        Shown.now = ""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SABAH_", "SCRAPY"))} | more


AT_MOST = """
import atexit, pathlib, re

@atexit.register
def say():
    pathlib.Path('{file}').write_text(re.search(r"VmHWM:\\s+([0-9]+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


def memory_of(folder: Path) -> Callable[[], int]:
    """Lets a process of its own that has `folder` as PYTHONPATH say at its end how many KB it held at most; what is given back asks for them.

    Of this program alone: `getrusage` counts what the process was before it became it, which are the tests.
    """
    (folder / "sitecustomize.py").write_text(AT_MOST.format(file=folder / "most"))
    return lambda: int((folder / "most").read_text())


def crawl(
    *args: str, output: Path, origin: str | None = None, stdin: str = "", settings: Sequence[str] = (), **env: str
) -> Crawl:
    """Run `scrapy crawl ARGS` fast, into `output`, from `origin` (default: the live site, as users have it).

    `settings`, as `-s NAME=VALUE`, are stronger than the fast ones.
    """
    places = ["-s", f"OUTPUT_DIR={output}", *(["-s", f"SITE_ORIGIN={origin}"] if origin else [])]
    done = forked.run(
        command(*args, *places, *FAST, *settings),
        cwd=REPOSITORY,
        env=environment(**env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=400,
    )
    return Crawl(done.returncode, done.stdout, done.stderr, output)


def article(
    headline: str, date: str | None = "Sep 14, 2021 - 10:51 am GMT+3", links: Iterable[str] = (), body: str = "Text."
) -> str:
    """A page of the 2020 layout, with bottom cards."""
    printed = f"<div class='left_mobile_details'><span>by Daily Sabah</span><span>{date}</span></div>" if date else ""
    return (
        f"<html><head><title>{headline}</title></head><body><h1 class='logo_holder'>Daily Sabah</h1><div class='top_title_widget'>"
        f"<h1 class='main_page_title'>{headline}</h1></div>{printed}<div class='article_body'><p>{body}</p></div>{_cards(links)}"
        "</body></html>"
    )


def listing(*links: str) -> str:
    return f"<html><body><h1 class='logo_holder'>Daily Sabah</h1>{_cards(links)}</body></html>"


def feed(*items: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Feed</title>{"".join(items)}</channel></rss>'


def item(link: str, date: str = "Tue, 14 Sep 2021 10:51:00 +0300", teaser: str = "A teaser.") -> str:
    return f"<item><title>Title</title><link>{link}</link><pubDate>{date}</pubDate><description>{teaser}</description></item>"


def _cards(links: Iterable[str]) -> str:
    return "".join(f"<div class='widget_content'><h3><a href='{link}'>Card</a></h3></div>" for link in links)


class SmallSite:
    """Serves `pages` on 127.0.0.1: path to HTML (bytes: packed with gzip), to a status, or to (status, Location). What it does not have is 404.

    In a Location, `ORIGIN` is the server's own. `slow` gives seconds to wait before an answer, `modified` Last-Modified headers: a request
    that is conditional on just that is answered 304. `charset` is what the server says of pages. `asked`, `times` and `headers` are those of its
    requests. Of more than `answered` requests the later ones wait until it grows: a crawl stays where a test wants to meet it.
    """

    def __init__(
        self,
        pages: Mapping[str, Page],
        slow: Mapping[str, float] | None = None,
        modified: Mapping[str, str] | None = None,
        charset: str = "UTF-8",
    ) -> None:
        self.charset = charset
        self.date: str | None = None
        """What answers bear as their Date in place of the time; empty: none."""

        self.slow = slow or {}
        self.modified = dict(modified or {})
        self.pages: dict[str, Page] = {
            "/robots.txt": "User-agent: *\nDisallow: /search\n",
            **pages,
        }
        self.answered: float = math.inf
        self.asked: list[str] = []
        self.times: list[float] = []
        self.headers: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.answered = math.inf
        self._server.shutdown()
        self._server.server_close()

    def wait(self, asked: int) -> None:
        """Until it was asked so often. Raises AssertionError where that takes minutes."""
        until = time.monotonic() + 300
        while len(self.asked) < asked:
            assert time.monotonic() < until, f"asked for {self.asked}"
            time.sleep(0.01)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.times.append(time.monotonic())
                number = len(site.asked)
                time.sleep(site.slow.get(self.path, 0))
                while number > site.answered:
                    time.sleep(0.01)
                site.headers.append(dict(self.headers))
                page = site.pages.get(self.path, 404)
                status, location = page if isinstance(page, tuple) else (page if isinstance(page, int) else 200, None)
                body = page if isinstance(page, bytes) else page.encode() if isinstance(page, str) else b""
                modified = site.modified.get(self.path) if status == 200 else None
                if modified and self.headers["If-Modified-Since"] == modified:
                    status, body = 304, b""
                self.send_response(status)
                if isinstance(page, bytes):
                    self.send_header("Content-Encoding", "gzip")
                if modified:
                    self.send_header("Last-Modified", modified)
                if location:
                    self.send_header("Location", location.replace("ORIGIN", site.origin))
                form = "text/plain" if self.path == "/robots.txt" else f"text/html; charset={site.charset}"
                self.send_header("Content-Type", form)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.do_GET()

            def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - the base class's signature
                return http_date() if site.date is None else site.date

            def send_header(self, keyword: str, value: str) -> None:
                if value or keyword != "Date":
                    super().send_header(keyword, value)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Says nothing."""

        return Handler
