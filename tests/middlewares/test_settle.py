"""What counts as the end of a page, with what users of Scrapy add."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import orjson
import pytest

from sabah.storage.ledger import Ledger
from tests.running import SITE, Page, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path


def _url(name: str) -> str:
    return f"{SITE}/world/{name}/news"


def _pages(*names: str) -> dict[str, str]:
    return {f"/world/{name}/news": article(name.capitalize(), body=f"Text of {name}.") for name in names}


def _lines(*names: str) -> str:
    return "".join(f"{_url(name)}\n" for name in names)


def _states(output: Path) -> dict[str, str]:
    with closing(Ledger.read(output)) as ledger:
        return dict(ledger.all("SELECT url, state FROM addresses"))


def test_a_record_that_a_pipeline_drops_is_not_asked_for_again(tmp_path: Path) -> None:
    pipelines = json.dumps({"tests.additions.DropPipeline": 200})
    beside = tmp_path / "beside.jsonl"
    options = ("-a", "file=-", "-s", f"ITEM_PIPELINES={pipelines}", "-o", str(beside))
    with SmallSite(_pages("keep", "drop")) as site:
        done = crawl("addresses", *options, output=tmp_path / "o", origin=site.origin, stdin=_lines("keep", "drop"))
        again = crawl("addresses", *options, output=tmp_path / "o", origin=site.origin, stdin=_lines("keep", "drop"))
    assert (done.code, again.code) == (0, 0)
    assert "1 stored" in done.verdict
    assert done.verdict.split("; ")[0].endswith("1 dropped")
    assert done.addresses == {_url("keep")}
    assert [orjson.loads(line)["url"] for line in beside.read_bytes().splitlines()] == [_url("keep")]
    assert [(one["url"], one["reason"]) for one in done.rejected] == [
        (_url("drop"), "dropped by tests.additions.DropPipeline: not wanted")
    ]
    assert _states(tmp_path / "o") == {_url("keep"): "done", _url("drop"): "dropped"}
    assert site.asked.count("/world/drop/news") == 1


def test_a_page_over_which_a_pipeline_fails_is_fetched_again_by_the_next_run(tmp_path: Path) -> None:
    pipelines = json.dumps({"tests.additions.BrokenPipeline": 200})
    chosen = ("-a", "file=-")
    lines = _lines("keep", "break")
    with SmallSite(_pages("keep", "break")) as site:
        done = crawl("addresses", *chosen, "-s", f"ITEM_PIPELINES={pipelines}", output=tmp_path, origin=site.origin, stdin=lines)  # fmt: skip
        assert (done.code, done.addresses) == (10, {_url("keep")})
        assert done.verdict.startswith(
            "partial: pipelines failed over 1 page: tests.additions.BrokenPipeline; 1 stored, "
        )
        assert _states(tmp_path) == {_url("keep"): "done", _url("break"): "failed"}
        mended = crawl("addresses", *chosen, output=tmp_path, origin=site.origin, stdin=lines)
    assert (mended.code, mended.addresses) == (0, {_url("keep"), _url("break")})
    assert site.asked.count("/world/keep/news") == 1


@pytest.mark.parametrize("place", [5, 543])
def test_a_record_that_a_spider_middleware_swallows_ends_its_page(place: int, tmp_path: Path) -> None:
    """Whether that lets go of it or keeps it for good: the run ends, and the next one asks again."""
    middlewares = json.dumps({"tests.additions.SwallowMiddleware": place})
    lines = _lines("fine", "swallowed", "kept")
    with SmallSite(_pages("fine", "swallowed", "kept")) as site:
        done = crawl("addresses", "-a", "file=-", "-s", f"SPIDER_MIDDLEWARES={middlewares}", output=tmp_path, origin=site.origin, stdin=lines)  # fmt: skip
        assert (done.code, done.addresses) == (10, {_url("fine")}), done.err
        assert done.verdict.startswith("partial: pipelines failed over 2 pages: a spider middleware; 1 stored, ")
        mended = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=lines)
    assert (mended.code, len(mended.addresses)) == (0, 3)


def test_pipelines_that_end_what_they_run_in_are_at_fault(tmp_path: Path) -> None:
    """A cancelled task, a cancelled wait, sys.exit(): the crawl neither hangs nor ends by it. A reason to drop may hold what no file can."""
    names = ("fine", "cancel", "cancel-itself", "exit", "drop-oddly")
    pipelines = json.dumps({"tests.additions.StopPipeline": 300})
    with SmallSite(_pages(*names)) as site:
        done = crawl("addresses", "-a", "file=-", "-s", f"ITEM_PIPELINES={pipelines}", output=tmp_path, origin=site.origin, stdin=_lines(*names))  # fmt: skip
        assert (done.code, done.addresses) == (10, {_url("fine")}), done.err
        assert done.verdict.startswith(
            "partial: pipelines failed over 3 pages: tests.additions.StopPipeline; 1 stored, "
        )
        assert [one["reason"] for one in done.rejected] == [
            r"dropped by tests.additions.StopPipeline: two lines, \ud800"
        ]
        mended = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=_lines(*names))
    assert (mended.code, len(mended.addresses)) == (0, 4)


def test_with_a_limit_a_pipelines_faults_are_named_too(tmp_path: Path) -> None:
    names = ("break", "fine", "other")
    pipelines = json.dumps({"tests.additions.BrokenPipeline": 300})
    with SmallSite(_pages(*names)) as site:
        given = ("-a", "file=-", "-a", "limit=2", "-s", f"ITEM_PIPELINES={pipelines}")
        done = crawl("addresses", *given, output=tmp_path, origin=site.origin, stdin=_lines(*names))
    assert (done.code, len(done.articles)) == (10, 2), done.err
    assert "pipelines failed over 1 page: tests.additions.BrokenPipeline" in done.verdict


def test_a_middleware_that_answers_by_itself(tmp_path: Path) -> None:
    middlewares = json.dumps({"tests.additions.AnswerMiddleware": 543})
    with SmallSite(_pages("one")) as site:
        given = ("-a", f"url={_url('one')}", "-s", f"DOWNLOADER_MIDDLEWARES={middlewares}")
        done = crawl("addresses", *given, output=tmp_path, origin=site.origin)
    (record,) = done.articles
    assert (done.code, record["headline"]) == (0, "From elsewhere"), done.err
    assert record["fetched_at"] is not None


def test_the_file_of_scrapys_own_exporter_has_the_records_as_stored(tmp_path: Path) -> None:
    beside = tmp_path / "beside.jsonl"
    with SmallSite(_pages("one", "two")) as site:
        options = ("-a", "file=-", "-o", str(beside), "-s", "LOG_LEVEL=DEBUG")
        done = crawl("addresses", *options, output=tmp_path / "o", origin=site.origin, stdin=_lines("one", "two"))
    exported = sorted((orjson.loads(line) for line in beside.read_bytes().splitlines()), key=lambda one: one["url"])
    assert exported == sorted(done.articles, key=lambda one: one["url"])
    assert all(one["snapshot"] for one in exported)
    assert f"Stored {_url('one')}" in done.err


def test_callbacks_that_raise(tmp_path: Path) -> None:
    names = ("fine", "early", "late")
    with SmallSite(_pages(*names)) as site:
        spider = ("raising", "-a", "file=-", "-s", "SPIDER_MODULES=tests.additions")
        done = crawl(*spider, output=tmp_path, origin=site.origin, stdin=_lines(*names))
    assert done.code == 10, done.err
    assert done.verdict.startswith("partial: some pages failed; 1 stored, ")
    assert done.addresses == {_url("fine")}
    assert _states(tmp_path) == {_url("fine"): "done", _url("early"): "failed", _url("late"): "failed"}


def test_a_callback_that_closes_the_spider(tmp_path: Path) -> None:
    with SmallSite(_pages("close")) as site:
        spider = ("raising", "-a", "file=-", "-s", "SPIDER_MODULES=tests.additions")
        done = crawl(*spider, output=tmp_path, origin=site.origin, stdin=_lines("close"))
    assert (done.code, done.articles) == (14, [])
    assert _states(tmp_path) == {_url("close"): "pending"}


def test_scrapys_own_limits_end_it_and_the_same_command_goes_on(tmp_path: Path) -> None:
    names = [f"article-{number}" for number in range(60)]
    with SmallSite(_pages(*names)) as site:
        first = crawl("addresses", "-a", "file=-", "-s", "CLOSESPIDER_PAGECOUNT=10", output=tmp_path, origin=site.origin, stdin=_lines(*names))  # fmt: skip
        assert first.code == 14, first.err
        assert 10 <= len(first.articles) < 40
        second = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=_lines(*names))
    assert second.code == 0, second.err
    assert len(second.articles) == len(second.addresses) == 60
    assert {site.asked.count(f"/world/{name}/news") for name in names} == {1}


def test_what_is_outside_the_dates_is_fetched_again_only_when_its_day_is_wanted(tmp_path: Path) -> None:
    def run(*dates: str) -> set[str]:
        chosen = tuple(part for date in dates for part in ("-a", date))
        done = crawl(
            "addresses", "-a", "file=-", *chosen, output=tmp_path, origin=site.origin, stdin=_lines("old", "new")
        )
        assert done.code == 0, done.err
        return done.addresses

    pages = {
        "/world/old/news": article("Old", "Sep 14, 2021 - 10:51 am GMT+3"),
        "/world/new/news": article("New", "Sep 20, 2021 - 10:51 am GMT+3"),
    }
    with SmallSite(pages) as site:
        assert run("since=2021-09-20") == {_url("new")}
        assert run("since=2021-09-20") == {_url("new")}
        assert run("since=2021-09-19") == {_url("new")}
        assert site.asked.count("/world/old/news") == 1
        assert run("since=2021-09-14") == {_url("old"), _url("new")}
        assert run() == {_url("old"), _url("new")}
    assert site.asked.count("/world/old/news") == 2
    assert site.asked.count("/world/new/news") == 1


def test_a_deeper_crawl_goes_through_what_is_stored(tmp_path: Path) -> None:
    pages = {
        "/world/one/news": article("One", links=[_url("two")]),
        "/world/two/news": article("Two", body="Two.", links=[_url("three")]),
        "/world/three/news": article("Three", body="Three."),
        "/europe": f"<html><body><h3><a href='{_url('one')}'>One</a></h3></body></html>",
    }
    with SmallSite(pages) as site:
        for depth, reached in ((0, 1), (1, 2), (2, 3)):
            done = crawl("section", "-a", "sections=europe", "-a", f"related={depth}", output=tmp_path, origin=site.origin)  # fmt: skip
            assert done.code == 0, done.err
            assert len(done.articles) == reached
    assert {path: site.asked.count(path) for path in pages if "news" in path} == dict.fromkeys(list(pages)[:3], 1)


def test_a_redirect_that_is_asked_in_the_moment_it_is_scheduled_does_not_count_as_refused_on_its_way(
    tmp_path: Path,
) -> None:
    pages: dict[str, Page] = {"/world/old/news": (301, "/world"), "/world": article("World")}
    options = ("-a", "file=-", "-s", "SCHEDULER=tests.additions.EagerScheduler")
    with SmallSite(pages) as site:
        done = crawl("addresses", *options, output=tmp_path, origin=site.origin, stdin=_lines("old"))
    assert [one["url"] for one in done.rejected] == [_url("old")]
    assert _states(tmp_path) == {_url("old"): "refused"}
