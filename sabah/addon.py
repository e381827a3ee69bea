"""What the project adds to any spider's settings: its own components stay, whatever dictionaries a user gives beside them."""

from __future__ import annotations

import traceback
from functools import cache
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import scrapy
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.settings.default_settings import HTTPCACHE_POLICY as DUMMY_POLICY
from scrapy.settings.default_settings import ITEM_PROCESSOR, SCHEDULER, TWISTED_REACTOR
from scrapy.utils.misc import load_object
from scrapy.utils.python import global_object_name

from sabah import configuration
from sabah.configuration import ConfigurationError
from sabah.spiders.base import SabahSpider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

ADDON: Final = "sabah.addon.ProjectParts"
LAST: Final = 1000
"""Its place among a user's add-ons: behind them, so that it sees what they have put in."""

DICTIONARIES: Final = (
    "DOWNLOAD_HANDLERS",
    "DOWNLOADER_MIDDLEWARES",
    "SPIDER_MIDDLEWARES",
    "ITEM_PIPELINES",
    "EXTENSIONS",
)
"""The settings that name components, and that a user's own add to."""

_NOT_THEIRS: Final = (str(Path(scrapy.__file__).parent), __file__)
"""Where what loads a user's modules lies."""

CLASSES: Final = (
    "ASYNCIO_EVENT_LOOP", "DEFAULT_ITEM_CLASS", "DOWNLOADER", "DOWNLOADER_CLIENTCONTEXTFACTORY", "DUPEFILTER_CLASS", "HTTPCACHE_POLICY",
    "HTTPCACHE_STORAGE", "ITEM_PROCESSOR", "LOG_FORMATTER", "REQUEST_FINGERPRINTER_CLASS", "ROBOTSTXT_PARSER", "SCHEDULER", "SCHEDULER_DISK_QUEUE",
    "SCHEDULER_MEMORY_QUEUE", "SCHEDULER_PRIORITY_QUEUE", "SCHEDULER_START_DISK_QUEUE", "SCHEDULER_START_MEMORY_QUEUE", "STATS_CLASS",
    "TWISTED_DNS_RESOLVER", "TWISTED_REACTOR",
)  # fmt: skip
"""The settings that name one class each."""

BY_NAME: Final = ("FEED_EXPORTERS", "FEED_STORAGES")
"""The settings that name a class for each word that a user may write elsewhere: `-o FILE.csv`, `-O s3://…`. None turns a word off."""

_FREE: Final = "EXTENSIONS"

MOVED: Final = {
    "sabah.logs.LineFormatter": "sabah.crawling.console.LineFormatter",
    "sabah.middlewares.render.RenderMiddleware": "sabah.middlewares.rendering.middleware.RenderMiddleware",
    "sabah.middlewares.settle.SettleMiddleware": "sabah.pipelines.store.SettleMiddleware",
    "sabah.middlewares.whole.WholeMiddleware": "sabah.middlewares.retry.WholeMiddleware",
    "sabah.progress.Progress": "sabah.crawling.console.Progress",
    "sabah.scheduler.LedgerScheduler": "sabah.crawling.scheduler.LedgerScheduler",
}
"""Paths of parts that older settings may name, and where each stands since 0.2.0 (docs/upgrading.md)."""
"""The one whose parts of the project may be turned off: they show things, nothing is built on them."""

_WITHOUT_RUN: Final = {
    "DOWNLOADER_MIDDLEWARES": (
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware", "sabah.middlewares.robots.StrictRobotsMiddleware",
        "scrapy.downloadermiddlewares.retry.RetryMiddleware", "sabah.middlewares.retry.PatientRetryMiddleware",
        "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware", "sabah.middlewares.cache.DatedCacheMiddleware",
    ),
    "SPIDER_MIDDLEWARES": (),
    "ITEM_PIPELINES": ("sabah.pipelines.validate.ValidatePipeline",),
}  # fmt: skip
"""The parts that stay where nothing is recorded. Of the other dictionaries all do."""

_BETWEEN: Final = (101, 799)
"""Where a user's pipelines stand: behind the check of what was read, before what is stored."""

_SNAPSHOT: Final = 1000
"""Where the raw answer is kept: what stands nearer to the downloader would change it before."""

_NEEDED: Final = {
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": "packed pages could not be read",
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": "redirects would lead away from the newspaper",
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": "articles that have moved would be lost",
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": "the newspaper finds in it who asks",
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": "error pages would be read as articles",
}
"""Parts of Scrapy's own that the project's spiders are built on, and why."""


class ProjectParts:
    """A Scrapy add-on: puts the project's components into the dictionaries that a user gives, and refuses what would take them away.

    A spider that is none of the project's, and Scrapy's tools (shell, fetch, view, parse, check), get Scrapy's own scheduler and the parts by
    which the newspaper is treated well; nothing is recorded for them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        complete(settings, self.crawler.spidercls)


def add_to(settings: BaseSettings) -> None:
    """Names the add-on beside those that a user has named. Raises ConfigurationError for what is no dictionary."""
    given = _dictionary(settings, "ADDONS")
    for part in given:
        _loaded("ADDONS", part)
    if ADDON not in given and ProjectParts not in given:
        settings.set("ADDONS", {**given, ADDON: LAST}, settings.getpriority("ADDONS") or 0)


def completed(settings: BaseSettings, spider: type[Spider]) -> BaseSettings:
    """The settings that a crawl by `spider` would have. Raises ConfigurationError for what it would fail over, or not be what is promised."""
    settings = settings.copy()
    try:
        spider.update_settings(settings)
    except ConfigurationError:
        raise
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"custom_settings of {spider.__name__} cannot be used: {where(error)}") from error
    add_to(settings)
    complete(settings, spider)
    configuration.check_manners(settings)
    return settings


def complete(settings: BaseSettings, spider: type[Spider]) -> None:
    """Makes `settings` those of a crawl by `spider`. Raises ConfigurationError for the first that would take away what the promises stand on."""
    only_looks = settings.getbool("ONLY_LOOK")
    records = issubclass(spider, SabahSpider) and not only_looks
    for name in DICTIONARIES:
        ours: dict[str, Any] = _project()[name]
        kept = ours if records else {part: ours[part] for part in _WITHOUT_RUN.get(name, ours)}
        if name == "EXTENSIONS" and only_looks:
            kept = dict.fromkeys(ours)  # progress lines would stand in the way of what was asked for
        _complete(settings, name, ours, kept, records=records)
    for name in CLASSES:
        if settings[name] and settings.getpriority(name):  # not Scrapy's own word for "none"
            _loaded(name, settings[name])
    for name in BY_NAME:
        for part in _dictionary(settings, name).values():
            if part is not None:
                _loaded(name, part)
    if records:
        _check_run(settings)
        # A limit has become of it, which counts what is stored and not what is on its way.
        settings.set("CLOSESPIDER_ITEMCOUNT", 0, settings.getpriority("CLOSESPIDER_ITEMCOUNT") or 0)
    else:
        if configuration.is_live(settings) and not settings.getbool("ROBOTSTXT_OBEY"):
            settings.set("ROBOTSTXT_OBEY", True, settings.getpriority("ROBOTSTXT_OBEY") or 0)
            settings.set("ROBOTSTXT_OF_NEWSPAPER", True)
        _follow(settings, "USER_AGENT", configuration.user_agent(settings))
        for name, scrapys in (("SCHEDULER", SCHEDULER), ("ITEM_PROCESSOR", ITEM_PROCESSOR)):
            if settings[name] == _project().get(name):
                settings.set(name, scrapys, settings.getpriority(name) or 0)


def complete_pipelines(settings: BaseSettings) -> None:
    """Puts the project's pipelines beside a user's, for a command that reads pages again. Raises ConfigurationError as a crawl does."""
    ours = _project()["ITEM_PIPELINES"]
    _complete(settings, "ITEM_PIPELINES", ours, ours, records=True)


def where(error: BaseException) -> str:
    """An error of a user's own module in one line, with the file and line that it came from."""
    said = " ".join(str(error).split())
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "importlib" not in one.filename]
    if isinstance(error, SyntaxError) or not frames or frames[-1].filename.startswith(_NOT_THEIRS):
        return what  # Python's own text has the place, or there is none: there is no such module
    return f"{what} ({frames[-1].filename}, line {frames[-1].lineno})"


@cache
def _project() -> Mapping[str, Any]:
    """The project's settings as they are written: loaded anew, because a user's settings module may change the imported dictionaries in place."""
    spec = find_spec("sabah.settings")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if name.isupper()}


def _complete(
    settings: BaseSettings, name: str, ours: Mapping[str, Any], kept: Mapping[str, Any], *, records: bool
) -> None:
    """Writes the dictionary `name` anew: what is `kept` of `ours`, and what the user has given beside it."""
    merged = dict(kept)
    for part, place in _dictionary(settings, name).items():
        if part in ours and ours[part] == place:
            continue  # what the project has, also where a user's dictionary was made from it
        path = part if name == "DOWNLOAD_HANDLERS" else _path(name, part)
        if name == "DOWNLOAD_HANDLERS" and place is not None:
            _path(name, place)
        if path in kept and path.startswith("scrapy."):
            merged.pop(path, None)
            merged[part] = place
        elif path in kept:
            _check_kept(name, path, place, kept[path])
            merged[path] = place
        elif path not in ours:
            if records:
                _check_place(name, path, place)
            merged[part] = place
    settings.set(name, merged, settings.getpriority(name) or 0)


def _dictionary(settings: BaseSettings, name: str) -> dict[Any, Any]:
    given = settings[name]
    try:
        return settings.getdict(name)
    except (TypeError, ValueError) as error:
        form = '{"my.module.Class": 500}, as JSON on the command line'
        raise ConfigurationError(f"{name}={given!r} is no dictionary of components; it is written {form}") from error


def _path(name: str, part: object) -> str:
    """The import path of a component. Raises ConfigurationError where it cannot be imported."""
    loaded = _loaded(name, part)
    return (
        global_object_name(loaded) if hasattr(loaded, "__qualname__") else str(part)
    )  # of an instance, where it stands


def _loaded(name: str, part: object) -> object:
    if isinstance(part, str) and part in MOVED:
        raise ConfigurationError(f"{name}: {part!r} is {MOVED[part]!r} since 0.2.0")
    try:
        return load_object(part)  # type: ignore[arg-type]  # raises TypeError for what it is not
    except Exception as error:
        raise ConfigurationError(f"{name}: {part!r} cannot be imported: {where(error)}") from error


def _check_kept(name: str, path: str, place: object, ours: object) -> None:
    if name == _FREE or place == ours:
        return
    if name == "DOWNLOAD_HANDLERS":
        raise ConfigurationError(
            f"{name}: {path} is the project's, by which robots.txt, delay and contact are kept; other schemes are free"
        )
    what = "turned off" if place is None else f"moved to {place!r}"
    raise ConfigurationError(f"{name}: {path} belongs to the project and cannot be {what}")


def _check_place(name: str, path: str, place: object) -> None:
    """Of a user's own component, or of one of Scrapy's."""
    if name == "DOWNLOAD_HANDLERS":
        return
    if place is None:
        if path in _NEEDED:
            raise ConfigurationError(f"{name}: {path} cannot be turned off: {_NEEDED[path]}")
        return
    if isinstance(place, bool) or not isinstance(place, int | float):
        raise ConfigurationError(f"{name}: {path} is given {place!r}; its place is a number, None turns it off")
    least, largest = _BETWEEN
    if name == "ITEM_PIPELINES" and not least <= place <= largest:
        raise ConfigurationError(
            f"{name}: {path} stands at {place}; a pipeline of your own stands between {least} and {largest}, behind the check of what "
            "was read and before what is stored"
        )
    if name == "DOWNLOADER_MIDDLEWARES" and place >= _SNAPSHOT:
        raise ConfigurationError(
            f"{name}: {path} stands at {place}; one of your own stands below {_SNAPSHOT}, where the raw page is kept as it came"
        )


def _check_run(settings: BaseSettings) -> None:
    """Raises ConfigurationError for a setting that would take away what a run of the project's own spiders promises."""
    for name in ("SCHEDULER", "ITEM_PROCESSOR"):
        ours = _project()[name]
        if not _is_made_from(ours, name, settings[name]):
            raise ConfigurationError(
                f"{name}={settings[name]!r}: it is {ours} or a class made from it, by which nothing is lost and nothing is stored twice"
            )
    for name, refused, why in _REFUSED:
        if refused(settings):
            raise ConfigurationError(f"{name}={settings[name]!r} is not for the project's spiders: {why}")
    configuration.check_contact(settings, str(settings["USER_AGENT"]))


def _is_made_from(path: str, name: str, given: object) -> bool:
    # Not issubclass(), which Scrapy's schedulers answer by the methods that a class has.
    return load_object(path) in getattr(_loaded(name, given), "__mro__", ())


_REFUSED: Final[tuple[tuple[str, Callable[[BaseSettings], bool], str], ...]] = (
    ("JOBDIR", lambda given: bool(given["JOBDIR"]), "a run that ended early is gone on with by the same command"),
    (
        "ROBOTSTXT_OBEY", lambda given: not given.getbool("ROBOTSTXT_OBEY") and configuration.is_live(given),
        "robots.txt of the live site is obeyed",
    ),
    ("DEPTH_LIMIT", lambda given: given.getint("DEPTH_LIMIT") > 0, "-a related=N says how far links are followed"),
    ("DEPTH_PRIORITY", lambda given: given.getint("DEPTH_PRIORITY") != 0, "the ledger gives one depth after another"),
    ("HTTPERROR_ALLOW_ALL", lambda given: given.getbool("HTTPERROR_ALLOW_ALL"), "error pages would be read as articles"),
    (
        "HTTPERROR_ALLOWED_CODES", lambda given: bool(given.getlist("HTTPERROR_ALLOWED_CODES")),
        "error pages would be read as articles",
    ),
    (
        "DOWNLOAD_FAIL_ON_DATALOSS", lambda given: not given.getbool("DOWNLOAD_FAIL_ON_DATALOSS"),
        "half a page would be read as a whole one",
    ),
    (
        "HTTPCACHE_POLICY",
        lambda given: given.getbool("HTTPCACHE_ENABLED") and not _is_made_from(DUMMY_POLICY, "HTTPCACHE_POLICY", given["HTTPCACHE_POLICY"]),
        f"the raw page kept would be an answer without one; {DUMMY_POLICY} can be had",
    ),
    (
        "STATS_CLASS", lambda given: _is_made_from("scrapy.statscollectors.DummyStatsCollector", "STATS_CLASS", given["STATS_CLASS"]),
        "the verdict is made of what is counted",
    ),
    (
        "TWISTED_REACTOR", lambda given: given["TWISTED_REACTOR"] != TWISTED_REACTOR,
        f"they need {TWISTED_REACTOR}",
    ),
    ("TWISTED_REACTOR_ENABLED", lambda given: not given.getbool("TWISTED_REACTOR_ENABLED"), "they need Twisted's reactor"),
)  # fmt: skip
"""What the promises do not bear, and why."""


def _follow(settings: BaseSettings, name: str, value: object) -> None:
    """Sets what depends on other settings, unless it was given for this run."""
    if (settings.getpriority(name) or 0) <= SETTINGS_PRIORITIES["project"]:
        settings.set(name, value, priority="spider")
