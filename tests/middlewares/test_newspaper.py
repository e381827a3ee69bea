"""Whom a crawl asks: www and the apex, with a certificate of theirs; and how often a page that does not come is counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.certificates import certificate, server_context
from tests.running import SITE, SmallSite, article, crawl
from tests.scripted import Answer, ScriptedSite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Page

ONE, TWO = "/world/one/news", "/world/two/news"


@pytest.mark.parametrize(
    "target",
    [
        "https://m.dailysabah.com/world/one/news",
        "https://arabic.dailysabah.com/",
        "http://www.www.dailysabah.com/world/one/news",
        "https://www.dailysabah.com.example.org/world/one/news",
        "https://www.dailysabah.com:8443/world/one/news",
        "https://user@www.dailysabah.com/world/one/news",
        "https://www.dailysabah.com./world/x/news",
        "https://127.0.0.1/world/one/news",
    ],
)
def test_a_redirect_to_whoever_is_not_the_newspaper_is_not_followed(target: str, tmp_path: Path) -> None:
    pages: dict[str, Page] = {ONE: (302, target), TWO: article("Two")}
    with SmallSite(pages) as site:
        lines = f"{SITE}{ONE}\n{SITE}{TWO}\n"
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=lines)
    assert (done.code, done.addresses) == (10, {SITE + TWO}), done.err
    assert site.asked.count("/robots.txt") == 1
    assert done.err.count(f": {SITE}{ONE}") == 1, done.err
    assert ", 1 failed" in done.verdict


@pytest.mark.parametrize(
    "target", ["https://dailysabah.com/world/new/news", "http://www.dailysabah.com/world/new/news"]
)
def test_the_apex_is_the_newspaper(target: str, tmp_path: Path) -> None:
    with SmallSite({ONE: (301, target), "/world/new/news": article("New")}) as site:
        done = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {f"{SITE}/world/new/news"}), done.err


@pytest.mark.parametrize(
    ("host", "days", "said"),
    [
        ("127.0.0.1", 1, "is not to be trusted"),
        ("127.0.0.1", -1, "is not to be trusted"),
        ("other.example.org", 1, "is for another host than 127.0.0.1"),
    ],
)
def test_a_bad_certificate_is_named_in_the_last_line(host: str, days: int, said: str, tmp_path: Path) -> None:
    path = certificate(tmp_path, host, days=days)
    with SmallSite({ONE: article("One")}) as site:
        site._server.socket = server_context(path).wrap_socket(site._server.socket, server_side=True)
        origin = site.origin.replace("http:", "https:")
        done = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path / "output", origin=origin)
        if (host, days) == ("127.0.0.1", 1):
            trusted = crawl("addresses", "-a", f"url={SITE}{ONE}", output=tmp_path / "output", origin=origin, SSL_CERT_FILE=str(path))  # fmt: skip
            assert (trusted.code, trusted.addresses) == (0, {SITE + ONE}), trusted.err
    assert (done.code, done.verdict.startswith("failed: the certificate ")) == (1, True), done.err
    assert said in done.verdict
    assert "; the rest is pending; 0 stored" in done.verdict


def _redirect(to: str) -> Answer:
    return Answer(status=302, headers={"Location": to})


def test_a_page_counts_once_whatever_its_retries_said(tmp_path: Path) -> None:
    """Seventy addresses gave a last line of 75."""
    ways: dict[str, Answer | list[Answer]] = {
        "good": Answer(article("Good")),
        "late": [Answer(status=503), Answer(article("Late"))],
        "absent": Answer(status=404),
        "gone": Answer(status=410),
        "forbidden": Answer(status=403),
        "broken": Answer(status=500),
        "empty": Answer(""),
        "undated": Answer(article("Undated", None)),
        "home": _redirect("/"),
        "sub-domain": _redirect("https://m.dailysabah.com/x"),
        "late-sub-domain": [Answer(status=503), Answer(status=500), _redirect("https://m.dailysabah.com/x")],
        "another": _redirect("https://example.org/"),
        "itself": _redirect("/world/itself/news"),
        "its-amp": _redirect("/world/its-amp/news/amp"),
        "search": _redirect("/search?query=x"),
        "unpacked": Answer(b"nonsense", headers={"Content-Encoding": "gzip"}),
        "challenge": Answer("<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"),
        "script": _redirect("javascript:alert(1)"),
        "maze": _redirect("/maze"),
    }
    script: dict[str, Answer | list[Answer]] = {f"/world/{name}/news": answer for name, answer in ways.items()}
    others: dict[str, Answer | list[Answer]] = {"/": Answer("<h1 class='logo_holder'>Daily Sabah</h1>"), "/maze": Answer(status=502), "/world/its-amp/news/amp": Answer(status=500)}  # fmt: skip
    lines = "".join(f"{SITE}{path}\n" for path in script)
    with ScriptedSite(script | others) as site:
        more = ("-s", "BLOCKS_TO_STOP=50", "-s", "SLOWEST_DELAY=0.1")
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=lines, settings=more)
    counts = re.findall(r"(\d+) (?:stored|known|refused|gone|failed)", done.verdict)
    assert sum(map(int, counts)) == len(ways), done.err
    assert "2 stored, 0 known" in done.verdict
