"""What goes wrong at the newspaper, one thing after the other: what the crawl does, and that nothing is lost when it is over."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from tests.conftest import Replica, start_replica
from tests.running import Crawl, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOW = ("-s", "DOWNLOAD_DELAY=0.05", "-s", "DOWNLOAD_DELAY_JITTER=0.1", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
SECTIONS = "sections=sports,arts"
PAGES = "/*/*"
"""Articles, and no listing, feed or robots.txt."""


@attrs.frozen(kw_only=True)
class Case:
    rule: dict[str, Any]
    codes: set[int] = attrs.Factory(lambda: {0, 10})
    says: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    whole: bool = False
    """Whether the first run gets everything, fault or not."""


CASES = {
    "retry-after-seconds": Case(
        rule={"fault": "retry-after-429", "count": 2, "retry_after": 1}, whole=True, codes={0},
        says=("Status 429 and Retry-After: everything waits for 1 s",),
    ),
    "retry-after-date": Case(
        rule={"fault": "retry-after-429", "count": 1, "retry_after": 3, "form": "date"}, whole=True, codes={0},
        says=("Status 429 and Retry-After: everything waits for ",),
    ),
    "retry-after-too-long": Case(
        rule={"fault": "retry-after-429", "paths": PAGES, "retry_after": 90000}, codes={14},
        says=("interrupted: the newspaper would have to be waited for longer than 3600 s (status 429 for a page)",),
    ),
    "bursts": Case(rule={"fault": "burst-503", "paths": PAGES, "share": 0.05, "burst": 3}, says=("Slower (status 503 for a page)",)),
    "down": Case(
        rule={"fault": "burst-503", "paths": PAGES}, codes={14}, settings=("-s", "LONGEST_WAIT=2"),
        says=("interrupted: the newspaper would have to be waited for longer than 2 s (status 503 for a page)",),
    ),
    "ban": Case(
        rule={"fault": "ban-403", "paths": PAGES}, codes={12},
        says=("blocked: 3 answers in a row were blocks, the last one status 403; the rest is pending; 0 stored",),
    ),
    "forbidden-now-and-then": Case(rule={"fault": "ban-403", "paths": PAGES, "share": 0.1}, settings=("-s", "BLOCKS_TO_STOP=9")),
    **{
        f"challenge-{variant}": Case(
            rule={"fault": "challenge-200", "paths": "/*", "variant": variant}, codes={12}, settings=("-s", "ROBOTSTXT_OBEY=False"),
            says=("blocked: 3 answers in a row were blocks, the last one a ",),
        )
        for variant in (0, 4)
    },
    "slow": Case(rule={"fault": "slow", "paths": PAGES, "share": 0.1, "seconds": 1.0}, whole=True, codes={0}),
    "too-slow": Case(
        rule={"fault": "slow", "paths": PAGES, "share": 0.1, "seconds": 3.0}, settings=("-s", "DOWNLOAD_TIMEOUT=1"),
        says=("Slower (DownloadTimeoutError for a page)",),
    ),
    **{
        f"{fault}-{kind}": Case(
            rule={"fault": fault, "paths": PAGES, **often}, codes=codes, settings=("-s", "RETRY_TIMES=1")
        )
        for fault in ("truncated", "broken-chunked", "dropped", "gzip-error")
        for kind, often, codes in (("often", {"share": 0.3}, {0, 10}), ("always", {}, {1}))
    },
    "redirect-loop": Case(rule={"fault": "redirect-loop", "paths": PAGES, "share": 0.3}, codes={10}, says=("redirected in a circle",)),
    "wrong-charset": Case(rule={"fault": "wrong-charset"}, whole=True, codes={0}),
    "robots": Case(
        rule={"fault": "robots-5xx", "count": 2}, whole=True, codes={0}, says=("for robots.txt): now 1.0 s between two requests",)
    ),
    "robots-for-ever": Case(
        rule={"fault": "robots-5xx"}, codes={14}, settings=("-s", "LONGEST_WAIT=3"),
        says=("interrupted: the newspaper would have to be waited for longer than 3 s (status 50",),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def newspaper() -> Iterator[Replica]:
    running = start_replica("--articles=60", "--seed=7")
    yield running
    running.stop()


def _crawl(newspaper: Replica, output: Path, *settings: str) -> Crawl:
    return crawl("section", "-a", SECTIONS, output=output, origin=newspaper.origin, settings=(*SLOW, *settings))


@pytest.fixture(scope="module")
def whole(newspaper: Replica, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a crawl without faults stores."""
    done = crawl("section", "-a", SECTIONS, output=tmp_path_factory.mktemp("whole"), origin=newspaper.origin)
    assert done.code == 0, done.err
    return {record["url"]: _said(record) for record in done.articles}


def _said(record: dict[str, Any]) -> dict[str, Any]:
    """What the page says, apart from when and how it was met."""
    return {name: record[name] for name in ("headline", "body", "published_at", "revision_hash", "keywords", "authors")}


THOROUGH: Final = frozenset(
    {"retry-after-date", "retry-after-too-long", "bursts", "forbidden-now-and-then", "challenge-0", "too-slow", "robots", "redirect-loop", "wrong-charset", "slow"}
    | {name for name in CASES if name.endswith("-always") and name != "dropped-always"} | {"dropped-often", "broken-chunked-often", "gzip-error-often", "retry-after-seconds"}
)  # fmt: skip
"""Variants of what the others show, or slow because they wait."""


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.thorough) if one in THOROUGH else one for one in CASES]
)
def test_a_fault_and_its_end(name: str, newspaper: Replica, whole: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    case = CASES[name]
    asked_before = len(newspaper.times)
    newspaper.strike(case.rule)
    try:
        first = _crawl(newspaper, tmp_path, *case.settings)
    finally:
        newspaper.mend()
    assert first.code in case.codes, first.err
    for said in case.says:
        assert said in first.err
    assert "Traceback" not in first.err
    if case.whole:
        assert first.addresses == set(whole)
    times = [at for at, *_ in newspaper.times[asked_before:]]
    assert all(later - earlier >= 0.048 for earlier, later in pairwise(times)), "never faster than configured"
    again = crawl("section", "-a", SECTIONS, output=tmp_path, origin=newspaper.origin)
    assert again.code == 0, again.err
    assert Counter(record["url"] for record in again.articles) == dict.fromkeys(whole, 1)
    assert {record["url"]: _said(record) for record in again.articles} == whole
