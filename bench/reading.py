"""The parent's side of `bench.worker`: one process a reader, and their taking turns."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Self

import attrs

from bench.environment import REPOSITORY, competitors_python

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from bench.trees import Tree

TURN = 4  # pages a turn: long enough to warm a processor's caches, short enough for noise to hit all readers alike
WARM_UP = 8  # pages read first and not counted: on their first pages readers load dictionaries and compile patterns


@attrs.frozen
class Reader:
    name: str
    path: str
    """What `bench.worker` loads: `module:function[:argument]`."""

    tree: Tree | None = None
    """Of sabah's own: the checkout whose it is. The others run in `.venv-bench`."""


def take_turns(readers: Sequence[Reader], pages: Path, count: int) -> dict[str, list[dict[str, Any]]]:
    """Readings of the first `count` pages of a file of WARM_UP more, by each reader; each page is read once by each.

    A page is new to a reader, so that no cache holds what a crawl's would not. The order of the readers goes round.
    """
    found: dict[str, list[dict[str, Any]]] = {reader.name: [] for reader in readers}
    with ExitStack() as stack:
        workers = [stack.enter_context(_Worker(reader, pages)) for reader in readers]
        for worker in workers:
            worker.read(count, count + WARM_UP)
        for first in range(0, count, TURN):
            for worker in workers:
                found[worker.name] += worker.read(first, min(first + TURN, count))
            workers.append(workers.pop(0))
    return found


class _Worker:
    def __init__(self, reader: Reader, pages: Path) -> None:
        self.name = reader.name
        python, place = (reader.tree.python, reader.tree.place) if reader.tree else (competitors_python(), REPOSITORY)
        self._process = subprocess.Popen(
            [python, "-m", "bench.worker", reader.path, pages],
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def read(self, first: int, last: int) -> list[dict[str, Any]]:
        """Readings of the pages from `first` up to `last`. Raises RuntimeError when the process has ended."""
        assert self._process.stdin
        assert self._process.stdout
        with suppress(BrokenPipeError):  # then there is no answer either
            print(first, last, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended with code {self._process.wait()}")
        readings: list[dict[str, Any]] = json.loads(answer)
        return readings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()
