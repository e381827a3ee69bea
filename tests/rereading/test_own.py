"""A dataset that an older sabah has read, read again: what differs is stored once, as a reading, whatever else goes on."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import orjson
import pytest

from sabah.storage.ledger import Ledger
from tests.rereading.crawled import DATE, FOURTH, PAGES, TEXT, URLS, made, output, records, reparse
from tests.rereading.older import FAILING, STRICT, contents, key, newest, readers, scrapy
from tests.running import Crawl, Page, SmallSite, article, crawl
from tests.warcs.writing import Writer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["made", "output"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_differs_becomes_a_reading(jobs: str, output: Path) -> None:
    before = {key(one): one for one in records(output)}
    said = reparse(output, "--jobs", jobs)
    assert said == (
        "reparse: ok: 4 readings written (body 4), 1 article of pages once refused, 1 unchanged, 0 no longer read, "
        "1 still refused, 0 without snapshot\n"
    )
    after = {key(one): one for one in records(output)}
    new = {one: after[one] for one in after.keys() - before.keys()}
    assert {one: after[one] for one in before} == before, "what was stored stands"
    assert sorted(new) == [
        (URLS["why"], 1, 1), (URLS["gone"], 1, 2), (URLS["gone"], 2, 2), (URLS["one"], 1, 2), (URLS["two"], 1, 2), (URLS["two"], 2, 2),
    ]  # fmt: skip
    for (url, revision, reading), record in new.items():
        assert record["body"] == "First paragraph.\n\nSecond paragraph."
        assert record["reader_version"] != "0.0.1"
        if reading == 2:
            last = before[url, revision, 1]
            differ = {name for name in record if record[name] != last[name]}
            assert differ == {"body", "text_hash", "revision_hash", "reading", "crawl_id", "reader_version"}  # fmt: skip
    assert new[URLS["gone"], 2, 2]["withdrawn_at"]
    # Every one of them has the same text but for its headline; "Why?" is the only one that has come.
    why = new[URLS["why"], 1, 1]
    refusal = [one for one in Crawl(0, "", "", output).rejected if one["url"] == URLS["why"]][-1]
    assert (why["origin"], why["status"], why["headline"]) == ("replica", 200, "Why?")
    assert (why["fetched_at"], why["snapshot"]) == (refusal["fetched_at"], refusal["snapshot"])
    with closing(Ledger.read(output)) as ledger:
        assert ledger.one("SELECT state, alias_of FROM addresses WHERE url = ?", URLS["why"]) == ("done", None)
        assert ledger.one("SELECT count(*) FROM addresses WHERE run IS NOT NULL") == (0,)
        assert ledger.one("SELECT count(*) FROM wants") == (0,)
        assert ledger.one("SELECT count(*) FROM places") == (0,)
        assert ledger.one("SELECT pages, articles, verdict FROM runs ORDER BY id DESC LIMIT 1") == (7, 6, "ok")


def test_what_does_not_differ_makes_no_line(output: Path) -> None:
    reparse(output)
    before = {name: data for name, data in contents(output).items() if name != "ledger.sqlite"}
    assert reparse(output).startswith(
        "reparse: no_new: 0 readings written, 6 unchanged, 0 no longer read, 1 still refused"
    )
    assert {name: data for name, data in contents(output).items() if name != "ledger.sqlite"} == before


def test_dry_run_writes_nothing_and_shows_examples(output: Path) -> None:
    before = contents(output)
    done = scrapy(output, "reparse", "--dry-run", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    *table, verdict = done.stdout.splitlines()
    assert contents(output) == before
    assert verdict.startswith("reparse: ok: 4 readings to write (")
    assert "1 article of pages once refused" in verdict
    body = next(line for line in table if line.lstrip().startswith("body"))
    assert body.split() == ["body", "4", "First", "paragraph.", "First", "paragraph.", "Second", "paragraph."]
    field, url = table[-1].split()
    assert field == "body:"
    assert url in {URLS[one] for one in ("one", "two", "gone")}, "the first that was stored"


@pytest.mark.parametrize(
    ("args", "readings", "gained"),
    [
        (("--section", "politics"), set(), {"why"}),
        (("--section", "world"), {"one", "two", "gone"}, set()),
        (("--since", "2021-09-15"), set(), set()),
        (("--layout", "legacy"), set(), set()),
        (("--layout", "2020", "--since", "2021-09-14"), {"one", "two", "gone"}, {"why"}),
    ],
)
def test_only_what_is_asked_for(args: tuple[str, ...], readings: set[str], gained: set[str], output: Path) -> None:
    before = {key(one) for one in records(output)}
    reparse(output, *args)
    new = [one for one in records(output) if key(one) not in before]
    assert {one["url"] for one in new if one["reading"] > 1} == {URLS[one] for one in readings}
    assert {one["url"] for one in new if one["reading"] == 1} == {URLS[one] for one in gained}


def test_a_crawl_with_other_readers_makes_no_revision(output: Path) -> None:
    """What the newspaper has changed is one; what only the readers read otherwise is left to a re-reading."""
    before = {key(one) for one in records(output)}
    pages = {**PAGES, "/world/two/news": article("Two, corrected again", DATE, body=TEXT), "/world/gone/news": 410}
    with SmallSite(pages) as site:
        done = crawl("revisit", output=output, origin=site.origin, SABAH_NOW="2021-09-30T12:00:00+03:00")
    assert done.code == 0, done.err
    assert "/world/one/news" in site.asked
    new = {key(one): one for one in records(output) if key(one) not in before}
    assert set(new) == {(URLS["why"], 1, 1), (URLS["two"], 3, 1)}, "one was refused by the other readers"
    assert new[URLS["two"], 3, 1]["headline"] == "Two, corrected again"
    changes = scrapy(output, "status", "--changes", "--json").stdout
    assert URLS["one"] not in changes


@pytest.mark.parametrize("dry", [True, False])
def test_a_capture_from_a_file_with_other_readers_makes_no_revision(dry: bool, output: Path, tmp_path: Path) -> None:
    writer = Writer()
    for name, page in (
        ("one", article("One", DATE, body=TEXT)),
        ("two", article("Two, corrected again", DATE, body=TEXT)),
    ):
        writer.add(URLS[name], "2021-09-20T10:00:00Z", page)
    (tmp_path / "file.warc.gz").write_bytes(writer.data)
    said = scrapy(output, "reparse", str(tmp_path / "file.warc.gz"), *(["--dry-run"] if dry else [])).stdout
    assert "1 revision" in said
    assert "1 unchanged" in said
    found = [key(one) for one in records(output) if one["url"] in (URLS["one"], URLS["two"]) and one["revision"] > 2]
    assert found == ([] if dry else [(URLS["two"], 3, 1)])


def test_a_page_that_is_no_longer_read_is_named_and_stands(output: Path, tmp_path: Path) -> None:
    before = records(output)
    done = scrapy(output, "reparse", **readers(tmp_path / "strict", STRICT))
    assert done.returncode == 10
    assert done.stderr == f"reparse: no longer read: {URLS['three']}: a question is no headline\n"
    assert done.stdout.startswith(
        "reparse: partial: 1 page gave a record once and gives none now; what is stored stands; 0 readings"
    )
    assert [one for one in records(output) if one in before] == before


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_bug_of_the_readers_ends_it_and_names_the_page(jobs: str, output: Path, tmp_path: Path) -> None:
    before = records(output)
    failing = readers(tmp_path / "failing", FAILING.replace("BAD", "Two"))
    done = scrapy(output, "reparse", "--jobs", jobs, **failing)
    assert done.returncode == 1
    assert done.stdout.startswith(f"reparse: failed: {URLS['two']}: RuntimeError: a reader's bug; ")
    done = scrapy(output, "reparse", "--jobs", jobs, "--dry-run", **failing)
    assert (done.returncode, done.stderr) == (1, f"reparse: failed: {URLS['two']}: RuntimeError: a reader's bug\n")
    assert [one for one in records(output) if one in before] == before
    assert scrapy(output, "reparse").returncode == 0
    assert len(records(output)) == len({key(one) for one in records(output)}) == len(before) + 6


def test_a_broken_snapshot_is_named_and_the_rest_is_read(output: Path) -> None:
    with closing(Ledger.read(output)) as ledger:
        name, offset, length = ledger.one(
            "SELECT f.name, s.offset, s.length FROM snapshots s JOIN files f ON f.id = s.file JOIN addresses a ON a.id = s.address WHERE a.url = ?",
            URLS["one"],
        )
    with (output / name).open("r+b") as file:
        file.seek(offset + length // 2)
        file.write(bytes(50))
    done = scrapy(output, "reparse")
    assert done.returncode == 10
    assert done.stderr.startswith(f"reparse: broken: {URLS['one']}: {output / name}:{offset}: ")
    assert "3 readings written" in done.stdout
    assert "1 page could not be read from the archive" in done.stdout


def test_a_crawl_of_unchanged_pages_makes_no_revision_after_it(output: Path) -> None:
    reparse(output)
    before = {key(one) for one in records(output)}
    pages: dict[str, Page] = {
        **PAGES,
        "/world/two/news": article("Two, corrected", DATE, body=TEXT),
        "/world/gone/news": 410,
    }
    with SmallSite(pages) as site:
        done = crawl("revisit", output=output, origin=site.origin, SABAH_NOW="2021-09-20T12:00:00+03:00")
        assert "/world/one/news" in site.asked
    assert done.code == 0, done.err
    assert {key(one) for one in records(output)} == before


def test_what_others_make_of_readings(output: Path) -> None:
    reparse(output)
    latest = newest(records(output))
    made = scrapy(output, "export", "some")
    assert made.returncode == 0, made.stderr
    lines = list(map(orjson.loads, (output / "exports/some").glob("*.jsonl").__next__().read_bytes().splitlines()))
    assert {one["url"]: (one["revision"], one["reading"], one["body"]) for one in lines} == {
        url: (one["revision"], one["reading"], one["body"]) for url, one in latest.items() if not one["withdrawn_at"]
    }
    made = scrapy(output, "export", "all", "--revisions", "all")
    lines = list(map(orjson.loads, (output / "exports/all").glob("*.jsonl").__next__().read_bytes().splitlines()))
    assert sorted((one["url"], one["revision"]) for one in lines) == sorted({key(one)[:2] for one in records(output)})
    assert all(one["reading"] == 2 for one in lines if one["url"] not in (URLS["three"], URLS["why"]))
    said = [orjson.loads(line) for line in scrapy(output, "diff", URLS["two"], "--json").stdout.splitlines()]
    assert [(one["before"]["revision"], one["after"]["revision"]) for one in said] == [(1, 2)]
    assert all(piece["kind"] == "same" for paragraph in said[0]["body"] for piece in paragraph)
    changes = [orjson.loads(one) for one in scrapy(output, "status", "--changes", "--json").stdout.splitlines()]
    assert sorted((one["url"], one["what"], tuple(one["fields"])) for one in changes) == [
        (URLS["gone"], "withdrawn", ()), (URLS["two"], "changed", ("headline",)),
    ]  # fmt: skip
    status = scrapy(output, "status").stdout.splitlines()[0]
    assert status.startswith("5 articles, 7 revisions, 5 further readings, ")


def test_compact_forget_and_repair(output: Path) -> None:
    reparse(output)
    before = sorted(records(output), key=key)
    assert scrapy(output, "compact", "--month", "2021-09").returncode == 0
    moved = sorted(records(output), key=key)
    assert [{**one, "snapshot": None} for one in moved] == [{**one, "snapshot": None} for one in before]
    assert reparse(output).startswith("reparse: no_new: 0 readings written, 6 unchanged")
    for path in output.glob("articles/*"):
        path.unlink()
    with SmallSite({}) as site:
        assert crawl("revisit", output=output, origin=site.origin, SABAH_NOW=FOURTH).code in (0, 10)
    rebuilt = {key(one): one for one in records(output)}
    assert rebuilt.keys() == {key(one) for one in before}
    assert all(rebuilt[key(one)] == one for one in moved if one["reader_version"] != "0.0.1")
    assert scrapy(output, "forget", URLS["two"], URLS["gone"], "--reason", "asked").returncode == 0
    assert {one["url"] for one in records(output)} == {URLS[one] for one in ("one", "three", "why")}
    assert reparse(output).startswith("reparse: no_new: 0 readings written, 3 unchanged")


def test_usage(output: Path) -> None:
    for args, said in (
        (("x",), "x: there is no such file"),
        (("--jobs", "0"), "--jobs '0': must be a whole number from 1 to 256"),
        (("--jobs", "257"), "--jobs '257': must be a whole number from 1 to 256"),
        (("--layout", "2019"), "--layout '2019': must be of 2020, legacy, amp, generic"),
    ):
        done = scrapy(output, "reparse", *args)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"reparse: {said}\n")
