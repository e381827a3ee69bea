"""Stored lines and snapshots go over into new files: written and synced, made to count by one commit, then the old files go.

`compact` merges files this way, `forget` leaves something out. Killed before the commit nothing has happened, killed after it the next
start removes the old files (`leftovers`).
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Final, Self

import attrs
import orjson

from sabah import clock
from sabah.storage import faults
from sabah.storage.errors import StorageError, reported
from sabah.storage.files import NewFile, install, piece, place
from sabah.storage.lines import carried
from sabah.storage.recovery import complete, drop_unfinished, rewriting
from sabah.storage.snapshots import opening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from sabah.storage.ledger import Ledger


class InUseError(Exception):
    """A living crawl has a hand in it; the text is one line."""


MEANWHILE: Final = "a running crawl has just stored something of these pages; try once more when it has ended"


@attrs.frozen
class Stored:
    """A closed file of a run that has ended."""

    id: int
    name: str
    length: int
    run: int
    started_at: str


STORED: Final = """
SELECT f.id, f.name, f.length, f.run, r.started_at FROM files f JOIN runs r ON r.id = f.run
WHERE f.closed AND f.length > 0 AND r.ended_at IS NOT NULL
"""


@attrs.frozen(kw_only=True)
class Without:
    """What is left out: ids of rows."""

    addresses: frozenset[int] = frozenset()
    articles: frozenset[int] = frozenset()
    snapshots: frozenset[int] = frozenset()


def broken(path: Path, offset: int) -> StorageError:
    """What to raise where the line at `offset` is no record any more."""
    return StorageError(
        f"{path}: the line at byte {offset} is damaged. Start a crawl with -s DEEP_REPAIR=True: it makes it good."
    )


def missing(path: Path) -> StorageError:
    """What to raise where a file is shorter than the ledger says."""
    return StorageError(f"{path}: bytes that were stored are missing. Start a crawl: it makes them good.")


def concerned(ledger: Ledger, moved: Moved, without: Without) -> bool:
    """Whether a line of it has to go or to change."""
    rows = ledger.all("SELECT address, snapshot FROM refusals")
    return any(address in without.addresses or snapshot in moved.places for address, snapshot in rows)


def replace(ledger: Ledger, new: NewFile, moved: Moved, without: Without) -> None:
    """Writes what is to take its place into `new` and repoints the rows; `files.install` puts it there after the commit.

    Inside a transaction, which keeps everyone else from appending. Raises StorageError.
    """
    install(ledger)
    file, name = ledger.one("SELECT id, name FROM files WHERE kind = 'rejected'")
    rows = ledger.all(
        "SELECT id, address, snapshot, offset, length, digest FROM refusals WHERE file = ? ORDER BY offset", file
    )
    for refusal, address, snapshot, offset, length, kept in rows:
        if address in without.addresses:
            continue
        line = piece(ledger.folder / name, offset, length)
        if len(line) < length:
            raise missing(ledger.folder / name)
        data = moved.pointed(line, snapshot)
        ledger.run(
            "UPDATE refusals SET offset = ?, length = ?, digest = ? WHERE id = ?",
            new.add(data), len(data), carried(line, kept, data), refusal,
        )  # fmt: skip
    ledger.run("UPDATE files SET length = ? WHERE id = ?", new.end, file)
    new.sync()


class Moved:
    """The new place of each snapshot taken up, by its id in the ledger."""

    def __init__(self) -> None:
        self.places: dict[int, tuple[NewFile, int] | None] = {}
        """None: it is left out."""

    def pointed(self, line: bytes, snapshot: int | None) -> bytes:
        """The line with its snapshot's new place; one that is damaged stays so, for a crawl to repair."""
        if snapshot not in self.places:
            return line
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            return line
        to = self.places[snapshot]
        record["snapshot"] = place(to[0].name, to[1]) if to else None
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


class Rewrite:
    """One rewriting, as a context: snapshots first, then every line that names them, then `commit`. All methods raise StorageError."""

    def __init__(self, ledger: Ledger, snapshot_bytes: int, without: Without | None = None) -> None:
        """Holding the lock of `leftovers.rewriting`."""
        self.ledger, self.snapshot_bytes, self.without = ledger, snapshot_bytes, without or Without()
        self._token = secrets.token_hex(3)
        self._old: list[int] = []
        self._new: list[tuple[NewFile, int | None]] = []
        self._moved = Moved()
        self._lines: list[tuple[int, int, int, int | None, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for new, _ in self._new:
                new.abandon()
            drop_unfinished(self.ledger)

    @property
    def made(self) -> int:
        """New files so far."""
        return len(self._new)

    def snapshots(self, files: Sequence[Stored]) -> None:
        """Moves the snapshots of `files` into as few as their size allows."""
        new = None
        for file in files:
            for (snapshot,), data in self._pieces(file, "SELECT offset, length, id FROM snapshots WHERE file = ?"):
                if snapshot in self.without.snapshots:
                    self._moved.places[snapshot] = None
                    continue
                if new is None or new.end >= self.snapshot_bytes:
                    new = self._make("snapshot", files[0])
                    new.add(opening(new.name.rpartition("/")[2], clock.timestamp()))
                self._moved.places[snapshot] = new, new.add(data)

    def lines(self, files: Sequence[Stored]) -> None:
        """Moves the lines of `files` into one, each with its snapshot's new place."""
        new = None
        for file in files:
            for (article, snapshot, kept), line in self._pieces(
                file, "SELECT offset, length, id, snapshot, digest FROM articles WHERE file = ?"
            ):
                if article in self.without.articles:
                    continue
                new = new or self._make("article", files[0])
                data = self._moved.pointed(line, snapshot)
                self._lines.append((new.id, new.add(data), len(data), carried(line, kept, data), article))

    def commit(self, also: Callable[[], None] = lambda: None) -> None:
        """Makes it so, together with what `also` does in the same transaction, and removes the old files.

        Raises InUseError where a living crawl came between: then nothing has happened.
        """
        for new, _ in self._new:
            new.sync()
        rejected = concerned(self.ledger, self._moved, self.without)
        replacement = self._make("replacement", None) if rejected else None
        with self.ledger.transaction("rewrite"):
            self._check(rejected)
            if replacement is not None:
                replace(self.ledger, replacement, self._moved, self.without)
            self._move()
            self._remove()
            many = self.ledger.connection.executemany
            many("UPDATE files SET length = 0 WHERE id = ?", [(one,) for one in self._old])
            many(
                "UPDATE files SET length = ?, run = ?, closed = 1 WHERE id = ?",
                [(new.end, run, new.id) for new, run in self._new],
            )
            also()
        complete(self.ledger)

    def _make(self, kind: str, first: Stored | None) -> NewFile:
        # Sorts with the runs' files of its month, and no name is ever used twice.
        month = f"{first.started_at[:4]}{first.started_at[5:7]}-" if first else ""
        number = f"-{len(self._new) + 1}" if self._new else ""
        new = NewFile(self.ledger, kind, f"{month}{self._token}{number}")
        self._new.append((new, first.run if first else None))
        faults.point("rewrite-created")
        return new

    def _pieces(self, file: Stored, sql: str) -> Iterator[tuple[tuple[int, ...], bytes]]:
        """What the ledger has in `file`, in order: the columns after offset and length, and the bytes."""
        path = self.ledger.folder / file.name
        if not path.exists() or path.stat().st_size < file.length:
            raise missing(path)
        self._old.append(file.id)
        with path.open("rb") as source:
            for offset, length, *columns in self.ledger.all(f"{sql} ORDER BY offset", file.id):
                source.seek(offset)
                yield tuple(columns), source.read(length)

    def _check(self, rejected: bool) -> None:
        """Raises InUseError where a line came meanwhile that names what moves."""
        moved = json.dumps(list(self._moved.places))
        written = {line[-1] for line in self._lines} | self.without.articles
        named = self.ledger.all("SELECT id FROM articles WHERE snapshot IN (SELECT value FROM json_each(?))", moved)
        if any(article not in written for (article,) in named):
            raise InUseError(MEANWHILE)
        if not rejected and concerned(self.ledger, self._moved, self.without):
            raise InUseError(MEANWHILE)

    def _move(self) -> None:
        many = self.ledger.connection.executemany
        many(
            "UPDATE snapshots SET file = ?, offset = ? WHERE id = ?",
            [(to[0].id, to[1], snapshot) for snapshot, to in self._moved.places.items() if to],
        )
        many("UPDATE articles SET file = ?, offset = ?, length = ?, digest = ? WHERE id = ?", self._lines)

    def _remove(self) -> None:
        many = self.ledger.connection.executemany
        snapshots = [(one,) for one in self.without.snapshots]
        many("DELETE FROM articles WHERE id = ?", [(one,) for one in self.without.articles])
        many("DELETE FROM refusals WHERE address = ?", [(one,) for one in self.without.addresses])
        many("UPDATE articles SET snapshot = NULL WHERE snapshot = ?", snapshots)
        many("UPDATE refusals SET snapshot = NULL WHERE snapshot = ?", snapshots)
        many("DELETE FROM snapshots WHERE id = ?", snapshots)


@attrs.frozen
class Compacted:
    months: int = 0
    before: int = 0
    """Files there were, and after: what has become of them."""

    after: int = 0


def months(ledger: Ledger, before: str) -> list[str]:
    """Months (`YYYY-MM`) earlier than `before` in which runs began whose files are there. Raises StorageError."""
    found = {file.started_at[:7] for file in ledger.rows(Stored, STORED)}
    return sorted(month for month in found if month < before)


def compact(ledger: Ledger, which: Iterable[str], snapshot_bytes: int) -> Compacted:
    """Merges what ended runs of each month have left: the segments into one file, the snapshots into files of `snapshot_bytes`.

    Beside living crawls, whose files stay as they are. Raises StorageError, and InUseError where one came between.
    """
    done = Compacted()
    for month in which:
        with reported(ledger.path), rewriting(ledger.folder):
            before, after = _month(ledger, month, snapshot_bytes)
        if before:
            done = Compacted(done.months + 1, done.before + before, done.after + after)
    return done


def _month(ledger: Ledger, month: str, snapshot_bytes: int) -> tuple[int, int]:
    segments = _files(ledger, "article", month)
    snapshots = [file for file in _files(ledger, "snapshot", month) if file.length < snapshot_bytes]
    # A snapshot that a living run's line names stays where it is.
    ended = _ended(ledger)
    held = {snapshot for snapshot, segment in _named(ledger, snapshots) if segment not in ended}
    snapshots = [file for file in snapshots if file.id not in held]
    if len(snapshots) < 2:
        snapshots = []
    if len(segments) < 2:
        segments = []
    if not snapshots and not segments:
        return 0, 0
    own = {file.id for file in segments}
    others = [ended[segment] for segment in sorted({segment for _, segment in _named(ledger, snapshots)} - own)]
    with Rewrite(ledger, snapshot_bytes) as rewrite:
        rewrite.snapshots(snapshots)
        rewrite.lines(segments)
        for file in others:
            rewrite.lines([file])
        after = rewrite.made
        rewrite.commit()
    return len(snapshots) + len(segments) + len(others), after


def _files(ledger: Ledger, kind: str, month: str) -> list[Stored]:
    return ledger.rows(
        Stored, f"{STORED} AND f.kind = ? AND r.started_at GLOB ? ORDER BY f.run, f.id", kind, f"{month}-*"
    )


def _ended(ledger: Ledger) -> dict[int, Stored]:
    return {file.id: file for file in ledger.rows(Stored, f"{STORED} AND f.kind = 'article'")}


def _named(ledger: Ledger, snapshots: Iterable[Stored]) -> list[tuple[int, int]]:
    """Snapshot files and the segments whose lines name them."""
    files = json.dumps([file.id for file in snapshots])
    return ledger.rows(
        lambda snapshot, segment: (snapshot, segment),
        "SELECT DISTINCT s.file, t.file FROM articles t JOIN snapshots s ON s.id = t.snapshot WHERE s.file IN (SELECT value FROM json_each(?))",
        files,
    )
