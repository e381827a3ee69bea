"""The corpus: pages with the record each must give; a page without a record is one that readers must refuse."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import TYPE_CHECKING, Any

import attrs

from sabah.commands.fixture import UNCHECKED

if TYPE_CHECKING:
    from pathlib import Path

    Record = dict[str, Any]

FLOORS = "floors.json"
"""The one file of the folder that is no record."""


class CorpusError(ValueError):
    """A fixture that cannot be used; the text is one line."""


@attrs.frozen
class Fixture:
    name: str
    page: bytes
    record: Record | None
    """None: the page must be refused."""

    digest: str
    """Of page and record, as they stand in their files."""


def load(folder: Path) -> list[Fixture]:
    """All fixtures by name. Raises CorpusError for a record without its page, one that is no JSON object, and one that nobody has checked."""
    records = {path.stem: path for path in folder.glob("*.json") if path.name != FLOORS}
    pages = {path.stem: path for path in folder.glob("*.html")}
    if alone := sorted(records.keys() - pages.keys()):
        raise CorpusError(f"{alone[0]}.html is missing: {alone[0]}.json is the record of no page")
    return [_fixture(name, page, records.get(name)) for name, page in sorted(pages.items())]


def corpus_hash(digests: dict[str, str]) -> str:
    """Of all fixtures, their names included."""
    return hashlib.sha256(json.dumps(sorted(digests.items())).encode()).hexdigest()


def derived(record: Record) -> Record:
    """The fields that follow from others, worked out anew from their definition and not by the code under test."""
    text = _fold(record["headline"]) + "\n" + _fold(record["body"] or "")
    parts = [
        *(
            record[name]
            for name in ("headline", "standfirst", "byline", "dateline", "published_raw", "body", "keywords")
        ),
        [[image["caption"], image["credit"]] for image in record["images"]],
    ]
    revision = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return {
        "word_count": len((record["body"] or "").split()),
        "text_hash": hashlib.sha256(text.encode()).hexdigest(),
        "revision_hash": hashlib.sha256(revision.encode()).hexdigest(),
    }


def derive(path: Path) -> None:
    """Writes the derived fields of the record in a file from its other fields. Raises CorpusError."""
    record = _record(path)
    try:
        new = json.dumps(record | derived(record), ensure_ascii=False, indent=2)
    except (KeyError, TypeError) as error:
        raise CorpusError(f"{path.name} is no whole record ({type(error).__name__}: {error})") from error
    path.write_text(new + "\n", encoding="utf-8")


def _fixture(name: str, page: Path, path: Path | None) -> Fixture:
    html = _content(page)
    written = b"" if path is None else _content(path)
    record = None if path is None else _record(path)
    if record is not None and UNCHECKED in record:
        raise CorpusError(
            f"{name}.json is not checked yet: compare each field with the page, correct it, then take out {UNCHECKED!r}"
        )
    return Fixture(name, html, record, hashlib.sha256(b"%d\n%b%b" % (len(html), html, written)).hexdigest()[:16])


def _record(path: Path) -> Record:
    try:
        record = json.loads(_content(path))
    except ValueError as error:
        raise CorpusError(f"{path.name} is no JSON: {error}") from error
    if not isinstance(record, dict):
        raise CorpusError(f"{path.name} is no JSON object")
    return record


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from error


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
