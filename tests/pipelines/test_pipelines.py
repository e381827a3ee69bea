"""What becomes of a record between the spider and the disk, as a crawl meets it."""

from __future__ import annotations

import resource
import subprocess
from typing import TYPE_CHECKING

import attrs
import orjson

from sabah.items import Article, Refusal
from tests.running import FAST, REPOSITORY, SITE, SmallSite, article, command, crawl, environment, listing

if TYPE_CHECKING:
    from pathlib import Path

SAME = article("Same", body="The same text.")
PAGES = {
    "/europe": listing(
        *(f"{SITE}/world/{name}/news" for name in ("one", "same-1", "no-date", "no-body", "video", "empty"))
    ),
    "/world/one/news": article("One"),
    "/world/same-1/news": SAME,
    "/world/no-date/news": article("No date", date=None),
    "/world/no-body/news": article("No body", body=""),
    "/world/empty/news": "",
    "/world/same-2/news": SAME,
    "/ds-tv/a-video/news": article("Video", body=""),
}


def _addresses(*paths: str) -> str:
    return "".join(f"{SITE}{path}\n" for path in paths)


def test_validate_refuses_with_a_reason(tmp_path: Path) -> None:
    paths = (
        "/world/one/news",
        "/world/no-date/news",
        "/world/no-body/news",
        "/world/empty/news",
        "/ds-tv/a-video/news",
    )
    with SmallSite(PAGES) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=_addresses(*paths))
    assert done.code == 0, done.err
    assert done.addresses == {f"{SITE}/world/one/news", f"{SITE}/ds-tv/a-video/news"}
    assert {(one["url"].split("/")[4], one["reason"]) for one in done.rejected} == {
        ("no-date", "no date"), ("no-body", "the page has a headline but no body"), ("empty", "the page is empty"),
    }  # fmt: skip
    for refusal in done.rejected:
        assert list(refusal) == [field.name for field in attrs.fields(Refusal)]
        assert (refusal["status"], refusal["crawl_id"]) == (200, done.articles[0]["crawl_id"])
    assert f"Refused (no date): {SITE}/world/no-date/news" in done.err
    assert "3 refused" in done.verdict


def test_an_address_is_stored_once_and_the_same_text_says_where_it_was_first(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        first = crawl("addresses", "-a", f"url={SITE}/world/same-1/news", output=tmp_path, origin=site.origin)
        again = _addresses("/world/same-1/news", "/world/same-2/news", "/world/one/news")
        second = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=again)
        third = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=again)
    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert "2 stored, 1 known" in second.verdict
    assert (
        third.verdict == "no_new: 0 stored, 3 known, 0 refused, 0 out of scope, 0 outside the dates, 0 gone, 0 failed"
    )
    assert {record["url"]: record["duplicate_of"] for record in third.articles} == {
        f"{SITE}/world/same-1/news": None, f"{SITE}/world/same-2/news": f"{SITE}/world/same-1/news", f"{SITE}/world/one/news": None,
    }  # fmt: skip
    assert len(list(tmp_path.glob("articles/*.jsonl"))) == 2, "a run that stores nothing makes no file"
    assert [site.asked.count(f"/world/{name}/news") for name in ("same-1", "same-2", "one")] == [1, 1, 1]


def test_galleries_of_the_same_headline_are_not_the_same_text(tmp_path: Path) -> None:
    page = article("Photos of the day").replace("<div class='article_body'><p>Text.</p></div>", "")
    with SmallSite({"/gallery/one/images": page, "/gallery/two/images": page}) as site:
        given = _addresses("/gallery/one/images", "/gallery/two/images")
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=given)
    assert [(one["body"], one["duplicate_of"]) for one in done.articles] == [(None, None)] * 2


def test_store_writes_the_records_of_a_run_into_its_own_file(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = crawl("addresses", "-a", f"url={SITE}/world/one/news", output=tmp_path, origin=site.origin)
    (path,) = tmp_path.glob("articles/*.jsonl")
    (line,) = path.read_bytes().splitlines()
    record = orjson.loads(line)
    assert path.stem == record["crawl_id"]
    assert list(record) == [field.name for field in attrs.fields(Article)]
    assert done.verdict.endswith(f"; {path}")


def test_a_limit_is_kept_exactly(tmp_path: Path) -> None:
    paths = [f"/world/article-{number}/news" for number in range(40)]
    with SmallSite({path: article(path) for path in paths}) as site:
        for stored in (7, 14):
            arguments = ("-a", "file=-", "-a", "limit=7")
            done = crawl("addresses", *arguments, output=tmp_path, origin=site.origin, stdin=_addresses(*paths))
            assert done.code == 0, done.err
            assert done.verdict.startswith("ok: 7 stored")
            assert len(done.articles) == len(done.addresses) == stored


def test_a_dataset_that_takes_no_more_ends_the_run_and_harms_nothing(tmp_path: Path) -> None:
    paths = [f"/world/article-{number}/news" for number in range(400)]

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    with SmallSite({path: article(path) for path in paths}) as site:
        done = subprocess.run(
            command(
                "addresses", "-a", "file=-", "-s", f"SITE_ORIGIN={site.origin}", "-s", f"OUTPUT_DIR={tmp_path}", *FAST
            ),
            cwd=REPOSITORY,
            env=environment(),
            input=_addresses(*paths),
            capture_output=True,
            text=True,
            preexec_fn=small_files,
        )
    assert done.returncode == 15, done.stderr
    assert done.stderr.count("the file size limit") == 1
    assert done.stderr.splitlines()[-1].startswith("storage: ")
    assert "Traceback" not in done.stderr
    with SmallSite({path: article(path) for path in paths}) as site:
        again = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=_addresses(*paths))
    assert again.code == 0, again.err
    assert len(again.articles) == len(again.addresses) == len(paths)
