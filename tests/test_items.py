from __future__ import annotations

from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from sabah import items
from sabah.items import ADDED, SOURCE_FIELDS, Article, article_schema, is_final

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
    assert (article.revision, article.reading, article.schema_version, article.language) == (1, 1, 2, "en")
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
        ("schema_version", 1),  # of lines that were stored before; what is made today is of today's
        ("schema_version", 3),
        ("marks", "text_outside_its_box"),
        ("marks", ["no_such_word"]),
        ("marks", ["answer_cut", "answer_cut"]),
        ("marks", [None]),
        ("moved_to", "/world/x/news"),
        ("canonical_elsewhere", ""),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field) as caught:
        Article(**{**WHOLE, field: value})
    assert str(value) in str(caught.value) or repr(value) in str(caught.value)


def test_the_published_schema_is_that_of_the_record() -> None:
    assert items.published() == items.current(), "run: make schema"


def test_every_field_is_described_and_required_by_its_version() -> None:
    fields = [field.name for field in attrs.fields(Article)]
    extra = Article.__json_schema_extra__
    assert [*extra["required"], *extra["then"]["required"]] == fields
    assert all(one.get("description") for one in article_schema()["properties"].values())


def _line(**more: object) -> dict[str, Any]:
    values = {**attrs.asdict(Article(**WHOLE)), **more}
    return {name: value for name, value in values.items() if value is not ...}


OLD = dict.fromkeys(ADDED, ...) | {"schema_version": 1}


@pytest.mark.parametrize(
    ("line", "valid"),
    [
        (_line(), True),
        (_line(marks=["answer_cut"], moved_to="https://www.dailysabah.com/world/y/news"), True),
        (_line(**OLD), True),
        (_line(schema_version=1), True),  # an export completes it
        (_line(marks=...), False),
        (_line(moved_to=...), False),
        (_line(marks=["no_such_word"]), False),
        (_line(**{**OLD, "headline": ...}), False),
        (_line(**{**OLD, "schema_version": 3}), False),
        (_line(another="field"), False),
    ],
)
def test_the_schema_takes_lines_of_both_versions(line: dict[str, Any], valid: bool) -> None:
    Draft202012Validator.check_schema(article_schema())
    assert Draft202012Validator(article_schema()).is_valid(line) == valid


@pytest.mark.parametrize(
    ("reason", "final"),
    [
        ("https://www.dailysabah.com/world is the address of a listing page", True),
        ("https://www.dailysabah.com/rss/world is the address of a feed page", True),
        ("'ftp://example.org/x' is no absolute http(s) address of a page", True),
        ("the page is empty", False),
        ("no date", False),
        ("the address leads to a page that is no article: https://www.dailysabah.com/", False),
        ("a printed date is impossible: 'this is the address of a listing page'", False),
        ("the record would be wrong: headline '' is no absolute http(s) address of a page", False),
        ("no layout of an article was recognised, and the metadata does not say that it is one", False),
    ],
)
def test_final_is_only_what_the_address_decides(reason: str, final: bool) -> None:
    assert is_final(reason) is final
