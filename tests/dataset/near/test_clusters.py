"""Clusters of a stored dataset."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from math import comb
from typing import TYPE_CHECKING

import pytest

from bench.clusters import fill
from bench.wire import Text, Writer
from sabah.dataset import near
from sabah.storage.ledger import Ledger
from tests.running import SITE, SmallSite, article, crawl, listing
from tests.storage import upkeep

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from pathlib import Path

    from sabah.dataset.near import Clusters


def find(folder: Path, articles: Iterable[int] | None = None) -> Clusters:
    ledger = Ledger.read(folder)
    try:
        chosen = [row[0] for row in ledger.all("SELECT id FROM articles")] if articles is None else articles
        return near.clusters(ledger, chosen, near.Lines(ledger))
    finally:
        ledger.close()


def change(folder: Path, sql: str) -> None:
    ledger = Ledger.open(folder)
    ledger.run(sql)
    ledger.close()


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return list(Writer(21).texts(400))


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory, texts: list[Text]) -> Path:
    folder = tmp_path_factory.mktemp("wire")
    fill(folder, (one.body for one in texts))
    return folder


def pairs(labels: Iterable[Hashable]) -> int:
    return sum(comb(count, 2) for count in Counter(labels).values())


def test_copies_are_found_and_twins_are_left_alone(wire: Path, texts: list[Text]) -> None:
    found = [cluster for _, cluster, _ in find(wire)]
    true = [one.cluster for one in texts]
    both = pairs(zip(true, found, strict=True))
    assert both / pairs(found) >= 0.98
    assert both / pairs(true) >= 0.98


def test_the_same_whatever_the_order_and_the_signatures_that_are_kept(wire: Path, texts: list[Text]) -> None:
    whole = list(find(wire))
    shuffled = random.Random(3).sample(range(1, len(texts) + 1), len(texts))
    assert list(find(wire, [*shuffled, 10**9, 5])) == whole
    change(wire, "UPDATE signatures SET scheme = '0.1', data = x'00' WHERE article % 3 = 0")
    change(wire, "DELETE FROM signatures WHERE article % 3 = 1")
    assert list(find(wire)) == whole


def printed(story: list[list[str]]) -> str:
    return " ".join(word for paragraph in story for word in paragraph)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Rows 1 and 2 are copies, 4 and 5 equal, 3 and 6 have no text, 7 is a third copy of the first, 8 alone."""
    writer = Writer(6)
    story = writer._story(at_least=8)
    copies = [printed(writer.copy(story, "spread", 0.1)) for _ in range(2)]
    other = printed(writer._story(at_least=8))
    fill(tmp_path, [printed(story), copies[0], None, "Prices of today.", "“Prices” of today", None, copies[1], other])
    return tmp_path


def name(number: int) -> str:
    url = f"{SITE}/world/2021/09/14/a-headline-of-the-usual-length-{number}"
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def test_ids_sizes_and_records_without_a_text(small: Path) -> None:
    first, second, prices = (name(1), 3), (name(1), 3), (name(4), 2)
    found = find(small)
    assert len(found) == 8
    assert list(found) == [
        (number, *cluster)
        for number, cluster in enumerate(
            [first, second, (name(3), 1), prices, prices, (name(6), 1), first, (name(8), 1)], 1
        )
    ]
    assert found[7] == first
    with pytest.raises(KeyError):
        found[9]


def test_ids_stay_when_later_records_join(small: Path) -> None:
    assert [found[1:] for found in find(small, [1, 2])] == [(name(1), 2)] * 2
    assert list(find(small, [])) == []
    assert list(find(small, [3])) == [(3, name(3), 1)]


def test_revisions_of_an_article_are_one_member(small: Path) -> None:
    change(small, "UPDATE articles SET address = 1, revision = 2 WHERE id = 8")
    assert [found for found in find(small) if found[1] == name(1)] == [(row, name(1), 3) for row in (1, 2, 7, 8)]


PATHS = [f"/mid-east/{name}/news" for name in ("one", "copy", "gallery", "other")]
WORDS = " ".join(f"word{number * number % 997}" for number in range(300))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bodies = [WORDS, f"{WORDS} More.", WORDS.replace("word4 ", "four "), "Nothing of the kind."]
    pages = {path: article(path, body=body) for path, body in zip(PATHS, bodies, strict=True)}
    output = tmp_path_factory.mktemp("crawled")
    with SmallSite({"/mid-east": listing(*PATHS), **pages}) as site:
        done = crawl("section", "-a", "sections=mid-east", output=output, origin=site.origin)
    assert done.code == 0, done.err
    return output


def test_a_crawl_keeps_a_signature_of_every_line(crawled: Path) -> None:
    ledger = Ledger.read(crawled)
    assert ledger.one("SELECT count(*), min(length(data)), count(DISTINCT data) FROM signatures")[:2] == (4, 272)
    ledger.close()
    assert sorted(size for _, _, size in find(crawled)) == [1, 3, 3, 3]


def test_a_signature_goes_with_its_line_and_with_its_text(crawled: Path) -> None:
    left = "SELECT count(*) FROM signatures"
    change(crawled, "UPDATE articles SET text_hash = 'another', layout = 'amp' WHERE id = 1")
    change(crawled, "UPDATE articles SET text_hash = text_hash, length = length WHERE id = 2")
    change(crawled, "DELETE FROM articles WHERE id = 3")
    ledger = Ledger.read(crawled)
    assert ledger.all("SELECT article FROM signatures ORDER BY article") == [(2,), (4,)]
    assert ledger.one(left) == (2,)
    ledger.close()


def test_a_store_without_signatures_is_clustered_all_the_same(tmp_path: Path) -> None:
    upkeep.crawl(tmp_path, 3)
    found = list(find(tmp_path))
    assert found
    assert {size for _, _, size in found} == {len(found)}  # every body of this newspaper is "Text."
