from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sabah.pages.tree import joined

BASES = (
    "https://www.dailysabah.com/world/one/news",
    "http://www.dailysabah.com/",
    "https://h.x/a/../b?c#d",
    "https://[",
)
PARTS = (
    *"/a-~_.?=&+;#:@[]% \nüÜ0", "//", "..", "%20", "https://", "http://", "HTTPS://", "www.dailysabah.com", "h.x", "javascript:",
)  # fmt: skip


def _as_the_standard_library(base: str, href: str) -> str | None:
    try:
        return urljoin(base, href)
    except ValueError:
        return None


@given(st.sampled_from(BASES[:-1]), st.lists(st.sampled_from(PARTS), max_size=9).map("".join))
@example(BASES[0], "/world/europe/slug")
@example(BASES[0], "/search?query=food%20%26%20drink")
@example(BASES[0], "https://idsb.tmgrup.com.tr/2014/02/25/420969.jpg?v=0")
@example(BASES[0], "https://h.x/a/../b?")
@example(BASES[0], "//h.x/a")
def test_joined_as_the_standard_library_does(base: str, href: str) -> None:
    assert joined(base, href) == _as_the_standard_library(base, href)


@pytest.mark.parametrize("href", ["//[", "https://[::1/a", "slug"])
def test_no_address(href: str) -> None:
    assert joined(BASES[-1], href) is None
