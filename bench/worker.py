"""A reader in a process of its own: `python -m bench.worker MODULE:FUNCTION[:ARGUMENT] PAGES`.

PAGES is JSON Lines with `url` and `html`. Each line on stdin, `FIRST LAST`, asks for those pages to be read; the answer is one line of
JSON on stdout, a list of readings: `ms` (wall), `cpu_ms`, `title`, `body`, `date` (ISO 8601 or null), `keywords` and `captions` (lists, or null of a
reader that gives none), `error`. Standard library only: it runs in the competitors' environment too.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Read = Callable[[str, bytes], dict[str, Any]]
"""From address and bytes of a page to its `title`, `body`, `date`, and `keywords` and `captions` of a reader that gives them."""


def main() -> None:
    name, pages_file = sys.argv[1:]
    module, function, *arguments = name.split(":")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a reader prints is no answer
    read: Read = getattr(importlib.import_module(module), function)(*arguments)
    pages = [json.loads(line) for line in Path(pages_file).read_text(encoding="utf-8").splitlines()]
    addressed = [(page["url"], page["html"].encode()) for page in pages]
    for line in sys.stdin:
        first, last = map(int, line.split())
        gc.collect()  # so that no reader pays for what came before
        readings = [_timed(read, url, html) for url, html in addressed[first:last]]
        print(json.dumps(readings), file=answers, flush=True)


def _timed(read: Read, url: str, html: bytes) -> dict[str, Any]:
    nothing = {"title": None, "body": None, "date": None, "keywords": None, "captions": None}
    found: dict[str, Any] = {}
    error = None
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        found = read(url, html)
    except Exception as raised:  # noqa: BLE001 - whatever a reader raises is its answer for this page, and is counted
        error = f"{type(raised).__name__}: {raised}"
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"ms": wall * 1000, "cpu_ms": cpu * 1000, "error": error, **nothing, **found}


if __name__ == "__main__":
    main()
