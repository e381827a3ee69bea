"""What the project adds to any spider's settings: its own components stay, whatever dictionaries a user gives beside them."""

from __future__ import annotations

import traceback
from functools import cache
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import scrapy
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.settings.default_settings import ITEM_PROCESSOR, SCHEDULER
from scrapy.utils.misc import load_object
from scrapy.utils.python import global_object_name

from sabah import configuration
from sabah.configuration import ConfigurationError
from sabah.spiders.base import SabahSpider

if TYPE_CHECKING:
    from collections.abc import Mapping
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

_FREE: Final = "EXTENSIONS"
"""The one whose parts of the project may be turned off: they show things, nothing is built on them."""

_WITHOUT_RUN: Final = {
    "DOWNLOADER_MIDDLEWARES": (
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware", "sabah.middlewares.robots.StrictRobotsMiddleware",
        "scrapy.downloadermiddlewares.retry.RetryMiddleware", "sabah.middlewares.retry.PatientRetryMiddleware",
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
    if ADDON not in given and ProjectParts not in given:
        settings.set("ADDONS", {**given, ADDON: LAST}, settings.getpriority("ADDONS") or 0)


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
    if records:
        _check_run(settings)
    else:
        _follow(settings, "USER_AGENT", configuration.user_agent(settings))
        for name, scrapys in (("SCHEDULER", SCHEDULER), ("ITEM_PROCESSOR", ITEM_PROCESSOR)):
            if settings[name] == _project().get(name):
                settings.set(name, scrapys, settings.getpriority(name) or 0)


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
    return global_object_name(_loaded(name, part))


def _loaded(name: str, part: object) -> object:
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
        given, own = _loaded(name, settings[name]), load_object(ours)
        if not (isinstance(given, type) and issubclass(given, own)):
            raise ConfigurationError(
                f"{name}={settings[name]!r}: it is {ours} or a class made from it, by which nothing is lost and nothing is stored twice"
            )
    if settings["JOBDIR"]:
        raise ConfigurationError(
            f"JOBDIR={settings['JOBDIR']!r} is of no use: a run that ended early is gone on with by the same command"
        )


def _follow(settings: BaseSettings, name: str, value: object) -> None:
    """Sets what depends on other settings, unless it was given for this run."""
    if (settings.getpriority(name) or 0) <= SETTINGS_PRIORITIES["project"]:
        settings.set(name, value, priority="spider")
