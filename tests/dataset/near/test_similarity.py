from __future__ import annotations

import random
from itertools import pairwise

import pytest

from bench.wire import Writer
from sabah.dataset.near.clusters import THRESHOLD, similarity, stars, text

WRITER = Writer(4)
STORY = [WRITER._paragraph(WRITER._topic()) for _ in range(12)]
OTHER = [WRITER._paragraph(WRITER._topic()) for _ in range(12)]


def body(paragraphs: list[list[str]]) -> str:
    return "\n\n".join(" ".join(words).capitalize() + "." for words in paragraphs)


def alike(one: list[list[str]] | str, other: list[list[str]] | str) -> float:
    first, second = (text(side if isinstance(side, str) else body(side)) for side in (one, other))
    assert similarity(first, second) == similarity(second, first)
    return similarity(first, second)


def test_the_same_and_nothing_in_common() -> None:
    assert alike(STORY, STORY) == 1
    assert alike(STORY, OTHER) == 0


@pytest.mark.parametrize("share", [0.05, 0.15, 0.2])
def test_single_words_replaced_all_over_leave_a_copy(share: float) -> None:
    assert alike(STORY, WRITER.copy(STORY, "spread", share)) > THRESHOLD


@pytest.mark.parametrize(("kept", "copy"), [(6, False), (8, False), (9, False), (11, True)])
def test_what_counts_is_the_share_of_the_text_however_it_lies(kept: int, copy: bool) -> None:
    """A near-twin shares whole paragraphs and has its own; it is no copy, though it has more shingles in common than many a copy."""
    places = random.Random(kept).sample(range(12), kept)
    twin = [STORY[place] if place in places else OTHER[place] for place in range(12)]
    assert (alike(STORY, twin) >= THRESHOLD) == copy
    random.Random(1).shuffle(twin)
    assert (alike(STORY, twin) >= THRESHOLD) == copy


def test_a_brief_inside_a_long_story_is_no_copy_of_it() -> None:
    assert alike(STORY[:6], STORY) < 0.6


def test_paragraphs_may_be_divided_otherwise_or_not_at_all() -> None:
    assert alike(STORY, " ".join(body(STORY).split())) > 0.95
    assert alike(STORY, [part for words in STORY for part in (words[:15], words[15:]) if part]) > 0.95


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("", "", 0), ("one", "one", 0), ("a b c", "a b c", 1), ("", "a b c d", 0)]
)
def test_hardly_any_words(one: str, other: str, expected: float) -> None:
    """Fewer than three words are compared as a whole, not here."""
    assert alike(one, other) == expected


def test_a_story_that_goes_on_is_no_cluster() -> None:
    """Each instalment is alike enough to the one before; the first and the last have nothing in common."""
    chain = list(range(9))
    found = list(stars(chain, pairwise(chain), lambda one, other: abs(one - other) <= 1))
    assert found == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_copies_belong_to_their_story_though_they_differ_from_each_other() -> None:
    asked: list[tuple[int, int]] = []

    def near_five(one: int, other: int) -> bool:
        asked.append((one, other))
        return 5 in (one, other)

    assert list(stars(range(8), [(0, 5), (1, 5), (5, 7), (2, 3)], near_five)) == [[0, 1, 5, 7]]
    assert len(asked) == 4
