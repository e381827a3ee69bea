"""What was taken out of a text and what was put in, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALIKE: Final = 0.4
"""Share of words from which on a paragraph counts as another one rewritten; less is one removed and one added."""

_WORDS: Final = re.compile(r"\S+\s*")


@attrs.frozen
class Piece:
    kind: Literal["same", "removed", "added"]
    text: str


def words(before: str, after: str) -> list[Piece]:
    """The two texts as one, in pieces: those without `added` give `before`, those without `removed` give `after`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
            continue
        if i < j:
            pieces.append(Piece("removed", "".join(old[i:j])))
        if k < m:
            pieces.append(Piece("added", "".join(new[k:m])))
    return pieces


def paragraphs(before: str, after: str) -> list[list[Piece]]:
    """As `words`, for texts of paragraphs with blank lines between: a list of pieces for each paragraph."""
    old, new = _split(before), _split(after)
    found: list[list[Piece]] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [[Piece("same", one)] for one in old[i:j]]
        else:
            found += _rewritten(old[i:j], new[k:m])
    return found


def _rewritten(old: Sequence[str], new: Sequence[str]) -> Iterator[list[Piece]]:
    for before, after in zip_longest(old, new):
        if before is not None and after is not None and _alike(before, after):
            yield words(before, after)
            continue
        if before is not None:
            yield [Piece("removed", before)]
        if after is not None:
            yield [Piece("added", after)]


def _alike(before: str, after: str) -> bool:
    return SequenceMatcher(None, before.split(), after.split(), autojunk=False).ratio() >= ALIKE


def _split(text: str) -> list[str]:
    return [one for one in text.split("\n\n") if one]
