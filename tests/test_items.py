from __future__ import annotations

from typing import Any

import attrs
import pytest

from sabah import schema
from sabah.items import SOURCE_FIELDS, Article, article_schema

WHOLE: dict[str, Any] = {
    "url": "https://www.dailysabah.com/world/an-invented-headline/news",
    "kind": "article",
    "headline": "An invented headline",
    "layout": "2020",
    "sources": dict.fromkeys(SOURCE_FIELDS),
    "text_hash": "0" * 64,
    "revision_hash": "1" * 64,
    "reader_version": "0.1.0",
}


def test_a_whole_record_is_built() -> None:
    article = Article(**WHOLE)
    assert (article.revision, article.reading, article.schema_version, article.language) == (1, 1, 1, "en")
    assert article.withdrawn_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "/world/x/news"),
        ("kind", "listing"),
        ("headline", "  "),
        ("published_at", "2021-09-14T10:51:00"),
        ("published_at", "2021-09-14"),
        ("published_precision", "hour"),
        ("zone_source", "guessed"),
        ("keywords", ["syria", ""]),
        ("keywords", "syria"),
        ("images", ["https://example.org/a.jpg"]),
        ("word_count", -1),
        ("text_hash", "abc"),
        ("sources", {"headline": "css"}),
        ("sources", {**dict.fromkeys(SOURCE_FIELDS), "body": "guess"}),
        ("language", "tr"),
        ("schema_version", 2),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field) as caught:
        Article(**{**WHOLE, field: value})
    assert str(value) in str(caught.value) or repr(value) in str(caught.value)


def test_the_published_schema_is_that_of_the_record() -> None:
    assert schema.published() == schema.current(), "run: make schema"


def test_every_field_is_described_and_required() -> None:
    fields = [field.name for field in attrs.fields(Article)]
    described = Article.__json_schema_extra__["required"]
    assert described == fields
    assert all(one.get("description") for one in article_schema()["properties"].values())
