from __future__ import annotations

from typing import TYPE_CHECKING

from tests.running import SITE, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Page


def test_pages_come_from_the_origin_and_records_name_the_newspaper(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One")}) as site:
        done = crawl("addresses", "-a", f"url={SITE}/world/one/news?utm=1", output=tmp_path, origin=site.origin + "/")
    assert done.code == 0, done.err
    assert site.asked == ["/robots.txt", "/world/one/news"]
    assert {headers["Host"] for headers in site.headers} == {site.origin.removeprefix("http://")}
    (record,) = done.articles
    assert (record["url"], record["origin"], record["status"]) == (f"{SITE}/world/one/news", "replica", 200)
    assert record["first_seen_at"] <= record["fetched_at"]
    assert site.origin not in str(record)


def test_a_proxy_of_the_environment_is_not_asked_for_localhost(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One")}) as site:
        proxy = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
        done = crawl("addresses", "-a", f"url={SITE}/world/one/news", output=tmp_path, origin=site.origin, **proxy)
    assert done.code == 0, done.err


def test_redirects_stay_with_the_newspaper(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        "/world/own-host/news": (301, "ORIGIN/world/europe/moved"),
        "/world/relative/news": (302, "/world/europe/moved"),
        "/world/apex/news": (301, "http://dailysabah.com/world/africa/apex"),
        "/world/listing/news": (302, "/world"),
        "/world/elsewhere/news": (302, "https://example.org/world/elsewhere/news"),
        "/world/circle/news": (302, "/world/round/news"),
        "/world/round/news": (302, "/world/circle/news"),
        "/world/europe/moved": article("Moved"),
        "/world/africa/apex": article("Apex"),
        "/world": article("World"),
    }
    urls = "".join(f"{SITE}{path}\n" for path in pages if path.endswith("/news") and path != "/world/round/news")
    with SmallSite(pages) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=urls)
    assert done.addresses == {f"{SITE}/world/europe/moved", f"{SITE}/world/africa/apex"}
    assert site.asked.count("/world/europe/moved") == 1
    (refused,) = done.rejected
    assert refused["url"] == f"{SITE}/world/listing/news"
    assert refused["reason"] == f"the address leads to a page that is no article: {SITE}/world"
    assert done.code == 10
    assert f"Failed (redirected to https://example.org/world/elsewhere/news): {SITE}/world/elsewhere/news" in done.err
    assert f"Failed (redirected in a circle by {SITE}/world/circle/news): {SITE}/world/round/news" in done.err


def test_robots_txt_of_the_origin_is_obeyed(tmp_path: Path) -> None:
    pages = {"/robots.txt": "User-agent: *\nDisallow: /world\n", "/world/one/news": article("One")}
    with SmallSite(pages) as site:
        done = crawl("addresses", "-a", f"url={SITE}/world/one/news", output=tmp_path, origin=site.origin)
    assert site.asked == ["/robots.txt"]
    assert done.code == 1
    assert f"Failed (Forbidden by robots.txt): {SITE}/world/one/news" in done.err
    assert done.verdict.startswith("failed: robots.txt forbids all that was asked for; 0 stored")
