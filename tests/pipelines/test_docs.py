"""The examples of docs/pipelines.md, as they stand there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from sabah import settings
from tests.running import REPOSITORY, SITE, Crawl, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

TEXT: Final = (REPOSITORY / "docs" / "pipelines.md").read_text()
LONG: Final = "One two three four five six seven eight nine ten."
PAGES: Final = {
    "/world/long/news": article("The Daily Sabah of today", body=LONG),
    "/world/short/news": article("Short"),
}


def given(title: str, folder: Path) -> tuple[str, list[str]]:
    """The settings of a chapter's command, with its module put into `folder`; and the folder for PYTHONPATH."""
    chapter = TEXT[TEXT.index(f"\n## {title}\n") + 1 :].partition("\n## ")[0]
    (code,) = re.findall(r"```python\n# mine\.py\n(.*?)```", chapter, re.DOTALL)
    (command,) = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)
    folder.mkdir()
    (folder / "mine.py").write_text(code)
    found = re.findall(r"-s (?:'([^']*)'|(\S+))", command)
    assert command.startswith("scrapy crawl section -a sections=world -s ")
    return str(folder), [part for quoted, bare in found for part in ("-s", quoted or bare)]


def run(tmp_path: Path, title: str, origin: str, *more: str) -> Crawl:
    folder, chosen = given(title, tmp_path / "mine")
    lines = "".join(f"{SITE}{path}\n" for path in PAGES)
    return crawl(
        "addresses", "-a", "file=-", *chosen, *more, output=tmp_path / "output", origin=origin, stdin=lines, PYTHONPATH=folder
    )  # fmt: skip


def test_a_pipeline(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = run(tmp_path, "A pipeline", site.origin)
    assert done.code == 0, done.err
    assert [one["headline"] for one in done.articles] == ["The Sabah of today"]
    assert [one["reason"] for one in done.rejected] == ["dropped by mine.MyPipeline: too short for us"]
    assert "1 dropped" in done.verdict


def test_a_middleware(tmp_path: Path) -> None:
    with SmallSite(PAGES) as site:
        done = run(tmp_path, "A middleware", site.origin)
    assert (done.code, len(done.articles)) == (0, 2), done.err
    assert {one["Accept-Language"] for path, one in zip(site.asked, site.headers, strict=True) if path in PAGES} == {
        "en"
    }


def test_a_proxy(tmp_path: Path) -> None:
    """The proxy is asked for whole addresses of a newspaper that nobody else could find."""
    newspaper = "http://newspaper.invalid"
    everything: dict[str, Any] = {"/robots.txt": "User-agent: *\nDisallow:\n", **PAGES}
    with SmallSite({f"{newspaper}{path}": page for path, page in everything.items()}) as proxy:
        done = run(tmp_path, "A proxy", newspaper, "-s", f"PROXIES={proxy.origin}")
    assert (done.code, len(done.articles)) == (0, 2), done.err
    assert set(proxy.asked) >= {f"{newspaper}{path}" for path in PAGES}


@pytest.mark.parametrize("path", re.findall(r"`(sabah\.pipelines\.\w+\.\w+)`", TEXT))
def test_pipelines_stand_where_it_says(path: str) -> None:
    (place,) = re.findall(rf"\| (\d+) \| `{re.escape(path)}`", TEXT)
    assert json.loads(place) == settings.ITEM_PIPELINES[path]
