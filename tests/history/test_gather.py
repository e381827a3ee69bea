from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sabah.history.gather import Captured, Gathering

CAPTURES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(10, 99).map(str)), max_size=60)


@given(CAPTURES, st.integers(1, 9))
def test_however_little_is_kept_in_memory_each_address_comes_once(captures: list[tuple[str, str]], kept: int) -> None:
    gathering = Gathering(kept)
    for url, time in captures:
        gathering.add(url, time)
    found = list(gathering.captured())
    gathering.close()
    urls = sorted({url for url, _ in captures})
    times = {url: [time for one, time in captures if one == url] for url in urls}
    assert found == [Captured(url, min(times[url]), max(times[url])) for url in urls]
