"""What a selection has chosen, counted in its moment of the ledger."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.spiders.arguments import JOB

if TYPE_CHECKING:
    from sabah.dataset.filters import Filters
    from sabah.storage.ledger import Ledger

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
