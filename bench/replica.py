"""The stand-in newspaper as a server in a process of its own, and what it says is true of its pages."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from bench.environment import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def replica(articles: int, seed: int = 1, more: Sequence[str] = ()) -> Iterator[str]:
    """Origin of a running replica, `http://127.0.0.1:PORT`, with `more` options; it is stopped at the end.

    Raises RuntimeError when it does not start.
    """
    command = ["-m", "scrapy", "replica", "--articles", str(articles), "--seed", str(seed), "--port", "0", *more]
    server = subprocess.Popen(
        [sys.executable, *command], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout
    try:
        line = server.stdout.readline()
        origin = next((word for word in line.split() if word.startswith("http://")), None)
        if origin is None:
            raise RuntimeError(f"the replica did not start; it printed {line!r}")
        yield origin
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()


def truth(origin: str) -> list[dict[str, Any]]:
    """`/_truth.jsonl`: for every article `record`, `links`, `paths`."""
    return [json.loads(line) for line in fetch(origin + "/_truth.jsonl").splitlines()]


def fetch(address: str) -> bytes:
    with urlopen(address, timeout=60) as answer:
        body: bytes = answer.read()
    return body
