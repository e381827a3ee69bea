from __future__ import annotations

from typing import TYPE_CHECKING

from tests.running import SITE, SmallSite, article, crawl, listing

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW, RELATED = (f"{SITE}/world/{name}/news" for name in ("old", "new", "related"))
PAGES = {
    "/europe": listing(OLD, NEW),
    "/world/old/news": article("Old", "Sep 14, 2021 - 10:51 am GMT+3", [RELATED]),
    "/world/new/news": article("New", "Sep 20, 2021 - 12:10 am GMT+3"),
    "/world/related/news": article("Related", "Sep 21, 2021 - 10:51 am GMT+3"),
}


def test_an_article_outside_the_dates_is_left_out_and_its_links_are_followed(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = crawl("section", "-a", "sections=europe", "-a", "since=2021-09-20", output=tmp_path, origin=site.origin)
    assert done.code == 0, done.err
    assert done.addresses == {NEW, RELATED}
    assert "1 outside the dates" in done.verdict
    assert "Listings reach back" not in done.err


def test_it_says_how_far_back_listings_reach(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = crawl("section", "-a", "sections=europe", "-a", "since=2020-01-01", output=tmp_path, origin=site.origin)
    assert done.addresses == {OLD, NEW, RELATED}
    assert done.err.count("Listings reach back to 2021-09-14") == 1


def test_a_name_under_two_sections_is_said(tmp_path: Path) -> None:
    with SmallSite({"/news-analysis": listing(OLD), **PAGES}) as site:
        done = crawl("section", "-a", "sections=news-analysis", "-a", "related=0", output=tmp_path, origin=site.origin)
    assert done.addresses == {OLD}
    assert "news-analysis stands under two sections and both are meant" in done.err
    assert site.asked.count("/news-analysis") == 1


def test_what_is_out_of_scope_is_counted_once_and_not_asked(tmp_path: Path) -> None:
    other = f"{SITE}/politics/other/news"
    pages = {
        "/europe": listing(other, f"{SITE}/world/europe/one"),
        "/world/europe/one": article("One", links=[other, NEW, f"{SITE}/world/europe/two"]),
        "/world/europe/two": article("Two", links=[RELATED]),
    }
    with SmallSite(pages) as site:
        done = crawl(
            "section", "-a", "sections=europe", "-a", "scope=section", output=tmp_path, origin=site.origin
        )  # fmt: skip
    assert done.code == 0, done.err
    assert done.addresses == {f"{SITE}/world/europe/one", f"{SITE}/world/europe/two"}
    assert "2 out of scope" in done.verdict
    assert set(site.asked) == {"/robots.txt", *pages}


def test_the_first_articles_of_a_listing_are_asked_first(tmp_path: Path) -> None:
    paths = [f"/world/article-{number}/news" for number in range(9)]
    pages = {"/europe": listing(*paths), "/africa": listing(*paths), **{path: article(path) for path in paths}}
    chosen = ("-a", "sections=europe,africa", "-a", "limit=3", "-s", "CONCURRENT_REQUESTS=1")
    with SmallSite(pages) as site:
        done = crawl("section", *chosen, output=tmp_path, origin=site.origin)
    assert done.code == 0, done.err
    assert [record["url"] for record in done.articles] == [SITE + path for path in paths[:3]]
    assert [path for path in site.asked if path in paths] == paths[:3], (
        "nothing is asked that the limit leaves no room for"
    )
