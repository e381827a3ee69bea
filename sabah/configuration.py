"""What the project's own settings mean: read, checked, in one place for commands, spiders and components."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
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
_AGE = re.compile(r"([0-9]+)([mhd])")
_AGE_DIGITS = 5
"""A hundred thousand days are more than any newspaper has."""

_DIGITS = 18
"""That many fit 64 bits, which is what SQLite takes."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


NUMBERS: Final[dict[str, tuple[type[float], float, float]]] = {
    "DOWNLOAD_DELAY": (float, 0, inf), "DOWNLOAD_DELAY_JITTER": (float, 0, 1), "SLOWEST_DELAY": (float, 0, inf),
    "LONGEST_WAIT": (float, 0, inf), "RETRY_AFTER_TIMES": (int, 0, inf), "BLOCKS_TO_STOP": (int, 1, inf),
    "DOWNLOAD_MAXSIZE": (int, 0, inf), "HEADERS_MAXSIZE": (int, 1024, inf), "PAGE_LINKS_MAX": (int, 1, inf),
    "ADDRESS_LINE_MAXSIZE": (int, 64, inf), "ADDRESS_FILE_MAXSIZE": (int, 1, inf),
    "REFUSED_OF_OLD_MAX": (int, 0, inf), "REDIRECT_MAX_TIMES": (int, 0, inf),
    "RENDER_PAGES": (int, 1, 64), "RENDER_ROUNDS": (int, 0, inf), "RENDER_TIMEOUT": (float, 1, 3600),
}  # fmt: skip
"""Kind, least and largest of the manners that are numbers."""


class CommandLineError(ValueError):
    """Something given on the command line that cannot be used; the message is one line."""


class ConfigurationError(ValueError):
    """A setting that cannot be used; the message is one line with its name and what is valid."""


def site_origin(settings: BaseSettings) -> str:
    """Where pages are fetched: `http(s)://host[:port]`, without a slash at the end.

    Raises ConfigurationError for anything else.
    """
    return _origin(settings, "SITE_ORIGIN")


def archive_origin(settings: BaseSettings) -> str:
    """Where captures are fetched, in the same form. Raises ConfigurationError."""
    return _origin(settings, "ARCHIVE_ORIGIN")


def _origin(settings: BaseSettings, setting: str) -> str:
    given = str(settings[setting])
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname
    plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", given) or not plain or port == 0:
        raise ConfigurationError(f"{setting}={given!r} is no origin; it is written http(s)://host[:port]")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def is_live(settings: BaseSettings) -> bool:
    """Whether SITE_ORIGIN is the newspaper itself. Raises ConfigurationError as `site_origin` does."""
    return urlsplit(site_origin(settings)).hostname in LIVE_HOSTS


def user_agent(settings: BaseSettings) -> str:
    """`sabah/VERSION (+CONTACT)`, or without the brackets where no contact is set.

    Raises ConfigurationError for a contact that is neither an e-mail nor a web address.
    """
    contact = str(settings["CONTACT"] or "").strip()
    if contact and not (contact.isascii() and (_EMAIL.fullmatch(contact) or _WEB.fullmatch(contact))):
        raise ConfigurationError(f"CONTACT={contact!r} is neither an e-mail address nor an http(s) address")
    return f"sabah/{__version__} (+{contact})" if contact else f"sabah/{__version__}"


def check_contact(settings: BaseSettings, agent: str | None = None) -> None:
    """Raises ConfigurationError where the live site would be asked without a contact, or by a user `agent` that does not have it."""
    contact = str(settings["CONTACT"] or "").strip()
    if is_live(settings) and contact and agent is not None and contact not in agent:
        raise ConfigurationError(
            f"USER_AGENT={agent!r} does not have the contact, {contact}: the newspaper finds in it who asks"
        )
    if is_live(settings) and not contact:
        raise ConfigurationError(
            "the live site is not asked without a contact: set CONTACT (-s CONTACT=you@example.org or SABAH_CONTACT) "
            "to an e-mail or http(s) address"
        )


def is_newspaper(url: str) -> bool:
    """Whether an address is on one of the newspaper's hosts."""
    try:
        return (urlsplit(url).hostname or "").removesuffix(".") in LIVE_HOSTS
    except ValueError:
        return False


def check_archive(settings: BaseSettings) -> None:
    """Raises ConfigurationError where captures cannot be asked for: another's archive is not asked without a contact either."""
    host = urlsplit(archive_origin(settings)).hostname or ""
    if not str(settings["CONTACT"] or "").strip() and not is_loopback(host):
        raise ConfigurationError(
            f"{host} is not asked without a contact: set CONTACT (-s CONTACT=you@example.org or SABAH_CONTACT) "
            "to an e-mail or http(s) address"
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def revisit_ages(settings: BaseSettings) -> tuple[timedelta, ...]:
    """Ages at which an article is looked at again, in rising order; none where REVISIT_AGES is empty. Raises ConfigurationError."""
    given = [one.strip() for one in settings.getlist("REVISIT_AGES")]
    return tuple(sorted({_age("REVISIT_AGES", one) for one in given if one}))


def revisit_confirm(settings: BaseSettings) -> timedelta:
    """From a visit that finds an article gone to the one that confirms it. Raises ConfigurationError."""
    return _age("REVISIT_CONFIRM", str(settings["REVISIT_CONFIRM"]).strip())


def refused_ages(settings: BaseSettings) -> tuple[timedelta, ...]:
    """How long a refused page rests after the first time, the second, and so on, as given; none where REFUSED_AGES is empty. Raises ConfigurationError."""
    given = [one.strip() for one in settings.getlist("REFUSED_AGES")]
    return tuple(_age("REFUSED_AGES", one) for one in given if one)


def whole_number(text: str, *, least: int = 0) -> int:
    """The number that a user has written in digits. Raises ValueError whose text says what it must be."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"must be a whole number from {least}")
    if len(text) > _DIGITS or int(text) < least:
        raise ValueError(f"must be a whole number from {least} to {10**_DIGITS - 1}")
    return int(text)


def _age(name: str, text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None or len(match[1]) > _AGE_DIGITS or not int(match[1]):
        raise ConfigurationError(f"{name}={text!r} is no age; it is written 30m, 6h or 3d, from 1 on")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


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


def check_job(settings: BaseSettings) -> None:
    """Raises ConfigurationError where a job's data folder would depend on where its daemon was started."""
    given = str(settings["OUTPUT_DIR"] or "").strip()
    if not Path(given).is_absolute():
        raise ConfigurationError(
            f"OUTPUT_DIR={given!r} is no absolute folder, which a job needs: set SABAH_OUTPUT_DIR=/FOLDER in Scrapyd's environment, "
            "or schedule with setting=OUTPUT_DIR=/FOLDER"
        )


def check_manners(settings: BaseSettings) -> None:
    """Raises ConfigurationError for the first setting that cannot be used of those by which any host is asked."""
    user_agent(settings)
    site_origin(settings)
    archive_origin(settings)
    _check_numbers(settings)


def check(settings: BaseSettings) -> None:
    """Raises ConfigurationError for the first setting that cannot be used."""
    check_manners(settings)
    check_contact(settings)
    output_dir(settings)
    if settings.get("RENDER", RENDER_MODES[0]) not in RENDER_MODES:
        raise ConfigurationError(f"RENDER={settings['RENDER']!r} is not one of {', '.join(RENDER_MODES)}")
    revisit_ages(settings)
    revisit_confirm(settings)
    refused_ages(settings)
    try:
        clock.now()
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def check_run(settings: BaseSettings, *, archive: bool, job: bool) -> None:
    """As `check`, and what a run from the `archive` or one that is a `job` needs beside that."""
    check(settings)
    if archive:
        check_archive(settings)
    if job:
        check_job(settings)


def _check_numbers(settings: BaseSettings) -> None:
    for name, (kind, least, largest) in NUMBERS.items():
        given = settings.get(name, least)
        try:
            right = least <= kind(given) <= largest and kind(given) != inf
        except (TypeError, ValueError):
            right = False
        if not right:
            what = "a number" if kind is float else "a whole number"
            ends = f"from {least} on" if largest == inf else f"from {least} to {largest}"
            raise ConfigurationError(f"{name}={given!r} is not {what} {ends}")
