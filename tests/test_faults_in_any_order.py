"""Whatever goes wrong in whatever order: the crawl ends, is never faster than configured, and what it stores is true."""

from __future__ import annotations

import os
import tempfile
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sabah.spiders.arguments import parse_section_arguments
from tests.conftest import start_replica
from tests.running import Crawl, crawl
from tests.truth import differences, reachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Replica

EXAMPLES: Final = int(os.environ.get("SABAH_EXAMPLES", "1"))
"""Each is three crawls; `make faults` draws more."""

SECTIONS: Final = "sports,arts"
GAP: Final = 0.05
TOLERANCE: Final = 0.008
"""Seconds by which the server may note two requests closer than they came: one of them waited for the processor."""

MANNERS: Final = (
    "-s", f"DOWNLOAD_DELAY={GAP}", "-s", "DOWNLOAD_TIMEOUT=4", "-s", "SLOWEST_DELAY=1", "-s", "LONGEST_WAIT=12",
)  # fmt: skip
ENDS: Final = {0, 1, 10, 12, 13, 14}
"""Every exit code a run of a sound command on a sound disk may have."""

ARTICLES: Final = ("truncated", "broken-chunked", "dropped", "redirect-loop", "wrong-charset", "gzip-error", "slow")
EVERYTHING: Final = ("retry-after-429", "burst-503", "ban-403", "challenge-200", *ARTICLES)

rules = st.lists(
    st.one_of(
        st.fixed_dictionaries({"fault": st.sampled_from(EVERYTHING), "share": st.sampled_from((0.05, 0.2, 0.6))}),
        st.fixed_dictionaries({"fault": st.sampled_from(EVERYTHING), "count": st.integers(1, 8), "share": st.just(1)}),
        st.fixed_dictionaries({"fault": st.just("robots-5xx"), "count": st.integers(1, 3), "share": st.just(1)}),
    ).map(lambda rule: {"retry_after": 1, "seconds": 5, **rule}),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def newspaper() -> Iterator[Replica]:
    one = start_replica("--articles=60", "--seed=11")
    yield one
    one.stop()


@given(rules, rules, st.sampled_from((1, 4)))
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # fmt: skip
def test_faults_in_any_order(
    newspaper: Replica, first: list[dict[str, Any]], then: list[dict[str, Any]], at_once: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        output = Path(name)
        for faults in (first, then):
            newspaper.mend()
            newspaper.strike(*faults)
            before = len(newspaper.times)
            done = _crawl(newspaper, output, at_once)
            assert done.code in ENDS, done.err
            assert "Traceback" not in done.err
            _check_pace(newspaper, before, slack=TOLERANCE if at_once == 1 else GAP)
            _check_records(newspaper, done.articles)
        newspaper.mend()
        done = _crawl(newspaper, output, at_once)
        assert done.code == 0, done.err
        _check_records(newspaper, done.articles)
        assert done.addresses == _served(newspaper)


def _crawl(newspaper: Replica, output: Path, at_once: int) -> Crawl:
    manners = (*MANNERS, "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={at_once}")
    return crawl("section", "-a", f"sections={SECTIONS}", output=output, origin=newspaper.origin, settings=manners)


def _check_pace(newspaper: Replica, before: int, slack: float) -> None:
    """However many requests are looked at in a row, they took their time. Those on several connections may overtake each other by a gap."""
    arrived = [at for at, path, *_ in newspaper.times[before:] if not path.startswith("/_")]
    for first, last in combinations(range(len(arrived)), 2):
        assert arrived[last] - arrived[first] >= (last - first) * GAP - slack


def _check_records(newspaper: Replica, records: list[dict[str, Any]]) -> None:
    truths = {truth["record"]["url"]: truth for truth in newspaper.truth}
    assert len(records) == len({record["url"] for record in records})
    assert not {record["url"]: found for record in records if (found := differences(record, truths[record["url"]]))}


def _served(newspaper: Replica) -> set[str]:
    paths = parse_section_arguments({"sections": SECTIONS}).listings
    listed = [link for one in newspaper.listings if one["path"] in paths for link in one["links"]["cards"]]
    return reachable(newspaper.truth, listed, 1)
