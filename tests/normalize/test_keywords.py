from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabah.normalize.keywords import parse_keywords

FIVE = ["syrian crisis", "syria", "russia", "vladimir putin", "bashar assad"]


@pytest.mark.parametrize(
    ("values", "keywords"),
    [
        (["syrian crisis", "syria", "russia", "vladimir putin", "bashar assad"], FIVE),
        (["Syrian Crisis, Syria,russia , Vladimir Putin,bashar assad,"], FIVE),
        (["KEYWORDS\nsyrian crisis\nsyria\r\nrussia\n\n vladimir putin \nbashar assad"], FIVE),
        (["KEYWORDS syrian crisis, syria, russia, vladimir putin, bashar assad"], FIVE),
        (["KEYWORDSsyrian crisis • syria • russia · vladimir putin • bashar assad"], FIVE),
        (["Keywords: syrian crisis, syria", "russia", "vladimir putin,bashar assad"], FIVE),
        (["KEYWORDS", *FIVE], FIVE),
        ([" ", "KEYWORDS:", *FIVE], FIVE),
        (["syrian\u00a0crisis", "syria", "SYRIA", "russia", "syria", "vladimir putin", "bashar  assad"], FIVE),
        (["syrian crisis syria russia"], ["syrian crisis syria russia"]),
        (["ISTANBUL", "İstanbul", "ISPARTA", "Iğdır"], ["istanbul", "isparta", "iğdır"]),
        (["Türkiye-Sweden relations", "QURAN-BURNING"], ["türkiye-sweden relations", "quran-burning"]),
        (["Keywords Studios", "keywords"], ["keywords studios", "keywords"]),
        (["Paral·lel"], ["paral·lel"]),
        ([], []),
        (["", " , ,\n• "], []),
    ],
)
def test_parse_keywords(values: list[str], keywords: list[str]) -> None:
    assert parse_keywords(values) == keywords


@given(st.lists(st.text(st.characters(exclude_categories=()))))
@settings(deadline=None)
def test_keywords_of_any_text_are_clean(values: list[str]) -> None:
    keywords = parse_keywords(values)
    assert len(set(keywords)) == len(keywords)
    assert all(keyword and keyword == keyword.strip() for keyword in keywords)
    assert not any("\n" in keyword or "," in keyword for keyword in keywords)


@given(st.lists(st.from_regex(r"[a-zçğıöşü]{2,8}( [a-zçğıöşü]{2,8})?", fullmatch=True), unique=True))
@settings(deadline=None)
def test_links_a_comma_string_and_a_block_say_the_same(keywords: list[str]) -> None:
    if keywords != ["keywords"]:
        assert parse_keywords([", ".join(keywords)]) == keywords
    assert parse_keywords(["KEYWORDS\n" + "\n".join(keywords)]) == keywords
    assert parse_keywords(["KEYWORDS", *keywords]) == keywords
