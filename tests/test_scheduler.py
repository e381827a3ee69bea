from __future__ import annotations

from typing import TYPE_CHECKING

from tests.running import SITE, SmallSite, article, crawl, listing

if TYPE_CHECKING:
    from pathlib import Path


def test_an_article_counts_from_its_nearest_listing_however_late_that_answers(tmp_path: Path) -> None:
    """near -> far -> beyond; the slow listing names `far` itself, which was stored long ago then: `beyond` is one step away and not two."""
    near, far, beyond, too_far = (f"{SITE}/world/{name}/news" for name in ("near", "far", "beyond", "too-far"))
    pages = {
        "/europe": listing(near),
        "/africa": listing(far),
        "/world/near/news": article("Near", links=[far]),
        "/world/far/news": article("Far", links=[beyond]),
        "/world/beyond/news": article("Beyond", links=[too_far]),
        "/world/too-far/news": article("Too far"),
    }
    with SmallSite(pages, slow={"/africa": 1.5}) as site:
        done = crawl("section", "-a", "sections=europe,africa", output=tmp_path, origin=site.origin)
    assert done.code == 0, done.err
    assert done.addresses == {near, far, beyond}
    assert sorted(site.asked) == sorted(["/robots.txt", *(path for path in pages if path != "/world/too-far/news")])
    found_on = {record["url"]: record["found_on"] for record in done.articles}
    assert found_on == {near: f"{SITE}/europe", far: near, beyond: far}, "the page that named it first"
