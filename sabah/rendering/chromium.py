"""Which Chromium there is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sabah.configuration import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.settings import BaseSettings

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
