from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sabah.commands.diff import Piece, paragraphs, words

TEXTS = st.lists(st.sampled_from(["one", "two", "three", "four"]), max_size=8).map(" ".join)


@given(TEXTS, TEXTS)
def test_either_text_comes_out_of_the_pieces(before: str, after: str) -> None:
    pieces = words(before, after)
    assert "".join(one.text for one in pieces if one.kind != "added") == before
    assert "".join(one.text for one in pieces if one.kind != "removed") == after


@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS, max_size=5))
def test_paragraphs_too(before: list[str], after: list[str]) -> None:
    found = paragraphs("\n\n".join(before), "\n\n".join(after))
    old, new = (
        ["".join(one.text for one in part if one.kind != kind) for part in found] for kind in ("added", "removed")
    )
    assert [one for one in old if one] == [one for one in before if one]
    assert [one for one in new if one] == [one for one in after if one]


def test_a_rewritten_paragraph_and_one_that_is_another() -> None:
    before = "He said 20 people came.\n\nThe end."
    after = "He said 25 people came.\n\nA correction was made later."
    assert paragraphs(before, after) == [
        [Piece("same", "He said "), Piece("removed", "20 "), Piece("added", "25 "), Piece("same", "people came.")],
        [Piece("removed", "The end.")],
        [Piece("added", "A correction was made later.")],
    ]
