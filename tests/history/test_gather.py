from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sabah.archive.index import Captured, Gathering

CAPTURES = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(10, 99).map(str), st.sampled_from(["", "a?b", "a/amp"])),
    max_size=60,
)


@given(CAPTURES, st.integers(1, 9))
def test_however_little_is_kept_in_memory_each_address_comes_once(
    captures: list[tuple[str, str, str]], kept: int
) -> None:
    gathering = Gathering(kept)
    for url, time, under in captures:
        gathering.add(url, time, under)
    found = list(gathering.captured())
    gathering.close()
    ranks = ["a/amp", "a?b", ""]
    urls = sorted({url for url, *_ in captures})
    of = {url: [(ranks.index(under), time) for one, time, under in captures if one == url] for url in urls}
    assert found == [
        Captured(url, min(time for _, time in of[url]), max(of[url])[1], ranks[max(of[url])[0]]) for url in urls
    ]
