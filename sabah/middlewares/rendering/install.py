"""`make chromium`: finds a Chromium or gets one. The only part of the project that may change the system, and only when called for it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies

from sabah.configuration import ConfigurationError
from sabah.middlewares.rendering.browser import find

if TYPE_CHECKING:
    from collections.abc import Sequence

DOWNLOADS: Final = ("cdn.playwright.dev", 443)
_REACHED_WITHIN: Final = 5.0
_INSTALLED_WITHIN: Final = 900.0


def main() -> int:
    """0 when there is one, whose path is printed; 1 when none could be got, 2 when CHROMIUM_PATH names none."""
    try:
        given = os.environ.get("CHROMIUM_PATH", "")
        found = find(given) or _by_playwright() or _by_apt()
    except ConfigurationError as error:
        print(f"chromium: {error}", file=sys.stderr)
        return 2
    if found is None:
        print(
            "chromium: none on the PATH, and none could be got. Install Chromium or Chrome as this system does it, or name one: "
            "CHROMIUM_PATH=/path/to/chromium. Everything but pages that come by script works without.",
            file=sys.stderr,
        )
        return 1
    print(f"chromium: {found}")
    return 0


def _by_playwright() -> str | None:
    """Into Playwright's own folder of the user, where its download host can be reached."""
    try:
        if not getproxies().get("https"):
            socket.create_connection(DOWNLOADS, timeout=_REACHED_WITHIN).close()
    except OSError as error:
        print(f"chromium: {DOWNLOADS[0]} cannot be reached ({error})", file=sys.stderr)
        return None
    return find() if _done(sys.executable, "-m", "playwright", "install", "chromium") else None


def _by_apt() -> str | None:
    """As root on Debian and its kin."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    return find() if _done(apt, "update", "-qq") and _done(apt, "install", "-y", "-qq", "chromium") else None


def _done(*command: str) -> bool:
    print(f"chromium: {' '.join(_shown(command))}", file=sys.stderr)
    try:
        return subprocess.run(command, timeout=_INSTALLED_WITHIN, check=False, stdout=sys.stderr).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"chromium: {error}", file=sys.stderr)
        return False


def _shown(command: Sequence[str]) -> list[str]:
    return [command[0].rpartition("/")[2], *command[1:]]


if __name__ == "__main__":
    raise SystemExit(main())
