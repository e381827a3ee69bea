"""The ledger's tables, and the way from every older version to today's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from sabah import clock
from sabah.storage.errors import StorageError

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

APPLICATION_ID: Final = 0x53424148
"""'SBAH', in the file's header: tells a ledger from any other SQLite file."""

STATES: Final = ("pending", "done", "refused", "dropped", "failed", "gone", "forgotten")
"""Of an address. `failed` is pending again for the next run; claimed is no state but `run` being set."""

_VERSION_1: Final = """
CREATE TABLE scopes (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE                 -- spider and the arguments that decide what it wants
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    crawl_id TEXT NOT NULL UNIQUE,
    scope INTEGER NOT NULL REFERENCES scopes,
    spider TEXT NOT NULL,
    arguments TEXT NOT NULL,                 -- JSON object
    job TEXT,                                -- Scrapyd's job id
    started_at TEXT NOT NULL,
    ended_at TEXT,
    pages INTEGER NOT NULL DEFAULT 0,        -- addresses this run brought to an end
    articles INTEGER NOT NULL DEFAULT 0,     -- lines it stored
    counts TEXT,                             -- JSON object, whatever else the run counted
    verdict TEXT,
    reason TEXT
);
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    section TEXT,
    subsection TEXT,
    found_on TEXT,
    depth INTEGER NOT NULL,                  -- the smallest at which any run has met it
    first_seen_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'refused', 'failed', 'gone', 'forgotten')),
    run INTEGER REFERENCES runs,             -- who has claimed it; void when that run's lock is free
    alias_of INTEGER REFERENCES addresses,   -- where it redirects to
    attempts INTEGER NOT NULL DEFAULT 0,     -- requests made
    failures INTEGER NOT NULL DEFAULT 0,     -- runs in which it failed for good
    last_status INTEGER,
    last_fetched_at TEXT,
    last_modified TEXT,                      -- the Last-Modified header, as sent
    left_out TEXT,                           -- published then, outside the dates its run wanted: done, with no record
    due_at TEXT
);
CREATE INDEX addresses_claimed ON addresses (run) WHERE run IS NOT NULL;
CREATE INDEX addresses_failed ON addresses (state) WHERE state = 'failed';
CREATE INDEX addresses_aliases ON addresses (alias_of) WHERE alias_of IS NOT NULL;
CREATE TABLE links (
    address INTEGER PRIMARY KEY REFERENCES addresses,
    targets TEXT NOT NULL                    -- JSON list of address ids, in page order
);
CREATE TABLE wants (                         -- what a scope has still to fetch, or to look through for its links
    scope INTEGER NOT NULL REFERENCES scopes,
    address INTEGER NOT NULL REFERENCES addresses,
    depth INTEGER NOT NULL,
    PRIMARY KEY (address, scope)
) WITHOUT ROWID;
CREATE INDEX wants_next ON wants (scope, depth, address);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,               -- relative to the data folder
    kind TEXT NOT NULL,                      -- article, snapshot, rejected; replacement: takes the place of rejected.jsonl once closed
    run INTEGER REFERENCES runs,             -- who appends, or of a merged file the first whose lines it has; null for the file all share
    length INTEGER NOT NULL DEFAULT 0,       -- committed bytes; what lies beyond does not exist
    closed INTEGER NOT NULL DEFAULT 0        -- of no run and not closed: a rewriting that was not committed
);
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY,
    address INTEGER NOT NULL REFERENCES addresses,
    file INTEGER NOT NULL REFERENCES files,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,                 -- of the response record and the request record after it
    status INTEGER NOT NULL,
    fetched_at TEXT NOT NULL
);
CREATE INDEX snapshots_address ON snapshots (address);
CREATE INDEX snapshots_file ON snapshots (file, offset);
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    address INTEGER NOT NULL REFERENCES addresses,
    revision INTEGER NOT NULL,
    reading INTEGER NOT NULL,
    text_hash TEXT NOT NULL,
    revision_hash TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES files,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,                 -- of the line, its end included
    snapshot INTEGER REFERENCES snapshots,
    run INTEGER NOT NULL REFERENCES runs,
    origin TEXT,
    layout TEXT NOT NULL,
    published_at TEXT,
    modified_at TEXT,
    stored_at TEXT NOT NULL,
    withdrawn_at TEXT,
    UNIQUE (address, revision, reading)
);
CREATE INDEX articles_text ON articles (text_hash);
CREATE INDEX articles_file ON articles (file, offset);
CREATE TABLE refusals (
    id INTEGER PRIMARY KEY,
    address INTEGER NOT NULL REFERENCES addresses,
    reason TEXT NOT NULL,
    status INTEGER,
    fetched_at TEXT,
    run INTEGER NOT NULL REFERENCES runs,
    snapshot INTEGER REFERENCES snapshots,
    file INTEGER NOT NULL REFERENCES files,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL
);
CREATE INDEX refusals_file ON refusals (file, offset);
CREATE INDEX refusals_address ON refusals (address);
CREATE TABLE tombstones (
    address INTEGER PRIMARY KEY REFERENCES addresses,
    reason TEXT NOT NULL,
    forgotten_at TEXT NOT NULL,
    clean INTEGER NOT NULL DEFAULT 0         -- 1: the ledger's own file was rewritten since, nothing is left in free pages
);
INSERT INTO files (name, kind) VALUES ('rejected.jsonl', 'rejected');
"""

_VERSION_2: Final = """
ALTER TABLE addresses ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;  -- visits in a row that found it gone
ALTER TABLE addresses ADD COLUMN aged_from TEXT;                   -- from when on an article's age counts; null where it is not known
ALTER TABLE addresses ADD COLUMN hint TEXT;                        -- JSON object: published_at and description as a feed gave them
ALTER TABLE addresses ADD COLUMN capture TEXT;                     -- 14 digits: the archive's capture to be read in place of the live page
CREATE INDEX addresses_due ON addresses (due_at) WHERE due_at IS NOT NULL;
-- What was fetched within two weeks of its publication and never again is owed one look.
UPDATE addresses SET due_at = last_fetched_at WHERE state = 'done' AND EXISTS (
    SELECT 1 FROM articles WHERE address = addresses.id AND julianday(published_at) > julianday(addresses.last_fetched_at) - 14
);
CREATE TABLE sources (
    name TEXT PRIMARY KEY,                   -- path of a listing or feed
    kind TEXT NOT NULL CHECK (kind IN ('listing', 'feed')),
    last_modified TEXT,                      -- the Last-Modified header, as sent
    last_status INTEGER,
    last_fetched_at TEXT,
    last_found INTEGER,                      -- addresses of articles it gave then
    targets TEXT,                            -- JSON list of address ids: what it named when last_modified was sent
    delivered_at TEXT,                       -- when it last gave any
    fault TEXT,
    fault_since TEXT
) WITHOUT ROWID;
"""

_VERSION_3: Final = """
ALTER TABLE runs ADD COLUMN held TEXT;       -- JSON object: every verdict that held, with its reason; `verdict` is the first of them
ALTER TABLE articles ADD COLUMN marks INTEGER;  -- a bit for each mark of a layout that the page bore (sabah.pages.marks); null before version 3
"""

_VERSION_4: Final = """
CREATE TABLE signatures (                    -- of bodies, to find near-duplicates by
    article INTEGER PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    scheme TEXT NOT NULL,                    -- how it was made; one of another scheme counts as none
    data BLOB NOT NULL                       -- empty where there is no text
);
-- A line that was rebuilt from its page may say something else.
CREATE TRIGGER signatures_outdated AFTER UPDATE OF text_hash ON articles WHEN OLD.text_hash <> NEW.text_hash BEGIN
    DELETE FROM signatures WHERE article = OLD.id;
END;
"""

_VERSION_5: Final = """
CREATE TABLE places (                        -- how far a reading through the archive has come that has not ended
    scope INTEGER PRIMARY KEY REFERENCES scopes,
    place TEXT NOT NULL                      -- JSON, as the scope understands it
);
"""

_VERSION_6: Final = """
-- Of when the newest is that is known of a stored article: a look at the newspaper, or a capture; null where only the record of a capture says it.
ALTER TABLE addresses ADD COLUMN known_at TEXT;
UPDATE addresses SET known_at = last_fetched_at WHERE id IN (SELECT address FROM articles) AND 'archive' IS NOT (
    SELECT origin FROM articles WHERE address = addresses.id ORDER BY revision DESC, reading DESC LIMIT 1
);
"""

_DROPPED: Final = """
-- What a pipeline of the user's has dropped is a state of its own. A CHECK cannot be altered, and to copy the table with its indices takes seconds a million addresses;
-- this is the way that SQLite describes for it (lang_altertable.html#otheralter). The table made and dropped has every other connection read the schema anew.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''gone'', ''forgotten'')', '''gone'', ''forgotten'', ''dropped'')') WHERE type = 'table' AND name = 'addresses';
CREATE TABLE schema_changed (id);
DROP TABLE schema_changed;
PRAGMA writable_schema = RESET;
"""

_DIGESTS: Final = """
ALTER TABLE articles ADD COLUMN digest INTEGER;   -- of the line as it is stored (sabah.storage.lines); null until DEEP_REPAIR has compared an older one
ALTER TABLE refusals ADD COLUMN digest INTEGER;
"""

_NAMINGS: Final = """
-- Who named which address, beside the first, which is addresses.found_on. A feed, a listing and a list are a row each in `namers`; all articles are
-- one, because which article names what stands in `links` already: 60 rows a page would double the ledger and say nothing new.
CREATE TABLE namers (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('feed', 'listing', 'article', 'given', 'index')),
    name TEXT NOT NULL,                      -- path of a feed or listing, name of a file of addresses, else empty
    UNIQUE (kind, name)
);
CREATE TABLE namings (
    address INTEGER NOT NULL REFERENCES addresses,
    namer INTEGER NOT NULL REFERENCES namers,
    first INTEGER NOT NULL,                  -- seconds since 1970
    last INTEGER NOT NULL,                   -- written once a day at most: days are what it is for
    PRIMARY KEY (address, namer)
) WITHOUT ROWID;
CREATE TABLE facts (                         -- of the ledger itself
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO facts SELECT 'namings_since', present() WHERE EXISTS (SELECT 1 FROM runs);
-- Refused addresses: how often in a row, and in due_at when they are to be asked for again. What was refused so far is spread over 14 days.
ALTER TABLE addresses ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
WITH old AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS every FROM addresses WHERE state = 'refused')
UPDATE addresses SET refusals = 1, due_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', present(), (old.place * 1209600 / old.every) || ' seconds')
FROM old WHERE old.id = addresses.id;
-- What orders the newspaper's history: of when the article is that a line shows. Of a withdrawal when it was seen, of a capture when it was
-- captured, else when the page was fetched. Only lines say when a crawl's captures were made, and when pages were fetched that were not kept.
ALTER TABLE articles ADD COLUMN as_of TEXT;
UPDATE articles SET as_of = coalesce(
    withdrawn_at,
    (SELECT fetched_at FROM snapshots WHERE id = articles.snapshot AND articles.origin IS NOT 'archive'),
    line_as_of((SELECT name FROM files WHERE id = articles.file), offset, length),
    (SELECT fetched_at FROM snapshots WHERE id = articles.snapshot),
    stored_at
);
"""

_CLOCKS: Final = """
ALTER TABLE runs ADD COLUMN clock TEXT;           -- right, wrong, or settled (sabah.storage.clocks); null where too few answers bore a Date
"""

_SIGNS: Final = """
ALTER TABLE articles ADD COLUMN moved_to TEXT;    -- of a line that ends an article which moved: the canonical address at which it stands
ALTER TABLE articles ADD COLUMN instead TEXT;     -- of a withdrawal that no status says: what stood in the article's place (home page, section, error page)
CREATE INDEX articles_moved ON articles (moved_to) WHERE moved_to IS NOT NULL;
ALTER TABLE runs ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;   -- at stored articles, that were answered
ALTER TABLE runs ADD COLUMN astray INTEGER NOT NULL DEFAULT 0;  -- of these, that met another page than an article
CREATE TABLE signs (                              -- what looks at a stored article have shown, since it was last seen, that may end it
    address INTEGER NOT NULL REFERENCES addresses,
    at TEXT NOT NULL,                             -- when it was answered
    run INTEGER NOT NULL REFERENCES runs,
    target INTEGER REFERENCES addresses,          -- where it was sent for good
    instead TEXT,                                 -- or what stood in its place
    status INTEGER,
    snapshot INTEGER REFERENCES snapshots ON DELETE SET NULL,
    PRIMARY KEY (address, at)
) WITHOUT ROWID;
CREATE INDEX signs_target ON signs (target) WHERE target IS NOT NULL;
"""

_REFUSED_AND_DEADLY: Final = """
-- What was refused before this was counted is told by the count: 0. Of that a run asks for a few only, of what was refused since for all that is due.
UPDATE addresses SET refusals = 0 WHERE state = 'refused' AND last_fetched_at <= (SELECT value FROM facts WHERE name = 'namings_since');
ALTER TABLE addresses ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;  -- runs in a row that died while they had it in hand
"""

_BLOCKED: Final = """
ALTER TABLE addresses ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;  -- rows of blocks that it was one of, since it was dealt with last
"""

MIGRATIONS: Final = [
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    _VERSION_4,
    _VERSION_5,
    _VERSION_6,
    _DROPPED,
    _DIGESTS,
    _NAMINGS,
    _CLOCKS,
    _SIGNS,
    _REFUSED_AND_DEADLY,
    _BLOCKED,
]
"""The n-th leads from version n-1 to version n. Only ever appended to: older ledgers walk through all of them."""


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _line_as_of(folder: Path, name: str, offset: int, length: int) -> str | None:
    """When the page of a stored line was captured or fetched, as the line says; None where it is missing or damaged, which a repair comes to later."""
    try:
        with (folder / name).open("rb") as file:
            file.seek(offset)
            record = orjson.loads(file.read(length))
        return str(record["captured_at"] or record["fetched_at"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Brings the ledger at `path` to today's version, each step in a transaction of its own.

    Raises StorageError where the file is from a newer version of sabah, or is not a ledger at all.
    """
    found = version(connection)
    folder = path.parent
    connection.create_function("present", 0, clock.timestamp)
    connection.create_function("line_as_of", 3, lambda *place: _line_as_of(folder, *place))
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StorageError(
            f"{path}: is an SQLite file, but not a ledger of sabah. Move it away, or name another folder."
        )
    if found > len(MIGRATIONS):
        raise StorageError(
            f"{path}: is from a newer sabah (ledger version {found}, this one knows {len(MIGRATIONS)}). Update sabah."
        )
    for number, script in enumerate(MIGRATIONS[found:], found + 1):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE; {script}; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT"
            )
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
