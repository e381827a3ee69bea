"""Group articles that are nearly the same: candidates by bands of their signatures, compared, joined to clusters."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import orjson

from sabah.dataset.near.signatures import DIGEST, SCHEME, VALUES, hashes, paragraphs, shingles, sign
from sabah.storage.errors import reported
from sabah.storage.files import piece
from sabah.storage.rewrite import missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sabah.storage.ledger import Ledger

    Places = NDArray[np.int64]
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Line = Callable[[int], bytes]
    """The stored line of an article row."""

    from numpy.typing import NDArray

    from sabah.dataset.near.signatures import Hashes

SHINGLE: Final = 3
"""Words."""

PASSAGE: Final = 30
"""Words, about. Shorter ones are decided by chance, longer ones run from a shared part into one that is not."""

SHARED: Final = 0.25
"""Share of a passage's shingles that the other text must have. With a fifth of its words replaced one by one it keeps a half, and by chance
two texts about one matter share a tenth."""

_SHORT: Final = 10
"""Words of a paragraph that is no passage of its own: sub-headings, interjections."""


@attrs.frozen(eq=False)
class Text:
    """A body, ready to be compared."""

    shingles: Hashes
    """All of them, sorted."""

    inside: Hashes
    """Those that lie within one passage, in order."""

    passage: NDArray[np.intp]
    """Of each of `inside`, the number of its passage."""

    lengths: NDArray[Any]
    """Words of each passage."""

    counts: NDArray[np.intp]
    """Shingles of each passage; never 0 but where the whole text is shorter than one."""


def text(body: str) -> Text:
    parts = list(_passages(body))
    of_words = hashes([word for part in parts for word in part])
    lengths = np.array([len(part) for part in parts], np.intp)
    number = np.repeat(np.arange(len(parts)), lengths)
    if len(of_words) < SHINGLE:
        none = np.empty(0, np.uint64)
        return Text(none, none, np.empty(0, np.intp), lengths, np.zeros(len(parts), np.intp))
    found = shingles(of_words, SHINGLE)
    first, last = number[: len(found)], number[SHINGLE - 1 :]
    within = first == last
    passage = first[within]
    return Text(np.sort(found), found[within], passage, lengths, np.bincount(passage, minlength=len(parts)))


def similarity(one: Text, other: Text) -> float:
    """From 0 to 1: the smaller of both texts' shares of words that stand in passages the other has too."""
    return min(_covered(one, other), _covered(other, one))


def _covered(one: Text, other: Text) -> float:
    if not len(one.inside) or not len(other.shingles):
        return 0.0
    places = np.searchsorted(other.shingles, one.inside)
    places[places == len(other.shingles)] = 0
    hits = np.bincount(one.passage, weights=other.shingles[places] == one.inside, minlength=len(one.lengths))
    shared = hits >= SHARED * np.maximum(one.counts, 1)
    return float(one.lengths[shared].sum() / one.lengths.sum())


def _passages(body: str) -> Iterator[list[bytes]]:
    """Paragraphs, the short ones with what follows, the long ones cut into equal pieces."""
    waiting: list[bytes] = []
    parts = paragraphs(body)
    for place, found in enumerate(parts):
        waiting += found
        if len(waiting) < _SHORT or (place == len(parts) - 2 and len(parts[-1]) < _SHORT):
            continue
        yield from _cut(waiting)
        waiting = []
    if waiting:
        yield from _cut(waiting)


def _cut(found: list[bytes]) -> Iterator[list[bytes]]:
    pieces = max(1, round(len(found) / PASSAGE))
    for number in range(pieces):
        yield found[len(found) * number // pieces : len(found) * (number + 1) // pieces]


_ROWS: Final = """
SELECT t.id, t.address, a.url, unixepoch(t.published_at), s.data
FROM articles t JOIN addresses a ON a.id = t.address LEFT JOIN signatures s ON s.article = t.id AND s.scheme = ?
WHERE t.id BETWEEN ? AND ? ORDER BY t.id
"""
_ADDRESSES_AT_ONCE: Final = 20_000
_NEVER: Final = np.iinfo(np.int64).max


@attrs.frozen(eq=False)
class Rows:
    """Columns of equal length, by article row."""

    article: NDArray[np.int64]
    address: NDArray[np.int64]
    key: NDArray[np.uint64]
    """Of the address: the first 64 bits of its SHA-256."""

    published: NDArray[np.int64]
    """Seconds since 1970."""

    digest: NDArray[Any]
    """Of the text, DIGEST bytes; zeros where there is none."""

    matrix: NDArray[np.uint16]


def key(url: str) -> int:
    return int.from_bytes(hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def read(ledger: Ledger, articles: Iterable[int], line: Line) -> Rows:
    """The rows of `articles` that the ledger still has, each once. Raises StorageError, and what `line` raises."""
    wanted = np.unique(np.fromiter(articles, np.int64))
    parts = []
    empty = bytes(DIGEST + 2 * VALUES)
    for start in range(0, len(wanted), _ADDRESSES_AT_ONCE):
        chosen = set(wanted[start : start + _ADDRESSES_AT_ONCE].tolist())
        rows = ledger.all(_ROWS, SCHEME, min(chosen), max(chosen))
        rows = [row for row in rows if row[0] in chosen]
        data = [(sign(body(line(row[0]))).data if row[4] is None else row[4]) or empty for row in rows]
        block = np.frombuffer(b"".join(data), np.uint8).reshape(len(rows), len(empty))
        parts.append((
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([key(row[2]) for row in rows], np.uint64),
            np.array([_NEVER if row[3] is None else row[3] for row in rows], np.int64),
            np.ascontiguousarray(block[:, :DIGEST]).view(f"V{DIGEST}").ravel(),
            np.ascontiguousarray(block[:, DIGEST:]).view("<u2"),
        ))  # fmt: skip
    if not parts:
        none = np.empty(0, np.int64)
        return Rows(none, none, np.empty(0, np.uint64), none, np.empty(0, f"V{DIGEST}"), np.empty((0, VALUES), "<u2"))
    return Rows(*map(np.concatenate, zip(*parts, strict=True)))


def body(line: bytes) -> str | None:
    """The body of a stored line."""
    found: str | None = orjson.loads(line)["body"]
    return found


class Lines:
    """Stored lines by article row, read where the ledger says they are. Calling it raises StorageError."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __call__(self, article: int) -> bytes:
        name, offset, length = self.ledger.one(
            "SELECT f.name, t.offset, t.length FROM articles t JOIN files f ON f.id = t.file WHERE t.id = ?", article
        )
        path = self.ledger.folder / name
        with reported(path):
            data = piece(path, offset, length)
        if len(data) != length:
            raise missing(path)
        return data


class Clusters:
    """Iterating gives (article row, cluster id, cluster size), by row.

    The id is the beginning of the SHA-256 of the address that was published first (16 hexadecimal digits; of several published in one
    moment, the smallest). It stays when later articles join, and the size counts addresses, not their revisions.
    """

    def __init__(self, rows: Rows, label: NDArray[np.int64]) -> None:
        """`label` is equal for rows of one cluster."""
        self.article = rows.article
        order = np.lexsort((rows.key, rows.published, label))
        starts = np.flatnonzero(np.diff(label[order], prepend=-1))
        leaders = rows.key[order[starts]]
        _, self._label = np.unique(label, return_inverse=True)
        pairs = np.unique(np.stack([self._label, rows.address]), axis=1)
        self._size = np.bincount(pairs[0], minlength=len(leaders))
        self._leader = leaders

    def __len__(self) -> int:
        """Records."""
        return len(self.article)

    def __iter__(self) -> Iterator[tuple[int, str, int]]:
        for article, label in zip(self.article.tolist(), self._label.tolist(), strict=True):
            yield article, *self._cluster(label)

    def __getitem__(self, article: int) -> tuple[str, int]:
        """Cluster id and size of an article row. Raises KeyError."""
        place = int(np.searchsorted(self.article, article))
        if place == len(self.article) or self.article[place] != article:
            raise KeyError(article)
        return self._cluster(int(self._label[place]))

    def _cluster(self, label: int) -> tuple[str, int]:
        return f"{int(self._leader[label]):016x}", int(self._size[label])


class Forest:
    """Sets that grow together."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, one: int) -> int:
        """The smallest of its set."""
        parent = self.parent
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    def join(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        self.parent[max(one, other)] = min(one, other)


def stars(
    members: Sequence[int], pairs: Iterable[tuple[int, int]], alike: Callable[[int, int], bool]
) -> Iterator[list[int]]:
    """Parts `members`, which are in order of publication, into clusters; those with more than one.

    `pairs` are candidates, `alike` decides. Whoever resembles most others is the middle of the first cluster (of several the first), all that
    resemble it belong to it; then the same with the rest. Whether two that are no candidates are alike is asked only of middles.
    """
    place = {one: number for number, one in enumerate(members)}
    near: dict[int, set[int]] = {one: set() for one in members}
    for one, other in pairs:
        if alike(one, other):
            near[one].add(other)
            near[other].add(one)
    for connected in _connected(members, near):
        left = set(connected)
        while left:
            middle = min(left, key=lambda one: (-len(near[one] & left), place[one]))
            if not near[middle] & left:
                break
            cluster = [one for one in connected if one in left and _belongs(middle, one, near, alike)]
            yield cluster
            left.difference_update(cluster)


def _belongs(middle: int, one: int, near: dict[int, set[int]], alike: Callable[[int, int], bool]) -> bool:
    return one == middle or one in near[middle] or alike(middle, one)


def _connected(members: Sequence[int], near: dict[int, set[int]]) -> Iterator[list[int]]:
    """Members that resemblances lead to from one another, in order."""
    numbers = {one: number for number, one in enumerate(members)}
    forest = Forest(len(members))
    for one, others in near.items():
        for other in others:
            forest.join(numbers[one], numbers[other])
    sets: dict[int, list[int]] = {}
    for number, one in enumerate(members):
        sets.setdefault(forest.root(number), []).append(one)
    return (one for one in sets.values() if len(one) > 1)


WINDOW: Final = 32
"""Neighbours looked at among those that agree in a band. They are in the order of the next band, so that of many the most alike stand together."""

LEAST: Final = 0.12
"""Share of equal values below which a pair is none: copies have 0.26 and more, texts with a background paragraph in common 0.06."""

BEST: Final = 16
"""Candidates a record is compared with, the most alike first. The rest of a large cluster is compared with its middle."""

_AT_ONCE: Final = 1 << 18
"""Pairs whose values are compared at once: 64 MB of signatures twice."""


@attrs.frozen
class Pairs:
    """One column each; `first` is the smaller, every pair is there once."""

    first: Places
    second: Places


def candidates(matrix: NDArray[np.uint16]) -> Pairs:
    """Pairs of rows worth comparing."""
    bands = matrix.view(np.uint32)
    found = [_alike(matrix, _agreeing(bands, band)) for band in range(bands.shape[1])]
    codes, equal = (np.concatenate(column) for column in zip(*found, strict=True))
    codes, first = np.unique(codes, return_index=True)
    size = np.int64(len(matrix))
    return _best(codes // size, codes % size, equal[first])


def _agreeing(bands: NDArray[np.uint32], band: int) -> Places:
    """Pairs that agree in a band, as `smaller * rows + larger`."""
    rows = np.int64(len(bands))
    keys = (bands[:, band].astype(np.uint64) << np.uint64(32)) | bands[:, (band + 1) % bands.shape[1]]
    order = np.argsort(keys, kind="stable")
    sorted_ = bands[order, band]
    found = []
    here = np.arange(len(order) - 1)
    for step in range(1, WINDOW + 1):
        here = here[: np.searchsorted(here, len(order) - step)]
        here = here[sorted_[here] == sorted_[here + step]]
        if not len(here):
            break
        one, other = order[here], order[here + step]
        found.append(np.minimum(one, other) * rows + np.maximum(one, other))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _alike(matrix: NDArray[np.uint16], codes: Places) -> tuple[Places, NDArray[np.int16]]:
    """Those that agree in enough values, and in how many."""
    size = np.int64(len(matrix))
    equal = np.empty(len(codes), np.int16)
    for start in range(0, len(codes), _AT_ONCE):
        part = codes[start : start + _AT_ONCE]
        equal[start : start + _AT_ONCE] = (matrix[part // size] == matrix[part % size]).sum(axis=1, dtype=np.int16)
    enough = equal >= LEAST * VALUES
    return codes[enough], equal[enough]


def _best(first: Places, second: Places, equal: NDArray[np.int16]) -> Pairs:
    """Pairs that are among the best of one of their two."""
    ends = np.concatenate([first, second])
    order = np.lexsort((np.tile(np.arange(len(first)), 2), -np.tile(equal, 2), ends))
    sorted_ = ends[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_, sorted_)
    kept = np.unique(order[rank < BEST] % max(1, len(first)))
    return Pairs(first[kept], second[kept])


THRESHOLD: Final = 0.79
"""Share of both texts' words that must stand in passages they have in common; measured by `python -m bench clusters`."""

_KEPT: Final = 20_000
"""Texts in memory, ready to be compared: 200 MB."""


def clusters(ledger: Ledger, articles: Iterable[int], line: Line, *, threshold: float = THRESHOLD) -> Clusters:
    """Clusters of the given article rows; those that the ledger has not are passed over, those without a body are alone.

    The same rows give the same clusters, in whatever order they come. Revisions of one article are always of one cluster.
    Raises StorageError, and what `line` raises.
    """
    rows = read(ledger, articles, line)
    forest = Forest(len(rows.article))
    texts = _texts(rows, forest)
    for group in _groups(candidates(rows.matrix[texts]), texts.tolist()):
        _join_alike(forest, rows, group, line, threshold)
    _join_equal(forest, rows.address)
    return Clusters(rows, np.array([forest.root(one) for one in range(len(rows.article))], np.int64))


def _texts(rows: Rows, forest: Forest) -> NDArray[np.int64]:
    """Joins rows of equal text; the earliest of each, in order of publication. Rows without a text are left out."""
    order = np.lexsort((rows.key, rows.published))
    having = order[rows.digest[order] != np.zeros(1, rows.digest.dtype)]
    _, first, number = np.unique(
        rows.digest[having].view("u8").reshape(-1, 2), axis=0, return_index=True, return_inverse=True
    )
    for one, other in zip(having.tolist(), having[first[number.ravel()]].tolist(), strict=True):
        forest.join(one, other)
    earliest: NDArray[np.int64] = having[np.sort(first)]
    return earliest


def _join_equal(forest: Forest, values: NDArray[np.int64]) -> None:
    _, first, number = np.unique(values, return_index=True, return_inverse=True)
    for one, other in enumerate(first[number].tolist()):
        forest.join(one, other)


def _groups(pairs: Pairs, row: list[int]) -> Iterator[tuple[list[int], list[tuple[int, int]]]]:
    """Rows that candidate pairs lead to from one another, in order of publication, with their pairs."""
    ends = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    forest = Forest(len(row))
    for one, other in ends:
        forest.join(one, other)
    groups: dict[int, tuple[list[int], list[tuple[int, int]]]] = {}
    for one in np.unique(np.concatenate([pairs.first, pairs.second])).tolist():
        groups.setdefault(forest.root(one), ([], []))[0].append(row[one])
    for one, other in ends:
        groups[forest.root(one)][1].append((row[one], row[other]))
    yield from groups.values()


def _join_alike(
    forest: Forest, rows: Rows, group: tuple[list[int], list[tuple[int, int]]], line: Line, threshold: float
) -> None:
    prepared = lru_cache(_KEPT)(lambda row: text(body(line(int(rows.article[row]))) or ""))

    @lru_cache(None)
    def alike(one: int, other: int) -> bool:
        return similarity(prepared(one), prepared(other)) >= threshold

    for cluster in stars(*group, alike):
        for one in cluster[1:]:
            forest.join(cluster[0], one)
