"""Which of the captures are of articles that are wanted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from sabah.history.gather import Gathering
from sabah.site.addresses import parse_address
from sabah.site.captures import NoCapture, captures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sabah.history.gather import Captured
    from sabah.site.addresses import Address

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
