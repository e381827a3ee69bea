from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tests import forked
from tests.pages.saved import reading
from tests.running import REPOSITORY, SITE, SmallSite, article, environment, listing

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica
    from tests.running import Page

RSS = "<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{}</channel></rss>"
ITEM = f"<item><title>One</title><link>{SITE}/world/one/news</link></item>"


def _check(origin: str, *more: str) -> subprocess.CompletedProcess[str]:
    return forked.run(
        [sys.executable, "-W", "error", "-m", "scrapy", "check-site", "-s", f"SITE_ORIGIN={origin}", "-s", "DOWNLOAD_DELAY=0", *more],
        cwd=REPOSITORY, env=environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_replica_is_as_known_and_its_pages_are_kept(replica: Callable[..., Replica], tmp_path: Path) -> None:
    done = _check(replica(articles=200, seed=11).origin, "--save", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("### check-site: ok\n\nsabah ")
    for line in ("| class main_page_title ", "| label stands in ", "| published_at ", "| Last-Modified "):
        assert line in done.stdout
    kept = {path.name for path in (tmp_path / "kept").iterdir()}
    assert {"robots.txt", "world.html", "feed-homepage.xml"} < kept
    records = [json.loads(path.read_bytes()) for path in (tmp_path / "kept").glob("*.json")]
    assert len(records) == 3
    page = next(path for path in (tmp_path / "kept").glob("*.json")).with_suffix(".html")
    assert reading(page.read_bytes()).values["headline"] in {record["headline"] for record in records}


def test_what_does_not_hold_is_said() -> None:
    pages = {
        f"/world/a{number}/news": article(f"A {number}").replace("left_mobile_details", "other") for number in range(3)
    }
    feed = RSS.format(ITEM)
    with SmallSite({"/world": listing(*(SITE + path for path in pages)), "/rss/homepage.xml": feed, **pages}) as site:
        done = _check(site.origin)
        assert done.returncode == 11, done.stdout + done.stderr
        assert "### check-site: layout_changed: published_at was read from text instead of css: " in done.stdout
        site.pages |= {path: article("Whole") for path in pages}
        site.pages["/rss/homepage.xml"] = RSS.format("")
        done = _check(site.origin)
        assert done.returncode == 13, done.stdout + done.stderr
        assert f"source_empty: the feed {SITE}/rss/homepage.xml names no article" in done.stdout
        site.pages |= {"/rss/homepage.xml": feed, "/world/a1/news": 400}
        assert _check(site.origin).returncode == 10
        site.pages |= dict.fromkeys(("/world", "/rss/homepage.xml"), 403)
        blocked = _check(site.origin)
    assert (blocked.returncode, blocked.stdout.split(":")[1].strip()) == (12, "blocked")


def test_usage() -> None:
    for options, said in (
        (
            ("now",),
            "check-site: unexpected argument 'now'; usage: scrapy check-site [--save DIR] [--listing PATH] [--feed PATH]",
        ),
        (("--listing", "world"), "check-site: --listing 'world': is a path and begins with /"),
        (("--save", "README.md"), "check-site: --save 'README.md': is no folder"),
        (
            ("-s", "SITE_ORIGIN=https://www.dailysabah.com"),
            "check-site: the live site is not asked without a contact: ",
        ),
    ):
        done = _check("http://127.0.0.1:9", *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(said)


def test_a_site_that_cannot_be_reached_fails() -> None:
    done = _check("http://127.0.0.1:9")
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith("### check-site: failed: the newspaper cannot be reached (Connection was refused")


def test_a_challenge_is_kept_and_a_torn_feed_is_said(tmp_path: Path) -> None:
    pages: dict[str, Page] = {"/world": listing(f"{SITE}/world/one/news"), "/world/one/news": article("One")}
    torn_feed = RSS.format(ITEM + ITEM)[:-30]
    with SmallSite({**pages, "/rss/homepage.xml": torn_feed}, charset="rot13") as site:  # which is none of pages
        torn = _check(site.origin)
    assert torn.returncode == 10, torn.stdout + torn.stderr
    assert "### check-site: partial: the feed " in torn.stdout
    with SmallSite(
        {**pages, "/world": "<html><p>Are you human?</p></html>", "/rss/homepage.xml": RSS.format(ITEM)}
    ) as site:
        _check(site.origin, "--save", str(tmp_path / "kept"))
    assert (tmp_path / "kept" / "world.html").read_text() == "<html><p>Are you human?</p></html>"
