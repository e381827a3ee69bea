"""What `check-site` saw, as Markdown to be pasted into an issue; and as files for `tests/pages/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.items import SOURCE_FIELDS
from sabah.monitors.drift import REQUIRED
from sabah.pages.marks import NAMES
from sabah.storage.lines import to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sabah.canary import Look

_TEXTLESS = frozenset({"video", "gallery"})


def changed(looks: Sequence[Look]) -> str:
    """In one sentence what of the known layout does not hold; empty where all does."""
    articles = [one for one in looks if one.what == "article" and one.status == 200]
    for one in articles:
        if one.problem:
            return f"an article gave no record ({one.problem}): {one.url}"
        if one.record and one.record.layout == "generic":
            return f"an article is of no known layout: {one.url}"
    for field, source in REQUIRED.items():
        off = [
            one
            for one in articles
            if one.record
            and one.record.layout == "2020"
            and one.record.sources[field] != source
            and not (field == "body" and one.record.kind in _TEXTLESS)
        ]
        if off and off[0].record:
            return (
                f"{field} was read from {off[0].record.sources[field] or 'nowhere'} instead of {source}: {off[0].url}"
            )
    listing = next((one for one in looks if one.what == "listing" and one.found), None)
    if listing and not listing.from_cards:
        return f"the listing's links stand in no cards: {listing.url}"
    return ""


def report(looks: Sequence[Look], about: str, verdict: str) -> Iterator[str]:
    """The lines of the report."""
    yield f"### check-site: {verdict}"
    yield ""
    yield about
    yield ""
    yield from _table(
        ("asked", "status", "bytes", "what came"),
        ((one.url, str(one.status or "none"), f"{one.size:,}", _came(one)) for one in looks),
    )
    yield ""
    headers = dict.fromkeys(name for one in looks for name in one.headers)
    yield from _table(
        ("header", *(_short(one) for one in looks)),
        ((name, *(one.headers.get(name, "") for one in looks)) for name in headers),
    )
    articles = [one for one in looks if one.what == "article"]
    if not articles:
        return
    columns = [_short(one) for one in articles]
    yield ""
    yield from _table(
        ("field read from", *columns),
        ((field, *(_source(one, field) for one in articles)) for field in ("layout", *SOURCE_FIELDS)),
    )
    yield ""
    yield from _table(
        ("mark", *columns), ((name, *("yes" if name in one.marks else "-" for one in articles)) for name in NAMES)
    )
    yield ""
    labels = dict.fromkeys(label for one in articles for label in one.labels)
    yield from _table(
        ("label stands in", *columns), ((label, *(one.labels.get(label, "-") for one in articles)) for label in labels)
    )


def save(looks: Iterable[Look], folder: Path) -> list[Path]:
    """Pages with the records read, named as `tests/pages/` has them. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for one in looks:
        name = one.url.removesuffix("/news").rstrip("/").rpartition("/")[2] or "home"
        ending = {"robots.txt": "", "feed": ""}.get(one.what, ".html")
        path = folder / f"{'feed-' if one.what == 'feed' else ''}{name}{ending}"
        path.write_bytes(one.body)
        written.append(path)
        if one.record is not None:
            written.append(path.with_suffix(".json"))
            written[-1].write_bytes(to_line(one.record))
    return written


def _came(one: Look) -> str:
    if one.problem:
        return one.problem
    if one.found is not None:
        return f"{one.found} articles" + ("" if one.from_cards in {None, True} else ", from no cards")
    if one.record is not None:
        return f"{one.record.kind}, {one.record.published_at}, {one.record.word_count} words: {one.record.headline}"
    return ""


def _source(one: Look, field: str) -> str:
    if one.record is None:
        return "no record"
    return one.record.layout if field == "layout" else one.record.sources[field] or "-"


def _short(one: Look) -> str:
    return one.url.removesuffix("/news").rstrip("/").rpartition("/")[2][:24] if one.what == "article" else one.what


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    table = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in (head, *rows)]
    widths = [max(len(row[number]) for row in table) for number in range(len(head))]
    for number, row in enumerate(table):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
