"""The captures of articles that WARC files have, in the order in which they were made, whatever the order of files and records."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections import Counter
from contextlib import ExitStack
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from sabah.archive.http import answer, ends_early
from sabah.archive.records import Broken, BrokenError, Record, records
from sabah.archive.streams import Place
from sabah.site.addresses import ROOT, parse_address
from sabah.site.link import Link
from sabah.storage.lines import from_line, to_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from sabah.archive.http import Answer
    from sabah.items import Article
    from sabah.site.addresses import Address

NO_ARTICLE: Final = "of other addresses"
ELSEWHERE: Final = "outside the sections"
NOT_OK: Final = "with another status than 200"
NOT_HTML: Final = "not HTML"
REVISIT: Final = "revisits"
TWICE: Final = "there twice"
AMP: Final = "AMP beside the page"
CUT: Final = "cut"
_BROKEN: Final = "broken"
_WHOLE: Final = "", ""

_OK: Final = 200
_TABLES: Final = (
    """
CREATE TABLE captures (
    at TEXT NOT NULL, url TEXT NOT NULL, amp INTEGER NOT NULL, microsecond INTEGER NOT NULL, digest BLOB NOT NULL, file INTEGER NOT NULL,
    offset INTEGER NOT NULL, within INTEGER NOT NULL, spooled INTEGER, PRIMARY KEY (at, url, amp, microsecond, digest)
) WITHOUT ROWID
""",
    "CREATE TABLE records (url TEXT PRIMARY KEY, line BLOB NOT NULL) WITHOUT ROWID",
)


@attrs.frozen
class ArticleCapture:
    """One capture of an article's page: status 200 and HTML."""

    named: Link
    at: str
    """When it was made: ISO 8601, UTC, whole seconds."""

    nth: int
    """Which of the captures of its page within that second, from 0 on."""

    path: Path
    place: Place
    """Of its record, ready to be read."""

    source: str
    """The file given, and where in it: `crawl.warc.gz:4711`."""


class Captures:
    """Gathered with `gather`, gone through with `after`; a context, whose working files die with it. Memory does not grow with them.

    `wanted` is asked of each article's address; `origin` is where else the newspaper's pages were captured (a replica's `http://127.0.0.1:8000`).
    """

    def __init__(self, wanted: Callable[[Address], bool] = lambda _: True, origin: str | None = None) -> None:
        self.wanted, self.origin = wanted, origin
        self.counts: Counter[str] = Counter()
        """Response records that are none of them, by reason."""

        self.broken = 0
        """Records and stretches of the files."""

        self.kept = 0
        """How many there are."""

        self._files: list[Path] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        # Without a name it is a file that nobody sees and that goes with the connection.
        self._table = sqlite3.connect("", isolation_level=None)
        for one in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", *_TABLES):
            self._table.execute(one)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()
        self._stack.close()

    def gather(
        self, paths: Sequence[Path], report: Callable[[str], Any], progress: Callable[[str, int, int], Any]
    ) -> None:
        """Looks through the files; `report` is told of each stretch that is broken and each capture that is cut: `broken: FILE:OFFSET: reason`. Raises OSError."""
        whole, before = sum(path.stat().st_size for path in paths) or 1, 0
        for number, path in enumerate(paths):
            self._files.append(path)
            self._table.execute("BEGIN")
            for one in records(path, self._has_page):
                kind, why = self._broken(one.reason) if isinstance(one, Broken) else self._take(one, number)
                if why:
                    report(f"{kind}: {path}:{one.place}: {why}")
                progress("looking through bytes", before + one.place.offset, whole)
            self._table.execute("COMMIT")
            before += path.stat().st_size
        if "_spool" in self.__dict__:
            self._spool.flush()
        self._table.execute("CREATE INDEX pages ON captures (url, amp)")
        beside = "SELECT 1 FROM captures page WHERE page.url = captures.url AND NOT page.amp"
        amp = self._table.execute(f"DELETE FROM captures WHERE amp AND EXISTS ({beside})").rowcount  # noqa: S608
        self.counts[AMP] += amp
        self.kept -= amp

    def after(self, at: str = "", url: str = "", nth: int = -1) -> Iterator[ArticleCapture]:
        """Those behind the `nth` one made `at` of `url`; all by default. Within a second, in the order of the rest of their dates, then of the files."""
        rows = self._table.execute(
            "SELECT at, url, file, offset, within, spooled FROM captures WHERE (at, url) >= (?, ?)"
            " ORDER BY at, url, microsecond, file, offset, within",
            (at, url),
        )
        for (second, page), group in groupby(rows, itemgetter(0, 1)):
            for number, row in enumerate(group):
                if (second, page) != (at, url) or number > nth:
                    yield self._found(number, *row)

    def number(self, at: str, url: str, nth: int = -1) -> int:
        """How many are not behind the `nth` one made `at` of `url`."""
        (number,) = self._table.execute("SELECT count(*) FROM captures WHERE (at, url) < (?, ?)", (at, url)).fetchone()
        return int(number) + nth + 1

    def keep_last(self, record: Article) -> None:
        """For `last`, of a record that is not stored."""
        self._table.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (record.url, to_line(record)))

    def last(self, url: str) -> Article | None:
        row = self._table.execute("SELECT line FROM records WHERE url = ?", (url,)).fetchone()
        return from_line(row[0]) if row else None

    def _found(
        self, nth: int, at: str, url: str, file: int, offset: int, within: int, spooled: int | None
    ) -> ArticleCapture:
        address = parse_address(url)
        assert address is not None
        path, place = self._files[file], Place(offset, within)
        source = f"{path.name}:{place}"
        if spooled is not None:
            path, place = Path(self._spool.name), Place(spooled)
        return ArticleCapture(Link.to(address), at, nth, path, place, source)

    def _address(self, url: str) -> Address | None:
        if self.origin is not None and url.startswith(self.origin + "/"):
            url = ROOT + url[len(self.origin) + 1 :]
        address = parse_address(url)
        return address if address is not None and address.is_article else None

    def _has_page(self, kind: str, url: str) -> bool:
        address = self._address(url) if kind == "response" else None
        return address is not None and self.wanted(address)

    def _take(self, record: Record, file: int) -> tuple[str, str]:
        """Keeps the place of a capture and counts what is none; whether it is broken or cut, and how, else empty."""
        address = self._address(record.url) if record.kind in ("response", "revisit") else None
        if record.kind not in ("response", "revisit"):
            return _WHOLE
        if record.block is None or address is None:
            self.counts[NO_ARTICLE if address is None else REVISIT if record.kind == "revisit" else ELSEWHERE] += 1
            return _WHOLE
        try:
            answered = answer(record.block)
        except BrokenError as error:
            return self._broken(str(error))
        if answered.status != _OK or not answered.is_html:
            self.counts[NOT_OK if answered.status != _OK else NOT_HTML] += 1
            return _WHOLE
        if why := _cut(record, answered):
            self.counts[CUT] += 1
            return CUT, why
        # What lies deep in one gzip stream cannot be gone to: it is kept beside.
        spooled = self._spooled(record) if record.place.within else None
        digest = hashlib.sha1(answered.payload, usedforsecurity=False).digest()
        amp = record.url.partition("?")[0].rstrip("/").endswith("/amp")
        added = self._table.execute(
            "INSERT OR IGNORE INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (record.at, address.canonical, amp, record.microsecond, digest, file, *record.place, spooled),
        ).rowcount
        self.counts[TWICE] += not added
        self.kept += added
        return _WHOLE

    def _broken(self, why: str) -> tuple[str, str]:
        self.broken += 1
        return _BROKEN, why

    @cached_property
    def _spool(self) -> Any:
        """Made when it is needed: it has a name, which other processes find it by and which outlives a kill."""
        return self._stack.enter_context(tempfile.NamedTemporaryFile(prefix="sabah-", suffix=".warc"))

    def _spooled(self, record: Record) -> int:
        assert record.block is not None
        offset: int = self._spool.tell()
        head = f"WARC/1.1\r\nWARC-Type: {record.kind}\r\nWARC-Target-URI: {record.url}\r\nWARC-Date: {record.at}\r\nContent-Length: {len(record.block)}\r\n\r\n"
        self._spool.write(b"%b%b\r\n\r\n" % (head.encode(), record.block))
        return offset


def _cut(record: Record, answered: Answer) -> str:
    """Why a capture is not the whole page, which would look like a revision that lacks what has been cut off; else empty."""
    if record.truncated:
        return f"WARC-Truncated says {record.truncated!r:.40}"
    if answered.cut:
        return answered.cut
    return f"it ends within its packing ({answered.packing})" if ends_early(answered.packing, answered.payload) else ""
