"""One entry for each address out of millions of captures, in bounded memory."""

from __future__ import annotations

import heapq
import tempfile
from itertools import groupby
from typing import IO, TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEPT: Final = 200_000
"""Addresses kept in memory, about 90 MB; then they go to a temporary file, sorted. The newspaper had published 245,000 articles by 2021."""


@attrs.frozen
class Captured:
    """An address and when it was captured, 14 digits, UTC."""

    url: str
    first: str
    last: str


class Gathering:
    """Takes captures in any order and gives their addresses sorted."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self._times: dict[str, tuple[str, str]] = {}
        self._runs: list[IO[str]] = []

    def add(self, url: str, time: str) -> None:
        known = self._times.get(url)
        if known is None:
            if len(self._times) >= self.kept:
                self._write()
            self._times[url] = (time, time)
        elif not known[0] <= time <= known[1]:
            self._times[url] = (min(known[0], time), max(known[1], time))

    def captured(self) -> Iterator[Captured]:
        """Every address once, in order of the alphabet; to be called once."""
        for run in self._runs:
            run.seek(0)
        # An address holds no blank below the tab: lines sort as their addresses do.
        merged = heapq.merge(*self._runs, self._lines())
        for url, lines in groupby(merged, key=lambda line: line[: line.index("\t")]):
            times = [line.rstrip("\n").split("\t") for line in lines]
            yield Captured(url, min(one[1] for one in times), max(one[2] for one in times))

    def close(self) -> None:
        for run in self._runs:
            run.close()

    def _lines(self) -> Iterable[str]:
        return sorted(f"{url}\t{first}\t{last}\n" for url, (first, last) in self._times.items())

    def _write(self) -> None:
        run = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed with the gathering
        self._runs.append(run)
        run.writelines(self._lines())
        self._times.clear()
