"""What goes through the browser, why, and what comes of it."""

from __future__ import annotations

import re
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.utils.project import get_project_settings
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from sabah import configuration
from sabah.configuration import ConfigurationError
from sabah.middlewares.rendering import browser
from sabah.site.selection import ArgumentError
from sabah.spiders.arguments import parse_section_arguments
from sabah.storage import snapshots
from sabah.storage.ledger import Ledger
from tests.frames import ARTICLE_JS, LISTING_JS, SCRIPTS, cards, endless, frame, part
from tests.running import SITE, SmallSite, article, crawl, listing
from tests.truth import differences

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scrapy.settings import Settings

    from tests.conftest import Replica
    from tests.running import Crawl, Page

NO_BROWSER = {
    "PATH": "/nonexistent", "HOME": "/nonexistent", "PLAYWRIGHT_BROWSERS_PATH": "/nonexistent", "CHROMIUM_PATH": "",
}  # fmt: skip
FEW = ("-s", "RENDER_TIMEOUT=3", "-s", "STATS_DUMP=True")


def stats(done: Crawl) -> dict[str, int]:
    """Those of rendering, by name."""
    return {name: int(count) for name, count in re.findall(r"'render/([\w/]+)': (\d+)", done.err)}


def states(output: Path) -> dict[str, str]:
    with closing(Ledger.read(output)) as ledger:
        return {url.removeprefix(SITE): state for url, state in ledger.all("SELECT url, state FROM addresses")}


def urls(*paths: str) -> str:
    return "".join(f"{SITE}{path}\n" for path in paths)


@pytest.mark.usefixtures("chromium")
def test_a_newspaper_that_comes_by_script_gives_its_truth(replica: Callable[..., Replica], tmp_path: Path) -> None:
    newspaper = replica(articles=60, seed=5, scripts="all")
    done = crawl(
        "section", "-a", "sections=politics", "-a", "related=0", *FEW, output=tmp_path, origin=newspaper.origin
    )
    assert done.code == 0, done.err
    truths = {truth["record"]["url"]: truth for truth in newspaper.truth}
    assert done.addresses == {url for url, one in truths.items() if one["record"]["section"] == "politics"}
    assert len(done.articles) == len(done.addresses) >= 5
    assert [found for record in done.articles if (found := differences(record, truths[record["url"]]))] == []
    counted = stats(done)
    assert counted["reason/no_article"] == len(done.articles)
    assert counted["reason/loads_more"] == counted["pages"] - len(done.articles) == 7
    assert f", {counted['pages']} rendered (100%)" in done.verdict
    asked = newspaper.log
    assert all(asked[url.removeprefix(SITE)] == 1 for url in done.addresses), "no page is asked for twice"
    assert asked["/theme_dailysabah/js/article.js"] == 1
    assert "/agreed" not in asked


@pytest.mark.usefixtures("chromium")
def test_a_plain_page_is_rendered_only_where_all_are(replica: Callable[..., Replica], tmp_path: Path) -> None:
    newspaper = replica(articles=120, seed=7)
    choice = ("section", "-a", "sections=world/africa,ds-tv,op-ed", "-a", "related=0", *FEW)
    plain = crawl(*choice, output=tmp_path / "plain", origin=newspaper.origin, CHROMIUM_PATH="/bin/false")
    assert plain.code == 0, plain.err
    assert set(stats(plain)) == {"seen"}
    assert " rendered (" not in plain.verdict
    done = crawl(*choice, "-a", "render=always", output=tmp_path / "all", origin=newspaper.origin)
    own = {"fetched_at", "first_seen_at", "crawl_id", "snapshot"}
    assert _without(done, own) == _without(plain, own)
    assert stats(done)["reason/always"] == stats(done)["seen"] == len(done.articles) + 3


def _without(done: Crawl, names: set[str]) -> dict[str, dict[str, Any]]:
    return {one["url"]: {name: value for name, value in one.items() if name not in names} for one in done.articles}


@pytest.mark.usefixtures("chromium")
def test_what_a_page_asks_for_passes_the_crawls_own_door(tmp_path: Path) -> None:
    """robots.txt, the gap between requests, one user agent, no cookies, the newspaper's hosts alone; and nothing of a page before."""
    with SmallSite({}) as elsewhere:
        script = f"""
            const seen = document.cookie + localStorage.getItem('seen');
            document.cookie = 'seen=1'; localStorage.setItem('seen', '1');
            new Image().src = '/picture.jpg'; navigator.sendBeacon('/beacon');
            const none = url => fetch(url).catch(() => 0);
            Promise.all([none('/search?q=1'), none('{elsewhere.origin}/spy'), none('https://example.org/spy')])
              .then(() => fetch('/part' + location.pathname)).then(a => a.text()).then(t => {{
                document.getElementById('app').outerHTML = t.replace('SEEN', seen);
                location.href = '/elsewhere';
              }});
        """
        rules = "User-agent: *\nDisallow: /search\nCrawl-delay: 0.4\n"
        pages: dict[str, Page] = {"/robots.txt": rules, "/a.js": script}
        for name in ("one", "two"):
            pages[f"/world/{name}/news"] = frame(
                "<style>@import '/style.css'</style><link rel=stylesheet href=/style.css>",
                f"<img src=/other.jpg><iframe src=/frame></iframe><script src='{elsewhere.origin}/spy.js'></script>",
                "/a.js",
            )
            pages[f"/part/world/{name}/news"] = part(name, "SEEN and a good number of words that a text has.")
        with SmallSite(pages) as site:
            done = crawl(
                "addresses", "-a", "file=-", *FEW, output=tmp_path, origin=site.origin,
                stdin=urls("/world/one/news", "/world/two/news"), settings=("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1"),
            )  # fmt: skip
    assert done.code == 0, done.err
    assert elsewhere.asked == []
    assert sorted(site.asked) == sorted(pages)
    assert {one["body"] for one in done.articles} == {"null and a good number of words that a text has."}
    gaps = [later - earlier for earlier, later in pairwise(site.times)]
    assert min(gaps) >= 0.39
    assert len({one["User-Agent"] for one in site.headers}) == 1
    assert not any("Cookie" in one for one in site.headers)
    assert stats(done)["requests/refused"] == 2, "robots.txt closes /search"


@pytest.mark.usefixtures("chromium")
def test_a_wait_that_the_newspaper_names_is_waited_for(replica: Callable[..., Replica], tmp_path: Path) -> None:
    newspaper = replica(articles=60, seed=5, scripts="all:plain")
    newspaper.strike({"fault": "retry-after-429", "count": 1, "retry_after": 4, "paths": "/theme_dailysabah/part"})
    url = newspaper.truth[-1]["record"]["url"]
    done = crawl("addresses", "-a", f"url={url}", *FEW, output=tmp_path, origin=newspaper.origin)
    newspaper.mend()
    assert done.code == 0, done.err
    at = [time for time, path, *_ in newspaper.times if path == "/theme_dailysabah/part"][-2:]
    assert at[1] - at[0] >= 3.9


@pytest.mark.usefixtures("chromium")
def test_the_rendered_page_is_kept_beside_the_answer_and_read_again(tmp_path: Path) -> None:
    pages: dict[str, Page] = {**SCRIPTS, "/world/one/news": frame(), "/part/world/one/news": part("One")}
    pages["/world/plain/news"] = article("Plain")
    with SmallSite(pages) as site:
        wanted = urls("/world/one/news", "/world/plain/news")
        done = crawl("addresses", "-a", "file=-", *FEW, output=tmp_path, origin=site.origin, stdin=wanted)
        assert done.code == 0, done.err
        record = next(one for one in done.articles if one["headline"] == "One")
        file, _, offset = record["snapshot"].rpartition(":")
        capture = snapshots.read(tmp_path / "snapshots" / file, int(offset))
        assert capture.payload == frame().encode()
        assert capture.rendered is not None
        assert b"main_page_title" in capture.rendered
        with closing(Ledger.read(tmp_path)) as ledger:
            assert ledger.one("SELECT last_modified FROM addresses WHERE url = ?", record["url"]) == (None,)
        with (tmp_path / "snapshots" / file).open("rb") as warc:
            found = [
                (one.rec_type, one.rec_headers, one.content_stream().read())
                for one in ArchiveIterator(warc, check_digests="raise")
            ]
        kinds = [kind for kind, *_ in found]
        assert kinds.count("conversion") == 1, "the plain page has none"
        place = kinds.index("conversion")
        (_, answer, _), (_, conversion, content) = found[place - 2], found[place]
        assert conversion.get_header("WARC-Refers-To") == answer.get_header("WARC-Record-ID")
        assert answer.get_header("WARC-Concurrent-To") == conversion.get_header("WARC-Record-ID")
        assert content == capture.rendered
        before = {one["url"]: {**one, "fetched_at": 0} for one in done.articles}
        for segment in (tmp_path / "articles").iterdir():
            segment.write_bytes(b"")
        again = crawl(
            "addresses",
            "-a",
            "file=-",
            *FEW,
            "-s",
            "DEEP_REPAIR=True",
            output=tmp_path,
            origin=site.origin,
            stdin=wanted,
        )
    assert "2 lines rebuilt" in again.err
    assert {one["url"]: {**one, "fetched_at": 0} for one in again.articles} == before
    assert site.asked.count("/world/one/news") == 1


LISTINGS = {"africa": False, "tennis": True}
"""Whether it has a button."""


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize(
    ("given", "ended", "rounds"),
    [
        ((), {"end": 2}, {"africa": 5, "tennis": 5}),
        (("-a", "since=2021-09-14", "-s", "RENDER_ROUNDS=2"), {"since": 1, "most": 1}, {"africa": 3, "tennis": 3}),
        pytest.param(("-a", "limit=12"), {"limit": 2}, {"africa": 3, "tennis": 3}, marks=pytest.mark.thorough),
    ],
)
def test_a_listing_is_loaded_as_far_as_it_is_wanted(
    given: tuple[str, ...], ended: dict[str, int], rounds: dict[str, int], tmp_path: Path
) -> None:
    days = {"africa": ("Nov 20, 2026", "Sep 13, 2021", "Mar 15, 2020", None), "tennis": (None, None, None, None)}
    pages: dict[str, Page] = {**SCRIPTS, "/more/africa/5": "", "/more/tennis/5": 500}
    for name, button in LISTINGS.items():
        pages[f"/{name}"] = endless(_links(name, 0), button=button, style="overflow:hidden")
        pages |= {f"/more/{name}/{one}": cards(_links(name, one), day) for one, day in enumerate(days[name], 1)}
    # What came together would be one batch, and not as a whole older than the day asked for.
    late = {f"/more/{name}/{nth}": 1.0 * (nth - 1) for name in rounds for nth in (2, 3)} if "since" in ended else {}
    with SmallSite(pages, slow=late) as site:  # a page that scrolls goes on by itself until it is left
        done = crawl(
            "section", "-a", "sections=world/africa,tennis", "-a", "related=0", *given, *FEW, "-s", "RETRY_TIMES=0",
            output=tmp_path, origin=site.origin,
        )  # fmt: skip
    known = set(states(tmp_path))
    wanted = {link for name, count in rounds.items() for one in range(count) for link in _links(name, one)}
    beyond = {link for name, count in rounds.items() for link in _links(name, count)}
    assert wanted <= known, done.err
    assert known <= wanted | beyond, "a listing may have asked once more of its own before it was left"
    assert {why: stats(done)[f"ended/{why}"] for why in ended} == ended, done.err


def _links(name: str, number: int) -> list[str]:
    return [f"/world/{name}-{number}-{one}/news" for one in range(5)]


def test_without_a_browser_all_else_works_and_it_is_said_once(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        **SCRIPTS, "/world/one/news": frame(), "/world/two/news": frame("<meta property='og:type' content='article'>"),
        "/world/plain/news": article("Plain"),
    }  # fmt: skip
    wanted = urls("/world/one/news", "/world/two/news", "/world/plain/news")
    for mode, says in (("auto", "`make chromium`"), ("never", "RENDER=never")):
        with SmallSite(pages) as site:
            done = crawl(
                "addresses", "-a", "file=-", "-a", f"render={mode}", output=tmp_path / mode, origin=site.origin,
                stdin=wanted, **NO_BROWSER,
            )  # fmt: skip
        assert [one["headline"] for one in done.articles] == ["Plain"]
        assert (done.code, done.err.count(says)) == (10, 1), done.err
        assert "2 without the browser they need" in done.verdict
        assert states(tmp_path / mode)["/world/one/news"] == "pending"
        assert ARTICLE_JS not in site.asked


def test_a_charset_that_is_none_of_pages_costs_no_article(tmp_path: Path) -> None:
    with SmallSite({"/world/one/news": article("Ünlü")}, charset="rot13") as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=urls("/world/one/news"))
    assert [one["headline"] for one in done.articles] == ["Ünlü"], done.err


@pytest.mark.parametrize(
    ("mode", "says"), [("auto", "`make chromium`"), pytest.param("never", "RENDER=never", marks=pytest.mark.thorough)]
)
def test_a_listing_that_is_not_all_there_without_a_browser_makes_the_run_partial(
    mode: str, says: str, tmp_path: Path
) -> None:
    """One that is a frame has failed; of one that would load more, what is there is read."""
    pages: dict[str, Page] = {
        **SCRIPTS, "/africa": listing() + f"<script src='{LISTING_JS}'></script>",
        "/tennis": endless(["/sports/one/news"], button=True), "/sports/one/news": article("One"),
        "/op-ed": listing("/opinion/op-ed/plain"), "/opinion/op-ed/plain": article("Plain"),
    }  # fmt: skip
    for name, needs in (("world/africa", "https://www.dailysabah.com/africa"), ("tennis", "/tennis")):
        with SmallSite(pages) as site:
            done = crawl(
                "section", "-a", f"sections=op-ed,{name}", "-a", "related=0", "-a", f"render={mode}", *FEW,
                output=tmp_path / name, origin=site.origin, **NO_BROWSER,
            )  # fmt: skip
        named = [line for line in done.err.splitlines() if needs in line and says in line]
        assert named, done.err
        assert "1 without the browser they need" in done.verdict
        assert (done.code, done.verdict.partition(":")[0]) == (10, "partial"), done.err
        assert len(done.articles) == (2 if name == "tennis" else 1)


def test_what_cannot_be_meant_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArgumentError, match="render='sometimes': must be auto, never or always"):
        parse_section_arguments({"sections": "world", "render": "sometimes"})
    with pytest.raises(ConfigurationError, match="RENDER='maybe' is not one of auto, never, always"):
        configuration.check(_settings(RENDER="maybe"))
    with pytest.raises(ConfigurationError, match="CHROMIUM_PATH='/nowhere/chrome' is no program that can be run"):
        browser.check(_settings(CHROMIUM_PATH="/nowhere/chrome"), None)
    for name in ("PATH", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.setenv(name, "/nonexistent")
    browser.check(_settings(), None)
    with pytest.raises(ConfigurationError, match=r"RENDER=always needs a Chromium: `make chromium`"):
        browser.check(_settings(), "always")


@pytest.mark.parametrize(
    ("setting", "valid"),
    [
        ("RENDER_TIMEOUT=abc", "must be a number from 1 to 3600"),
        ("RENDER_TIMEOUT=nan", "must be a number from 1 to 3600"),
        ("RENDER_TIMEOUT=0", "must be a number from 1 to 3600"),
        ("RENDER_PAGES=four", "must be a whole number from 1 to 64"),
        ("RENDER_ROUNDS=1.5", "must be a whole number from 0"),
    ],
)
def test_a_setting_that_is_no_such_number_is_said_with_those_that_are(setting: str, valid: str, tmp_path: Path) -> None:
    name, _, given = setting.partition("=")
    done = crawl("section", "-a", "sections=world", "-s", setting, output=tmp_path, origin="http://127.0.0.1:1")
    assert (done.code, done.err) == (2, f"crawl: {name}={given!r}: {valid}\n")


def _settings(**given: object) -> Settings:
    settings = get_project_settings()
    settings.setdict({"SITE_ORIGIN": "http://127.0.0.1:1", "CHROMIUM_PATH": "", **given})
    return settings


@pytest.mark.usefixtures("chromium")
def test_what_a_page_asks_of_others_stops_nothing_and_does_not_get_out(tmp_path: Path) -> None:
    """A sub-domain that does not exist, and a redirect to another host."""
    scripts = {
        **SCRIPTS,
        "/theme_dailysabah/js/dead.js": "fetch('https://stats.dailysabah.invalid.dailysabah.com/ping').catch(() => 0);"
        + SCRIPTS[ARTICLE_JS],
    }
    with SmallSite({}) as elsewhere:
        pages: dict[str, Page] = {
            **scripts,
            "/world/one/news": frame(script="/theme_dailysabah/js/dead.js"),
            "/part/world/one/news": part("One"),
            "/world/two/news": frame(),
            "/part/world/two/news": (302, elsewhere.origin.replace("127.0.0.1", "localhost") + "/x"),
        }
        with SmallSite(pages) as site:
            done = crawl(
                "addresses", "-a", "file=-", *FEW, output=tmp_path, origin=site.origin,
                stdin=urls("/world/one/news", "/world/two/news"),
            )  # fmt: skip
        assert elsewhere.asked == []
    assert states(tmp_path) == {"/world/one/news": "done", "/world/two/news": "pending"}, done.err
    assert done.code == 10
    assert "cannot be reached" not in done.err


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize(
    "asks",
    [
        pytest.param(
            "{method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'}", marks=pytest.mark.thorough
        ),
        "{method: 'POST', headers: {'Content-Type': 'application/json', 'X-Key': '1'}, body: '{}', credentials: 'include'}",
        pytest.param("{credentials: 'include'}", marks=pytest.mark.thorough),
    ],
)
def test_a_page_may_ask_another_host_of_the_newspaper_in_its_own_way(asks: str, tmp_path: Path) -> None:
    """With a preflight, which the newspaper is never asked, and with credentials, of which there are none; another's host is not asked."""
    script = SCRIPTS[ARTICLE_JS].replace("'/part' + location.pathname", f"'https://dailysabah.com/api', {asks}")
    with SmallSite({}) as elsewhere:
        spy = f"fetch('{elsewhere.origin}/spy', {asks}).catch(() => 0);"
        pages: dict[str, Page] = {ARTICLE_JS: spy + script, "/world/one/news": frame(), "/api": part("One")}
        with SmallSite(pages) as site:
            done = crawl("addresses", "-a", f"url={SITE}/world/one/news", *FEW, output=tmp_path, origin=site.origin)
        assert elsewhere.asked == []
    assert [one["headline"] for one in done.articles] == ["One"], done.err
    assert site.asked.count("/api") == 1
    assert not any("Cookie" in one for one in site.headers)
