"""What a record is beside what is stored: new, known already, a revision, or the same text under another address."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import DropItem

from sabah.storage.identity import compare
from sabah.storage.last import Compared
from sabah.storage.ledger import Ledger
from sabah.storage.pages import Page
from tests.pipelines.chain import NUMBERS, Chain, revised
from tests.records import record

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.items import Article


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Raw pages read again to tell a change of the newspaper from one of the readers; here they read as `revised("one")` does."""
    pages: list[str] = []

    def rehash(_: object, capture: Any, __: object) -> str:
        pages.append(capture.url)
        return "b" * 64

    monkeypatch.setattr("sabah.archive.rereading.Rehash.__call__", rehash)
    return pages


def test_a_record_of_a_new_address_is_the_first_revision(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        assert chain.give(record("one")).revision == 1


def test_the_same_record_again_is_known_and_said_at_level_debug(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one"))
        with pytest.raises(DropItem, match="Known already") as known:
            chain.give(record("one"))
        assert known.value.log_level == "DEBUG"
        assert chain.stats()["store/known"] == 1


def test_what_the_newspaper_has_changed_is_the_next_revision(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        first, second = chain.give(record("one")), chain.give(revised("one"))
    assert (first.revision, second.revision) == (1, 2)


def test_what_a_pipeline_has_changed_is_no_revision(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one"))
    with Chain(tmp_path, ShoutPipeline=200) as chain, pytest.raises(DropItem, match="Known already"):
        chain.give(record("one"))


def test_the_same_text_under_another_address_says_where_it_was_first(tmp_path: Path) -> None:
    same = {"headline": "Same", "body": "The same text.", "text_hash": "d" * 64}
    with Chain(tmp_path) as chain:
        chain.give(record("one", **same))
        second = chain.give(record("two", **same))
    assert second.duplicate_of == record("one").url


def test_a_gallery_without_text_has_no_twin(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one", kind="gallery", body=None, headline="Photos"))
        assert chain.give(record("two", kind="gallery", body=None, headline="Photos")).duplicate_of is None


def test_a_page_that_older_readers_read_otherwise_is_read_again_before_it_counts_as_changed(
    tmp_path: Path, read_again: list[str]
) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one"), asked="one")
    with Chain(tmp_path) as chain, pytest.raises(DropItem, match="Known already"):
        chain.give(revised("one"))
    assert read_again == [record("one").url], "once, by the pipeline: the commit went by its answer"


def test_what_this_run_has_stored_was_read_by_the_same_readers(tmp_path: Path, read_again: list[str]) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one"))
        assert chain.give(revised("one")).revision == 2
    assert read_again == []


@pytest.mark.parametrize("compared", [Compared(None, same=False), Compared(99, same=False), Compared(99, same=True)])
def test_the_commit_decides_again_where_something_was_stored_since(tmp_path: Path, compared: Compared) -> None:
    """The answer is of a row that is not the last any more: another page, or another process, was in between."""
    with Chain(tmp_path) as chain:
        chain.give(record("one"))
        late = _after_the_comparison(chain, record("one"), compared)
        with pytest.raises(DropItem, match="Known already"):
            late()
        changed = _after_the_comparison(chain, revised("one"), compared)
        assert changed().revision == 2


def test_two_runs_at_once_store_a_revision_once(tmp_path: Path) -> None:
    """Both have compared before either has committed; both say that it is new."""
    with Chain(tmp_path) as one, Chain(tmp_path) as other:
        first, second = (chain.page(f"asked-{number}", record("one")) for number, chain in enumerate((one, other)))
        stored = one.give(record("one"), page=first)
        second.compared = Compared(None, same=False)
        with pytest.raises(DropItem, match="Known already"):
            _after_the_comparison(other, record("one"), Compared(None, same=False), second)()
    assert stored.revision == 1


def _after_the_comparison(chain: Chain, read: Article, compared: Compared, page: Any = None) -> Any:
    """Goes on behind the deduplicate pipeline with an answer that it gave earlier."""
    steps = chain.processor.methods["process_item"]
    kept = steps[1]

    def give() -> Any:
        under_way = page or chain.page(f"asked-{next(NUMBERS)}", read)
        under_way.compared = compared
        steps[1] = lambda item: item
        try:
            return chain.give(read, page=under_way)
        finally:
            steps[1] = kept

    return give


def test_a_withdrawn_article_that_is_back_as_it_was_is_a_revision(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.give(record("one"), asked="one")
    with closing(Ledger.open(tmp_path)) as ledger:
        page = Page(url=record("one").url, read=record("one"))
        assert compare(ledger, page, 0, None).same
        ledger.run("UPDATE articles SET withdrawn_at = '2021-09-15T00:00:00+00:00'")
        assert not compare(ledger, page, 0, None).same
