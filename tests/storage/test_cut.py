"""What the record of a cut answer is beside what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import DropItem

from sabah.items import Image
from sabah.storage.agreement import adds, completed, repeats
from tests.pipelines.chain import Chain
from tests.records import record

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = [Image(url=f"https://idsb.example/{name}.jpg", caption=f"Picture {name}") for name in "abc"]
STORED = record(
    byline="ADA LORN", authors=["Ada Lorn"], keywords=["ferry", "tarn", "orv"], images=PICTURES, modified_at="2021-09-14T11:30:00+03:00",
    sources={**record().sources, "keywords": "text", "modified_at": "text"},
)  # fmt: skip


def cut(**more: Any) -> Any:
    return record(**{"marks": ["answer_cut"], "revision_hash": "a" * 64} | more)


def test_a_cut_record_is_completed_by_what_has_not_come() -> None:
    whole = completed(cut(headline="Changed", keywords=["ferry"], images=PICTURES[:2]), STORED)
    assert (whole.headline, whole.keywords, whole.images, whole.byline) == (
        "Changed",
        STORED.keywords,
        PICTURES,
        "ADA LORN",
    )
    assert (whole.modified_at, whole.sources, whole.marks) == (STORED.modified_at, STORED.sources, ["answer_cut"])


@pytest.mark.parametrize("more", [{"keywords": ["harbor"]}, {"images": PICTURES[1:]}, {"byline": "BO TERN"}])
def test_what_has_come_and_is_something_else_is_the_newspapers(more: dict[str, Any]) -> None:
    whole = completed(cut(**more), STORED)
    assert all(getattr(whole, name) == value for name, value in more.items())


def test_a_cut_record_that_lacks_nothing_is_as_it_was_read() -> None:
    one = cut(byline="B", authors=["B"], keywords=["a"], images=PICTURES, modified_at=STORED.modified_at)
    assert completed(one, record()) is one


def test_a_gallery_keeps_its_text_and_is_counted_with_it() -> None:
    stored = record(kind="gallery", body="Three words here.")
    whole = completed(cut(kind="gallery", body=None, headline="Other"), stored)
    assert (whole.body, whole.word_count) == (stored.body, 3)


@pytest.mark.parametrize(
    ("more", "same"),
    [
        ({}, True),
        ({"keywords": []}, True),
        ({"body": "Body of"}, True),
        ({"body": None}, True),
        ({"headline": "Other"}, False),
        ({"body": "Body of all"}, False),
    ],
)
def test_headline_and_text_alone_tell(more: dict[str, Any], *, same: bool) -> None:
    assert repeats(cut(**more), STORED) == same


@pytest.mark.parametrize(
    ("more", "stored", "is_more"),
    [
        ({"keywords": ["a"]}, cut(), True),
        ({"related": ["https://www.dailysabah.com/world/two/news"]}, cut(), True),
        ({"modified_at": "2021-09-14T11:30:00+03:00"}, cut(), True),
        ({"images": PICTURES}, cut(images=PICTURES[:1]), True),
        ({}, cut(), False),
        ({"canonical_elsewhere": "https://other.example/"}, cut(), False),
        ({"keywords": ["a"]}, record(), False),
        ({"keywords": ["a"], "marks": ["answer_cut"]}, cut(), False),
    ],
)
def test_a_whole_record_replaces_a_cut_one_that_has_less(more: dict[str, Any], stored: Any, *, is_more: bool) -> None:
    assert adds(record(**more), stored) == is_more


def test_a_mark_alone_is_no_revision(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(cut(revision_hash=record().revision_hash))
        for again in (record(), cut()):
            with pytest.raises(DropItem, match="Known already"):
                chain.give(again)
        assert chain.give(record(modified_at="2021-09-14T11:30:00+03:00")).revision == 2


def test_a_cut_answer_is_compared_with_what_pipelines_made_of_the_stored_one(tmp_path: Path) -> None:
    with Chain(tmp_path, ShoutPipeline=200) as chain:
        chain.give(STORED)
        with pytest.raises(DropItem, match="Known already"):
            chain.give(cut())


def test_a_withdrawn_article_that_is_back_in_part_has_all_that_it_had(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(STORED)
        chain.run.store.ask(
            lambda ledger, _: ledger.run("UPDATE articles SET withdrawn_at = '2021-09-15T00:00:00+00:00'") and None
        ).result()
        back = chain.give(cut())
    assert (back.revision, back.keywords, back.marks) == (2, STORED.keywords, ["answer_cut"])
