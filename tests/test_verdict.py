from __future__ import annotations

from typing import Any

import pytest

from sabah.monitors.verdict import Verdict, judge

FINISHED = {"finish_reason": "finished", "source/read": 2}


def test_whoever_makes_it_the_gravest_comes_first() -> None:
    held = {"ok": "", "partial": "some", "interrupted": "stopped", "layout_changed": "all refused", "storage": "full"}
    verdict = Verdict(held)
    assert list(verdict.held) == ["storage", "layout_changed", "interrupted", "partial", "ok"]
    assert (verdict.code, verdict.exit_code({"storage"})) == (15, 11)


@pytest.mark.parametrize(
    ("stats", "name", "code"),
    [
        ({"store/articles": 3}, "ok", 0),
        ({"links/stored_before": 3}, "no_new", 0),
        ({"store/known": 3}, "no_new", 0),
        ({"range/left_out": 3}, "no_new", 0),
        ({"store/articles": 3, "validate/refused": 2}, "ok", 0),
        ({"store/articles": 3, "fetch/failed": 1, "fetch/failed/500": 1}, "partial", 10),
        ({"store/articles": 3, "fetch/gone": 1, "fetch/gone/404": 1}, "ok", 0),
        ({"store/articles": 3, "spider_exceptions/count": 1}, "partial", 10),
        ({"store/articles": 3, "fetch/failed": 1, "finish_reason": "limit"}, "ok", 0),
        ({"store/articles": 1, "finish_reason": "limit", "source/read": 0}, "ok", 0),
        ({"store/articles": 3, "store/left": 2}, "partial", 10),
        ({"validate/refused": 2}, "failed", 1),
        ({"fetch/failed": 2, "source/failed": 2, "source/read": 0}, "failed", 1),
        ({"fetch/failed": 5, "fetch/failed/500": 5}, "failed", 1),
        ({"fetch/gone": 5, "fetch/gone/404": 5}, "failed", 1),
        ({"source/empty": 2}, "source_empty", 13),
        ({"source/read": 0}, "source_empty", 13),
        ({"source/empty": 1, "store/articles": 1}, "ok", 0),
        ({"source/empty": 1, "fetch/failed": 1, "source/read": 1}, "failed", 1),
        ({"fetch/failed": 1, "fetch/failed/403": 1}, "blocked", 12),
        ({"fetch/failed": 9, "fetch/failed/403": 5, "store/articles": 4}, "blocked", 12),
        ({"fetch/failed": 4, "fetch/failed/403": 4, "store/articles": 40}, "partial", 10),
        ({"store/articles": 9, "finish_reason": "blocked", "stop/why": "3 blocks"}, "blocked", 12),
        ({"store/articles": 9, "finish_reason": "wait", "stop/why": "1 h"}, "interrupted", 14),
        ({"fetch/failed": 2, "finish_reason": "wait", "stop/why": "1 h"}, "interrupted", 14),
        ({"finish_reason": "unreachable", "stop/why": "nobody"}, "failed", 1),
        ({"store/articles": 3, "finish_reason": "shutdown"}, "interrupted", 14),
        ({"finish_reason": "closespider_timeout"}, "interrupted", 14),
        ({"finish_reason": None}, "interrupted", 14),
        ({"finish_reason": "start_error"}, "failed", 1),
        ({"store/articles": 3, "store/error": "no space left", "finish_reason": "storage"}, "storage", 15),
    ],
)
def test_verdict(stats: dict[str, Any], name: str, code: int) -> None:
    verdict = judge(FINISHED | stats)
    assert (verdict.name, verdict.code) == (name, code)


def test_the_line_says_why_and_how_many_and_where() -> None:
    stats = {
        "store/articles": 7, "store/file": "/data/articles/run.jsonl", "store/known": 2, "links/stored_before": 4, "validate/refused": 5,
        "links/out_of_scope": 4, "range/left_out": 3, "fetch/failed": 2,
    }  # fmt: skip
    assert str(judge(FINISHED | stats)) == (
        "partial: some pages failed; 7 stored, 6 known, 5 refused, 4 out of scope, 3 outside the dates, 0 gone, 2 failed; "
        "/data/articles/run.jsonl"
    )


def test_what_a_block_gives_back_has_not_failed() -> None:
    stats = {
        "store/articles": 7,
        "fetch/failed": 4,
        "block/given_back": 3,
        "finish_reason": "blocked",
        "stop/why": "3 blocks; the rest is pending",
    }
    assert str(judge(FINISHED | stats)) == (
        "blocked: 3 blocks; the rest is pending; 7 stored, 0 known, 0 refused, 0 out of scope, 0 outside the dates, 0 gone, 1 failed"
    )


def test_a_run_of_failed_and_refused_pages_says_both() -> None:
    """A run of seven pages, four failed and three refused, said that every page was refused."""
    assert judge({"finish_reason": "finished", "validate/refused": 3}).reason == "every page was refused"
    assert (
        judge({"finish_reason": "finished", "validate/refused": 3, "fetch/failed": 4}).reason == "nothing could be read"
    )
    assert judge({"finish_reason": "finished", "fetch/failed": 4}).reason == "no article could be read"


def test_pages_that_dead_runs_had_in_hand_do_not_make_a_run_failed_that_asked_for_none() -> None:
    """The next run's only news is that a page is given up: some pages failed. It said that no article could be read, where the dead runs had read all others."""
    given_up = judge(FINISHED | {"fetch/failed": 1, "fetch/failed/deaths": 1})
    assert (given_up.name, given_up.code, given_up.reason) == ("partial", 10, "some pages failed")
    assert judge({"finish_reason": "finished", "fetch/failed": 2, "fetch/failed/deaths": 1}).name == "failed"
