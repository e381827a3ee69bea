"""How right the readers are over the corpus, by field and layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from bench.score import body_f1
from sabah.items import LAYOUTS, Article
from sabah.pages import NotAnArticle
from tests.pages.saved import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.evaluate.corpus import Fixture, Record

BODY_F1, REFUSED, NO_ARTICLE = "body F1", "refused", "none"
COLUMNS = (*LAYOUTS, NO_ARTICLE)
"""Layouts as the records name them, and the pages that are no article, whose one field is that they are refused."""

Scores = dict[str, dict[str, float]]
"""Layout: field: share of its pages that are exactly right (of `body F1` the mean)."""

_IMAGES = {"images": "url", "captions": "caption", "credits": "credit"}
FIELDS = (
    "url", "article_id", "kind", "section", "subsection", "headline", "standfirst", "description", "byline", "authors", "agencies", "dateline",
    "published_at", "published_precision", "published_raw", "modified_at", "modified_raw", "zone_source", "body", "keywords", *_IMAGES, "videos",
    "related", "layout", "sources", "word_count", "text_hash", "revision_hash",
)  # fmt: skip
"""What is compared. Captions and credits stand apart from the images' addresses; fields that only a crawl knows are in no page."""


def value(record: Record, field: str) -> Any:
    """A field as it is compared."""
    if field in _IMAGES:
        return [image[_IMAGES[field]] for image in record["images"]]
    return record[field]


@attrs.frozen
class Result:
    name: str
    layout: str
    right: dict[str, float]
    """1 for a field that is exactly right, else 0; of `body F1` what it is."""

    @property
    def wrong(self) -> list[str]:
        return [field for field, value in self.right.items() if value < 1]


def judge(fixture: Fixture) -> Result:
    """Today's reading of a page against its record. A refused page that has one is wrong in all fields."""
    try:
        found: Record | None = attrs.asdict(Article(**reading(fixture.page).values))
    except NotAnArticle:
        found = None
    true = fixture.record
    if true is None:
        return Result(fixture.name, NO_ARTICLE, {REFUSED: float(found is None)})
    right = {name: float(found is not None and value(found, name) == value(true, name)) for name in FIELDS}
    if true["body"] is not None:
        right[BODY_F1] = body_f1(found["body"] if found else None, true["body"])
    return Result(fixture.name, true["layout"], right)


def scores(results: Iterable[Result]) -> Scores:
    """Means by layout and field, to four places."""
    values: dict[str, dict[str, list[float]]] = {}
    for result in results:
        for field, value in result.right.items():
            values.setdefault(result.layout, {}).setdefault(field, []).append(value)
    return {
        layout: {field: round(sum(each) / len(each), 4) for field, each in fields.items()}
        for layout, fields in values.items()
    }


def table(found: Scores, fixtures: Sequence[Fixture]) -> list[str]:
    """Lines of a Markdown table: a row per field with the number of pages that have it, a column per layout with the number of its pages; shares in per cent."""
    records = [one.record for one in fixtures]
    layouts = [NO_ARTICLE if one is None else one["layout"] for one in records]
    columns = [name for name in COLUMNS if name in found]
    lines = [
        "| field | pages that have it | " + " | ".join(f"{name} ({layouts.count(name)})" for name in columns) + " |",
        "|---|---:|" + "---:|" * len(columns),
    ]
    at = FIELDS.index("body") + 1
    for row in (*FIELDS[:at], BODY_F1, *FIELDS[at:], REFUSED):
        having = sum(_has(one, row) for one in records)
        cells = [f"{100 * found[name][row]:.1f}" if row in found[name] else "" for name in columns]
        lines.append(f"| {row} | {having} | " + " | ".join(cells) + " |")
    return lines


def _has(record: Record | None, row: str) -> bool:
    if record is None or row == REFUSED:
        return record is None and row == REFUSED
    found = value(record, "body" if row == BODY_F1 else row)
    return any(found) if isinstance(found, list) else bool(found)
