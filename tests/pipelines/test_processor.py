"""What becomes of a page whose record a user's own pipeline changes, drops or fails over."""

from __future__ import annotations

import asyncio
import gc
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import DropItem

from sabah.pipelines.processor import FaultError
from sabah.storage.ledger import Ledger
from tests.pipelines.chain import Chain
from tests.records import record

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = "state, failures, due_at IS NOT NULL, (SELECT count(*) FROM snapshots WHERE address = addresses.id), (SELECT reason FROM refusals WHERE address = addresses.id), (SELECT count(*) FROM articles WHERE address = addresses.id)"


def _page(folder: Path, name: str = "one") -> tuple[Any, ...]:
    """State, failures, whether it is due, raw pages, reason and records of an address."""
    with closing(Ledger.read(folder)) as ledger:
        row: tuple[Any, ...] = ledger.one(f"SELECT {COLUMNS} FROM addresses WHERE url LIKE ?", f"%/world/{name}/news")
    return row


def test_a_drop_is_a_decision(tmp_path: Path) -> None:
    """Raw page and links are kept, the reason is said, the next look is planned."""
    with Chain(tmp_path, DropPipeline=200) as chain:
        with pytest.raises(DropItem, match="not wanted"):
            chain.give(record("one", headline="Drop", published_at="2026-11-30T10:00:00+03:00"), asked="one")
        assert {name: value for name, value in chain.stats().items() if "pipeline/" in name} == {
            "pipeline/dropped": 1, "pipeline/dropped/tests.additions.DropPipeline": 1,
        }  # fmt: skip
        assert chain.run.verdict is None
    assert _page(tmp_path) == ("dropped", 0, True, 1, "dropped by tests.additions.DropPipeline: not wanted", 0)
    assert _page(tmp_path, "linked-from-one")[0] == "pending"
    assert chain.run.verdict is not None
    assert (chain.run.verdict.code, chain.run.verdict.name) == (0, "no_new")
    assert "1 dropped" in chain.run.verdict.counts


@pytest.mark.parametrize("headline", ["Break", "None", "Dict", "Other"])
@pytest.mark.parametrize("after", [{}, {"AfterPipeline": 201}])
def test_what_a_pipeline_does_wrong_is_a_fault_of_that_pipeline(
    tmp_path: Path, headline: str, after: dict[str, int]
) -> None:
    """The raw page is kept, the address is due for the next run and no nearer to being given up."""
    with Chain(tmp_path, OddPipeline=200, **after) as chain, pytest.raises((RuntimeError, FaultError, AttributeError)):
        chain.give(record("one", headline=headline), asked="one")
    assert _page(tmp_path) == ("failed", 0, False, 1, None, 0)
    assert chain.run.verdict is not None
    assert chain.run.verdict.code == 10
    assert chain.run.verdict.reason == "pipelines failed over 1 page: tests.additions.OddPipeline"
    with closing(Ledger.open(tmp_path)) as ledger:
        ledger.run("UPDATE addresses SET failures = 4 WHERE url LIKE '%/one/%'")
    with Chain(tmp_path, OddPipeline=200) as chain, pytest.raises((RuntimeError, FaultError)):
        chain.give(record("one", headline=headline), asked="one")
    assert _page(tmp_path)[:2] == ("failed", 4)
    with Chain(tmp_path) as chain:
        chain.give(record("one", headline=headline), asked="one")
    assert _page(tmp_path)[:2] == ("done", 0)


def test_a_changed_copy_is_stored(tmp_path: Path) -> None:
    with Chain(tmp_path, OddPipeline=200) as chain:
        assert chain.give(record("one", headline="Copy")).headline == "A copy"


def test_an_async_pipeline_knows_its_page_in_tasks_and_threads(tmp_path: Path) -> None:
    with Chain(tmp_path, AsyncPipeline=200) as chain:
        assert chain.give(record("one")).headline == "Headline one, later"


def test_validate_refuses_before_a_users_pipeline_sees_the_record(tmp_path: Path) -> None:
    with Chain(tmp_path, BrokenPipeline=200) as chain, pytest.raises(DropItem, match="no date"):
        chain.give(record("one", headline="Break", published_at=None), asked="one")
    assert _page(tmp_path)[0] == "refused"


def test_without_the_store_pipeline_a_page_has_failed(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:
        chain.processor.methods["process_item"].pop()
        with pytest.raises(FaultError, match="no pipeline has stored it"):
            chain.give(record("one"), asked="one")
    assert _page(tmp_path)[0] == "failed"


def test_a_record_that_is_let_go_on_its_way_ends_its_page(tmp_path: Path) -> None:
    with Chain(tmp_path) as chain:

        async def lost() -> None:
            read = record("one")
            page = chain_page
            chain.run.expect(read, page)
            del read
            gc.collect()
            await asyncio.sleep(0)
            await asyncio.gather(*chain.run._tasks)

        chain_page = chain.page("one", record("one"))
        chain.loop.run_until_complete(lost())
    assert _page(tmp_path)[:4] == ("failed", 0, False, 1)
    assert chain.stats()["pipeline/failed/a spider middleware"] == 1
