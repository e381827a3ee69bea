"""A takedown: an article's lines, snapshots and rows go; what stays is its address, so that it is not fetched again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah import clock
from sabah.storage.errors import reported
from sabah.storage.last import LATEST
from sabah.storage.recovery import rewriting
from sabah.storage.rewrite import MEANWHILE, STORED, InUseError, Rewrite, Stored, Without

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sabah.storage.ledger import Ledger


class UnknownAddressError(ValueError):
    """The ledger has never heard of it; the text is one line."""


@attrs.frozen
class Forgotten:
    addresses: int = 0
    """Given ones and those that redirect to or from them, without what was forgotten before."""

    lines: int = 0
    """Of segments and rejected.jsonl."""

    snapshots: int = 0
    twins: tuple[str, ...] = ()
    """Addresses under which the same text is stored still."""


_GROUP: Final = f"""
WITH RECURSIVE same (id) AS (
    SELECT value FROM json_each(?)
    UNION SELECT a.id FROM addresses a JOIN same ON a.alias_of = same.id
    UNION SELECT a.alias_of FROM addresses a JOIN same ON a.id = same.id WHERE a.alias_of IS NOT NULL
    UNION SELECT a.address FROM addresses t JOIN same ON t.id = same.id JOIN articles a ON a.moved_to = t.url WHERE a.id = {LATEST}
    UNION SELECT t.id FROM articles a JOIN same ON a.address = same.id JOIN addresses t ON t.url = a.moved_to WHERE a.id = {LATEST}
)
SELECT same.id FROM same JOIN addresses a ON a.id = same.id WHERE a.state <> 'forgotten' OR a.id NOT IN (SELECT address FROM tombstones)
"""  # noqa: S608 - a constant
"""Redirects lead to the same article, both ways, and so does a move."""

_FILES: Final = """
SELECT f.id, f.kind, r.crawl_id FROM files f JOIN runs r ON r.id = f.run WHERE f.id IN (
    SELECT file FROM articles WHERE address IN (SELECT value FROM json_each(?1)) UNION SELECT file FROM snapshots WHERE address IN (SELECT value FROM json_each(?1))
    UNION SELECT t.file FROM articles t JOIN snapshots s ON s.id = t.snapshot
    WHERE s.file IN (SELECT file FROM snapshots WHERE address IN (SELECT value FROM json_each(?1)))
) ORDER BY f.id
"""
"""With the segments whose lines name a snapshot that will move: their lines change."""

_ROWS: Final = {
    "articles": "SELECT id FROM articles WHERE address IN (SELECT value FROM json_each(?))",
    "refusals": "SELECT id FROM refusals WHERE address IN (SELECT value FROM json_each(?))",
    "snapshots": "SELECT id FROM snapshots WHERE address IN (SELECT value FROM json_each(?))",
}
_TWINS: Final = """
SELECT DISTINCT a.url FROM articles t JOIN articles o ON o.text_hash = t.text_hash JOIN addresses a ON a.id = o.address
WHERE t.address IN (SELECT value FROM json_each(?1)) AND o.address NOT IN (SELECT value FROM json_each(?1)) ORDER BY a.url
"""


def forget(ledger: Ledger, urls: Sequence[str], reason: str, snapshot_bytes: int) -> Forgotten:
    """Removes every trace of the articles at these canonical addresses, all or nothing.

    Raises UnknownAddressError, InUseError where a living crawl's files hold some of it, StorageError.
    """
    with reported(ledger.path), rewriting(ledger.folder):
        group = json.dumps(sorted(_group(ledger, urls)))
        if group == "[]":
            return Forgotten()
        ids = json.loads(group)
        files = _files(ledger, group)
        twins = tuple(url for (url,) in ledger.all(_TWINS, group))
        without = Without(
            addresses=frozenset(ids),
            articles=_ids(ledger, "articles", group),
            snapshots=_ids(ledger, "snapshots", group),
        )
        refusals = len(_ids(ledger, "refusals", group))
        with Rewrite(ledger, snapshot_bytes, without) as rewrite:
            for file in files["snapshot"]:
                rewrite.snapshots([file])
            for file in files["article"]:
                rewrite.lines([file])
            rewrite.commit(lambda: _bury(ledger, group, reason))
    return Forgotten(len(ids), len(without.articles) + refusals, len(without.snapshots), twins)


def _group(ledger: Ledger, urls: Iterable[str]) -> list[int]:
    given = []
    for url in urls:
        row = ledger.one("SELECT id FROM addresses WHERE url = ?", url)
        if row is None:
            raise UnknownAddressError(f"{url}: the dataset does not know this address")
        given.append(row[0])
    return ledger.rows(int, _GROUP, json.dumps(given))


def _files(ledger: Ledger, group: str) -> dict[str, list[Stored]]:
    ended = {file.id: file for file in ledger.rows(Stored, STORED)}
    found: dict[str, list[Stored]] = {"article": [], "snapshot": []}
    for file, kind, crawl_id in ledger.all(_FILES, group):
        if file not in ended:
            raise InUseError(
                f"the crawl {crawl_id} is running and its files are concerned; try again when it has ended"
            )
        found[kind].append(ended[file])
    return found


def _ids(ledger: Ledger, table: str, group: str) -> frozenset[int]:
    return frozenset(ledger.rows(int, _ROWS[table], group))


def _bury(ledger: Ledger, group: str, reason: str) -> None:
    """The last part of the commit. Raises InUseError where a living crawl has stored more of it meanwhile."""
    if any(_ids(ledger, table, group) for table in _ROWS):
        raise InUseError(MEANWHILE)
    each: list[tuple[Any, ...]] = [(one,) for one in json.loads(group)]
    many = ledger.connection.executemany
    many("DELETE FROM wants WHERE address = ?", each)
    many("DELETE FROM signs WHERE address = ?1 OR target = ?1", each)
    many("DELETE FROM links WHERE address = ?", each)
    many("DELETE FROM namings WHERE address = ?", each)
    many(
        "UPDATE addresses SET state = 'forgotten', last_modified = NULL, due_at = NULL, refusals = 0, aged_from = NULL, hint = NULL, capture = NULL WHERE id = ?",
        each,
    )
    at = clock.timestamp()
    many(
        "INSERT OR REPLACE INTO tombstones (address, reason, forgotten_at) VALUES (?, ?, ?)",
        [(*one, reason, at) for one in each],
    )
