"""What the project's own settings mean: read, checked, in one place for commands, spiders and components."""

from __future__ import annotations

import re
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from scrapy.utils.conf import closest_scrapy_cfg

from sabah import __version__, clock

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

RENDER_MODES: Final = ("auto", "never", "always")
"""When pages go through the browser: where they need it, not at all, all of them."""

LIVE_HOSTS = frozenset({"www.dailysabah.com", "dailysabah.com"})

_EMAIL = re.compile(r"[^\s@()<>,;]+@[^\s@()<>,;]+\.[^\s@()<>,;.]+")
_WEB = re.compile(r"https?://[^\s()<>/]+\.[^\s()<>]+")


_NUMBERS: Final[dict[str, tuple[type[float], float, float]]] = {
    "DOWNLOAD_DELAY": (float, 0, inf), "DOWNLOAD_DELAY_JITTER": (float, 0, 1), "SLOWEST_DELAY": (float, 0, inf),
    "LONGEST_WAIT": (float, 0, inf), "RETRY_AFTER_TIMES": (int, 0, inf), "BLOCKS_TO_STOP": (int, 1, inf),
    "RENDER_PAGES": (int, 1, 64), "RENDER_ROUNDS": (int, 0, inf), "RENDER_TIMEOUT": (float, 1, 3600),
}  # fmt: skip
"""Kind, least and largest of the manners that are numbers."""


class ConfigurationError(ValueError):
    """A setting that cannot be used; the message is one line with its name and what is valid."""


def site_origin(settings: BaseSettings) -> str:
    """Where pages are fetched: `http(s)://host[:port]`, without a slash at the end.

    Raises ConfigurationError for anything else.
    """
    given = str(settings["SITE_ORIGIN"])
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname
    plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", given) or not plain or port == 0:
        raise ConfigurationError(f"SITE_ORIGIN={given!r} is no origin; it is written http(s)://host[:port]")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def is_live(settings: BaseSettings) -> bool:
    """Whether SITE_ORIGIN is the newspaper itself. Raises ConfigurationError as `site_origin` does."""
    return urlsplit(site_origin(settings)).hostname in LIVE_HOSTS


def user_agent(settings: BaseSettings) -> str:
    """`sabah/VERSION (+CONTACT)`, or without the brackets where no contact is set.

    Raises ConfigurationError for a contact that is neither an e-mail nor a web address, and for none on the live site.
    """
    contact = str(settings["CONTACT"] or "").strip()
    if contact and not (contact.isascii() and (_EMAIL.fullmatch(contact) or _WEB.fullmatch(contact))):
        raise ConfigurationError(f"CONTACT={contact!r} is neither an e-mail address nor an http(s) address")
    if not contact and is_live(settings):
        raise ConfigurationError(
            "the live site is not asked without a contact: set CONTACT (-s CONTACT=you@example.org or SABAH_CONTACT) "
            "to an e-mail or http(s) address"
        )
    return f"sabah/{__version__} (+{contact})" if contact else f"sabah/{__version__}"


def project_dir() -> Path:
    """The folder of the nearest scrapy.cfg from here upwards; where there is none (an egg under Scrapyd), the present one."""
    config = closest_scrapy_cfg()
    return Path(config).parent if config else Path.cwd()


def output_dir(settings: BaseSettings) -> Path:
    """The dataset's folder, absolute; nothing is created. Raises ConfigurationError when OUTPUT_DIR is empty."""
    given = str(settings["OUTPUT_DIR"] or "").strip()
    if not given:
        raise ConfigurationError("OUTPUT_DIR is empty; it names the dataset's folder")
    return project_dir() / Path(given).expanduser()


def check(settings: BaseSettings) -> None:
    """Raises ConfigurationError for the first setting that cannot be used."""
    user_agent(settings)
    site_origin(settings)
    output_dir(settings)
    if settings["RENDER"] not in RENDER_MODES:
        raise ConfigurationError(f"RENDER={settings['RENDER']!r} is not one of {', '.join(RENDER_MODES)}")
    _check_numbers(settings)
    try:
        clock.now()
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _check_numbers(settings: BaseSettings) -> None:
    for name, (kind, least, largest) in _NUMBERS.items():
        given = settings.get(name, least)
        try:
            right = least <= kind(given) <= largest and kind(given) != inf
        except (TypeError, ValueError):
            right = False
        if not right:
            what = "a number" if kind is float else "a whole number"
            ends = f"from {least} on" if largest == inf else f"from {least} to {largest}"
            raise ConfigurationError(f"{name}={given!r} is not {what} {ends}")
