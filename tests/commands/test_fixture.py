"""`scrapy fixture` as a maintainer runs it: two new files, marked as unchecked, or one line on stderr and none."""

from __future__ import annotations

import gzip
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests import forked
from tests.evaluate.__main__ import main
from tests.evaluate.corpus import derived
from tests.pages.saved import FOLDER, expected
from tests.running import REPOSITORY, SITE, SmallSite, article, crawl, environment
from tests.warcs.writing import HTML, Writer

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

ONE, HIDDEN, TURKISH = (f"{SITE}/world/{name}/news" for name in ("one", "hidden", "turkish"))
MARK = "unchecked"


def fixture(*args: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "scrapy", "fixture", *args]
    return forked.run(command, cwd=REPOSITORY, env=environment(**more), text=True, capture_output=True, timeout=60)


def record(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def test_a_saved_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = FOLDER / "seed-article.html"
    done = fixture(str(page), "--into", str(tmp_path), "--name", "putin-2")
    assert done.returncode == 0
    assert done.stdout == (
        f"fixture: {tmp_path}/putin-2.html and .json written; check each field of the record, then take out 'unchecked'\n"
    )
    assert done.stderr.startswith("fixture: warning: the newspaper's text may not be committed")
    assert (tmp_path / "putin-2.html").read_bytes() == page.read_bytes()
    written = record(tmp_path / "putin-2.json")
    assert next(iter(written)) == MARK
    assert main(["--corpus", str(tmp_path), "--pin", "--anew"]) == 1
    assert "putin-2.json is not checked yet" in capsys.readouterr().err
    del written[MARK]
    assert list(written.items()) == list((expected("seed-article") | {"reader_version": None}).items())
    assert written | derived(written) == written
    (tmp_path / "putin-2.json").write_text(json.dumps(written))
    assert main(["--corpus", str(tmp_path), "--pin", "--anew"]) == 0
    assert main(["--corpus", str(tmp_path)]) == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    for suffix in (".html", ".json"):
        there = tmp_path / f"seed-article{suffix}"
        there.write_text("mine")
        done = fixture(str(FOLDER / "seed-article.html"), "--into", str(tmp_path))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"fixture: {there} is there already; give another --name\n"
        assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
        there.unlink()


def test_the_corpus_is_the_default_place() -> None:
    done = fixture(str(FOLDER / "gallery.html"))
    assert (done.returncode, done.stderr) == (
        2, "fixture: tests/pages/gallery.html is there already; give another --name\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "give one ADDRESS or one FILE; usage: scrapy fixture ADDRESS|FILE [--name NAME] [--into DIR]"),
        (["a", "b"], "give one ADDRESS or one FILE; usage: scrapy fixture ADDRESS|FILE [--name NAME] [--into DIR]"),
        (["no/such/file.html"], "no/such/file.html: No such file or directory"),
        (["tests"], "tests: Is a directory"),
        ([f"{SITE}/world"], f"'{SITE}/world' is not the address of an article"),
        (["https://example.org/a"], "'https://example.org/a' is no address of the newspaper; a page of another is given as a FILE"),
        (["x.html", "--into", "no/such/folder"], "--into no/such/folder: no such folder"),
        (["x.html", "--name", "Two Words"], "--name 'Two Words' must be lower-case letters and digits with single hyphens between"),
        (["x.html", "--name", "../x"], "--name '../x' must be lower-case letters and digits with single hyphens between"),
        (["two words.html"], "'two words', give another with --name: it must be lower-case letters and digits with single hyphens between"),
        (["x.html", "--name"], "argument --name: expected one argument"),
    ],
)  # fmt: skip
def test_misuse(args: list[str], said: str) -> None:
    done = fixture(*args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"fixture: {said}\n")


@pytest.mark.parametrize(
    ("name", "said"), [("not-found", "does not name its own address"), ("listing", "listing page")]
)
def test_a_page_that_is_no_article(name: str, said: str, tmp_path: Path) -> None:
    done = fixture(str(FOLDER / f"{name}.html"), "--into", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_file_is_no_page(packed: bool, tmp_path: Path) -> None:
    writer = Writer(gzip=packed)
    writer.add(ONE, "2022-01-01T00:00:00Z", article("One"))
    path = tmp_path / "some.warc"
    path.write_bytes(writer.data)
    done = fixture(str(path), "--into", str(tmp_path), "--name", "one")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"fixture: {path} is a WARC file, not a page: bring it in with `scrapy reparse {path}`, then `scrapy fixture ADDRESS` adds a page of it\n"
    )
    assert list(tmp_path.iterdir()) == [path]


def test_a_snapshot(tmp_path: Path) -> None:
    corpus, output = tmp_path / "corpus", tmp_path / "output"
    corpus.mkdir()
    page = article("One").replace("<head>", f"<head><link rel='canonical' href='{ONE}'>")
    with SmallSite({"/world/one/news": gzip.compress(page.encode())}) as site:
        crawl("addresses", "-a", f"url={ONE}", output=output, origin=site.origin)
    where = {"SABAH_OUTPUT_DIR": str(output)}
    done = fixture(ONE.replace("www.", "") + "/amp?x=1", "--into", str(corpus), **where)
    assert done.returncode == 0, done.stderr
    assert record(corpus / "one.json")["url"] == ONE
    assert (corpus / "one.html").read_text() == page
    missing = fixture(HIDDEN, "--into", str(corpus), **where)
    assert (missing.returncode, missing.stderr) == (
        2,
        f"fixture: {HIDDEN} has no snapshot in the dataset; a saved page is given as a FILE\n",
    )
    (snapshot,) = output.glob("snapshots/*.warc.gz")
    whole = snapshot.read_bytes()
    snapshot.write_bytes(whole[: len(whole) // 2])
    damaged = fixture(ONE, "--into", str(corpus), "--name", "again", **where)
    assert (damaged.returncode, damaged.stdout, damaged.stderr.count("\n")) == (1, "", 1)
    assert not list(corpus.glob("again*"))


def test_a_snapshot_knows_more_than_its_bytes(tmp_path: Path) -> None:
    corpus, output = tmp_path / "corpus", tmp_path / "output"
    corpus.mkdir()
    text = article("Başlık Şimdi", body="Metin şğıİ paragraf.")
    writer = Writer()
    writer.add(ONE, "2022-01-01T00:00:00Z", text)
    writer.add(
        TURKISH, "2022-01-01T00:00:00Z", text.encode("cp1254"), [("Content-Type", "text/html; charset=windows-1254")]
    )
    packed = [HTML, ("Content-Encoding", "compress")]
    writer.add(HIDDEN, "2022-01-01T00:00:00Z", b"\x1f\x9d\x90" + bytes(range(256)) * 9, packed)
    (tmp_path / "a.warc.gz").write_bytes(writer.data)
    where = {"SABAH_OUTPUT_DIR": str(output)}
    command = [sys.executable, "-m", "scrapy", "reparse", str(tmp_path / "a.warc.gz")]
    assert (
        forked.run(command, cwd=REPOSITORY, env=environment(**where), capture_output=True, check=False).returncode == 0
    )
    for url, name in ((ONE, "one"), (TURKISH, "turkish")):
        done = fixture(url, "--into", str(corpus), **where)
        assert done.returncode == 0, done.stderr
        told = record(corpus / f"{name}.json")
        assert (told["url"], told["headline"], told["body"]) == (url, "Başlık Şimdi", "Metin şğıİ paragraf.")
        saved = fixture(str(corpus / f"{name}.html"), "--into", str(corpus), "--name", f"{name}-again")
        assert saved.returncode == 0, saved.stderr
        assert record(corpus / f"{name}-again.json") == told
    done = fixture(HIDDEN, "--into", str(corpus), **where)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"fixture: {HIDDEN}: the answer is no text\n")
    assert not list(corpus.glob("hidden*"))


def test_no_dataset(tmp_path: Path) -> None:
    done = fixture(ONE, SABAH_OUTPUT_DIR=str(tmp_path / "none"))
    assert done.returncode == 2
    assert "holds no dataset yet" in done.stderr
