"""WARC files of others in the ways in which they come: every capture of an article becomes what a crawl at that hour would have stored."""

from __future__ import annotations

import gzip
import hashlib
import random
import zlib
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]
import orjson
import pytest
from backports import zstd

from sabah.archive.captures import Captures
from sabah.archive.imports import Files, bring_in, look_into
from sabah.archive.session import Request
from sabah.dataset.filters import parse_filters
from sabah.storage import snapshots
from sabah.storage.forget import forget
from sabah.storage.ledger import Ledger
from sabah.storage.recovery import recover
from sabah.storage.store import Options
from tests.rereading.files import amp, chunked
from tests.running import article
from tests.warcs.writing import HTML, Writer

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.archive.tallies import ImportTally
    from sabah.monitors.verdict import Verdict

SITE = "https://www.dailysabah.com"
A, B = f"{SITE}/world/story-a/news", f"{SITE}/business/2016/03/04/story-b"


class Dataset:
    """A data folder that files are brought into; `said` is what the last time said on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []

    def bring_in(self, *paths: Path, jobs: int = 1, origin: str | None = None, **filters: str) -> Verdict:
        self.said = []
        files = Files(paths=paths, request=Request(parse_filters(filters), jobs), origin=origin)
        return bring_in(self.folder, files, Options(), self.said.append, lambda *_: None)

    def look_into(self, *paths: Path, **filters: str) -> ImportTally:
        files = Files(paths=paths, request=Request(parse_filters(filters), 1))
        return look_into(self.folder, files, self.said.append, lambda *_: None)

    @property
    def records(self) -> list[dict[str, Any]]:
        """In the order stored."""
        files = sorted(self.folder.glob("articles/*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        return [orjson.loads(line) for path in files for line in path.read_bytes().splitlines()]

    @property
    def told(self) -> list[tuple[str, int, str, str]]:
        """Address, revision, headline and date of capture of each record."""
        return [(one["url"], one["revision"], one["headline"], one["captured_at"]) for one in self.records]

    @property
    def digest(self) -> str:
        """Of every file but the locks and what SQLite keeps beside the ledger for whoever reads it."""
        files = sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file() and "locks" not in path.parts and path.suffix not in (".sqlite-shm", ".sqlite-wal")
        )
        return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(tmp_path / "data")


def test_a_common_crawl_extract(dataset: Dataset, tmp_path: Path) -> None:
    """Packed by the record; encodings undone and their headers renamed; robots.txt, requests and metadata beside the pages."""
    writer = Writer()
    undone = [
        HTML,
        ("X-Crawler-Content-Encoding", "gzip"),
        ("X-Crawler-Transfer-Encoding", "chunked"),
        ("Content-Length", "99"),
    ]
    writer.add(f"{SITE}/robots.txt", "2021-09-15T00:00:00Z", "User-agent: *", [("Content-Type", "text/plain")])
    writer.add_other(
        "request", A, "2021-09-15T00:00:01Z", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"
    )
    writer.add(A, "2021-09-15T00:00:01Z", article("First"), undone)
    writer.add_other("metadata", A, "2021-09-15T00:00:01Z", b"languages-cld2: en\r\n", "application/warc-fields")
    writer.add(B, "2021-09-15T00:00:02Z", "", [("Location", A)], status="301 Moved Permanently")
    writer.add(f"{SITE}/world/gone/news", "2021-09-15T00:00:03Z", "<html>", status="404 Not Found")
    writer.add(f"{SITE}/world", "2021-09-15T00:00:04Z", "<html>")
    writer.add("https://example.org/world/other/news", "2021-09-15T00:00:05Z", article("Elsewhere"))
    (tmp_path / "cc.warc.gz").write_bytes(writer.data)
    verdict = dataset.bring_in(tmp_path / "cc.warc.gz")
    assert dataset.told == [(A, 1, "First", "2021-09-15T00:00:01+00:00")]
    (record,) = dataset.records
    assert (record["origin"], record["status"], record["fetched_at"]) == ("archive", 200, "2021-09-15T00:00:01+00:00")
    assert record["first_seen_at"] == "2021-09-15T00:00:01+00:00"
    name, _, offset = record["snapshot"].partition(":")
    kept = snapshots.read(dataset.folder / "snapshots" / name, int(offset))
    assert kept.payload.decode() == article("First")
    assert kept.taken_from is not None
    assert kept.taken_from.startswith("cc.warc.gz:")
    assert str(verdict) == (
        "ok: 1 article stored, 0 revisions stored, 0 unchanged, 0 refused; 3 of other addresses, 2 with another status than 200"
    )


def test_a_wayback_extract(dataset: Dataset, tmp_path: Path) -> None:
    """Plain, http and bare host, still in chunks and packed; revisits of an earlier capture; resources that are no answers."""
    writer = Writer(gzip=False)
    sent = [HTML, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
    old = A.replace("https://www.", "http://")
    writer.add(
        f"{old}?utm_source=feed&gallery_image=1",
        "2019-05-01T10:00:00Z",
        chunked(gzip.compress(article("First").encode())),
        sent,
    )
    writer.add(old, "2019-05-02T10:00:00Z", b"", sent, kind="revisit", WARC_Refers_To_Date="2019-05-01T10:00:00Z")
    writer.add_other("resource", B, "2019-05-02T10:00:00Z", article("Not an answer").encode(), "text/html")
    second = chunked(gzip.compress(article("Second").encode()))
    writer.add(f"{A}#comments", "2019-05-03T10:00:00Z", second, sent)
    writer.add(f"{A}?a=1", "2019-05-03T10:00:00Z", second, sent)
    (tmp_path / "wayback.warc").write_bytes(writer.data)
    verdict = dataset.bring_in(tmp_path / "wayback.warc")
    assert dataset.told == [(A, 1, "First", "2019-05-01T10:00:00+00:00"), (A, 2, "Second", "2019-05-03T10:00:00+00:00")]
    assert str(verdict).endswith(
        "1 article stored, 1 revision stored, 0 unchanged, 0 refused; 1 there twice, 1 revisits"
    )


def test_captures_within_one_second(dataset: Dataset, tmp_path: Path) -> None:
    """In the order of their full dates; where these are the same, as the files have them."""
    path = tmp_path / "a.warc.gz"
    writer = Writer()
    for fraction, headline in (
        (".900", "Third"),
        (".100", "First"),
        ("", "Zero"),
        (".5", "Second"),
        (".5", "Second again"),
    ):
        writer.add(A, f"2022-01-01T00:00:00{fraction}Z", article(headline))
    writer.add(A, "2022-01-01T00:00:00.9Z", article("Third"))
    writer.add(B, "2022-01-01T00:00:00Z", "<html><body><h1>Nothing</h1></body></html>")
    writer.add(B, "2022-01-01T00:00:00Z", article("Beside it"))
    path.write_bytes(writer.data)
    assert "2 articles to store, 4 revisions to store" in str(dataset.look_into(path).verdict(dry=True))
    verdict = dataset.bring_in(path, jobs=2)
    assert str(verdict).startswith("ok: 2 articles stored, 4 revisions stored, 0 unchanged, 1 refused (")
    assert str(verdict).endswith("; 1 there twice")
    stored = [(revision, headline, at) for url, revision, headline, at in dataset.told if url == A]
    at = "2022-01-01T00:00:00+00:00"
    assert stored == [(1, "Zero", at), (2, "First", at), (3, "Second", at), (4, "Second again", at), (5, "Third", at)]
    assert "7 imported before" in str(dataset.bring_in(path))
    assert "7 imported before" in str(dataset.look_into(path).verdict(dry=True))
    assert len(dataset.records) == 6


def test_an_interruption_between_captures_of_one_second(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    writer = Writer()
    for headline in ("First", "Second", "Third"):
        writer.add(A, "2022-01-01T00:00:00Z", article(headline))
    path.write_bytes(writer.data)
    with Captures() as captures:
        captures.gather([path], pytest.fail, lambda *_: None)
        places = [(one.at, one.named.url, one.nth) for one in captures.after()]
        assert [place[2] for place in places] == [0, 1, 2]
        for number, place in enumerate(places, 1):
            assert captures.number(*place) == number
            assert [(one.at, one.named.url, one.nth) for one in captures.after(*place)] == places[number:]


def days(*headlines: tuple[int, str], url: str = A, gzip: bool = True) -> bytes:
    writer = Writer(gzip=gzip)
    for day, headline in headlines:
        writer.add(url, f"2022-01-{day:02}T00:00:00Z", article(headline))
    return writer.data


def test_revisions_follow_each_other_as_the_newspaper_made_them_whatever_the_order_of_files(
    dataset: Dataset, tmp_path: Path
) -> None:
    late, early, one = tmp_path / "late.warc.gz", tmp_path / "early.warc", tmp_path / "one-stream.warc.gz"
    late.write_bytes(days((9, "Third"), (7, "Second")))
    early.write_bytes(days((8, "Second"), (2, "First"), (1, "First"), gzip=False))
    one.write_bytes(gzip.compress(days((12, "Second"), (11, "Fourth"), (4, "Aside"), gzip=False)))
    verdict = dataset.bring_in(late, early, one)
    assert [told[1:3] for told in dataset.told] == [
        (1, "First"),
        (2, "Aside"),
        (3, "Second"),
        (4, "Third"),
        (5, "Fourth"),
        (6, "Second"),
    ]
    assert "2 unchanged" in str(verdict)
    before = dataset.digest
    assert "8 imported before" in str(dataset.bring_in(one, late, early))
    assert [told[1:3] for told in dataset.told] == [
        (1, "First"),
        (2, "Aside"),
        (3, "Second"),
        (4, "Third"),
        (5, "Fourth"),
        (6, "Second"),
    ]
    assert before != dataset.digest  # the run itself is in the ledger, no more
    (tmp_path / "older.warc.gz").write_bytes(days((6, "Too late for it"), (13, "Newer")))
    verdict = dataset.bring_in(tmp_path / "older.warc.gz")
    assert "1 not newer than what is stored" in str(verdict)
    assert dataset.told[-1][1:3] == (7, "Newer")


def test_amp_beside_the_page_is_no_revision(dataset: Dataset, tmp_path: Path) -> None:
    writer = Writer()
    writer.add(f"{A}/amp", "2022-01-01T00:00:00Z", amp("First"))
    writer.add(A, "2022-01-02T00:00:00Z", article("First"))
    writer.add(f"{B}/amp", "2022-01-01T00:00:00Z", amp("Alone"))
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    assert "1 AMP beside the page" in str(dataset.bring_in(tmp_path / "a.warc.gz"))
    assert sorted(told[:3] for told in dataset.told) == [(B, 1, "Alone"), (A, 1, "First")]
    writer = Writer()
    writer.add(f"{A}/amp", "2022-01-03T00:00:00Z", amp("First"))
    (tmp_path / "b.warc.gz").write_bytes(writer.data)
    assert "1 AMP of a page that is stored" in str(dataset.bring_in(tmp_path / "b.warc.gz"))
    assert len(dataset.records) == 2


def test_damage_is_named_and_costs_no_whole_record(dataset: Dataset, tmp_path: Path) -> None:
    writer = Writer()
    starts = [
        writer.add(f"{SITE}/world/story-{n}/news", f"2022-01-01T00:00:{n:02}Z", article(f"Story {n}")) for n in range(9)
    ]
    data = bytearray(writer.data[:-20])
    data[starts[3] + 60] ^= 255
    data[starts[6] : starts[6]] = b"garbage"
    path = tmp_path / "broken.warc.gz"
    path.write_bytes(bytes(data))
    verdict = dataset.bring_in(path)
    assert (verdict.name, verdict.code) == ("partial", 10)
    assert {told[2] for told in dataset.told} == {f"Story {n}" for n in (0, 1, 2, 4, 5, 6, 7)}
    assert [said.rpartition(": ")[0] for said in dataset.said] == [
        f"broken: {path}:{starts[3]}", f"broken: {path}:{starts[6]}", f"broken: {path}:{starts[8] + 7}"
    ]  # fmt: skip


def cuts() -> dict[str, tuple[bytes, list[tuple[str, str]], dict[str, str], str]]:
    """Captures that end behind the text, by how they came to: body, headers, fields of the record, and what is said of them."""
    behind = f"<!-- {random.Random(5).randbytes(3000).hex()} --></body>"
    page = article("First").replace("</body>", behind).encode()
    short = page[:-400]
    packed = {
        "gzip": gzip.compress(page),
        "deflate": zlib.compress(page),
        "br": brotli.compress(page),
        "zstd": zstd.compress(page),
    }
    found = {
        why: (short, [HTML], {"WARC_Truncated": why}, f"WARC-Truncated says {why!r}")
        for why in ("length", "time", "disconnect", "unspecified")
    }
    found["chunks"] = (chunked(page)[:-300], [HTML, ("Transfer-Encoding", "chunked")], {}, "its last chunk is missing")
    found["length said"] = (
        short,
        [HTML, ("Content-Length", str(len(page)))],
        {},
        f"{len(short):,} of {len(page):,} bytes",
    )
    for name, data in packed.items():
        said = [HTML, ("Content-Encoding", name)]
        found[name] = (data[:-200], said, {}, f"it ends within its packing ({name})")
        joined = chunked(data[:-200])
        found[f"{name} in chunks"] = (joined, [*said, ("Transfer-Encoding", "chunked")], {}, found[name][3])
    return found


@pytest.mark.parametrize("how", cuts())
def test_what_is_cut_is_named_and_never_stored(how: str, dataset: Dataset, tmp_path: Path) -> None:
    body, headers, fields, said = cuts()[how]
    writer = Writer()
    writer.add(A, "2022-01-01T00:00:00Z", article("First"))
    offset = writer.add(A, "2022-01-02T00:00:00Z", body, headers, **fields)
    writer.add(A, "2022-01-03T00:00:00Z", article("First"))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(writer.data)
    verdict = dataset.bring_in(path)
    assert [told[1:3] for told in dataset.told] == [(1, "First")]
    assert dataset.said == [f"cut: {path}:{offset}: {said}"]
    assert verdict.code == 10
    assert str(verdict) == (
        "partial: 1 capture cut short, not stored; 1 article stored, 0 revisions stored, 1 unchanged, 0 refused; 1 cut"
    )
    assert str(dataset.look_into(path).verdict(dry=True)).startswith("partial: 1 capture cut short")
    writer = Writer()
    writer.add(B, "2022-01-02T00:00:00Z", body, headers, **fields)
    path.write_bytes(gzip.compress(Writer(gzip=False).data + gzip.decompress(writer.data)))
    assert dataset.bring_in(path).name == "partial"
    assert len(dataset.records) == 1


def test_filters_and_a_page_that_gives_no_record(dataset: Dataset, tmp_path: Path) -> None:
    writer = Writer()
    writer.add(A, "2022-01-01T00:00:00Z", article("In"))
    writer.add(B, "2022-01-01T00:00:00Z", article("Other section"))
    writer.add(f"{SITE}/world/old/news", "2022-01-01T00:00:00Z", article("Too old", "Jan 04, 2021 - 10:51 am GMT+3"))
    writer.add(f"{SITE}/world/bare/news", "2022-01-01T00:00:01Z", "<html><body><h1>Nothing</h1></body></html>")
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    verdict = dataset.bring_in(tmp_path / "a.warc.gz", section="world", since="2021-09-01", layout="2020")
    assert [told[2] for told in dataset.told] == ["In"]
    assert "1 refused (no layout of an article" in str(verdict)
    assert "1 left out; 1 outside the sections" in str(verdict)
    (refusal,) = [orjson.loads(line) for line in (dataset.folder / "rejected.jsonl").read_bytes().splitlines()]
    assert (refusal["url"], refusal["fetched_at"]) == (f"{SITE}/world/bare/news", "2022-01-01T00:00:01+00:00")
    # A page that was refused does so once; what was left out is there when it is asked for.
    verdict = dataset.bring_in(tmp_path / "a.warc.gz")
    assert "2 articles stored, 0 revisions stored, 0 unchanged, 0 refused; 2 imported before" in str(verdict)
    assert len((dataset.folder / "rejected.jsonl").read_bytes().splitlines()) == 1


def test_a_refused_capture_of_a_stored_article_leaves_that_as_it_is(dataset: Dataset, tmp_path: Path) -> None:
    writer = Writer()
    writer.add(A, "2022-01-01T00:00:00Z", article("First"))
    writer.add(A, "2022-01-02T00:00:00Z", "<html><body><h1>Nothing</h1></body></html>")
    writer.add(A, "2022-01-03T00:00:00Z", article("Second"))
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    assert "1 article stored, 1 revision stored, 0 unchanged, 1 refused" in str(
        dataset.bring_in(tmp_path / "a.warc.gz")
    )
    assert [told[1:3] for told in dataset.told] == [(1, "First"), (2, "Second")]
    ledger = Ledger.read(dataset.folder)
    assert ledger.all("SELECT state, failures, run FROM addresses WHERE url = ?", A) == [("done", 0, None)]
    ledger.close()


def test_nothing_usable_and_nothing_readable(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(days((1, "Elsewhere"), url="https://example.org/world/a/news"))
    verdict = dataset.bring_in(path)
    assert (verdict.name, verdict.code) == ("source_empty", 13)
    assert "1 of other addresses" in str(verdict)
    writer = Writer()
    writer.add(A, "2022-01-01T00:00:00Z", "<html><body>New layout</body></html>")
    path.write_bytes(writer.data)
    verdict = dataset.bring_in(path)
    assert (verdict.name, verdict.code) == ("layout_changed", 11)


@pytest.mark.parametrize(
    ("body", "url", "filters", "name"),
    [
        ("", f"{SITE}/world", {}, "source_empty"),
        (article("Cut"), A, {"section": "business"}, "source_empty"),
        (article("Old"), A, {"since": "2022-01-01"}, "no_new"),
        (article("Other layout"), A, {"layout": "amp"}, "no_new"),
    ],
)
def test_no_dataset_is_begun_for_nothing(
    body: str, url: str, filters: dict[str, Any], name: str, dataset: Dataset, tmp_path: Path
) -> None:
    writer = Writer()
    writer.add(url, "2022-01-01T00:00:00Z", body)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(writer.data)
    assert dataset.bring_in(path, **filters).name == name
    assert not dataset.folder.exists()
    path.write_bytes(writer.data[:-20])
    assert dataset.bring_in(path, **filters).code in (10, 13)
    assert not dataset.folder.exists()
    # One that is there keeps the run.
    (tmp_path / "b.warc.gz").write_bytes(days((1, "First"), url=B))
    dataset.bring_in(tmp_path / "b.warc.gz")
    dataset.bring_in(path, **filters)
    ledger = Ledger.read(dataset.folder)
    assert ledger.one("SELECT count(*) FROM runs") == (2,)
    ledger.close()


def test_a_filter_that_leaves_out_the_first_loses_none_of_the_rest(dataset: Dataset, tmp_path: Path) -> None:
    writer = Writer()
    writer.add(A, "2022-01-01T00:00:00Z", article("Old", "Jan 04, 2021 - 10:51 am GMT+3"))
    writer.add(B, "2022-01-02T00:00:00Z", article("New"))
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    verdict = dataset.bring_in(tmp_path / "a.warc.gz", since="2021-09-01")
    assert str(verdict) == "ok: 1 article stored, 0 revisions stored, 0 unchanged, 0 refused; 1 left out"
    assert [told[2] for told in dataset.told] == ["New"]


def test_what_was_forgotten_stays_so(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(days((1, "First")))
    (tmp_path / "b.warc.gz").write_bytes(days((2, "Second")))
    dataset.bring_in(tmp_path / "a.warc.gz")
    ledger = Ledger.open(dataset.folder)
    recover(ledger)
    forget(ledger, [A], "asked for", 10**9)
    ledger.close()
    assert "1 forgotten" in str(dataset.bring_in(tmp_path / "b.warc.gz"))
    assert dataset.records == []


def test_looking_into_files_writes_nothing_and_says_what_would_change(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(days((1, "First"), (2, "First"), (3, "Second")))
    tally = dataset.look_into(path)
    assert not dataset.folder.exists()
    assert str(tally.verdict(dry=True)) == "ok: 1 article to store, 1 revision to store, 1 unchanged, 0 refused"
    assert dict(tally.fields) == {"headline": 1}
    dataset.bring_in(path)
    before = dataset.digest
    newer = tmp_path / "b.warc.gz"
    newer.write_bytes(days((2, "Past"), (4, "Second"), (5, "Third")))
    tally = dataset.look_into(newer)
    assert dataset.digest == before
    assert "0 articles to store, 1 revision to store, 1 unchanged, 0 refused; 1 imported before" in str(
        tally.verdict(dry=True)
    )
    assert (tally.examples["headline"].before, tally.examples["headline"].after) == ("Second", "Third")


def test_the_verdict_is_the_gravest_though_it_was_interrupted(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    writer = Writer()
    writer.add(A, "2022-01-01T00:00:00Z", "<html><body>New layout</body></html>")
    path.write_bytes(writer.data + b"garbage")
    verdict = dataset.look_into(path).verdict({"interrupted": "the same command goes on"})
    assert list(verdict.held) == ["layout_changed", "interrupted", "partial"]
    assert verdict.code == 11


def test_looking_through_tells_how_far_in_the_files_it_is(tmp_path: Path) -> None:
    told, paths = [], [tmp_path / "a.warc.gz", tmp_path / "b.warc"]
    for path, packed in zip(paths, (True, False), strict=True):
        path.write_bytes(days(*((day, str(day)) for day in range(1, 29)), url="https://example.org/a", gzip=packed))
    with Captures() as captures:
        captures.gather(paths, pytest.fail, lambda *one: told.append(one))
    whole = sum(path.stat().st_size for path in paths)
    done = [now for _, now, _ in told]
    assert {(stage, of) for stage, _, of in told} == {("looking through bytes", whole)}
    assert done == sorted(set(done))
    assert done[-1] > 0.95 * whole


def test_where_else_the_newspaper_was_captured(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(days((1, "First"), url="http://127.0.0.1:8123/world/story-a/news"))
    assert dataset.bring_in(path).name == "source_empty"
    assert dataset.bring_in(path, origin="http://127.0.0.1:8123").name == "ok"
    assert dataset.told[0][0] == A
