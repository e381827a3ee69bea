"""A user's settings beside the project's: components are added, what would take promises away is refused, the rest works as with Scrapy."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import orjson
import pytest
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from sabah import addon
from tests import forked
from tests.running import FAST, REPOSITORY, SITE, SmallSite, article, crawl, environment, listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running import Page

ONE, TWO = f"{SITE}/world/one/news", f"{SITE}/world/two/news"
PAGES: dict[str, Page] = {
    "/europe": listing(ONE, TWO), "/world/one/news": article("One"), "/world/two/news": article("Two"),
}  # fmt: skip
EUROPE = ("section", "-a", "sections=europe")

COMPONENTS = """
import scrapy
from itemadapter import ItemAdapter
from sabah.spiders.section import SectionSpider

class Header:
    def process_request(self, request):
        request.headers["X-Mine"] = "downloader"

class Count:
    @classmethod
    def from_crawler(cls, crawler):
        one = cls()
        one.stats = crawler.stats
        return one

    async def process_spider_output(self, response, result):
        async for one in result:
            self.stats.inc_value("mine/output")
            yield one

class Louder:
    def process_item(self, item):
        ItemAdapter(item)["headline"] += "!"
        return item

class Watch:
    @classmethod
    def from_crawler(cls, crawler):
        crawler.signals.connect(cls().closed, scrapy.signals.spider_closed, weak=False)
        return cls()

    def closed(self, spider):
        spider.logger.info("watched %s, %s", spider.name, spider.crawler.stats.get_value("mine/output"))

class Handler:
    @classmethod
    def from_crawler(cls, crawler):
        return cls()

    async def download_request(self, request):
        return scrapy.http.TextResponse(request.url, body=b"mine")

    async def close(self):
        pass

class AddOn:
    def update_settings(self, settings):
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", Louder, 300)

class MySection(SectionSpider):
    name = "mine"
    custom_settings = {
        "DOWNLOADER_MIDDLEWARES": {Header: 543}, "SPIDER_MIDDLEWARES": {Count: 543}, "ITEM_PIPELINES": {Louder: 300},
        "EXTENSIONS": {Watch: 500}, "ADDONS": {AddOn: 500},
    }
"""
SETTINGS = """
from sabah.settings import *

for taken in (DOWNLOADER_MIDDLEWARES, SPIDER_MIDDLEWARES, ITEM_PIPELINES, EXTENSIONS, DOWNLOAD_HANDLERS):
    taken.clear()  # in place: the project's own module has the same dictionaries
DOWNLOADER_MIDDLEWARES = {"my_parts.Header": 543}
SPIDER_MIDDLEWARES = {"my_parts.Count": 543}
ITEM_PIPELINES = {"my_parts.Louder": 300}
EXTENSIONS = {"my_parts.Watch": 500}
"""


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with SmallSite(PAGES) as served:
        yield served


@pytest.fixture
def parts(tmp_path: Path) -> str:
    """A folder for PYTHONPATH with components of a user's own."""
    (tmp_path / "my_parts.py").write_text(COMPONENTS)
    (tmp_path / "my_settings.py").write_text(SETTINGS)
    return str(tmp_path)


def _given(**dictionaries: object) -> list[str]:
    return [one for name, value in dictionaries.items() for one in ("-s", f"{name}={json.dumps(value)}")]


def _check_added(done: object, site: SmallSite) -> None:
    assert done.code == 0, done.err  # type: ignore[attr-defined]
    assert sorted(one["headline"] for one in done.articles) == ["One!", "Two!"]  # type: ignore[attr-defined]
    assert all(one["snapshot"] for one in done.articles)  # type: ignore[attr-defined]
    assert {headers.get("X-Mine") for headers in site.headers} == {"downloader"}
    assert re.search(r"watched \w+, [1-9]", done.err)  # type: ignore[attr-defined]


def test_components_on_the_command_line_are_added(site: SmallSite, parts: str, tmp_path: Path) -> None:
    given = _given(
        DOWNLOADER_MIDDLEWARES={"my_parts.Header": 543}, SPIDER_MIDDLEWARES={"my_parts.Count": 543}, ITEM_PIPELINES={"my_parts.Louder": 300},
        EXTENSIONS={"my_parts.Watch": 500}, DOWNLOAD_HANDLERS={"mine": "my_parts.Handler"},
    )  # fmt: skip
    done = crawl(*EUROPE, *given, output=tmp_path / "o", origin=site.origin, PYTHONPATH=parts)
    _check_added(done, site)


def test_components_in_a_settings_module_are_added(site: SmallSite, parts: str, tmp_path: Path) -> None:
    done = crawl(
        *EUROPE, output=tmp_path / "o", origin=site.origin, PYTHONPATH=parts, SCRAPY_SETTINGS_MODULE="my_settings"
    )
    _check_added(done, site)


def test_components_in_custom_settings_are_added(site: SmallSite, parts: str, tmp_path: Path) -> None:
    output = tmp_path / "o"
    done = forked.run(
        [
            sys.executable, "-W", "error", "-m", "scrapy", "runspider", f"{parts}/my_parts.py", "-a", "sections=europe", *FAST,
            "-s", f"OUTPUT_DIR={output}", "-s", f"SITE_ORIGIN={site.origin}",
        ],
        cwd=REPOSITORY, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    articles = [
        orjson.loads(line) for path in output.glob("articles/*.jsonl") for line in path.read_bytes().splitlines()
    ]
    assert done.returncode == 0, done.stderr
    assert sorted(one["headline"] for one in articles) == ["One!", "Two!"]
    assert {headers.get("X-Mine") for headers in site.headers} == {"downloader"}
    assert "watched mine, " in done.stderr


def test_an_add_on_of_a_users_own_comes_beside_the_projects(site: SmallSite, parts: str, tmp_path: Path) -> None:
    done = crawl(
        *EUROPE, *_given(ADDONS={"my_parts.AddOn": 500}), output=tmp_path, origin=site.origin, PYTHONPATH=parts
    )
    assert sorted(one["headline"] for one in done.articles) == ["One!", "Two!"]


def test_what_shows_things_may_be_turned_off(site: SmallSite, tmp_path: Path) -> None:
    off = {"sabah.crawling.console.Progress": None, "scrapy.extensions.logstats.LogStats": 0}
    done = crawl(*EUROPE, *_given(EXTENSIONS=off), output=tmp_path, origin=site.origin)
    assert (done.code, done.addresses) == (0, {ONE, TWO})
    assert "sabah.crawling.console" not in done.err


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"ITEM_PIPELINES": {"sabah.pipelines.store.StorePipeline": None}}, "ITEM_PIPELINES: sabah.pipelines.store.StorePipeline belongs to the project and cannot be turned off"),
    ({"ITEM_PIPELINES": {"sabah.pipelines.validate.ValidatePipeline": None}}, "ITEM_PIPELINES: sabah.pipelines.validate.ValidatePipeline belongs to"),
    ({"ITEM_PIPELINES": {"sabah.pipelines.store.StorePipeline": 50}}, "ITEM_PIPELINES: sabah.pipelines.store.StorePipeline belongs to the project and cannot be moved to 50"),
    ({"ITEM_PIPELINES": {"tests.additions.DropPipeline": 100}}, "ITEM_PIPELINES: tests.additions.DropPipeline stands at 100; a pipeline of your own stands between 101 and 799"),
    ({"ITEM_PIPELINES": {"tests.additions.DropPipeline": 900.5}}, "ITEM_PIPELINES: tests.additions.DropPipeline stands at 900.5"),
    ({"ITEM_PIPELINES": {"tests.additions.DropPipeline": "300"}}, "ITEM_PIPELINES: tests.additions.DropPipeline is given '300'; its place is a number, None turns it off"),
    ({"ITEM_PIPELINES": {"tests.additions.DropPipeline": True}}, "ITEM_PIPELINES: tests.additions.DropPipeline is given True"),
    ({"ITEM_PIPELINES": {"tests.additions.NoSuch": 300}}, "ITEM_PIPELINES: 'tests.additions.NoSuch' cannot be imported: NameError: Module 'tests.additions' doesn't define any object named 'NoSuch'"),
    ({"DOWNLOADER_MIDDLEWARES": {"nosuch.Middleware": 543}}, "DOWNLOADER_MIDDLEWARES: 'nosuch.Middleware' cannot be imported: ModuleNotFoundError: No module named 'nosuch'"),
    ({"DOWNLOADER_MIDDLEWARES": {"Middleware": 543}}, "DOWNLOADER_MIDDLEWARES: 'Middleware' cannot be imported: ValueError: Error loading object 'Middleware': not a full path"),
    ({"DOWNLOADER_MIDDLEWARES": {"tests.additions.SwallowMiddleware": 1100}}, "DOWNLOADER_MIDDLEWARES: tests.additions.SwallowMiddleware stands at 1100; one of your own stands below 1000"),
    ({"DOWNLOADER_MIDDLEWARES": {"sabah.middlewares.robots.StrictRobotsMiddleware": None}}, "DOWNLOADER_MIDDLEWARES: sabah.middlewares.robots.StrictRobotsMiddleware belongs to the project"),
    ({"DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None}}, "DOWNLOADER_MIDDLEWARES: scrapy.downloadermiddlewares.useragent.UserAgentMiddleware cannot be turned off: "),
    ({"SPIDER_MIDDLEWARES": {"sabah.pipelines.store.SettleMiddleware": None}}, "SPIDER_MIDDLEWARES: sabah.pipelines.store.SettleMiddleware belongs to the project"),
    ({"SPIDER_MIDDLEWARES": {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None}}, "SPIDER_MIDDLEWARES: scrapy.spidermiddlewares.httperror.HttpErrorMiddleware cannot be turned off: error pages"),
    ({"DOWNLOAD_HANDLERS": {"https": None}}, "DOWNLOAD_HANDLERS: https is the project's, by which robots.txt, delay and contact are kept; other schemes are free"),
    ({"DOWNLOAD_HANDLERS": {"http": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"}}, "DOWNLOAD_HANDLERS: http is the project's"),
    ({"DOWNLOAD_HANDLERS": {"mine": "nosuch.Handler"}}, "DOWNLOAD_HANDLERS: 'nosuch.Handler' cannot be imported"),
    ({"EXTENSIONS": {"nosuch.Extension": 1}}, "EXTENSIONS: 'nosuch.Extension' cannot be imported"),
    ({"ADDONS": {"nosuch.AddOn": 1}}, "ADDONS: 'nosuch.AddOn' cannot be imported"),
    ({"SCHEDULER": "scrapy.core.scheduler.Scheduler"}, "SCHEDULER='scrapy.core.scheduler.Scheduler': it is sabah.crawling.scheduler.LedgerScheduler or a class made from it"),
    ({"SCHEDULER": "sabah.scheduler.LedgerScheduler"}, "SCHEDULER: 'sabah.scheduler.LedgerScheduler' is 'sabah.crawling.scheduler.LedgerScheduler' since 0.2.0"),
    ({"SPIDER_MIDDLEWARES": {"sabah.middlewares.settle.SettleMiddleware": None}}, "SPIDER_MIDDLEWARES: 'sabah.middlewares.settle.SettleMiddleware' is 'sabah.pipelines.store.SettleMiddleware' since 0.2.0"),
    ({"EXTENSIONS": {"sabah.progress.Progress": None}}, "EXTENSIONS: 'sabah.progress.Progress' is 'sabah.crawling.console.Progress' since 0.2.0"),
    ({"SCHEDULER": "nosuch.Scheduler"}, "SCHEDULER: 'nosuch.Scheduler' cannot be imported"),
    ({"ITEM_PROCESSOR": "scrapy.pipelines.ItemPipelineManager"}, "ITEM_PROCESSOR='scrapy.pipelines.ItemPipelineManager': it is sabah.pipelines.processor.RecordProcessor or"),
    ({"FEED_EXPORTERS": {"csv": "nosuch.Exporter"}}, "FEED_EXPORTERS: 'nosuch.Exporter' cannot be imported"),
    ({"FEED_STORAGES": {"s3": "tests.additions.NoSuch"}}, "FEED_STORAGES: 'tests.additions.NoSuch' cannot be imported"),
    ({"DOWNLOADER_CLIENTCONTEXTFACTORY": "nosuch.Factory"}, "DOWNLOADER_CLIENTCONTEXTFACTORY: 'nosuch.Factory' cannot be imported"),
    ({"SCHEDULER_START_MEMORY_QUEUE": "nosuch.Queue"}, "SCHEDULER_START_MEMORY_QUEUE: 'nosuch.Queue' cannot be imported"),
    ({"DUPEFILTER_CLASS": "nosuch.Filter"}, "DUPEFILTER_CLASS: 'nosuch.Filter' cannot be imported"),
    ({"ASYNCIO_EVENT_LOOP": "nosuch.Loop"}, "ASYNCIO_EVENT_LOOP: 'nosuch.Loop' cannot be imported"),
    ({"JOBDIR": "job"}, "JOBDIR='job' is not for the project's spiders: a run that ended early is gone on with by the same command"),
    ({"ROBOTSTXT_OBEY": "False"}, "ROBOTSTXT_OBEY='False' is not for the project's spiders: robots.txt of the live site is obeyed"),
    ({"USER_AGENT": "Mozilla/5.0"}, "USER_AGENT='Mozilla/5.0' does not have the contact, desk@example.org: the newspaper finds in it who asks"),
    ({"DEPTH_LIMIT": 3}, "DEPTH_LIMIT='3' is not for the project's spiders: -a related=N"),
    ({"DEPTH_PRIORITY": 1}, "DEPTH_PRIORITY='1' is not for the project's spiders: "),
    ({"HTTPERROR_ALLOW_ALL": "True"}, "HTTPERROR_ALLOW_ALL='True' is not for the project's spiders: error pages would be read as articles"),
    ({"HTTPERROR_ALLOWED_CODES": "404,500"}, "HTTPERROR_ALLOWED_CODES='404,500' is not for"),
    ({"DOWNLOAD_FAIL_ON_DATALOSS": "False"}, "DOWNLOAD_FAIL_ON_DATALOSS='False' is not for the project's spiders: half a page"),
    ({"HTTPCACHE_ENABLED": "True", "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy"}, "HTTPCACHE_POLICY='scrapy.extensions.httpcache.RFC2616Policy' is not for"),
    ({"STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector"}, "STATS_CLASS='scrapy.statscollectors.DummyStatsCollector' is not for the project's spiders: the verdict"),
    ({"TWISTED_REACTOR": "twisted.internet.pollreactor.PollReactor"}, "TWISTED_REACTOR='twisted.internet.pollreactor.PollReactor' is not for"),
    ({"TWISTED_REACTOR_ENABLED": "False"}, "TWISTED_REACTOR_ENABLED='False' is not for"),
    ({"ONLY_LOOK": "True"}, "ONLY_LOOK is for Scrapy's shell, fetch, view, parse and check"),
]  # fmt: skip
BROKEN = [
    ("ITEM_PIPELINES={'my.Pipe': 1}", "must be a dictionary, in JSON"),
    ("SPIDER_MIDDLEWARES={", "must be a dictionary, in JSON"),
    ("DOWNLOADER_MIDDLEWARES=[1]", "must be a dictionary, in JSON"),
    ("DOWNLOAD_HANDLERS=5", "must be a dictionary, in JSON"),
    ("EXTENSIONS=my.Extension", "must be a dictionary, in JSON"),
    ("ADDONS=my.AddOn", "must be a dictionary, in JSON"),
    ("FEEDS={", "must be a dictionary, in JSON"),
    ("DEFAULT_REQUEST_HEADERS=Accept: text/html", "must be a dictionary, in JSON"),
]


@pytest.fixture
def in_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    for name in [one for one in os.environ if one.startswith("SABAH_")]:
        monkeypatch.delenv(name)


def _said(*args: str, capsys: pytest.CaptureFixture[str], origin: str = "http://127.0.0.1:9") -> str:
    """The one line by which a command is refused."""
    always = ("-s", "CONTACT=desk@example.org", "-s", f"SITE_ORIGIN={origin}")
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", *args, *always], settings=get_project_settings())
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out, printed.err.count("\n")) == (2, "", 1), printed.err
    return printed.err


@pytest.mark.usefixtures("in_project")
@pytest.mark.parametrize(("settings", "said"), REFUSED, ids=[str(one) for one, _ in REFUSED])
def test_what_would_take_a_promise_away_is_one_line(settings: dict[str, object], said: str, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    options = [
        one
        for name, value in settings.items()
        for one in ("-s", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    ]
    origin = SITE if {"ROBOTSTXT_OBEY", "USER_AGENT"} & set(settings) else "http://127.0.0.1:9"
    assert _said("crawl", *EUROPE, *options, capsys=capsys, origin=origin).startswith(f"crawl: {said}")


@pytest.mark.usefixtures("in_project")
@pytest.mark.parametrize(("given", "said"), BROKEN)
def test_what_is_no_dictionary_is_one_line(given: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, _, text = given.partition("=")
    assert _said("crawl", *EUROPE, "-s", given, capsys=capsys) == f"crawl: {name}={text!r}: {said}\n"


@pytest.mark.usefixtures("in_project")
@pytest.mark.parametrize(
    ("custom", "said"),
    [
        ('"ITEM_PIPELINES": {StorePipeline: None}', "ITEM_PIPELINES: sabah.pipelines.store.StorePipeline belongs to"),
        ('"SPIDER_MIDDLEWARES": ["my.Middleware"]', "custom_settings of Mine cannot be used: ValueError: "),
        ('"DOWNLOADER_MIDDLEWARES": {5: 543}', "DOWNLOADER_MIDDLEWARES: 5 cannot be imported: TypeError: "),
        ('"JOBDIR": "job"', "JOBDIR='job' is not for"),
        ('"SCHEDULER": Scheduler', "SCHEDULER=<class 'scrapy.core.scheduler.Scheduler'>: it is "),
    ],
)  # fmt: skip
def test_so_is_what_a_spider_sets(custom: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.delitem(sys.modules, "my_spider", raising=False)
    (tmp_path / "my_spider.py").write_text(
        textwrap.dedent(f"""
        from scrapy.core.scheduler import Scheduler
        from sabah.pipelines.store import StorePipeline
        from sabah.spiders.section import SectionSpider as _Section

        class Mine(_Section):
            name = "mine"
            custom_settings = {{{custom}}}
        """)
    )
    line = _said("runspider", str(tmp_path / "my_spider.py"), "-a", "sections=world", capsys=capsys)
    assert line.startswith(f"runspider: {said}")


@pytest.mark.usefixtures("in_project")
def test_a_module_of_a_users_that_fails_is_named_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.syspath_prepend(tmp_path)
    for name, text, said in (
        ("my_first", "import nosuch\n", "ModuleNotFoundError: No module named 'nosuch' ({file}, line 1)"),
        ("my_second", "\nclass Pipe:\n    x = y\n", "NameError: name 'y' is not defined ({file}, line 3)"),
        ("my_third", "class Pipe\n", "SyntaxError: expected ':' (my_third.py, line 1)"),
    ):
        file = tmp_path / f"{name}.py"
        file.write_text(text)
        line = _said("crawl", *EUROPE, "-s", f'ITEM_PIPELINES={{"{name}.Pipe": 300}}', capsys=capsys)
        assert line == f"crawl: ITEM_PIPELINES: '{name}.Pipe' cannot be imported: {said.format(file=file)}\n"


WORKING = [
    (["AUTOTHROTTLE_ENABLED=True", "AUTOTHROTTLE_START_DELAY=0.1", "CONCURRENT_REQUESTS=1", "CONCURRENT_ITEMS=1", "LOG_LEVEL=DEBUG"], 0),
    (["ROBOTSTXT_OBEY=False", "USER_AGENT=mine/1", "COOKIES_ENABLED=True", "REFERER_ENABLED=False", "METAREFRESH_ENABLED=True"], 0),
    (["TELNETCONSOLE_ENABLED=True", "MEMUSAGE_LIMIT_MB=4000", "RETRY_ENABLED=False", "REDIRECT_ENABLED=False", "LOG_ENABLED=False"], 0),
    (["DUPEFILTER_CLASS=scrapy.dupefilters.BaseDupeFilter", "SCHEDULER_MEMORY_QUEUE=scrapy.squeues.LifoMemoryQueue",
      "SCHEDULER_PRIORITY_QUEUE=scrapy.pqueues.ScrapyPriorityQueue", "COMPRESSION_ENABLED=False", "STATS_DUMP=True"], 0),
    (["DOWNLOAD_MAXSIZE=100", "DOWNLOAD_TIMEOUT=5"], 1),
    (["MEMUSAGE_LIMIT_MB=1", "MEMUSAGE_CHECK_INTERVAL_SECONDS=0.01", "DOWNLOAD_DELAY=1"], 14),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "code"), WORKING, ids=[one[0][0] for one in WORKING])
def test_other_settings_work_as_with_scrapy(settings: list[str], code: int, site: SmallSite, tmp_path: Path) -> None:
    options = [one for setting in settings for one in ("-s", setting)]
    done = crawl(*EUROPE, output=tmp_path, origin=site.origin, settings=options)
    assert done.code == code, done.err
    assert done.addresses == ({ONE, TWO} if code == 0 else set())
    assert "Traceback" not in done.err
    if "USER_AGENT=mine/1" in settings:
        assert "/robots.txt" not in site.asked
        assert {headers["User-Agent"] for headers in site.headers} == {"mine/1"}


def test_feeds_with_chosen_fields_and_headers(site: SmallSite, tmp_path: Path) -> None:
    file = tmp_path / "beside.csv"
    given = _given(
        FEEDS={str(file): {"format": "csv", "fields": ["headline", "url"]}}, DEFAULT_REQUEST_HEADERS={"Accept-Language": "en-GB"},
        FEED_EXPORT_FIELDS=["headline"],
    )  # fmt: skip
    done = crawl(*EUROPE, *given, "--logfile", str(tmp_path / "log"), output=tmp_path / "o", origin=site.origin)
    assert done.code == 0, done.err
    assert set(file.read_text().split()) == {"headline,url", f"One,{ONE}", f"Two,{TWO}"}
    assert "en-GB" in {headers.get("Accept-Language") for headers in site.headers}
    assert "Stored csv feed (2 items)" in (tmp_path / "log").read_text()


def test_closespider_itemcount_is_a_limit(tmp_path: Path) -> None:
    pages: dict[str, Page] = {f"/world/a{number}/news": article(f"A{number}") for number in range(30)}
    pages["/europe"] = listing(*(SITE + path for path in pages))
    with SmallSite(pages) as site:
        done = crawl(*EUROPE, "-s", "CLOSESPIDER_ITEMCOUNT=7", output=tmp_path, origin=site.origin)
        assert (done.code, len(done.articles), done.verdict.startswith("ok: 7 stored")) == (0, 7, True), done.err
        assert len(site.asked) == 9
        smaller = crawl(
            *EUROPE, "-a", "limit=2", "-s", "CLOSESPIDER_ITEMCOUNT=7", output=tmp_path / "o", origin=site.origin
        )
        assert (smaller.code, len(smaller.articles)) == (0, 2)
        rest = crawl(*EUROPE, output=tmp_path, origin=site.origin)
        assert (rest.code, len(rest.articles)) == (0, 30)


@pytest.mark.parametrize(
    ("setting", "slow"),
    [("CLOSESPIDER_PAGECOUNT=3", 0.0), ("CLOSESPIDER_TIMEOUT=1", 0.5), ("CLOSESPIDER_ERRORCOUNT=1", 0.0)],
)
def test_what_else_closes_the_spider_leaves_the_rest_to_the_next_run(setting: str, slow: float, tmp_path: Path) -> None:
    pages: dict[str, Page] = {f"/world/a{number}/news": article(f"A{number}") for number in range(6)}
    pages["/europe"] = listing(*(SITE + path for path in pages))
    name = setting.partition("=")[0]
    with SmallSite(pages, slow=dict.fromkeys(pages, slow)) as site:
        more = ("-s", 'SPIDER_MIDDLEWARES={"tests.additions.FailMiddleware": 500}') if "ERROR" in name else ()
        done = crawl(*EUROPE, "-s", setting, *more, output=tmp_path, origin=site.origin, settings=("-s", "CONCURRENT_REQUESTS=1"))  # fmt: skip
        assert done.code == 14, done.err
        assert f"{name} was reached; the rest is pending" in done.err
        rest = crawl(*EUROPE, output=tmp_path, origin=site.origin)
    assert (rest.code, len(rest.articles), len(rest.addresses)) == (0, 6, 6)


def test_a_cached_page_has_the_time_it_was_fetched(site: SmallSite, tmp_path: Path) -> None:
    cache = ("-s", "HTTPCACHE_ENABLED=True", "-s", f"HTTPCACHE_DIR={tmp_path}/cache")
    first = crawl(*EUROPE, *cache, output=tmp_path / "first", origin=site.origin)
    asked = len(site.asked)
    time.sleep(1.1)  # what is fetched now has another second
    second = crawl(*EUROPE, *cache, output=tmp_path / "second", origin=site.origin)
    assert (first.code, second.code, len(site.asked)) == (0, 0, asked)
    fetched = {one["url"]: (one["fetched_at"], one["origin"]) for one in first.articles}
    assert {one["url"]: (one["fetched_at"], one["origin"]) for one in second.articles} == fetched
    assert len(fetched) == 2
    raw = [gzip.decompress(path.read_bytes()) for path in sorted(tmp_path.glob("*/snapshots/*.warc.gz"))]
    assert len(raw) == 2
    for number, text in ((0, raw[0]), (1, raw[1])):
        assert article("One").encode() in text, number
        assert b"X-Sabah" not in text
        assert {f"WARC-Date: {at[:19]}Z".encode() in text for at, _ in fetched.values()} == {True}


def test_what_is_looked_at_again_does_not_come_from_the_cache(site: SmallSite, tmp_path: Path) -> None:
    cache = ("-s", "HTTPCACHE_ENABLED=True", "-s", f"HTTPCACHE_DIR={tmp_path}/cache", "-s", "REVISIT_AGES=1h")
    crawl(*EUROPE, *cache, output=tmp_path / "o", origin=site.origin, SABAH_NOW="2021-09-14T08:00:00+00:00")
    site.pages["/world/one/news"] = article("One, corrected")
    again = crawl("revisit", *cache, output=tmp_path / "o", origin=site.origin, SABAH_NOW="2021-09-20T08:00:00+00:00")
    assert again.code == 0, again.err
    assert sorted(one["headline"] for one in again.articles) == ["One", "One, corrected", "Two"]


def test_neither_errors_nor_another_newspapers_pages_come_from_the_cache(tmp_path: Path) -> None:
    cache = ("-s", "HTTPCACHE_ENABLED=True", "-s", f"HTTPCACHE_DIR={tmp_path}/cache", "-s", "RETRY_TIMES=0")
    with SmallSite({**PAGES, "/world/two/news": 500}) as site:
        assert crawl(*EUROPE, *cache, output=tmp_path / "o", origin=site.origin).code == 10
        site.pages["/world/two/news"] = article("Two")
        assert crawl(*EUROPE, *cache, output=tmp_path / "o", origin=site.origin).addresses == {ONE, TWO}
    with SmallSite({**PAGES, "/world/one/news": article("Another one")}) as other:
        done = crawl(*EUROPE, *cache, output=tmp_path / "p", origin=other.origin)
    assert sorted(one["headline"] for one in done.articles) == ["Another one", "Two"]


def test_the_documents_name_what_is_refused() -> None:
    text = (REPOSITORY / "docs" / "settings.md").read_text()
    named = set(re.findall(r"`([A-Z_]+)[`=]", text))
    assert {name for name, _, _ in addon._REFUSED} | {
        *addon.DICTIONARIES,
        "SCHEDULER",
        "ITEM_PROCESSOR",
        "USER_AGENT",
    } <= named
    assert {setting.partition("=")[0] for settings, _ in WORKING for setting in settings} <= named
    for path in addon._NEEDED:
        assert path.rpartition(".")[2] in text
