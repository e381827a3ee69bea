"""Addresses from the index files of web archives: lines read, one entry chosen for each address out of millions, in bounded memory."""

from __future__ import annotations

import gzip
import heapq
import sys
import tempfile
import zlib
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

import attrs

from sabah.site.addresses import parse_address
from sabah.site.captures import NoCapture, captures

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable, Iterator

    from sabah.site.addresses import Address

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


SHOWN: Final = 5
"""Bad lines that are kept to be shown."""


@attrs.define
class Sieve:
    """Counts what it takes and what it leaves, by lines; what it takes is in `gathering`."""

    wants: Callable[[Address], bool]
    gathering: Gathering = attrs.field(factory=Gathering)
    read: int = 0
    good: int = 0
    """Lines that say of a capture."""

    no_page: int = 0
    """Captures of redirects, errors and files."""

    no_article: int = 0
    not_wanted: int = 0
    bad: int = 0
    shown: list[str] = attrs.field(factory=list)
    """The first bad lines, with what is wrong."""

    def take(self, name: str, lines: Iterable[str]) -> None:
        """Takes the captures of articles out of an index file. `name` is for what is said of bad lines."""
        number, at, address, wanted = 0, "", None, False
        for number, capture in enumerate(captures(lines), 1):
            if capture is None:
                continue
            if isinstance(capture, NoCapture):
                self.bad += 1
                if len(self.shown) < SHOWN:
                    self.shown.append(f"{name}:{number}: {capture}")
                continue
            self.good += 1
            if not capture.is_page:
                self.no_page += 1
                continue
            # An index is sorted: captures of a page follow one another, by either scheme.
            rest = capture.url.partition("://")[2]
            if rest != at:
                at, address = rest, parse_address(capture.url)
                wanted = address is not None and address.is_article and self.wants(address)
            if address is not None and wanted:
                other = "?" in rest or rest.endswith("/amp")
                self.gathering.add(address.canonical, capture.time, capture.url if other else "")
            elif address is not None and address.is_article:
                self.not_wanted += 1
            else:
                self.no_article += 1
        self.read += number


@attrs.define
class Tally:
    """Addresses by kind and year: that in the address, else that of the first capture."""

    counts: Counter[tuple[str, str]] = attrs.field(factory=Counter)

    def through(self, found: Iterable[Captured]) -> Iterator[Captured]:
        for one in found:
            address = parse_address(one.url)
            assert address is not None
            year = f"{address.path_date:%Y}" if address.path_date else one.first[:4]
            self.counts[address.kind, year] += 1
            yield one


STDIN: Final = "-"
_GZIP: Final = b"\x1f\x8b"
_LONGEST: Final = 64 * 1024
"""Bytes of a line. Those of indexes have some hundreds; a file that is none may be one line of any length."""

_TOO_LONG: Final = f"(a line of more than {_LONGEST:,} bytes)"


class UnreadableError(OSError):
    """A file that cannot be read to its end; the message is one line."""


def lines(name: str) -> Iterator[str]:
    """Lines of the file, or of standard input (`-`), as text; whether it is packed is told by its first bytes. Raises UnreadableError.

    A line that is too long for an index is one that no index has, without its text.
    """
    shown = "standard input" if name == STDIN else name
    try:
        if name == STDIN:
            yield from _unpacked(sys.stdin.buffer)
        else:
            with Path(name).open("rb") as file:
                yield from _unpacked(file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(f"{shown}: is damaged or cut off ({error})") from error
    except OSError as error:
        raise UnreadableError(f"{shown}: {error.strerror or error}") from error


def _unpacked(file: IO[bytes]) -> Iterator[str]:
    packed = cast("io.BufferedReader", file).peek(len(_GZIP))[: len(_GZIP)] == _GZIP
    source = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
    encoding = "utf-8-sig"
    while line := source.readline(_LONGEST + 1):
        if len(line) > _LONGEST and not line.endswith(b"\n"):
            while not line.endswith(b"\n") and (line := source.readline(_LONGEST)):
                pass
            yield _TOO_LONG
        else:
            yield line.decode(encoding, "replace")
        encoding = "utf-8"
