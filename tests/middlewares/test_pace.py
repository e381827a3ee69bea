from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sabah.middlewares.pace import RECOVERED, Pace


def test_jitter_only_adds_to_the_gap() -> None:
    gaps = []
    for _ in range(200):
        pace = Pace(delay=2.0, jitter=0.25, slowest=60.0)
        pace.sent(100.0)
        gaps.append(pace.free_at - 100.0)
    assert 2.0 <= min(gaps) < 2.1
    assert 2.4 < max(gaps) <= 2.5


def test_the_gap_counts_from_the_answer_where_nothing_left_meanwhile() -> None:
    pace = Pace(delay=1.0, jitter=0.0, slowest=60.0)
    pace.sent(10.0)
    pace.reached(10.0, 10.4)
    assert pace.free_at == 11.4
    pace.sent(11.4)
    pace.reached(10.0, 12.0)
    assert pace.free_at == 12.4


def test_each_bad_answer_doubles_the_gap_and_five_good_ones_halve_it() -> None:
    pace, now, gaps = Pace(delay=1.0, jitter=0.0, slowest=6.0), 0.0, []
    for _ in range(5):
        now = pace.free_at
        pace.sent(now)
        pace.strained(now, now)
        gaps.append(pace.gap)
    assert gaps == [2.0, 4.0, 6.0, 6.0, 6.0]
    levels = 0
    while pace.level:
        for good in range(1, RECOVERED + 1):
            now = pace.free_at
            pace.sent(now)
            assert pace.good(now, now) is (good == RECOVERED)
        levels += 1
    assert (pace.gap, levels) == (1.0, 3)


def test_what_was_under_way_together_counts_once() -> None:
    pace = Pace(delay=0.0, jitter=0.0, slowest=60.0)
    for sent in (1.0, 1.1, 1.2):
        pace.sent(sent)
    assert [pace.strained(sent, 2.0) for sent in (1.0, 1.1, 1.2)] == [True, False, False]
    assert pace.gap == 1.0
    assert [pace.told(sent, 3.0, 10.0) for sent in (1.0, 1.1)] == [True, False]
    assert pace.free_at == 13.0


def test_the_trouble_lasts_until_a_good_answer() -> None:
    pace = Pace(delay=1.0, jitter=0.0, slowest=60.0)
    pace.strained(5.0, 6.0)
    pace.told(8.0, 9.0, 3.0)
    assert pace.troubled_since == 5.0
    pace.good(12.0, 12.1)
    assert pace.troubled_since is None


_EVENTS = st.lists(
    st.tuples(st.sampled_from(["good", "strained", "told", "slow_to"]), st.floats(0, 30), st.floats(0, 5)), max_size=60
)


@given(st.floats(0.01, 5), st.floats(0, 1), _EVENTS)
def test_never_faster_than_the_delay(delay: float, jitter: float, events: list[tuple[str, float, float]]) -> None:
    pace, now, left = Pace(delay=delay, jitter=jitter, slowest=60.0), 0.0, []
    for what, seconds, latency in events:
        sent = max(now, pace.free_at)
        pace.sent(sent)
        left.append(sent)
        now = sent + latency
        pace.reached(sent, now)
        if what == "told":
            pace.told(sent, now, seconds)
            assert pace.free_at >= now + seconds
        elif what == "slow_to":
            pace.slow_to(max(pace.delay, seconds))
        else:
            getattr(pace, what)(sent, now)
        assert delay <= pace.gap <= max(60.0, pace.delay)
    assert all(later - earlier >= delay * 0.999999 for earlier, later in pairwise(left))
