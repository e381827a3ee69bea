"""Compare a stored line with what the ledger says of it, and an answer that was cut with the page it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import orjson

from sabah.items import ADDED, SCHEMA_VERSION, SOURCE_FIELDS, as_of
from sabah.normalize.hashes import revision_hash, text_hash
from sabah.storage.errors import damaged
from sabah.storage.files import place
from sabah.storage.lines import from_line, to_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sabah.items import Article
    from sabah.storage.ledger import Ledger

    Said = dict[str, Any]

    Consistent = Callable[[Article], bool]
    """Whether the hashes and numbers of a record are those of its words."""
    from sabah.items import Article

_OF_A_ROW: Final = (
    "revision",
    "reading",
    "text_hash",
    "revision_hash",
    "origin",
    "layout",
    "published_at",
    "modified_at",
    "withdrawn_at",
    "moved_to",
)
"""Columns of `articles` that repeat a field of the line."""

_SAID: Final = f"""
SELECT {", ".join(f"t.{name}" for name in _OF_A_ROW)}, a.url, r.crawl_id, f.name, s.offset
FROM articles t LEFT JOIN addresses a ON a.id = t.address LEFT JOIN runs r ON r.id = t.run
LEFT JOIN snapshots s ON s.id = t.snapshot LEFT JOIN files f ON f.id = s.file WHERE t.id = ?
"""  # noqa: S608

_ALSO: Final = """
SELECT a.kind, a.section, a.subsection, a.found_on, coalesce(s.fetched_at, t.withdrawn_at), coalesce(s.status, a.last_status)
FROM articles t JOIN addresses a ON a.id = t.address LEFT JOIN snapshots s ON s.id = t.snapshot WHERE t.id = ?
"""
_ALSO_FIELDS: Final = ("kind", "section", "subsection", "found_on", "fetched_at", "status")


def said(ledger: Ledger, article: int) -> Said:
    """What the ledger says of the line in row `article`, by the fields of the record."""
    *values, url, crawl_id, name, offset = ledger.one(_SAID, article)
    return {
        **dict(zip(_OF_A_ROW, values, strict=True)),
        "url": url,
        "crawl_id": crawl_id,
        "snapshot": name and place(name, offset),
    }


def is_whole(ledger: Ledger, article: int, line: bytes, consistent: Consistent | None) -> bool:
    """Whether a line stored before digests were kept is what it was, as far as anyone can know: it is written as sabah writes, agrees with the ledger in every field that this has, and its hashes are those of its words."""
    try:
        record = from_line(line)
    except ValueError:
        return False
    also = dict(zip(_ALSO_FIELDS, ledger.one(_ALSO, article) or [None] * len(_ALSO_FIELDS), strict=True))
    known = said(ledger, article) | also
    return (
        _as_written(record, orjson.loads(line)["schema_version"]) == line
        and all(getattr(record, name) == value for name, value in known.items())
        and (consistent is None or consistent(record))
    )


def _as_written(record: Article, version: int) -> bytes:
    """The line of a record, as the sabah of that schema version wrote it."""
    if version == SCHEMA_VERSION:
        return to_line(record)
    fields = {name: value for name, value in orjson.loads(to_line(record)).items() if name not in ADDED}
    return orjson.dumps(fields | {"schema_version": version}, option=orjson.OPT_APPEND_NEWLINE)


def set_right(ledger: Ledger, article: int, line: bytes) -> bool:
    """Has the ledger say what the line says, whose digest holds; whether it said something else. Inside a transaction.

    Raises StorageError where two rows would then be of one record.
    """
    record, now = orjson.loads(line), said(ledger, article)
    other = {name for name, value in now.items() if record.get(name) != value}
    moment = as_of(from_line(line))
    ordered = ledger.run("UPDATE articles SET as_of = ?1 WHERE id = ?2 AND as_of IS NOT ?1", moment, article).rowcount
    if not other:
        return bool(ordered)
    if "url" in other:
        _rename(ledger, article, "addresses", "address", "url", record["url"])
    if "crawl_id" in other:
        _rename(ledger, article, "runs", "run", "crawl_id", record["crawl_id"])
    if "snapshot" in other and (snapshot := _snapshot(ledger, record["snapshot"])) is not None:
        ledger.run("UPDATE articles SET snapshot = ? WHERE id = ?", snapshot, article)
    same = "SELECT 1 FROM articles o JOIN articles t ON t.id = ?1 WHERE o.address = t.address AND o.revision = ?2 AND o.reading = ?3 AND o.id <> ?1"
    if ledger.one(same, article, record["revision"], record["reading"]):
        raise damaged(ledger.path, f"two rows are of revision {record['revision']} of {record['url']}")
    ledger.run(
        f"UPDATE articles SET {', '.join(f'{name} = ?' for name in _OF_A_ROW)} WHERE id = ?",  # noqa: S608
        *(record.get(name) for name in _OF_A_ROW), article,
    )  # fmt: skip
    return True


def _rename(ledger: Ledger, article: int, table: str, column: str, name: str, value: str) -> None:
    """Points the row to the one of `table` that has this name; where none has, the one it points to is given it."""
    row = ledger.one(f"SELECT id FROM {table} WHERE {name} = ?", value)  # noqa: S608
    if row is None:
        (row,) = ledger.all(f"SELECT {column} FROM articles WHERE id = ?", article)  # noqa: S608
        ledger.run(f"UPDATE {table} SET {name} = ? WHERE id = ?", value, row[0])  # noqa: S608
    ledger.run(f"UPDATE articles SET {column} = ? WHERE id = ?", row[0], article)  # noqa: S608


def _snapshot(ledger: Ledger, named: str | None) -> int | None:
    """The id of the snapshot at a place that a line names; None where there is none."""
    if named is None:
        return None
    name, _, offset = named.rpartition(":")
    row = ledger.one(
        "SELECT s.id FROM snapshots s JOIN files f ON f.id = s.file WHERE f.name = ? AND s.offset = ?",
        f"snapshots/{name}",
        int(offset),
    )
    return row and int(row[0])


CUT: Final = "answer_cut"

_TEXTS: Final = (
    "article_id", "standfirst", "description", "byline", "dateline", "published_at", "published_precision", "published_raw", "zone_source", "modified_at",
    "modified_raw", "body",
)  # fmt: skip
_LISTS: Final = ("authors", "agencies", "keywords", "images", "videos", "related")


def is_cut(record: Article) -> bool:
    return CUT in record.marks


def repeats(cut: Article, stored: Article) -> bool:
    """Whether the record of a cut answer has the headline of what is stored, and its text or the beginning of it."""
    return cut.headline == stored.headline and (stored.body or "").startswith(cut.body or "")


def adds(record: Article, stored: Article) -> bool:
    """Whether a record has what a cut answer, which is stored, had not."""
    return is_cut(stored) and not is_cut(record) and completed(stored, record) != stored


def completed(cut: Article, stored: Article) -> Article:
    """The record of a cut answer with what only the stored one has, or has more of; hashes and number of words are those of the whole."""
    kept = {name: value for name, value in _kept(cut, stored).items() if value != getattr(cut, name)}
    if not kept:
        return cut
    sources = {name: (stored if name in kept else cut).sources[name] for name in SOURCE_FIELDS}
    whole = attrs.evolve(cut, **kept, sources=sources)
    return attrs.evolve(
        whole,
        word_count=len(whole.body.split()) if whole.body else 0,
        text_hash=text_hash(whole.headline, whole.body),
        revision_hash=revision_hash(
            headline=whole.headline, standfirst=whole.standfirst, byline=whole.byline, dateline=whole.dateline, published_raw=whole.published_raw,
            body=whole.body, keywords=whole.keywords, images=[(one.caption, one.credit) for one in whole.images],
        ),
    )  # fmt: skip


def _kept(record: Article, stored: Article) -> dict[str, Any]:
    """The values of the record; those of the stored one where the record has none, or only the first of a list."""
    values: dict[str, Any] = {name: getattr(record, name) or getattr(stored, name) for name in _TEXTS}
    for name in _LISTS:
        own, before = getattr(record, name), getattr(stored, name)
        values[name] = before if before[: len(own)] == own else own
    return values
