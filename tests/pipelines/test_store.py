"""What the last pipeline stores, returns, and refuses to store."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from scrapy.exceptions import DropItem

from sabah.items import Image
from sabah.normalize.hashes import text_hash
from sabah.pipelines.processor import FaultError
from sabah.pipelines.store import checked
from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from tests.pipelines.chain import HTML, Chain, revised
from tests.records import record

if TYPE_CHECKING:
    from pathlib import Path


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for path in sorted(folder.glob("articles/*")) for line in path.read_bytes().splitlines()]


def _states(folder: Path) -> dict[str, str]:
    with closing(Ledger.read(folder)) as ledger:
        return {url.split("/")[4]: state for url, state in ledger.all("SELECT url, state FROM addresses")}


def test_it_returns_the_record_as_stored_with_its_raw_page(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        stored = chain.give(record("one"), asked="one")
        (line,) = _lines(tmp_path)  # on the disk already
        assert (line["url"], line["snapshot"], line["crawl_id"]) == (
            stored.url,
            stored.snapshot,
            chain.run.store.crawl_id,
        )
    name, _, offset = stored.snapshot.rpartition(":")
    assert snapshots.read(tmp_path / "snapshots" / name, int(offset)).payload == HTML.format("one").encode()


def test_record_raw_page_links_and_outcome_are_one_commit(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one"), asked="one")
    assert _states(tmp_path) == {"one": "done", "linked-from-one": "pending"}


def test_a_page_that_is_known_is_done_all_the_same(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one"), asked="one")
        with pytest.raises(DropItem):
            chain.give(record("one"), asked="other")
    assert _states(tmp_path)["other"] == "done"
    assert len(_lines(tmp_path)) == 1


def test_what_a_pipeline_has_changed_is_stored_with_hash_and_count_of_its_own(tmp_path: Path) -> None:
    with Chain(tmp_path, ShoutPipeline=200) as chain:
        stored = chain.give(record("one"))
    assert stored.headline == "HEADLINE ONE"
    assert stored.text_hash == text_hash("HEADLINE ONE", stored.body)
    assert stored.revision_hash == record("one").revision_hash, "of what the readers read"
    assert _lines(tmp_path)[0]["headline"] == "HEADLINE ONE"


def test_an_item_that_is_none_of_ours_goes_through_untouched(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        for item in ({"a": 1}, object()):
            done = chain.loop.run_until_complete(chain.processor.process_item_async(item))
            assert done is item
    assert _lines(tmp_path) == []


def test_a_record_of_no_page_is_a_fault(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain, pytest.raises(FaultError, match="a record of no page"):
        chain.loop.run_until_complete(chain.processor.process_item_async(record("one")))


def test_a_record_comes_to_its_page_once(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        given = record("one")
        chain.give(given)
        with pytest.raises(FaultError, match="a record of no page"):
            chain.loop.run_until_complete(chain.processor.process_item_async(given))


CHANGES: dict[str, Any] = {
    "no headline": {"headline": ""},
    "no date": {"published_at": None},
    "a date that is none": {"published_at": "yesterday"},
    "no body": {"body": None},
    "a lone surrogate": {"headline": "\ud800"},
    "a keyword that is none": {"keywords": ["fine", 3]},
    "an empty picture": {"images": [3]},
    "another kind": {"kind": "poem"},
    "a tuple": {"authors": ("A", "B")},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_cannot_be_stored_is_a_fault(change: dict[str, Any]) -> None:
    """Set past the checks of the record, as a list changed in place is."""
    read, item = record("one"), record("one")
    for name, value in change.items():
        object.__setattr__(item, name, value)
    with pytest.raises(FaultError):
        checked(item, read)


def test_a_list_changed_in_place_is_checked() -> None:
    read, item = record("one", keywords=["fine"]), record("one", keywords=["fine"])
    item.keywords.append("new")
    assert checked(item, read).keywords == ["fine", "new"]
    item.keywords.append(2**70)  # type: ignore[arg-type]
    with pytest.raises(FaultError, match="keywords"):
        checked(item, read)


def test_a_picture_changed_in_place_is_checked() -> None:
    item = record("one", images=[Image(url="https://a/b.jpg")])
    read = record("one", images=[Image(url="https://a/b.jpg")])
    item.images[0].caption = "New"
    assert checked(item, read).images[0].caption == "New"
    object.__setattr__(item.images[0], "url", None)
    with pytest.raises(FaultError, match="url"):
        checked(item, read)


@pytest.mark.parametrize("item", [None, {"url": record("one").url}, "one", record("two"), [record("one")]])
def test_what_is_no_record_of_the_page_is_a_fault_that_names_the_pipeline(item: object) -> None:
    with pytest.raises(
        FaultError, match=r"^my\.Pipeline made .* of the record of https://www\.dailysabah\.com/world/one/news$"
    ):
        checked(item, record("one"), "my.Pipeline")


def test_fields_that_say_how_the_page_was_read_are_the_readers() -> None:
    read = record("one", layout="legacy", revision=3)
    item = record("one", layout="amp", revision=7, headline="Other", revision_hash="e" * 64)
    stored = checked(item, read)
    assert (stored.layout, stored.revision, stored.revision_hash, stored.headline) == (
        "legacy",
        3,
        read.revision_hash,
        "Other",
    )


def test_what_is_stored_is_a_copy(tmp_path: Path) -> None:
    """A pipeline may keep the item and change it when it likes."""
    given = record("one", keywords=["one"])
    with Chain(tmp_path) as chain:
        stored = chain.give(given)
        given.keywords.append("late")
        given.headline = "Late"
    assert (stored.keywords, stored.headline) == (["one"], "Headline one")


def test_revisions_follow_each_other_in_the_file(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        for read in (record("one"), revised("one"), record("two")):
            chain.give(read)
    assert [(line["url"].split("/")[4], line["revision"]) for line in _lines(tmp_path)] == [
        ("one", 1),
        ("one", 2),
        ("two", 1),
    ]
