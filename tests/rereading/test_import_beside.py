"""What is brought in from files beside what crawls have stored, and what becomes of it afterwards."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sabah import clock
from sabah.archive import rereading as making
from sabah.archive.reparse import reparse
from sabah.archive.session import Request
from sabah.dataset.filters import parse_filters
from sabah.pages import NotAnArticle
from sabah.site.link import Link
from sabah.storage.errors import StorageError
from sabah.storage.ledger import Ledger
from sabah.storage.pages import Page
from sabah.storage.readings import OLDER
from sabah.storage.store import Options, Store
from tests.records import record
from tests.rereading.test_import import A, Dataset, dataset, days
from tests.running import SmallSite, article, crawl
from tests.warcs.writing import Writer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["dataset"]

PATH = A.removeprefix("https://www.dailysabah.com")


def row(folder: Path) -> dict[str, Any]:
    with closing(Ledger.read(folder)) as ledger:
        cursor = ledger.run("SELECT * FROM addresses WHERE url = ?", A)
        return dict(zip([one[0] for one in cursor.description], cursor.fetchone(), strict=True))


def test_a_newer_capture_of_a_crawled_article_is_a_revision_and_an_older_one_is_not(
    dataset: Dataset, tmp_path: Path
) -> None:
    with SmallSite({PATH: article("Live", f"{clock.now():%b %d, %Y} - 1:01 am GMT+3")}) as site:
        assert crawl("addresses", "-a", f"url={A}", output=dataset.folder, origin=site.origin).code == 0
    before = row(dataset.folder)
    assert before["due_at"] is not None
    (tmp_path / "old.warc.gz").write_bytes(days((1, "Old")))
    assert f"1 {OLDER}" in str(dataset.bring_in(tmp_path / "old.warc.gz"))
    writer = Writer()
    writer.add(A, f"{clock.now().year + 1}-01-01T00:00:00Z", article("Newer"))
    (tmp_path / "new.warc.gz").write_bytes(writer.data)
    assert dataset.bring_in(tmp_path / "new.warc.gz").name == "ok"
    assert [(one["headline"], one["revision"], one["origin"]) for one in dataset.records] == [
        ("Live", 1, "replica"), ("Newer", 2, "archive")
    ]  # fmt: skip
    after = row(dataset.folder)
    # The next look at the newspaper is due when it was.
    assert [after[name] for name in ("state", "due_at", "aged_from", "run", "first_seen_at")] == [
        before[name] for name in ("state", "due_at", "aged_from", "run", "first_seen_at")
    ]


def test_a_capture_of_what_is_gone_gives_its_article(dataset: Dataset, tmp_path: Path) -> None:
    with SmallSite({}) as site:
        crawl("addresses", "-a", f"url={A}", output=dataset.folder, origin=site.origin)
    assert row(dataset.folder)["state"] == "gone"
    (tmp_path / "a.warc.gz").write_bytes(days((1, "It was there")))
    assert dataset.bring_in(tmp_path / "a.warc.gz").name == "ok"
    assert (dataset.told[0][2], row(dataset.folder)["state"]) == ("It was there", "done")


def test_what_is_stored_while_a_file_is_read_keeps_its_place(tmp_path: Path) -> None:
    """A crawl stores the live page after the import has looked and before it commits: the older capture is passed over."""
    late, early = "2022-01-02T00:00:00+00:00", "2022-01-01T00:00:00+00:00"
    store = Store.open(tmp_path, spider="reparse", arguments={}, scope="[]", follow=lambda *_: "no")
    named = Link(url="https://www.dailysabah.com/world/one/news", kind="article", section="world")

    def page(at: str, name: str) -> Page:
        article = record("one", revision_hash=record(name).revision_hash, origin="archive", captured_at=at)
        return Page(url=named.url, named=named, status=200, fetched_at=at, record=article, depth=0, packed=b"x")

    assert store.store(page(late, "late")).result().passed_over is None
    assert store.store(page(early, "early")).result().passed_over == OLDER
    assert store.store(page(late, "again")).result().passed_over == "imported before"
    store.close("ok")
    with closing(Ledger.read(tmp_path)) as ledger:
        assert ledger.all("SELECT revision FROM articles") == [(1,)]


def test_a_line_that_was_lost_is_rebuilt_as_it_was(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(days((1, "First"), (2, "Second")))
    dataset.bring_in(path)
    before = dataset.records
    for segment in dataset.folder.glob("articles/*.jsonl"):
        segment.unlink()
    dataset.bring_in(path)
    assert "recovered: " in dataset.said[0]
    assert dataset.records == before


def test_what_was_refused_is_an_article_for_better_readers(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(days((1, "First")))

    def refuse(*_: object) -> None:
        raise NotAnArticle("no layout of an article was recognised")

    with monkeypatch.context() as patched:
        patched.setattr(making, "read", refuse)
        assert dataset.bring_in(path).name == "layout_changed"
    assert dataset.records == []
    verdict = reparse(dataset.folder, Request(parse_filters({}), 1), Options(), dataset.said.append, lambda *_: None)
    assert verdict.name == "ok"
    assert dataset.told == [(A, 1, "First", "2022-01-01T00:00:00+00:00")]
    assert dataset.records[0]["origin"] == "archive"


def test_links_are_known_afterwards(dataset: Dataset, tmp_path: Path) -> None:
    writer = Writer()
    writer.add(A, "2022-01-01T00:00:00Z", article("First", links=["/world/two/news", "/world"]))
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    dataset.bring_in(tmp_path / "a.warc.gz")
    with closing(Ledger.read(dataset.folder)) as ledger:
        assert ledger.all("SELECT url, state, found_on, depth FROM addresses WHERE url <> ?", A) == [
            ("https://www.dailysabah.com/world/two/news", "pending", A, 1)
        ]
        assert ledger.all("SELECT * FROM wants") == []


def test_a_capture_that_cannot_be_read_is_no_look_at_a_stored_article(dataset: Dataset, tmp_path: Path) -> None:
    """Neither is what is known of it forgotten: when it is due, and that the newspaper has said once that it is gone."""
    now = "2021-09-14T12:00:00+03:00"
    with SmallSite({PATH: article("Live", "Sep 14, 2021 - 10:51 am GMT+3")}) as site:
        crawl("addresses", "-a", f"url={A}", output=dataset.folder, origin=site.origin, SABAH_NOW=now)
        del site.pages[PATH]
        now = "2021-09-14T17:00:00+03:00"
        crawl("revisit", output=dataset.folder, origin=site.origin, SABAH_NOW=now)
        before = row(dataset.folder)
        assert (before["gone"], before["due_at"]) == (1, "2021-09-14T14:30:00+00:00")
        writer = Writer()
        writer.add(A, "2021-10-20T00:00:00Z", "<html><body>" + "no article here " * 9 + "</body></html>")
        (tmp_path / "a.warc.gz").write_bytes(writer.data)
        dataset.bring_in(tmp_path / "a.warc.gz")
        assert len((dataset.folder / "rejected.jsonl").read_bytes().splitlines()) == 1
        assert row(dataset.folder) == before
        crawl("revisit", output=dataset.folder, origin=site.origin, SABAH_NOW="2021-11-20T12:00:00+03:00")
    assert dataset.records[-1]["withdrawn_at"] == "2021-11-20T09:00:00+00:00"


def test_a_capture_of_another_address_leaves_the_next_look_at_its_article(dataset: Dataset, tmp_path: Path) -> None:
    canonical = f"<link rel='canonical' href='{A}'>"
    with SmallSite({PATH: article("Live", "Sep 14, 2021 - 10:51 am GMT+3")}) as site:
        now = "2021-09-14T12:00:00+03:00"
        crawl("addresses", "-a", f"url={A}", output=dataset.folder, origin=site.origin, SABAH_NOW=now)
    before = row(dataset.folder)
    writer = Writer()
    writer.add(
        "https://www.dailysabah.com/turkey/story-a/news",
        "2021-10-20T00:00:00Z",
        article("Newer").replace("<head>", f"<head>{canonical}"),
    )
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    dataset.bring_in(tmp_path / "a.warc.gz")
    assert [(one["url"], one["revision"]) for one in dataset.records] == [(A, 1), (A, 2)]
    after = row(dataset.folder)
    assert [after[name] for name in ("due_at", "aged_from")] == [before[name] for name in ("due_at", "aged_from")]


def test_a_capture_older_than_the_last_look_is_passed_over_whatever_is_stored_last(
    dataset: Dataset, tmp_path: Path
) -> None:
    """The newest record is of a file, and the newspaper has said since that this is what it says."""

    def bring_in(name: str, at: str, headline: str) -> str:
        writer = Writer()
        writer.add(A, at, article(headline))
        (tmp_path / name).write_bytes(writer.data)
        return str(dataset.bring_in(tmp_path / name))

    with SmallSite({PATH: article("First")}) as site:
        now = "2021-09-14T12:00:00+03:00"
        crawl("addresses", "-a", f"url={A}", output=dataset.folder, origin=site.origin, SABAH_NOW=now)
        assert "1 revision" in bring_in("1.warc.gz", "2021-09-15T00:00:00Z", "Second")
        site.pages[PATH] = article("Second")
        crawl("revisit", output=dataset.folder, origin=site.origin, SABAH_NOW="2021-10-20T12:00:00+03:00")
    assert f"1 {OLDER}" in bring_in("2.warc.gz", "2021-10-01T00:00:00Z", "Third")
    assert "1 revision" in bring_in("3.warc.gz", "2021-10-21T00:00:00Z", "Fourth")
    assert [one["headline"] for one in dataset.records] == ["First", "Second", "Fourth"]


def test_a_line_that_is_json_and_no_record_is_said_to_be_damaged(dataset: Dataset, tmp_path: Path) -> None:
    """As a ledger of version 5 leaves it to the line to say when an article was captured."""
    (tmp_path / "1.warc.gz").write_bytes(days((1, "First")))
    dataset.bring_in(tmp_path / "1.warc.gz")
    with closing(Ledger.open(dataset.folder)) as ledger:
        ledger.run("UPDATE addresses SET known_at = NULL")
    (tmp_path / "2.warc.gz").write_bytes(days((2, "Second")))
    (segment,) = dataset.folder.glob("articles/*.jsonl")
    line = segment.read_bytes()
    segment.write_bytes(b"{}".ljust(len(line) - 1) + b"\n")
    with pytest.raises(StorageError, match=f"{segment.name}: the line at byte 0 is damaged"):
        dataset.bring_in(tmp_path / "2.warc.gz")
    segment.write_bytes(line)
    assert dataset.bring_in(tmp_path / "2.warc.gz").name == "ok"
