"""Who named what, of when a line is, and when a refused address is due: what the ledger keeps beside the records."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sabah.storage.forget import forget
from sabah.storage.ledger import Ledger
from sabah.storage.revisits import REFUSED, Schedule
from sabah.storage.summary import latest, revisions
from tests.dataset import made
from tests.dataset.conftest import article as made_article
from tests.dataset.conftest import make
from tests.dataset.test_export import lines
from tests.running import SITE, SmallSite, article, crawl, feed, item, listing

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime.fromisoformat("2021-09-14T12:00:00+03:00")
FEED = {f"/rss/{name}": feed(item(f"{SITE}/world/one/news"), item(f"{SITE}/world/two/news")) for name in ("world",)}
PAGES = {
    "/world/one/news": article("One", links=["/world/three/news"]),
    "/world/two/news": article("Two", links=["/world/one/news", "/world/three/news"]),
    "/world/three/news": article("Three"),
    "/world": listing("/world/two/news"),
    **FEED,
}


def rows(folder: Path) -> dict[tuple[str, str, str], tuple[int, int]]:
    """First and last day, from `DAY`, by kind and name of the source and name of the article."""
    with closing(Ledger.read(folder)) as ledger:
        found = ledger.all(
            "SELECT s.kind, s.name, a.url, n.first, n.last FROM namings n JOIN namers s ON s.id = n.namer JOIN addresses a ON a.id = n.address"
        )
    start = int(DAY.timestamp())
    return {
        (kind, name, url.split("/")[-2]): ((first - start) // 86400, (last - start) // 86400)
        for kind, name, url, first, last in found
    }


@pytest.fixture
def site() -> Any:
    with SmallSite(PAGES) as one:
        yield one


def run(site: SmallSite, folder: Path, days: float, *args: str, stdin: str = "") -> None:
    done = crawl(
        *args, output=folder, origin=site.origin, stdin=stdin, SABAH_NOW=(DAY + timedelta(days=days)).isoformat()
    )
    assert done.code == 0, done.err


def test_every_kind_of_source_is_written_down(site: SmallSite, tmp_path: Path) -> None:
    folder = tmp_path / "output"
    (tmp_path / "my list.txt").write_text(f"{SITE}/world/one/news\n{SITE}/world/two/news\t20210914120000\n")
    run(site, folder, 0, "addresses", "-a", f"file={tmp_path / 'my list.txt'}")
    run(site, folder, 0, "feeds", "-a", "feeds=world")
    run(site, folder, 1.5, "feeds", "-a", "feeds=world")  # and what is due, whose pages name others again
    run(site, folder, 1.75, "feeds", "-a", "feeds=world")
    assert rows(folder) == {
        ("given", "my list.txt", "one"): (0, 0), ("index", "my list.txt", "two"): (0, 0),
        ("article", "", "three"): (0, 1), ("article", "", "one"): (0, 1),
        ("feed", "/rss/world", "one"): (0, 1), ("feed", "/rss/world", "two"): (0, 1),
    }  # fmt: skip


def test_a_listing_names_too_and_what_is_forgotten_goes(site: SmallSite, tmp_path: Path) -> None:
    folder = tmp_path / "output"
    crawl(
        "section",
        "-a",
        "sections=world",
        "-a",
        "related=1",
        output=folder,
        origin=site.origin,
        SABAH_NOW=DAY.isoformat(),
    )
    found = rows(folder)
    assert found["listing", "/world", "two"] == (0, 0)
    with closing(Ledger.open(folder)) as ledger:
        forget(ledger, [f"{SITE}/world/two/news"], "asked", 1_000_000)
    assert rows(folder) == {key: value for key, value in found.items() if key[2] != "two"} != {}


def test_refusals_rest_longer_each_time_and_end() -> None:
    due = [Schedule().refused("2021-09-14T00:00:00+00:00", times) for times in range(1, 7)]
    assert due == [
        "2021-09-14T00:30:00+00:00",
        "2021-09-14T06:00:00+00:00",
        "2021-09-15T00:00:00+00:00",
        "2021-09-17T00:00:00+00:00",
        "2021-09-28T00:00:00+00:00",
        None,
    ]
    assert len(REFUSED) == 5


def test_history_goes_by_the_time_of_its_pages_and_not_by_numbers(tmp_path: Path) -> None:
    """A capture stored last, but older: it is no latest revision, and the first of the history."""
    one = {"published_at": "2015-03-01T10:00:00+02:00"}
    folder = made.dataset(
        tmp_path / "output",
        [
            made_article("told", headline="As it is", fetched_at="2026-11-01T08:00:00+00:00", **one),
            made_article("told", headline="As it was", revision=2, origin="archive", captured_at="2016-01-01T00:00:00+00:00", fetched_at="2026-11-02T08:00:00+00:00", **one),
            made_article("told", headline="Between", revision=3, origin="archive", captured_at="2018-01-01T00:00:00+00:00", fetched_at="2026-11-02T08:00:00+00:00", **one),
        ],
    )  # fmt: skip
    with closing(Ledger.read(folder)) as ledger:
        assert [record["headline"] for record in revisions(ledger, f"{SITE}/world/told/news")] == [
            "As it was",
            "Between",
            "As it is",
        ]
        changes = [(one.at, one.revision, one.headline, one.fields) for one in latest(ledger, 5)]
    assert changes == [
        ("2026-11-01T08:00:00+00:00", 1, "As it is", ["headline"]),
        ("2018-01-01T00:00:00+00:00", 3, "Between", ["headline"]),
    ]
    assert [line["headline"] for line in lines(make(folder, "latest")[0])] == ["As it is"]
