from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from sabah.dataset.export import Request, export
from sabah.dataset.filters import parse_filters
from sabah.dataset.formats import FORMATS
from sabah.items import SOURCE_FIELDS, Image
from sabah.normalize.hashes import text_hash
from tests.dataset import made
from tests.records import record

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.card import Export
    from sabah.items import Article

HOSTILE = "=cmd|' /C calc'!A0 <script>alert(\"x\")</script> \\u0041 \x1b[2J\x07 \x00 `|` {{ 7*7 }} ![](http://127.0.0.1/) \u202e"


def article(name: str, **more: Any) -> Article:
    values = {
        "origin": "live",
        "crawl_id": made.RUN,
        "first_seen_at": "2026-11-01T07:00:00+00:00",
        "fetched_at": "2026-11-01T08:00:00+00:00",
        "section": "world",
    }
    one = record(name, **values | more)
    return attrs.evolve(one, text_hash=text_hash(one.headline, one.body), word_count=len((one.body or "").split()))


SAME = {"headline": "The same", "body": "The same text."}
ARTICLES = [
    article("late", **SAME, published_at="2021-09-14T10:51:00+03:00"),
    article("early", **SAME, published_at="2021-09-14T09:50:00+02:00", keywords=["syria", "russia"]),  # 51 minutes past ten, but for one
    article("earliest", **SAME, published_at="2021-09-14T10:50:00+03:00", layout="legacy"),
    article(
        "rich", headline="Putin, Assad meet", standfirst="Spot", byline="Melih Altınok", authors=["Melih Altınok"], agencies=["Reuters"],
        keywords=["syria", "öğrenci"], images=[Image(url="https://i.example/1.jpg", caption="A caption", credit="AP"), Image(url="https://i.example/2.jpg")],
        videos=["https://v.example/1"], related=["https://www.dailysabah.com/world/late/news"], subsection="syrian-crisis",
        modified_at="2021-09-14T11:57:00+03:00", modified_raw="Sep 14, 2021 11:57 am", sources=dict.fromkeys(SOURCE_FIELDS) | {"headline": "css"},
        published_at="2016-01-12T00:00:00+02:00", published_precision="day", zone_source="printed", body='One.\n\nTwo, "three"; dört.',
    ),
    article("hostile", headline=HOSTILE, body=f"-1+1\n{HOSTILE}", keywords=[HOSTILE, "@SUM(A1)"], byline="'quoted", dateline="+90"),
    article("gallery-1", kind="gallery", section="gallery", headline="Photos", body=None),
    article("gallery-2", kind="gallery", section="gallery", headline="Photos", body=None),
    article("changed", headline="Before", published_at="2022-03-01T10:00:00+03:00", section="business"),
    article("changed", headline="After", revision=2, published_at="2022-03-01T10:00:00+03:00", section="business"),
    article("changed", headline="After, read again", revision=2, reading=2, published_at="2022-03-01T10:00:00+03:00", section="business"),
    article("gone", headline="Taken back"),
    article("gone", headline="Taken back", revision=2, withdrawn_at="2026-11-01T08:00:00+00:00"),
]  # fmt: skip


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of `ARTICLES`. Shared: tests make exports of names of their own in it."""
    return made.dataset(tmp_path_factory.mktemp("dataset") / "output", ARTICLES)


def make(
    output: Path, name: str, formats: str = "jsonl", *, revisions: str = "latest", duplicates: str = "flag", **more: Any
) -> tuple[Path, Export]:
    """An export; `more` are filters, and what a Request has."""
    request = {key: more.pop(key) for key in ("names", "shard_size", "replace") if key in more}
    filters = parse_filters(more, revisions, duplicates)
    return export(
        output,
        Request(name=name, filters=filters, formats=tuple(FORMATS[one] for one in formats.split(",")), **request),
        lambda *_: None,
    )
