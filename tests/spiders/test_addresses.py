from __future__ import annotations

from typing import TYPE_CHECKING

from tests.running import SITE, SmallSite, article, crawl

if TYPE_CHECKING:
    from pathlib import Path

LINES = f"""\ufeff{SITE}/world/one/news\r
# a comment\r
\r
http://dailysabah.com/world/one/news/amp\r
 {SITE}/world/two/news?utm_source=x \r
{SITE}/world\r
nonsense\r
https://example.org/world/three/news"""


def test_lines_that_are_no_article_are_reported_and_skipped(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_bytes(LINES.encode())
    pages = {"/world/one/news": article("One", links=[f"{SITE}/world/four/news"]), "/world/two/news": article("Two")}
    with SmallSite(pages) as site:
        done = crawl("addresses", "-a", f"file={file}", output=tmp_path / "output", origin=site.origin)
    assert done.code == 0, done.err
    assert done.addresses == {f"{SITE}/world/one/news", f"{SITE}/world/two/news"}
    assert sorted(site.asked) == ["/robots.txt", "/world/one/news", "/world/two/news"]
    assert all(record["found_on"] is None for record in done.articles)
    for number, text in ((6, f"{SITE}/world"), (7, "nonsense"), (8, "https://example.org/world/three/news")):
        assert f"{file}:{number}: not the address of an article: {text}" in done.err
    assert done.err.count("not the address of an article") == 3


def test_standard_input(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("One")}) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=LINES)
    assert done.addresses == {f"{SITE}/world/one/news"}
    assert "standard input:7: not the address of an article: nonsense" in done.err


def test_a_long_list_is_read_as_it_is_needed(tmp_path: Path) -> None:
    paths = [f"/world/article-{number}/news" for number in range(300)]
    with SmallSite({path: article(path) for path in paths}) as site:
        lines = "".join(f"{SITE}{path}\n" for path in paths)
        done = crawl("addresses", "-a", "file=-", "-a", "limit=20", output=tmp_path, origin=site.origin, stdin=lines)
    assert done.code == 0, done.err
    assert len(done.articles) == 20
    assert len(site.asked) < 60


def test_a_list_without_any_article_is_no_success(tmp_path: Path) -> None:
    with SmallSite({}) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin="nonsense\n")
    assert done.code == 13
    assert done.verdict.startswith("source_empty: no source gave the address of an article")
    assert site.asked == []
