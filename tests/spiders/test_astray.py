"""Looks at stored articles that meet another page in their place: the home page, a section, one that says that it is not there."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sabah.storage.ledger import Ledger
from tests.running import SITE, Page, SmallSite, article, listing
from tests.spiders.test_moves import exported, scrapy
from tests.spiders.test_revisit import DATE, PATH, Newspaper, url

if TYPE_CHECKING:
    from pathlib import Path

DAYS = (2, 26, 74, 170)
"""Hours of the first such look, and 1, 3 and 7 days after it."""

SECTION_PAGE = f"<html><head><title>World</title><link rel='canonical' href='{SITE}/world'></head><body>{listing(url('two'))}</body></html>"
NOT_FOUND = "<html><head><title>404 | Daily Sabah</title></head><body><h1 class='logo_holder'>Daily Sabah</h1><h1>Page not found</h1></body></html>"
IN_THE_TEMPLATE = article("Sorry, the page you are looking for could not be found", DATE, body="Go to the home page.")
IN_ITS_PLACE: dict[str, tuple[Page, str]] = {
    "redirect to the home page": ((302, "ORIGIN/"), "home page"),
    "redirect to a section": ((301, "ORIGIN/world"), "section page"),
    "redirect to an error page": ((302, "ORIGIN/not-there"), "error page"),
    "a section in its place": (SECTION_PAGE, "section page"),
    "an error page": (NOT_FOUND, "error page"),
    "an error page in the template of articles": (IN_THE_TEMPLATE, "error page"),
    "an error page of the server's": ("<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>", "error page"),
}  # fmt: skip


def site(*names: str) -> SmallSite:
    pages: dict[str, Page] = {
        f"/world/{name}/news": article(name, DATE, body=f"Text of {name}.") for name in names or ("one",)
    }
    return SmallSite({**pages, "/": listing(), "/world": listing(), "/not-there": NOT_FOUND})


def withdrawn(done: Any) -> set[str]:
    return {one["url"].split("/")[4] for one in done.articles if one["withdrawn_at"]}


def all_due(output: Path) -> None:
    with closing(Ledger.open(output)) as ledger, ledger.transaction("due"):
        ledger.run("UPDATE addresses SET due_at = first_seen_at WHERE state = 'done'")


@pytest.mark.parametrize("kind", IN_ITS_PLACE)
def test_withdrawn_after_a_week_and_not_sooner(tmp_path: Path, kind: str) -> None:
    page, what = IN_ITS_PLACE[kind]
    with site() as small:
        paper = Newspaper(small, tmp_path / "output")
        paper.first()
        small.pages[PATH] = page
        for hours in DAYS[:-1]:
            done = paper.revisit(hours)
            assert (withdrawn(done), PATH in paper.asked) == (set(), True), done.err
            assert (paper.row("state"), paper.due) == (("done",), 1), "its schedule stands"
        done = paper.revisit(170)
        assert (
            f"Withdrawn (for a week a look has met a{'n' * (what == 'error page')} {what} in its place): {url()}"
            in done.err
        )
        assert "1 stored" in done.verdict
        last = done.articles[-1]
        assert (last["revision"], paper.hours(last["withdrawn_at"]), last["moved_to"], last["status"]) == (
            2,
            170,
            None,
            200,
        )
        assert last["snapshot"] is not None
        assert paper.row("state, due_at") == ("gone", None)
        assert len(paper.revisit(400).articles) == 2


def test_looks_are_planned_where_the_schedule_has_none(tmp_path: Path) -> None:
    with site() as small:
        paper = Newspaper(small, tmp_path)
        paper.first()
        small.pages[PATH] = (302, "ORIGIN/")
        for hours in (340, 340.1, 340.2, 340.3, 340.4):
            paper.revisit(hours)
        assert paper.due == 364


def test_what_says_so(tmp_path: Path) -> None:
    with site() as small:
        paper = Newspaper(small, tmp_path)
        paper.first()
        small.pages[PATH] = (302, "ORIGIN/")
        for hours in DAYS:
            paper.revisit(hours)
    assert exported(tmp_path) == []
    assert "withdrawn (home page in its place) (revision 2)" in scrapy(tmp_path, "status", "--changes")
    assert "Withdrawn: home page in its place for a week" in scrapy(tmp_path, "diff", url())


def test_seen_in_its_place_it_begins_anew(tmp_path: Path) -> None:
    with site() as small:
        paper = Newspaper(small, tmp_path)
        paper.first()
        page, small.pages[PATH] = small.pages[PATH], (302, "ORIGIN/")
        for hours in DAYS[:-1]:
            paper.revisit(hours)
        small.pages[PATH] = page
        paper.revisit(170)
        small.pages[PATH] = (302, "ORIGIN/")
        assert withdrawn(paper.revisit(337)) == set()


def test_a_site_in_repair(tmp_path: Path) -> None:
    """Of six looks four meet the home page: they do not count, however often; those of the article that is really away do, on the days when the others are there."""
    names = ("one", "two", "three", "four", "five", "six")
    with site(*names) as small:
        paper = Newspaper(small, tmp_path)
        paper.first(*names)
        pages = dict(small.pages)
        small.pages.update({f"/world/{name}/news": (302, "ORIGIN/") for name in names[:4]})
        for hours in (*DAYS, 171):
            all_due(tmp_path)
            done = paper.revisit(hours)
            assert {f"/world/{name}/news" for name in names} <= set(paper.asked)
        assert withdrawn(done) == set()
        small.pages.update(pages)
        small.pages[PATH] = (302, "ORIGIN/")
        for hours in (194, 218, 242, 340):
            all_due(tmp_path)
            assert withdrawn(paper.revisit(hours)) == set(), "four looks, but not a week"
        all_due(tmp_path)
        assert withdrawn(paper.revisit(362)) == {"one"}


def test_a_site_in_repair_whose_bad_pages_are_looked_at_again_alone(tmp_path: Path) -> None:
    """A look that does not count is made up for soon: runs of the four bad articles alone, too few to tell, withdrew them in the midst of the repair."""
    names = ("one", "two", "three", "four", "five", "six", "seven")
    with site(*names) as small:
        paper = Newspaper(small, tmp_path)
        paper.first(*names)
        pages = dict(small.pages)
        small.pages.update({f"/world/{name}/news": NOT_FOUND for name in names[:4]})
        for hours in (*DAYS, 194):
            all_due(tmp_path)
            assert withdrawn(paper.revisit(hours)) == set()
            all_due(tmp_path)
            with closing(Ledger.open(tmp_path)) as ledger, ledger.transaction("due"):
                for name in names[4:]:
                    ledger.run("UPDATE addresses SET due_at = NULL WHERE url = ?", f"{SITE}/world/{name}/news")
            assert withdrawn(paper.revisit(hours + 1)) == set()
            assert {one for one in paper.asked if one.startswith("/world/")} == {
                f"/world/{name}/news" for name in names[:4]
            }
        small.pages.update(pages)
        small.pages[PATH] = NOT_FOUND
        all_due(tmp_path)
        assert withdrawn(paper.revisit(218)) == set(), "its first look that counts"
        for hours in (242, 290, 400):
            done = paper.revisit(hours)
        assert withdrawn(done) == {"one"}


def test_the_last_day_is_one_of_repair(tmp_path: Path) -> None:
    """Whether a look counts is known when all of its run are done: the order in which articles are asked for does not matter."""
    names = ("one", "two", "three", "four", "five", "six")
    with site(*names) as small:
        paper = Newspaper(small, tmp_path)
        paper.first(*names)
        small.pages[PATH] = (302, "ORIGIN/")
        for hours in DAYS[:-1]:
            paper.revisit(hours)
        all_due(tmp_path)
        small.pages.update({f"/world/{name}/news": (302, "ORIGIN/") for name in names})
        assert withdrawn(paper.revisit(170)) == set()


@pytest.mark.parametrize(
    "fault", ["looks-unsaved", "looks-saved", "article-torn", "article-synced", "end-unsaved", "pages-saved"]
)
def test_killed_at_the_end(tmp_path: Path, fault: str) -> None:
    with site() as small:
        paper = Newspaper(small, tmp_path)
        paper.first()
        small.pages[PATH] = (302, "ORIGIN/")
        for hours in DAYS[:-1]:
            paper.revisit(hours)
        assert paper.at(170, "revisit", SABAH_FAULT=fault).code == -9
        for hours in (170, 171, 300):
            done = paper.revisit(hours)
        assert [one["revision"] for one in done.articles] == [1, 2]
        assert paper.row("state") == ("gone",)


def test_a_page_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    """It names the article as its own address: that is a page to be read by better readers."""
    with site() as small:
        paper = Newspaper(small, tmp_path)
        paper.first()
        small.pages[PATH] = (
            f"<html><head><title>One | Daily Sabah</title><link rel='canonical' href='{url()}'></head><body><h1>One</h1></body></html>"
        )
        for hours in (*DAYS, 340):
            done = paper.revisit(hours)
        assert withdrawn(done) == set()
        with closing(Ledger.read(tmp_path)) as ledger:
            assert ledger.one("SELECT count(*) FROM signs") == (0,)
