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

AMP, QUERY, ITSELF = "0", "1", "2"
"""Ranks of captures: an AMP page lacks the date, a page with a query is whole."""


@attrs.frozen
class Captured:
    """An address and when it was captured, 14 digits, UTC."""

    url: str
    first: str
    last: str
    """Of the capture to be read: the last under the address itself; without any, under it with a query, or as AMP page."""

    under: str = ""
    """The address it was captured under, where that is another to the archive."""


class Gathering:
    """Takes captures in any order and gives their addresses sorted."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self._times: dict[str, tuple[str, tuple[str, str, str]]] = {}
        """The first time, and rank, time and other address of the best capture."""

        self._runs: list[IO[str]] = []

    def add(self, url: str, time: str, under: str = "") -> None:
        capture = (AMP if under.endswith("/amp") else QUERY if under else ITSELF, time, under)
        known = self._times.get(url)
        if known is None:
            if len(self._times) >= self.kept:
                self._write()
            self._times[url] = (time, capture)
        elif time < known[0] or capture > known[1]:
            self._times[url] = (min(known[0], time), max(known[1], capture))

    def captured(self) -> Iterator[Captured]:
        """Every address once, in order of the alphabet; to be called once."""
        for run in self._runs:
            run.seek(0)
        # An address holds no blank below the tab: lines sort as their addresses do.
        merged = heapq.merge(*self._runs, self._lines())
        for url, lines in groupby(merged, key=lambda line: line[: line.index("\t")]):
            times = [line.rstrip("\n").split("\t")[1:] for line in lines]
            yield Captured(url, min(one[0] for one in times), *max(one[1:] for one in times)[1:])

    def close(self) -> None:
        for run in self._runs:
            run.close()

    def _lines(self) -> Iterable[str]:
        return sorted("\t".join((url, first, *best)) + "\n" for url, (first, best) in self._times.items())

    def _write(self) -> None:
        run = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed with the gathering
        self._runs.append(run)
        run.writelines(self._lines())
        self._times.clear()
