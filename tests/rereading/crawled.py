"""A dataset of a few pages that older readers have crawled three times."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.rereading.older import key, readers, scrapy
from tests.running import SITE, Crawl, Page, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

DATE = "Sep 14, 2021 - 10:51 am GMT+3"
TEXT = "First paragraph.</p><p>Second paragraph."
FIRST, SECOND, THIRD, FOURTH = (f"2021-09-{day}T12:00:00+03:00" for day in (14, 15, 16, 17))
PAGES: dict[str, Page] = {
    "/world/one/news": article("One", DATE, body=TEXT),
    "/world/two/news": article("Two", DATE, body=TEXT),
    "/world/three/news": article("Three", DATE, body="One paragraph only."),
    "/world/gone/news": article("Gone", DATE, body=TEXT),
    "/politics/why/news": article("Why?", DATE, body=TEXT, links=["/world/one/news"]),
    "/politics/empty/news": article("Empty", None, body=TEXT),
}
URLS = {path.split("/")[2]: SITE + path for path in PAGES}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawled three times by older readers: `two` was changed between, `gone` was withdrawn, `why` was refused, and so was `empty`."""
    folder = tmp_path_factory.mktemp("older")
    output, older = folder / "output", readers(folder / "readers")
    with SmallSite(PAGES) as site:
        lines = "".join(f"{url}\n" for url in URLS.values())
        done = crawl(
            "addresses", "-a", "file=-", stdin=lines, output=output, origin=site.origin, SABAH_NOW=FIRST, **older
        )
        assert len(done.articles) == 4, done.err
        assert len(done.rejected) == 2
        site.pages |= {"/world/two/news": article("Two, corrected", DATE, body=TEXT), "/world/gone/news": 410}
        crawl("revisit", output=output, origin=site.origin, SABAH_NOW=SECOND, **older)
        done = crawl("revisit", output=output, origin=site.origin, SABAH_NOW=THIRD, **older)
    assert sorted(map(key, done.articles)) == [
        (URLS["gone"], 1, 1), (URLS["gone"], 2, 1), (URLS["one"], 1, 1), (URLS["three"], 1, 1), (URLS["two"], 1, 1), (URLS["two"], 2, 1),
    ], done.err  # fmt: skip
    return output


@pytest.fixture
def output(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "output")
    return tmp_path / "output"


def records(output: Path) -> list[dict[str, Any]]:
    return Crawl(0, "", "", output).articles


def reparse(output: Path, *args: str, **env: str) -> str:
    """What it says, ended well."""
    done = scrapy(output, "reparse", *args, **{"SABAH_NOW": FOURTH, **env})
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout
