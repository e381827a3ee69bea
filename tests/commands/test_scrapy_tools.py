"""Scrapy's own commands inside the project, and spiders that are none of the project's: they work, the newspaper is treated well, nothing is recorded."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import attrs
import orjson
import pytest
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings
from scrapy.utils.spider import DefaultSpider

from sabah import __version__
from sabah.addon import completed
from tests import forked
from tests.running import REPOSITORY, SITE, SmallSite, article, environment, feed, item, listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running import Page

ONE, TWO = f"{SITE}/world/one/news", f"{SITE}/world/two/news"
PAGES: dict[str, Page] = {
    "/world": listing(ONE, TWO), "/world/one/news": article("One", links=[TWO]), "/world/two/news": article("Two"),
    "/rss/world": feed(item(ONE)), "/search": "<h1>Forbidden</h1>", "/about": "<h1 class='about'>About</h1>",
    "/old/one/news": (301, "ORIGIN/world/one/news"),
}  # fmt: skip
CONTACT = "desk@example.org"
NO_CONTACT = "the live site is not asked without a contact: set CONTACT"

PLAIN = """
import attrs
import scrapy

@attrs.define
class Attrs:
    title: str

class Declared(scrapy.Item):
    title = scrapy.Field()

class Plain(scrapy.Spider):
    name = "plain"
    allowed_domains = ["dailysabah.com"]
    start_urls = ["https://www.dailysabah.com/world"]

    def parse(self, response):
        for href in response.css("h3 a::attr(href)").getall():
            yield response.follow(href, self.parse_page, meta={"page": 2})  # as those who count pages of a listing do
        yield response.follow("/search", self.parse_page)

    def parse_page(self, response):
        '''Contracts of its own.

        @url https://www.dailysabah.com/world/one/news
        @returns items 3 3
        '''
        title = response.css("h1.main_page_title::text").get()
        yield {"title": title, "depth": response.meta.get("depth")}
        yield Attrs(title)
        yield Declared(title=title)
"""


@attrs.frozen
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with SmallSite(PAGES) as served:
        yield served


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a spider that its user has written."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(REPOSITORY / "sabah", folder / "sabah", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "scrapy.cfg", folder)
    (folder / "sabah/spiders/plain.py").write_text(PLAIN)
    return folder


def scrapy(*args: str, site: SmallSite | None, cwd: Path = REPOSITORY, **env: str) -> Done:
    """Run `scrapy ARGS` in the project, with the newspaper served by `site`; None: the live one."""
    strict = () if args[0] in {"bench", "parse"} else ("-W", "error")  # those two do themselves what Scrapy warns of
    where = {} if site is None else {"SABAH_SITE_ORIGIN": site.origin}
    done = forked.run(
        [sys.executable, *strict, "-m", "scrapy", *args],
        cwd=cwd,
        env=environment(**where, **env),
        capture_output=True,
        text=True,
        timeout=200,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_shell_shows_a_page_of_the_newspaper(site: SmallSite, tmp_path: Path) -> None:
    code = "(response.url, response.css('h1.main_page_title::text').get(), spider.name)"
    done = scrapy("shell", ONE, "-c", code, site=site, SABAH_OUTPUT_DIR=str(tmp_path / "data"))
    assert (done.code, done.out) == (0, f"('{ONE}', 'One', 'addresses')\n")
    assert site.asked == ["/robots.txt", "/world/one/news"]
    assert {headers["User-Agent"] for headers in site.headers} == {f"sabah/{__version__}"}
    assert not (tmp_path / "data").exists()


def test_shell_fetches_again_and_waits_between_two_requests(site: SmallSite) -> None:
    done = scrapy("shell", ONE, "-c", f"[fetch('{TWO}'), fetch('{SITE}/about')] and 1", site=site)
    assert (done.code, done.out) == (0, "1\n")
    assert site.asked == ["/robots.txt", "/world/one/news", "/world/two/news", "/about"]
    assert all(later - earlier > 0.998 for earlier, later in pairwise(site.times))


def test_shell_reads_a_file_and_needs_no_address(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(article("Saved"))
    done = scrapy(
        "shell", str(tmp_path / "page.html"), "-c", "response.css('h1.main_page_title::text').get()", site=None
    )
    assert (done.code, done.out) == (0, "Saved\n")
    done = scrapy("shell", "-c", "settings['BOT_NAME']", site=None)
    assert (done.code, done.out) == (0, "sabah\n")


def test_shell_with_a_spider_of_the_project(site: SmallSite) -> None:
    done = scrapy("shell", "--spider", "section", f"{SITE}/world", "-c", "spider.name, response.status", site=site)
    assert (done.code, done.out) == (0, "('section', 200)\n")


@pytest.mark.parametrize("command", [("shell", "-c", "response.status"), ("fetch",), ("view",)])
def test_robots_hold_in_every_tool(command: tuple[str, ...], site: SmallSite) -> None:
    done = scrapy(command[0], f"{SITE}/search", *command[1:], site=site)
    assert (done.code, done.out) == (1, "")
    assert f"robots.txt forbids {SITE}/search" in done.err
    assert done.err.splitlines()[-1].startswith(f"{command[0]}: no page came for {SITE}/search")
    assert site.asked == ["/robots.txt"]


def test_a_page_that_is_not_there_is_said(tmp_path: Path) -> None:
    nowhere = ("-s", "SITE_ORIGIN=http://127.0.0.1:9", "-s", "LONGEST_WAIT=0", "-s", "RETRY_TIMES=0")
    done = scrapy("shell", ONE, "-c", "response", *nowhere, site=None)
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    done = scrapy("fetch", "--nolog", ONE, *nowhere, site=None)
    assert (done.code, done.out, done.err) == (1, "", f"fetch: no page came for {ONE}; the log says why\n")


def test_fetch_prints_the_page_alone(site: SmallSite, tmp_path: Path) -> None:
    done = scrapy("fetch", "--nolog", ONE, site=site, SABAH_OUTPUT_DIR=str(tmp_path / "data"), SABAH_CONTACT=CONTACT)
    assert (done.code, done.err) == (0, "")
    assert done.out == article("One", links=[TWO]) + "\n"
    assert {headers["User-Agent"] for headers in site.headers} == {f"sabah/{__version__} (+{CONTACT})"}
    assert not (tmp_path / "data").exists()


def test_fetch_follows_redirects_and_shows_headers(site: SmallSite) -> None:
    done = scrapy("fetch", "--nolog", "--headers", f"{SITE}/old/one/news", "-s", f"CONTACT={CONTACT}", site=site)
    assert done.code == 0
    assert f"> User-Agent: sabah/{__version__} (+{CONTACT})" in done.out
    assert site.asked == ["/robots.txt", "/old/one/news", "/world/one/news"]


def test_fetch_with_a_spider_of_the_project(site: SmallSite) -> None:
    done = scrapy("fetch", "--nolog", "--spider", "section", f"{SITE}/about", site=site)
    assert (done.code, done.out, done.err) == (0, "<h1 class='about'>About</h1>\n", "")


def test_view_opens_the_browser(site: SmallSite, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    (tmp_path / "browser").write_text(f"#!/bin/sh\necho $1 > {shown}\n")
    (tmp_path / "browser").chmod(0o755)
    done = scrapy("view", ONE, site=site, BROWSER=f"{tmp_path}/browser %s", TMPDIR=str(tmp_path))
    assert done.code == 0, done.err
    assert shown.read_text().startswith("file://")


@pytest.mark.parametrize(
    ("args", "printed"),
    [
        ((ONE,), ["'headline': 'One'", "'published_at': '2021-09-14T10:51:00+03:00'", f"<GET {TWO}>"]),
        (("--spider", "section", "-c", "parse_article", ONE), ["'headline': 'One'", f"<GET {TWO}>"]),
        (("--pipelines", ONE + "?utm_source=x"), ["'headline': 'One'"]),
        ((f"{SITE}/world",), ["# Scraped Items", f"<GET {ONE}>", f"<GET {TWO}>"]),
        ((f"{SITE}/rss/world",), [f"<GET {ONE}>"]),
        (("-d", "2", f"{SITE}/world"), ["'headline': 'One'", "'headline': 'Two'"]),
        (("--spider", "addresses", f"{SITE}/about"), ["'reason': 'the address leads to a page that is no article"]),
    ],
)
def test_parse_prints_what_is_read(args: tuple[str, ...], printed: list[str], site: SmallSite, tmp_path: Path) -> None:
    done = scrapy(
        "parse", "--nocolour", *args, "-s", "DOWNLOAD_DELAY=0", site=site, SABAH_OUTPUT_DIR=str(tmp_path / "data")
    )
    assert done.code == 0, done.err
    assert [one for one in printed if one not in done.out] == []
    assert not (tmp_path / "data").exists()


def test_check_runs_the_contracts_of_a_users_spider(site: SmallSite, project: Path) -> None:
    done = scrapy("check", "-v", site=site, cwd=project)
    assert (done.code, done.err.splitlines()[-1]) == (0, "OK")
    assert "[plain] parse_page (@returns post-hook) ... ok" in done.err
    assert site.asked == ["/robots.txt", "/world/one/news"]
    assert scrapy("check", site=site).err.splitlines()[-1] == "OK"


def test_bench_is_as_fast_as_scrapy(tmp_path: Path) -> None:
    done = scrapy(
        "bench",
        "-s",
        "CLOSESPIDER_PAGECOUNT=40",
        "-s",
        "LOG_LEVEL=INFO",
        site=None,
        SABAH_OUTPUT_DIR=str(tmp_path / "data"),
    )
    assert done.code == 0
    assert "Spider closed (closespider_pagecount)" in done.err
    assert not (tmp_path / "data").exists()


def test_what_scrapy_lists_and_says(project: Path) -> None:
    assert scrapy("list", site=None, cwd=project).out.split() == ["addresses", "feeds", "plain", "revisit", "section"]
    assert scrapy("settings", "--get", "NEWSPIDER_MODULE", site=None).out == "sabah.spiders\n"
    assert scrapy("version", site=None).out.startswith("Scrapy ")
    edited = scrapy("edit", "plain", site=None, cwd=project, EDITOR="ls")
    assert (edited.code, edited.out.strip()) == (0, str(project / "sabah/spiders/plain.py"))


def test_a_plain_spider_in_the_project(site: SmallSite, project: Path) -> None:
    done = scrapy(
        "crawl",
        "plain",
        "-o",
        "items.jsonl",
        "-s",
        "DOWNLOAD_DELAY=0.5",
        site=site,
        cwd=project,
        SABAH_OUTPUT_DIR="data",
    )
    assert done.code == 0, done.err
    items = [orjson.loads(line) for line in (project / "items.jsonl").read_bytes().splitlines()]
    title = {"title": "One"}
    assert sorted(map(str, items)) == sorted(
        map(
            str, [{**title, "depth": 1}, title, title, {"title": "Two", "depth": 1}, {"title": "Two"}, {"title": "Two"}]
        )
    )
    assert sorted(site.asked) == ["/robots.txt", "/world", "/world/one/news", "/world/two/news"]
    assert all(later - earlier > 0.498 for earlier, later in pairwise(site.times))
    assert "4 pages, 6 items" not in done.err
    assert "3 pages, 6 items" in done.err
    assert f"robots.txt forbids {SITE}/search" in done.err
    assert not (project / "data").exists()


def test_a_plain_spider_in_a_file(site: SmallSite, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PLAIN)
    done = scrapy(
        "runspider", str(tmp_path / "mine.py"), "-O", f"{tmp_path}/items.jsonl", "-s", "DOWNLOAD_DELAY=0", site=site,
        SABAH_OUTPUT_DIR=str(tmp_path / "data"), SABAH_CONTACT=CONTACT,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert len((tmp_path / "items.jsonl").read_bytes().splitlines()) == 6
    assert {headers["User-Agent"] for headers in site.headers} == {f"sabah/{__version__} (+{CONTACT})"}
    assert not (tmp_path / "data").exists()


def test_a_plain_spider_may_have_what_scrapys_scheduler_has(site: SmallSite, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PLAIN)
    args = ("runspider", str(tmp_path / "mine.py"), "-s", f"JOBDIR={tmp_path}/job", "-s", "DOWNLOAD_DELAY=0")
    assert scrapy(*args, "-s", "DEPTH_LIMIT=1", site=site).code == 0
    assert "/world/two/news" in site.asked
    assert (tmp_path / "job" / "requests.seen").exists()


def test_a_spider_made_from_scrapys_template(site: SmallSite, project: Path) -> None:
    made = scrapy("genspider", "fresh", f"{SITE}/about", site=site, cwd=project)
    assert "sabah.spiders.fresh" in made.out
    try:
        done = scrapy("crawl", "fresh", site=site, cwd=project, SABAH_OUTPUT_DIR="data")
    finally:
        (project / "sabah/spiders/fresh.py").unlink()
    assert (done.code, site.asked) == (0, ["/robots.txt", "/about"]), done.err
    assert not (project / "data").exists()


def test_a_plain_spider_does_not_ask_the_live_site_without_a_contact(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PLAIN)
    done = scrapy("runspider", str(tmp_path / "mine.py"), site=None)
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith(f"runspider: {NO_CONTACT}")
    assert "Traceback" not in done.err


def test_a_redirect_to_the_live_site_needs_a_contact_too(tmp_path: Path) -> None:
    with SmallSite({"/there": (302, ONE)}) as other:
        done = scrapy("fetch", f"{other.origin}/there", site=None)
    assert done.code == 1
    assert NO_CONTACT[1:] in done.err
    assert other.asked == ["/robots.txt", "/there"]


ASKING = """
import scrapy

class Asking(scrapy.Spider):
    name = "asking"
    custom_settings = {"ROBOTSTXT_OBEY": False, "LOG_LEVEL": "DEBUG"}

    async def start(self):
        for url in self.urls.split(","):
            yield scrapy.Request(url, meta={"dont_obey_robotstxt": hasattr(self, "bold")})

    def parse(self, response):
        yield {"url": response.url}
"""


def test_what_a_request_says_does_not_open_what_robots_txt_closes(site: SmallSite, tmp_path: Path) -> None:
    (tmp_path / "asking.py").write_text(ASKING.replace('"ROBOTSTXT_OBEY": False, ', ""))
    done = scrapy(
        "runspider", f"{tmp_path}/asking.py", "-a", "bold=1", "-a", f"urls={SITE}/search,{SITE}/about", site=site
    )
    assert done.code == 0, done.err
    assert site.asked == ["/robots.txt", "/about"]


def test_robots_txt_not_obeyed_elsewhere_is_obeyed_at_the_newspaper(tmp_path: Path) -> None:
    settings = get_project_settings()
    settings.setdict({"ROBOTSTXT_OBEY": "False", "CONTACT": CONTACT}, priority="cmdline")
    changed = completed(settings, DefaultSpider)
    assert (changed.getbool("ROBOTSTXT_OBEY"), changed.getbool("ROBOTSTXT_OF_NEWSPAPER")) == (True, True)
    (tmp_path / "asking.py").write_text(ASKING)
    with SmallSite({"/search": "<p>Open to all</p>"}) as other:
        asking = ("runspider", f"{tmp_path}/asking.py", "-o", "-:jsonl", "-a", f"urls={other.origin}/search")
        done = scrapy(*asking, site=None)
        assert (done.code, done.out) == (0, f'{{"url": "{other.origin}/search"}}\n')
        assert other.asked == ["/search"]


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "sabah/9 (+somebody@example.org)"])
def test_who_asks_the_live_site_says_so(agent: str, tmp_path: Path) -> None:
    (tmp_path / "asking.py").write_text(ASKING.replace('"ROBOTSTXT_OBEY": False', f'"USER_AGENT": {agent!r}'))
    done = scrapy("runspider", f"{tmp_path}/asking.py", "-a", f"urls={ONE}", site=None, SABAH_CONTACT=CONTACT)
    assert done.code == 2
    assert (
        done.err.splitlines()[-1]
        == f"runspider: USER_AGENT={agent!r} does not have the contact, {CONTACT}: the newspaper finds in it who asks"
    )


def test_other_hosts_need_no_contact(tmp_path: Path) -> None:
    with SmallSite({"/page": "<p>Other</p>"}) as other:
        done = scrapy("fetch", "--nolog", f"{other.origin}/page", site=None)
    assert (done.code, done.out, done.err) == (0, "<p>Other</p>\n", "")


USAGE = [
    (("fetch", ONE), NO_CONTACT),
    (("shell", "dailysabah.com/world", "-c", "1"), NO_CONTACT),
    (("view", "https://WWW.DailySabah.com./world"), NO_CONTACT),
    (("parse", ONE), NO_CONTACT),
    (("shell", ONE, "-s", "CONTACT=nobody"), "CONTACT='nobody' is neither an e-mail address nor an http(s) address"),
    (("fetch", ONE, "-s", "CONTACT=desk@example.org", "-s", "USER_AGENT=Mozilla/5.0"), "USER_AGENT='Mozilla/5.0' does not have the contact"),
    (("fetch", "https://example.org/", "-s", 'DOWNLOADER_MIDDLEWARES={"nosuch.Middleware": 1}'), "DOWNLOADER_MIDDLEWARES: 'nosuch.Middleware' cannot be imported"),
    (("fetch", "example.org"), "name one address, as http(s)://…; see scrapy fetch -h"),
    (("view",), "name one address, as http(s)://…; see scrapy view -h"),
    (("fetch", "--spider", "sectoin", ONE), "unknown spider 'sectoin' (did you mean 'section'?)"),
    (("shell", "--spider", "nosuch"), "unknown spider 'nosuch'; valid are addresses, feeds, revisit, section"),
    (("parse", "https://example.org/"), "no spider reads https://example.org/; name one with --spider (addresses, "),
    (("parse", "--spider", "section", "-c", "parse_artcle", "https://example.org/"), "the spider section has no method 'parse_artcle'"),
    (("parse", "--spider", "section", "-a", "sections=wrold", "https://example.org/"), "unknown section 'wrold' (did you mean 'world'?)"),
    (("parse", "--spider", "section", "-a", "section=world", "https://example.org/"), "unknown argument 'section' (did you mean 'sections'?)"),
    (("parse", "--meta", "{", "https://example.org/"), "Invalid -m/--meta value"),
    (("check", "nosuch"), "unknown spider 'nosuch'"),
    (("runspider",), "name one Python file with a spider"),
    (("runspider", "/nowhere/mine.py"), "there is no file '/nowhere/mine.py'"),
    (("shell", "--nosuch"), "unknown option '--nosuch'; valid are "),
    (("fetch", "https://example.org/", "-s", "DOWNLOAD_DELAY=fast"), "DOWNLOAD_DELAY='fast': must be a number from 0"),
    (("fetch", "https://example.org/", "-s", "SITE_ORIGIN=localhost"), "SITE_ORIGIN='localhost' is no origin"),
    (("list", "-s", "SPIDER_MODULES=nosuch"), "the spiders cannot be loaded: ModuleNotFoundError: No module named 'nosuch'"),
    (("status", "-s", "SPIDER_MODULES=nosuch"), "the spiders cannot be loaded: ModuleNotFoundError: No module named 'nosuch'"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "said"), USAGE, ids=[" ".join(args) for args, _ in USAGE])
def test_one_line_and_exit_2(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    for name in list(os.environ):
        if name.startswith("SABAH_"):
            monkeypatch.delenv(name)
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", *args], settings=get_project_settings())
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    assert printed.err.startswith(f"{args[0]}: {said}")
    assert printed.err.count("\n") == 1


BROKEN = [
    ("import scrapy\nimport nosuch_module\n", "ModuleNotFoundError: No module named 'nosuch_module' ({file}, line 2)"),
    ("class Mine(scrapy.Spider)\n    name = 'mine'\n", "SyntaxError: expected ':' (mine.py, line 1)"),
    ("import scrapy\n\nclass Mine(scrapy.Spider):\n    name = undefined\n", "NameError: name 'undefined' is not defined ({file}, line 4)"),
    ("from scrapy import nothing_like_it\n", "ImportError: cannot import name 'nothing_like_it' from 'scrapy' "),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_what_is_wrong_in_a_users_module_is_one_line(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    file = tmp_path / "mine.py"
    file.write_text(text)
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", "runspider", str(file)], settings=get_project_settings())
    printed = capsys.readouterr()
    assert (ended.value.code, printed.err.count("\n")) == (2, 1)
    assert printed.err.startswith(f"runspider: {str(file)!r} cannot be loaded: {said.format(file=file)}")


def test_a_file_without_a_spider_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    (tmp_path / "nothing_here.py").write_text("x = 1\n")
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", "runspider", str(tmp_path / "nothing_here.py")], settings=get_project_settings())
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("runspider: no spider is in ")


def test_a_spider_of_the_project_that_cannot_be_imported(project: Path) -> None:
    broken = project / "sabah/spiders/broken.py"
    broken.write_text("import scrapy\nimport nosuch_module\n")
    try:
        for command in (("crawl", "plain"), ("shell",), ("list",), ("status",)):
            done = scrapy(*command, site=None, cwd=project)
            assert (done.code, done.out) == (2, "")
            assert (
                done.err
                == f"{command[0]}: the spiders cannot be loaded: ModuleNotFoundError: No module named 'nosuch_module' ({broken}, line 2)\n"
            )
    finally:
        broken.unlink()
