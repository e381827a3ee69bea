"""Datasets made by hand: any records, with any revisions, readings and withdrawals, stored as crawls store them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sabah.items import as_of
from sabah.storage.ledger import Ledger
from sabah.storage.lines import digest, to_line
from tests.records import old_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from sabah.items import Article

RUN = "20261101T080000Z-0a1b2c"


def dataset(
    folder: Path,
    records: Iterable[Article],
    *,
    crawl_id: str = RUN,
    at: str = "2026-11-01T08:00:00+00:00",
    verdict: str = "ok",
    counts: Mapping[str, Any] | None = None,
    old: bool = False,
) -> Path:
    """One more run in `folder` that stored `records`, a line each, in this order; `old`: in the form of schema version 1."""  # fmt: skip
    ledger = Ledger.open(folder)
    name = f"articles/{crawl_id}.jsonl"
    (folder / "articles").mkdir(exist_ok=True)
    addresses: dict[str, int] = dict(ledger.all("SELECT url, id FROM addresses"))
    with ledger.transaction("run"), (folder / name).open("xb") as file:
        ledger.run("INSERT OR IGNORE INTO scopes (id, key) VALUES (1, 'made')")
        run = ledger.run(
            "INSERT INTO runs (crawl_id, scope, spider, arguments, started_at, ended_at, pages, articles, counts, verdict) VALUES (?, 1, 'section', '{}', ?, ?, 0, 0, ?, ?)",
            crawl_id, at, at.replace("T08:00", "T08:10"), json.dumps(counts or {}), verdict,
        ).lastrowid  # fmt: skip
        segment = ledger.run(
            "INSERT INTO files (name, kind, run, closed) VALUES (?, 'article', ?, 1)", name, run
        ).lastrowid
        rows = 0
        for record in records:
            if record.url not in addresses:
                addresses[record.url] = ledger.run(
                    "INSERT INTO addresses (url, kind, section, subsection, depth, first_seen_at, state) VALUES (?, ?, ?, ?, 0, ?, 'done')",
                    record.url, record.kind, record.section, record.subsection, at,
                ).lastrowid or 0  # fmt: skip
            line = old_line(to_line(record)) if old else to_line(record)
            ledger.run(
                "INSERT INTO articles (address, revision, reading, text_hash, revision_hash, file, offset, length, run, origin, layout, published_at,"
                " modified_at, stored_at, withdrawn_at, digest, as_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                addresses[record.url], record.revision, record.reading, record.text_hash, record.revision_hash, segment, file.tell(), len(line), run,
                record.origin, record.layout, record.published_at, record.modified_at, at, record.withdrawn_at, digest(line), as_of(record) or at,
            )  # fmt: skip
            file.write(line)
            rows += 1
        ledger.run("UPDATE files SET length = ? WHERE id = ?", file.tell(), segment)
        ledger.run("UPDATE runs SET pages = ?, articles = ? WHERE id = ?", rows, rows, run)
    ledger.close()
    return folder
