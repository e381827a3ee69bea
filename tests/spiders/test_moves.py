"""Stored articles that the newspaper has moved to another address: one current record, and the old one says where it went."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from tests import forked
from tests.running import REPOSITORY, SITE, Page, SmallSite, article, environment, listing
from tests.spiders.test_revisit import DATE, LATER, PATH, THEN, Newspaper, url

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NEW = "/world/new/news"


def scrapy(output: Path, *args: str) -> str:
    done = forked.run(
        [sys.executable, "-W", "error", "-m", "scrapy", *args], cwd=REPOSITORY, env=environment(SABAH_OUTPUT_DIR=str(output), COLUMNS="300"), capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    out: str = done.stdout
    return out


def exported(output: Path, *args: str) -> list[dict[str, Any]]:
    scrapy(output, "export", "all", "--format", "jsonl", "--replace", *args)
    (path,) = (output / "exports/all").glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def current(output: Path) -> set[str]:
    """Names of the articles whose last line says that they stand."""
    with closing(Ledger.read(output)) as ledger:
        found = ledger.all(
            "SELECT a.url FROM addresses a WHERE (SELECT withdrawn_at IS NULL FROM articles WHERE address = a.id ORDER BY as_of DESC, revision DESC LIMIT 1)"
        )
    return {one.removeprefix(SITE).split("/")[2] for (one,) in found}


def lines(done: Any, name: str) -> list[tuple[int, str | None]]:
    """Revision and address moved to of each line of an article."""
    return [(one["revision"], one["moved_to"]) for one in done.articles if one["url"] == url(name)]


@pytest.mark.parametrize("status", [301, 308])
def test_one_current_record(tmp_path: Path, status: int) -> None:
    """newsuk/times-components#3482, mediacloud/backend#198, UTMediaCAT/Voyage#7: a slug that follows a corrected headline."""
    site: Mapping[str, Page] = {PATH: article("One", DATE), NEW: article("One, corrected", DATE)}
    with SmallSite(site, modified={PATH: THEN}) as paper_site:
        paper = Newspaper(paper_site, tmp_path / "output")
        paper.first()
        paper_site.pages[PATH] = (status, f"ORIGIN{NEW}")
        done = paper.revisit(2)
        assert (done.code, done.verdict.split(":")[0]) == (0, "ok"), done.err
        assert "2 stored" in done.verdict
        assert f"Moved to {url('new')}: {url()}" in done.err
    first, last = (one for one in done.articles if one["url"] == url())
    (new,) = (one for one in done.articles if one["url"] == url("new"))
    assert (last["revision"], last["moved_to"], last["status"]) == (2, url("new"), status)
    assert last["withdrawn_at"] == last["fetched_at"] == new["fetched_at"]
    assert (first["moved_to"], new["moved_to"], new["withdrawn_at"]) == (None, None, None)
    name, _, offset = last["snapshot"].rpartition(":")
    assert snapshots.read(tmp_path / "output/snapshots" / name, int(offset)).head.split()[1] == str(status).encode()
    assert paper.row("state, due_at, alias_of") == ("gone", None, None)


def test_exports_and_reports_say_it(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), NEW: article("One, corrected", DATE)}) as site:
        paper = Newspaper(site, tmp_path / "output")
        paper.first()
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        paper.revisit(2)
    for choice in ("keep", "flag", "drop"):
        assert [one["url"] for one in exported(tmp_path / "output", "--duplicates", choice)] == [url("new")]
    manifest = json.loads((tmp_path / "output/exports/all/manifest.json").read_text())
    assert (manifest["counts"]["moved_left_out"], manifest["counts"]["withdrawn_left_out"]) == (1, 0)
    assert len(exported(tmp_path / "output", "--revisions", "all")) == 3
    assert f"moved to {url('new')}" in scrapy(tmp_path / "output", "status", "--changes")
    (change,) = map(json.loads, scrapy(tmp_path / "output", "status", "--changes", "--json").splitlines())
    assert (change["what"], change["moved_to"], change["url"]) == ("moved", url("new"), url())
    assert f"moved to {url('new')}" in scrapy(tmp_path / "output", "diff", url())
    (step,) = map(json.loads, scrapy(tmp_path / "output", "diff", url(), "--json").splitlines())
    assert step["after"]["moved_to"] == url("new")
    scrapy(tmp_path / "output", "report")
    assert "moved to another address" in (tmp_path / "output/report.html").read_text()


def test_the_same_text_as_what_was_stored_before_is_no_duplicate_of_it(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), NEW: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path / "output")
        paper.first()
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        assert paper.revisit(2).code == 0
    assert [one["url"] for one in exported(tmp_path / "output", "--duplicates", "drop")] == [url("new")]


def test_what_was_stored_before_under_the_new_address_ends_the_old_one_at_once(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), NEW: article("New", DATE)}, modified={PATH: THEN, NEW: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first("one", "new")
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        done = paper.revisit(2)
        assert lines(done, "one") == [(1, None), (2, url("new"))]
        assert (lines(done, "new"), current(tmp_path)) == ([(1, None)], {"new"})
        assert sorted(paper.asked) == [NEW, PATH]


def test_and_where_only_the_old_one_is_looked_at(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), NEW: article("New", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first("one")
        paper.first("new", hours=1.5)
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        done = paper.revisit(2)
        assert (paper.asked, lines(done, "one")) == ([PATH], [(1, None), (2, url("new"))])


@pytest.mark.parametrize("target", [404, 500, article("New", None)], ids=["gone", "failed", "refused"])
def test_a_target_without_a_record_ends_nothing(tmp_path: Path, target: Page) -> None:
    with SmallSite({PATH: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH], site.pages[NEW] = (301, f"ORIGIN{NEW}"), target
        done = paper.revisit(2, "-s", "RETRY_TIMES=0")
        assert (lines(done, "one"), current(tmp_path)) == ([(1, None)], {"one"})
        assert paper.row("state") == ("done",)
        assert paper.due == 6
        site.pages[NEW] = article("New", DATE)
        paper.at(3, "addresses", "-a", f"url={url('new')}")
        if paper.row("state", url("new")) != (
            "done",
        ):  # one that was gone or refused is asked for again when it is due
            paper.at(30, "addresses", "-a", f"url={url('new')}")
            done = paper.revisit(31)
        if paper.row("state", url("new")) == ("done",):
            assert current(tmp_path) == {"new"}


def test_one_that_stands_again_before_the_other_is_there_has_not_moved(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH], site.pages[NEW] = (301, f"ORIGIN{NEW}"), 500
        paper.revisit(2, "-s", "RETRY_TIMES=0")
        site.pages[PATH] = article("One", DATE)
        paper.revisit(7, "-s", "RETRY_TIMES=0")
        site.pages[NEW] = article("New", DATE)
        done = paper.at(8, "addresses", "-a", f"url={url('new')}")
        assert (lines(done, "one"), current(tmp_path)) == ([(1, None)], {"one", "new"})


def test_back_under_its_old_address_it_is_a_revision(tmp_path: Path) -> None:
    page = article("One", DATE)
    with SmallSite({PATH: page, NEW: article("New", DATE), "/europe": listing(url())}, modified={PATH: THEN}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        paper.revisit(2)
        section = ("section", "-a", "sections=europe", "-a", "related=0")
        done = paper.at(28, *section)
        assert lines(done, "one") == [(1, None), (2, url("new"))], "it is still moved, and that is known"
        site.pages[PATH] = page
        done = paper.at(60, *section)
        assert lines(done, "one") == [(1, None), (2, url("new")), (3, None)]
        assert (current(tmp_path), paper.row("state, gone")) == ({"one", "new"}, ("done", 0))
    assert "back (revision 3)" in scrapy(tmp_path, "status", "--changes")


@pytest.mark.parametrize("stored", [(), ("two",), ("two", "three")])
def test_a_chain_ends_at_the_address_that_has_a_record(tmp_path: Path, stored: tuple[str, ...]) -> None:
    paths = [f"/world/{name}/news" for name in ("one", "two", "three")]
    with SmallSite({path: article(path, DATE) for path in paths}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first("one", *stored)
        site.pages[paths[0]], site.pages[paths[1]] = (301, f"ORIGIN{paths[1]}"), (308, f"ORIGIN{paths[2]}")
        done = paper.revisit(2)
        assert done.code == 0, done.err
        assert current(tmp_path) == {"three"}
        for name in ("one", *stored[:1]):
            assert lines(done, name) == [(1, None), (2, url("three"))]
        assert lines(done, "three") == [(1, None)]


def test_a_chain_over_years(tmp_path: Path) -> None:
    """A moves to B, and much later B to C: each line says where its article went then."""
    paths = [f"/world/{name}/news" for name in ("one", "two", "three")]
    with SmallSite({path: article(path, DATE) for path in paths}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first("one")
        site.pages[paths[0]] = (301, f"ORIGIN{paths[1]}")
        paper.revisit(2)
        site.pages[paths[1]] = (301, f"ORIGIN{paths[2]}")
        done = paper.revisit(7)
        assert (lines(done, "one")[-1], lines(done, "two")[-1]) == ((2, url("two")), (2, url("three")))
        assert current(tmp_path) == {"three"}


@pytest.mark.parametrize("step", [302, 303, 307])
def test_a_step_that_is_temporary_is_no_move(tmp_path: Path, step: int) -> None:
    between = "/world/between/news"
    with SmallSite({PATH: article("One", DATE), NEW: article("New", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH], site.pages[between] = (301, f"ORIGIN{between}"), (step, f"ORIGIN{NEW}")
        done = paper.revisit(2)
        assert (done.code, lines(done, "one")) == (0, [(1, None)])
        assert current(tmp_path) == {"one", "new"}


def test_a_way_through_a_page_that_is_no_article(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), NEW: article("New", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH], site.pages["/go/12"] = (301, "ORIGIN/go/12"), (301, f"ORIGIN{NEW}")
        assert lines(paper.revisit(2), "one") == [(1, None), (2, url("new"))]


def test_another_spelling_of_an_address_is_no_other_one(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH], site.pages[f"{PATH}/amp"] = (301, f"ORIGIN{PATH}/amp"), article("One", DATE)
        done = paper.revisit(2)
        assert (done.code, lines(done, "one")) == (0, [(1, None)])


def test_a_new_name_of_a_section(tmp_path: Path) -> None:
    old, new = "/turkey/story/news", "/turkiye/story/news"
    with SmallSite({old: article("Story", DATE), new: article("Story", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.at(0.1, "addresses", "-a", f"url={SITE}{old}")
        site.pages[old] = (301, f"ORIGIN{new}")
        done = paper.revisit(2)
        assert [(one["url"], one["moved_to"]) for one in done.articles] == [
            (SITE + old, None), (SITE + new, None), (SITE + old, SITE + new),
        ]  # fmt: skip


def test_a_target_whose_page_says_that_it_is_the_old_one(tmp_path: Path) -> None:
    """The new address serves what names the old one as its own: one article, as canonical links have it, and nothing has ended."""
    old, new = "/turkey/story/news", "/turkiye/story/news"
    page = article("Story", DATE).replace("<head>", f"<head><link rel='canonical' href='{SITE}{old}'>")
    with SmallSite({old: page, new: page}) as site:
        paper = Newspaper(site, tmp_path)
        paper.at(0.1, "addresses", "-a", f"url={SITE}{old}")
        site.pages[old] = (301, f"ORIGIN{new}")
        done = paper.revisit(2)
        assert [(one["url"], one["revision"]) for one in done.articles] == [(SITE + old, 1)]
        assert paper.row("state", SITE + old) == ("done",)


def test_a_move_is_taken_down_with_its_article(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), NEW: article("New", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        paper.revisit(2)
    scrapy(tmp_path, "forget", url("new"), "--reason", "a test")
    assert [paper.row("state", url(name)) for name in ("one", "new")] == [("forgotten",)] * 2
    assert not list(tmp_path.glob("articles/*.jsonl")) or not any(
        path.read_bytes() for path in tmp_path.glob("articles/*.jsonl")
    )


def test_a_lost_line_of_a_move_is_rebuilt(tmp_path: Path) -> None:
    with SmallSite({PATH: article("One", DATE), NEW: article("New", DATE)}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        before = paper.revisit(2).articles
        for path in tmp_path.glob("articles/*.jsonl"):
            path.unlink()
        after = paper.revisit(2.5).articles
        assert sorted(map(str, after)) == sorted(map(str, before))
        with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger, ledger:
            ledger.execute("UPDATE articles SET moved_to = NULL")
        assert "1 rows of the ledger" in paper.revisit(2.6, "-s", "DEEP_REPAIR=True").err
        assert lines(paper.revisit(2.7), "one") == [(1, None), (2, url("new"))]


def test_with_a_limit(tmp_path: Path) -> None:
    """The line that ends the old record comes with the record that it waited for."""
    with SmallSite({PATH: article("One", DATE), NEW: article("New", DATE)}, modified={PATH: LATER}) as site:
        paper = Newspaper(site, tmp_path)
        paper.first()
        site.pages[PATH] = (301, f"ORIGIN{NEW}")
        assert paper.revisit(2, "-a", "limit=1").code == 0
        assert current(tmp_path) == {"new"}
