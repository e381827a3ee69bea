"""An SQLite database: one table, indexes, keywords in a table of their own, full-text search."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from sabah.dataset import fields
from sabah.dataset.batches import rename
from sabah.dataset.formats.hashed import hashed

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.batches import Batch, Shape
    from sabah.dataset.formats.hashed import Written


class SqliteWriter:
    """Lists and structs are JSON, times ISO 8601 with their offset; `published_utc` sorts."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self.path, self.names = path, shape.names
        path.touch(exist_ok=False)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._columns = list(fields.columns("database", shape.names).items())
        self._connection.executescript(self._schema())
        self._connection.execute("BEGIN")
        marks = ", ".join("?" * (len(self._columns) + 1))
        self._insert = f"INSERT INTO articles VALUES ({marks})"
        self._rows = 0

    def write(self, batch: Batch) -> None:
        rows, keywords = [], []
        for record in batch.records:
            self._rows += 1
            named = rename(record, self.names)
            rows.append((self._rows, *(_value(named.get(name)) for name, _ in self._columns)))
            keywords += [(keyword, self._rows) for keyword in record["keywords"]]
        self._connection.executemany(self._insert, rows)
        self._connection.executemany("INSERT OR IGNORE INTO keywords VALUES (?, ?)", keywords)

    def close(self) -> Written:
        headline, body, section = map(self._name, ("headline", "body", "section"))
        self._connection.execute("COMMIT")
        self._connection.executescript(f"""
            CREATE INDEX articles_url ON articles ({self._name("url")});
            CREATE INDEX articles_published ON articles (published_utc);
            CREATE INDEX articles_section ON articles ({section}, published_utc);
            CREATE INDEX articles_text ON articles (text_hash);
            INSERT INTO articles_text_search (rowid, {headline}, {body}) SELECT id, {headline}, {body} FROM articles;
            INSERT INTO articles_text_search (articles_text_search) VALUES ('optimize');
            PRAGMA optimize;
        """)
        with closing(self._connection):
            self._connection.execute("PRAGMA journal_mode = DELETE")
        return hashed(self.path)

    def abandon(self) -> None:
        self._connection.close()

    def _name(self, name: str) -> str:
        return f'"{fields.renamed(name, self.names)}"'

    def _schema(self) -> str:
        headline, body, published = map(self._name, ("headline", "body", "published_at"))
        columns = ", ".join(
            f'"{name}" {"INTEGER" if pa.types.is_integer(type_) else "TEXT"}' for name, type_ in self._columns
        )
        return f"""
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA encoding = 'UTF-8';
            CREATE TABLE articles (
                id INTEGER PRIMARY KEY, {columns},
                published_utc TEXT GENERATED ALWAYS AS (strftime('%Y-%m-%dT%H:%M:%SZ', {published})) VIRTUAL
            );
            CREATE TABLE keywords (keyword TEXT NOT NULL, article INTEGER NOT NULL REFERENCES articles, PRIMARY KEY (keyword, article)) WITHOUT ROWID;
            CREATE VIRTUAL TABLE articles_text_search USING fts5 (
                {headline}, {body}, content = 'articles', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
            );
        """


def _value(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value
