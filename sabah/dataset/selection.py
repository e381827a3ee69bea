"""Which stored lines an export has, decided in one moment of the ledger and kept in a file, so that memory does not grow with the dataset."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import contextmanager
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, Self

import attrs
import orjson

from sabah.dataset import near
from sabah.dataset.lines import Line, Source, mentions
from sabah.items import KINDS_WITHOUT_TEXT
from sabah.spiders.arguments import JOB
from sabah.storage.errors import damaged, reported
from sabah.storage.last import LATEST
from sabah.storage.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from sabah.dataset.filters import Filters

_COUNTED: Final = {
    "section": "u.section", "kind": "u.kind", "layout": "a.layout", "origin": "a.origin", "month": "substr(a.published_at, 1, 7)",
}  # fmt: skip
_AT: Final = "printf('%012d ', unixepoch(a.published_at) + 100000000000) || a.published_at"
"""Sorts as the instants do, whatever their offsets; those before 1970, which count negative, too."""

_COUNT: Final = f"""
SELECT count(*), a.run, {", ".join(_COUNTED.values())}, min({_AT}), max({_AT}), max(a.stored_at)
FROM work.chosen c JOIN main.articles a ON a.id = c.article JOIN main.addresses u ON u.id = c.address
GROUP BY {", ".join(_COUNTED.values())}, a.run
"""


@attrs.frozen(kw_only=True)
class Chosen:
    """What was chosen, in numbers that the ledger has."""

    rows: int
    articles: int
    duplicates: int
    """Rows whose text another address of the selection published before."""

    dropped: int
    """Of these, rows left out."""

    withdrawn: int
    """Articles left out because the newspaper has withdrawn them."""

    moved: int
    """Articles left out because they stand at another address now."""

    first: str | None
    last: str | None
    """Publication, the earliest and latest as stored."""

    as_of: str | None
    """When the latest of the rows was stored."""

    by: dict[str, dict[str, int]]
    """Rows by section, kind, layout, origin, month."""

    runs: list[dict[str, Any]]


def count(ledger: Ledger, filters: Filters, *, withdrawn: int, moved: int, duplicates: int, dropped: int) -> Chosen:
    """What is in `work.chosen`, a table of the ledger's connection, beside what is known of what is not. Raises sqlite3.Error."""
    by: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}
    rows, runs = 0, Counter[int]()
    first = last = as_of = None
    for number, run, *values, earliest, latest, stored in (found := ledger.connection.execute(_COUNT)):
        rows += number
        runs[run] += number
        for name, value in zip(_COUNTED, values, strict=True):
            by[name][str(value or "")] += number
        first = min(filter(None, (first, earliest)), default=None)
        last = max(filter(None, (last, latest)), default=None)
        as_of = max(as_of or stored, stored)
    found.close()
    articles = (
        rows if filters.revisions == "latest" else ledger.one("SELECT count(DISTINCT address) FROM work.chosen")[0]
    )
    return Chosen(
        rows=rows, articles=articles, duplicates=duplicates, dropped=dropped, withdrawn=withdrawn, moved=moved, as_of=as_of,
        first=first and first.split()[1], last=last and last.split()[1],
        by={name: dict(sorted(counts.items())) for name, counts in by.items()},
        runs=[_run(ledger, run, runs[run]) for run in sorted(runs)],
    )  # fmt: skip


def _run(ledger: Ledger, run: int, rows: int) -> dict[str, Any]:
    crawl_id, spider, arguments, started_at = ledger.one(
        "SELECT crawl_id, spider, arguments, started_at FROM runs WHERE id = ?", run
    )
    return {
        "crawl_id": crawl_id,
        "spider": spider,
        "arguments": _handed_on(json.loads(arguments)),
        "started_at": started_at,
        "rows": rows,
    }


def _handed_on(arguments: dict[str, Any]) -> dict[str, Any]:
    """What a run was given, without what is of the machine it ran on: names of files stand for their paths, and no job's id."""
    given = {name: value for name, value in arguments.items() if name != JOB}
    if "file" in given:
        given["file"] = PurePath(given["file"]).name
    if "files" in given:
        given["files"] = [PurePath(path).name for path in given["files"]]
    return given


_TABLES: Final = (
    """
CREATE TABLE work.chosen (
    article INTEGER PRIMARY KEY, address INTEGER NOT NULL, url TEXT NOT NULL, file INTEGER NOT NULL, offset INTEGER NOT NULL,
    length INTEGER NOT NULL, digest INTEGER, duplicate_of TEXT, cluster TEXT, cluster_size INTEGER
)
""",
    "CREATE TABLE work.marks (article INTEGER PRIMARY KEY, url TEXT NOT NULL)",
)
_LATEST: Final = {
    "latest": f"a.id = {LATEST}",
    "all": "a.reading = (SELECT max(reading) FROM articles WHERE address = a.address AND revision = a.revision)",
}
_TWINS: Final = """
SELECT a.text_hash, c.article, c.url, u.kind, c.file, c.offset, c.length FROM work.chosen c
JOIN main.articles a ON a.id = c.article JOIN main.addresses u ON u.id = c.address
WHERE a.text_hash IN (
    SELECT text_hash FROM main.articles INDEXED BY articles_text GROUP BY text_hash HAVING min(address) <> max(address)
)
ORDER BY a.text_hash, unixepoch(a.published_at), c.url, c.article
"""
_WRITING: Final = frozenset({
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_FSYNC,
})  # fmt: skip


class Selection:
    """The chosen lines of the dataset in `folder`, as a context; `work` is a file that it makes. Raises StorageError."""

    def __init__(self, folder: Path, filters: Filters, work: Path) -> None:
        self.folder, self.filters, self.work = folder, filters, work
        self._ledger = Ledger.read(folder)
        self._connection = self._ledger.connection
        with self._reported():
            self._connection.execute("ATTACH ? AS work", (f"{work.resolve().as_uri()}?mode=rwc",))
            for pragma in ("journal_mode = OFF", "synchronous = OFF"):  # a file that dies with its process
                self._connection.execute(f"PRAGMA work.{pragma}")
        self.names: dict[int, Path] = {}
        self.forgotten = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ledger.close()

    @contextmanager
    def moment(self) -> Iterator[Ledger]:
        """The ledger, for what is to be of the same moment as a choice made inside. Raises StorageError."""
        with self._reported(), self._ledger.moment():
            yield self._ledger

    def choose(self) -> Chosen:
        """Chooses, marks duplicates and counts, all of one moment. Raises StorageError, and MovedError where a file was moved meanwhile."""
        with self._reported(), self._ledger.moment():
            for table in _TABLES:  # executescript would commit, and what follows be of another moment
                self._ledger.run(table)
            self.forgotten = self._ledger.one("SELECT count(*) FROM tombstones")[0]
            self.names = {
                file: self.folder / name
                for file, name in self._ledger.all("SELECT id, name FROM files WHERE kind = 'article'")
            }
            self._select()
            self._check_keys()
            if self.filters.keywords:
                self._keep_keywords()
            withdrawn, moved = self._leave_out_ended() if self.filters.revisions == "latest" else (0, 0)
            duplicates, dropped = self._mark_duplicates() if self.filters.duplicates != "keep" else (0, 0)
            return count(
                self._ledger, self.filters, withdrawn=withdrawn, moved=moved, duplicates=duplicates, dropped=dropped
            )

    def cluster(self) -> None:
        """Takes cluster id and size of each chosen row along. Raises StorageError, and MovedError where a file was moved meanwhile."""
        with self._reported(), Source(self.names) as source:
            articles = (article for (article,) in self._connection.execute("SELECT article FROM work.chosen"))
            clusters = near.clusters(self._ledger, articles, lambda article: source.read(*self._place(article)))
            found = ((cluster, size, article) for article, cluster, size in clusters)
            self._connection.execute("BEGIN")
            self._connection.executemany(
                "UPDATE work.chosen SET cluster = ?, cluster_size = ? WHERE article = ?", found
            )
            self._connection.execute("COMMIT")

    def lines(self) -> Iterator[Line]:
        """Every chosen line, in the order in which they were stored."""
        with self._reported():
            rows = self._connection.execute(
                "SELECT file, offset, length, duplicate_of, cluster, cluster_size, url, digest FROM work.chosen ORDER BY article"
            )
            yield from map(Line._make, rows)

    def _place(self, article: int) -> tuple[int, int, int]:
        place: tuple[int, int, int] = self._ledger.one(
            "SELECT file, offset, length FROM work.chosen WHERE article = ?", article
        )
        return place

    def still_holds(self) -> bool:
        """Whether nothing was forgotten since: what a takedown has removed meanwhile must not be handed on."""
        with reported(self._ledger.path):
            now: int = self._ledger.one("SELECT count(*) FROM tombstones")[0]
        return now == self.forgotten

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """One connection has both files: what cannot be written is the work file's, all else the ledger's, which is only read."""
        with reported(self._ledger.path):
            try:
                yield
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) in _WRITING:
                    with reported(self.work):
                        raise
                raise

    def _select(self) -> None:
        self._connection.create_function("holds", 1, self._holds, deterministic=True)
        where, values = self._conditions()
        from_ = f"FROM main.articles a JOIN main.addresses u ON u.id = a.address WHERE {where}"
        self._ledger.run(
            f"INSERT INTO work.chosen (article, address, url, file, offset, length, digest) "
            f"SELECT a.id, a.address, u.url, a.file, a.offset, a.length, a.digest {from_} ORDER BY a.id",
            *values,
        )

    def _check_keys(self) -> None:
        """Raises StorageError where a key comes twice: a damaged ledger has had something stored again."""
        twice = self._ledger.one(
            "SELECT c.url, a.revision, a.reading FROM work.chosen c CROSS JOIN main.articles a ON a.id = c.article"
            " GROUP BY c.url, a.revision, a.reading HAVING count(*) > 1 LIMIT 1"
        )
        if twice is not None:
            url, revision, reading = twice
            raise damaged(self._ledger.path, f"{url}, revision {revision}, reading {reading} is there twice")

    def _leave_out_ended(self) -> tuple[int, int]:
        """How many articles were withdrawn, and how many have moved."""
        ended = "DELETE FROM work.chosen WHERE article IN (SELECT id FROM main.articles WHERE withdrawn_at IS NOT NULL AND moved_to IS {} NULL)"
        return self._ledger.run(ended.format("")).rowcount, self._ledger.run(ended.format("NOT")).rowcount

    def _holds(self, published_at: str | None) -> bool:
        return published_at is not None and self.filters.window.holds(published_at)

    def _conditions(self) -> tuple[str, list[str]]:
        filters = self.filters
        where, values = [_LATEST[filters.revisions]], []
        for column, chosen in (("u.kind", filters.kinds), ("a.layout", filters.layouts)):
            if chosen:
                where.append(f"{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(chosen))
        if filters.sections is not None:
            pairs = self._ledger.all("SELECT DISTINCT section, subsection FROM addresses")
            where.append("json_array(u.section, u.subsection) IN (SELECT value FROM json_each(?))")
            covered = [
                json.dumps(pair, separators=(",", ":"), ensure_ascii=False)
                for pair in pairs
                if filters.sections.covers(*pair)
            ]
            values.append(json.dumps(covered))
        if filters.window.since is not None or filters.window.until is not None:
            where.append("holds(a.published_at)")
        return " AND ".join(where), values

    def _keep_keywords(self) -> None:
        """Lets go what has none of the keywords; these the ledger does not have, the lines do."""
        with Source(self.names) as source:
            others = (
                (article,)
                for article, *place in self._connection.execute("SELECT article, file, offset, length FROM work.chosen")
                if not mentions(source.read(*place), self.filters.keywords)
            )
            self._connection.executemany("INSERT INTO work.marks VALUES (?, '')", others)
        self._ledger.run("DELETE FROM work.chosen WHERE article IN (SELECT article FROM work.marks)")
        self._ledger.run("DELETE FROM work.marks")

    def _mark_duplicates(self) -> tuple[int, int]:
        with Source(self.names) as source:
            self._connection.executemany("INSERT INTO work.marks VALUES (?, ?)", self._twins(source))
        if self.filters.duplicates == "drop":
            dropped = self._ledger.run("DELETE FROM work.chosen WHERE article IN (SELECT article FROM work.marks)")
            return dropped.rowcount, dropped.rowcount
        marked = self._ledger.run(
            "UPDATE work.chosen SET duplicate_of = m.url FROM work.marks m WHERE m.article = chosen.article"
        )
        return marked.rowcount, 0

    def _twins(self, source: Source) -> Iterator[tuple[int, str]]:
        """Rows whose text another address published before, and that address. Without a body there is no same text."""
        for _, group in groupby(self._connection.execute(_TWINS), key=lambda row: row[0]):
            first = None
            for _, article, url, kind, *place in group:
                if kind in KINDS_WITHOUT_TEXT and not orjson.loads(source.read(*place))["body"]:
                    continue
                first = first or url
                if url != first:
                    yield article, first
