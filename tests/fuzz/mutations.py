"""One input of the fuzz test: a page or feed, spoilt. The same seed and number give the same input."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Final

import attrs

from tests.fuzz import seeds
from tests.fuzz.pieces import CHARSETS, PIECES, WORDS, json_ld, other_numbers
from tests.fuzz.shapes import GROWTHS

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGE, _FEED = 0.02, 0.05
_LONGEST: Final = 20_000
_TAG: Final = re.compile(rb"</?[a-zA-Z][^>]*>")
_VALUE: Final = re.compile(rb'"[^"<>]*"')


@attrs.frozen
class Input:
    body: bytes
    charset: str | None
    """What the Content-Type says."""

    named: bool
    """Whether the reader is told the page's address."""

    is_feed: bool


def make(seed: int, number: int) -> Input:
    random = Random(f"{seed}/{number}")
    kind = random.random()
    is_feed = kind < _FEED
    pool = seeds.feeds() if is_feed else seeds.large_pages() if kind < _FEED + _LARGE else seeds.small_pages()
    page = random.choice(pool)
    for _ in range(random.choice((1, 1, 2, 3, 5, 8))):
        page = random.choice(_MUTATIONS)(random, page)
    charset = random.choice(CHARSETS) if random.random() < 0.1 else None
    if charset and random.random() < 0.3:
        page = page.decode("utf-8", "replace").encode(charset, "replace")
    return Input(page, charset, named=random.random() < 0.7, is_feed=is_feed)


def _stretch(random: Random, page: bytes) -> tuple[int, int]:
    start = random.randrange(len(page) + 1)
    return start, min(len(page), start + int(2 ** random.uniform(0, 11)))


def _put(random: Random, page: bytes, piece: bytes) -> bytes:
    """At a random place, oftener between tags."""
    at = random.randrange(len(page) + 1)
    if random.random() < 0.7:
        at = page.find(b">", at) + 1 or at
    return page[:at] + piece + page[at:]


def _flipped(random: Random, page: bytes) -> bytes:
    spoilt = bytearray(page)
    for _ in range(random.choice((1, 4, 30)) if page else 0):
        spoilt[random.randrange(len(spoilt))] = random.randrange(256)
    return bytes(spoilt)


def _cut_out(random: Random, page: bytes) -> bytes:
    start, end = _stretch(random, page)
    return page[:start] + page[end:]


def _cut_off(random: Random, page: bytes) -> bytes:
    return page[: random.randrange(len(page) + 1)]


def _repeated(random: Random, page: bytes) -> bytes:
    start, end = _stretch(random, page)
    times = min(int(2 ** random.uniform(1, 10)), max(1, _LONGEST // (end - start + 1)))
    return page[:start] + page[start:end] * times + page[end:]


def _moved(random: Random, page: bytes) -> bytes:
    start, end = _stretch(random, page)
    return _put(random, page[:start] + page[end:], page[start:end])


def _of_another(random: Random, page: bytes) -> bytes:
    other = random.choice(seeds.small_pages())
    start, end = _stretch(random, other)
    return _put(random, page, other[start:end])


def _with_piece(random: Random, page: bytes) -> bytes:
    return _put(random, page, random.choice(PIECES))


def _with_growth(random: Random, page: bytes) -> bytes:
    size = int(2 ** random.uniform(5, 13))
    return _put(random, page, random.choice(_GROWING)(size).encode())


def _with_json_ld(random: Random, page: bytes) -> bytes:
    return _put(random, page, json_ld(random))


def _without_tags(random: Random, page: bytes) -> bytes:
    """Some tags are gone: their elements are never closed, or never begun."""
    share = random.choice((0.02, 0.2))
    return _TAG.sub(lambda match: b"" if random.random() < share else match.group(), page)


def _other_tags(random: Random, page: bytes) -> bytes:
    one, other = (random.choice(WORDS).encode() for _ in range(2))
    return re.sub(rb"(</?)" + re.escape(one) + rb"\b", rb"\1" + other, page)


def _other_values(random: Random, page: bytes) -> bytes:
    """Some attributes have the value of another one, or a piece."""
    values = _VALUE.findall(page) or [b'""']

    def other(match: re.Match[bytes]) -> bytes:
        if random.random() < 0.95:
            return match.group()
        return (
            random.choice(values)
            if random.random() < 0.6
            else b'"' + random.choice(PIECES) * random.choice((1, 50)) + b'"'
        )

    return _VALUE.sub(other, page)


_GROWING: Final = tuple(GROWTHS.values())
_MUTATIONS: Final[tuple[Callable[[Random, bytes], bytes], ...]] = (
    _flipped, _cut_out, _cut_off, _repeated, _moved, _of_another, _with_piece, _with_piece, _with_growth, _with_json_ld, _without_tags, _other_tags, _other_values, other_numbers,
)  # fmt: skip
