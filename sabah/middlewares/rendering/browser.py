"""The crawl's browser: started when first needed, gone with the crawl."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from sabah.configuration import ConfigurationError
from sabah.middlewares.rendering import in_page
from sabah.middlewares.rendering.rendered import NeedsBrowser, TabLost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Playwright
    from scrapy.settings import BaseSettings

    from sabah.middlewares.rendering.tab import Tab

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
HELP: Final = "`make chromium` gets one, CHROMIUM_PATH names one that is elsewhere"
_PROGRAMS: Final = (
    "chrome-linux*/chrome",
    "chrome-mac*/*.app/Contents/MacOS/*",
    "chrome-win*/chrome.exe",
)
"""Where `playwright install chromium` puts the program, below its folder of a version."""


def find(given: str = "") -> str | None:
    """Path of the program: the one given (setting or environment, CHROMIUM_PATH), else on the PATH, else Playwright's own; None where there is none.

    Raises ConfigurationError where the one given is no program.
    """
    if given:
        if found := shutil.which(given):
            return found
        raise ConfigurationError(f"CHROMIUM_PATH={given!r} is no program that can be run")
    on_path = (shutil.which(name) for name in NAMES)
    return next((one for one in (*on_path, *_of_playwright()) if one is not None), None)


def _of_playwright() -> Iterator[str]:
    """Newest version first."""
    folders = sorted(_cache().glob("chromium-*"), key=lambda one: int(one.name.rpartition("-")[2] or 0), reverse=True)
    for folder in folders:
        for form in _PROGRAMS:
            yield from (str(one) for one in sorted(folder.glob(form)) if os.access(one, os.X_OK))


def _cache() -> Path:
    if given := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(given)
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/ms-playwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "ms-playwright"
    return Path.home() / ".cache/ms-playwright"


def check(settings: BaseSettings, mode: str | None) -> None:
    """Raises ConfigurationError for a CHROMIUM_PATH that is no program, and for none where all pages are to be rendered; `mode` is the spider's argument."""
    mode = mode or settings["RENDER"]
    if mode != "never" and find(str(settings["CHROMIUM_PATH"] or "")) is None and mode == "always":
        raise ConfigurationError(f"RENDER=always needs a Chromium: {HELP}")


logger = logging.getLogger(__name__)

FLAGS: Final = (
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no way out of its own: ads and trackers end here, before anything looks at them
    "--no-proxy-server",  # which would resolve names itself
    "--blink-settings=imagesEnabled=false",
    "--disable-remote-fonts",
    "--autoplay-policy=user-gesture-required",
    "--mute-audio",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-crash-reporter",
    "--disable-breakpad",
    "--disable-site-isolation-trials",
    "--js-flags=--max-old-space-size=384 --max-semi-space-size=2 --optimize-for-size",
)
USES: Final = 100
"""Addresses after which a tab is replaced: what little each leaves behind does not grow."""

DEATHS: Final = 3
"""Times the browser may die without having shown a page between, until it counts as one that does not work."""

_DRIVER_OPTIONS: Final = "--max-semi-space-size=2 --max-old-space-size=128"
"""Documents pass the driver as text; what it collects late is a third of its memory."""

_STARTS_WITHIN: Final = 60.0
_STOPS_WITHIN: Final = 10.0


@attrs.frozen(kw_only=True)
class Options:
    program: str | None
    """Path of the Chromium."""

    pages: int
    user_agent: str
    sandbox: bool = True
    """Whether pages are shut in as Chromium does it; never as root, whom it refuses."""


class Browser:
    """One context, `pages` tabs at most. Bound to this process by the pipes of its driver: when they close, for whatever reason, all of it exits."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.starts = 0
        self.replaced = 0
        """Tabs that were spoiled."""

        self._room = asyncio.Semaphore(options.pages)
        self._starting = asyncio.Lock()
        self._idle: list[Tab] = []
        self._driver: Playwright | None = None
        self._chromium: Chromium | None = None
        self._context: BrowserContext | None = None
        self._deaths = 0
        self._why_not: str | None = None

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """A tab of one's own. Raises NeedsBrowser, TabLost."""
        async with self._room:
            tab = await self._take()
            try:
                yield tab
            finally:
                await tab.leave()
                if tab.spoiled or tab.uses >= USES:
                    self.replaced += tab.spoiled
                    if tab.spoiled:
                        for one in self._idle:  # it may have gone with the whole browser, which does not always say so
                            one.spoiled = True
                    await tab.close()
                else:
                    self._deaths = 0
                    self._idle.append(tab)

    async def close(self) -> None:
        """Also of one that never started or is dead."""
        chromium, driver = self._chromium, self._driver
        self._chromium = self._driver = self._context = None
        self._idle.clear()
        if driver is None:
            return
        from playwright.async_api import Error  # noqa: PLC0415

        with suppress(Error, TimeoutError):
            if chromium is not None:
                await asyncio.wait_for(chromium.close(), _STOPS_WITHIN)
        with suppress(Error, TimeoutError):
            if driver is not None:
                await asyncio.wait_for(driver.stop(), _STOPS_WITHIN)

    async def _take(self) -> Tab:
        from playwright.async_api import Error  # noqa: PLC0415

        from sabah.middlewares.rendering.tab import Tab  # noqa: PLC0415

        while self._idle:
            tab = self._idle.pop()
            if not tab.spoiled:
                return tab
            await tab.close()
        for last in (False, True):
            async with self._starting:
                if self._chromium is None or not self._chromium.is_connected():
                    await self._start()
                context = self._context
            assert context is not None
            try:
                return await asyncio.wait_for(Tab.open(context), _STARTS_WITHIN)
            except (Error, TimeoutError) as error:
                if self._context is context:
                    await self.close()  # a driver that has died does not say so
                if last:
                    raise TabLost(f"no page could be opened ({type(error).__name__})") from error
        raise AssertionError

    async def _start(self) -> None:
        """Raises NeedsBrowser."""
        if self._why_not is None and self.options.program is None:
            self._why_not = f"there is no Chromium: {HELP}"
        if self._why_not is None and self._deaths >= DEATHS:
            self._why_not = f"{self.options.program} died {self._deaths} times before it had shown a page: {HELP}"
        if self._why_not is not None:
            raise NeedsBrowser(self._why_not)
        self._deaths += 1
        await self.close()
        from playwright.async_api import Error, async_playwright  # takes a third of a second to import  # noqa: PLC0415

        try:
            with _lean_driver():
                self._driver = await asyncio.wait_for(async_playwright().start(), _STARTS_WITHIN)
            self._chromium = await self._driver.chromium.launch(
                executable_path=self.options.program, args=FLAGS, timeout=_STARTS_WITHIN * 1000,
                chromium_sandbox=self.options.sandbox and os.geteuid() != 0,
                # The crawl ends in order: pages under way are finished first.
                handle_sigint=False, handle_sigterm=False, handle_sighup=False,
            )  # fmt: skip
            self._context = await self._chromium.new_context(
                user_agent=self.options.user_agent, service_workers="block", accept_downloads=False, locale="en-GB",
                timezone_id="Europe/Istanbul", viewport={"width": 1280, "height": 1600},
            )  # fmt: skip
            await self._context.add_init_script(in_page.CLEAN_START)
        except (Error, OSError, TimeoutError) as error:
            await self.close()
            self._why_not = f"{self.options.program} does not start ({_first_line(error)}): {HELP}"
            raise NeedsBrowser(self._why_not) from error
        self.starts += 1
        logger.info("Browser started: Chromium %s, %d pages at most", self._chromium.version, self.options.pages)


@contextmanager
def _lean_driver() -> Iterator[None]:
    """Playwright's driver takes its options from the environment alone. Those that the user has set stand."""
    if "NODE_OPTIONS" in os.environ:
        yield
        return
    os.environ["NODE_OPTIONS"] = _DRIVER_OPTIONS
    try:
        yield
    finally:
        del os.environ["NODE_OPTIONS"]


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]
