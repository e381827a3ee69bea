"""A job asked of Scrapyd, by its HTTP API."""

from __future__ import annotations

from base64 import b64encode
from textwrap import shorten
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

import attrs
import requests

from sabah.timetable import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sabah.timetable import Job

URL: Final = "http://127.0.0.1:6800"
PATIENCE: Final = 60.0
"""Seconds to wait for an answer. The first job of a new version takes a few: Scrapyd asks it for its spiders."""

_SHOWN: Final = 300


class AddressError(ValueError):
    """SCRAPYD_URL, SCRAPYD_USERNAME or SCRAPYD_PASSWORD cannot be used; the message is one line."""


class DaemonError(Exception):
    """Scrapyd does not answer, or refuses; the message is one line that says why and what to do."""


@attrs.frozen
class Daemon:
    """The Scrapyd of an address, and who asks it."""

    url: str
    auth: tuple[str, str] | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """From SCRAPYD_URL, SCRAPYD_USERNAME, SCRAPYD_PASSWORD. Raises AddressError."""
        url = environment.get("SCRAPYD_URL", "").strip() or URL
        user, password = environment.get("SCRAPYD_USERNAME", ""), environment.get("SCRAPYD_PASSWORD", "")
        try:
            parts = urlsplit(url)
            plain = parts.port != 0 and not (parts.username or parts.password or parts.query or parts.fragment)
        except ValueError:
            parts, plain = urlsplit(""), False
        if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
            raise AddressError(
                "SCRAPYD_URL is no address of a Scrapyd: it is written http(s)://host[:port], user and password go into "
                "SCRAPYD_USERNAME and SCRAPYD_PASSWORD"
            )
        if bool(user) != bool(password):
            raise AddressError("SCRAPYD_USERNAME and SCRAPYD_PASSWORD: one is set and the other is not")
        if not (f"{user}{password}".isascii() and f"{user}{password}".isprintable()):
            raise AddressError(
                "SCRAPYD_USERNAME and SCRAPYD_PASSWORD must be printable ASCII: beyond it Scrapyd's clients disagree on how they are sent"
            )
        return cls(url.rstrip("/"), (user, password) if user else None)

    def schedule(self, job: Job, settings: Sequence[str] = ()) -> str:
        """The id of the job that Scrapyd has put in its queue; `settings` are NAME=VALUE. Raises DaemonError."""
        asked = [("project", PROJECT), ("spider", str(job.spider)), *job.arguments.items()]
        asked += [("setting", one) for one in settings]
        headers = (
            {} if self.auth is None else {"Authorization": f"Basic {b64encode(':'.join(self.auth).encode()).decode()}"}
        )
        try:
            with requests.Session() as session:
                session.trust_env = (
                    False  # the environment's proxy is for the newspaper, and its .netrc for nobody here
                )
                answer = session.post(
                    f"{self.url}/schedule.json", data=asked, headers=headers, timeout=PATIENCE, allow_redirects=False
                )
        except requests.Timeout as error:
            raise DaemonError(f"Scrapyd at {self.url} does not answer within {PATIENCE:g} s") from error
        except requests.RequestException as error:
            raise DaemonError(f"Scrapyd at {self.url} cannot be reached ({_why(error)})") from error
        return self._job_id(answer, job)

    def _job_id(self, answer: requests.Response, job: Job) -> str:
        if answer.status_code in (401, 403):
            wrong = "are wrong" if self.auth else "are needed, and not set"
            raise DaemonError(f"Scrapyd at {self.url} lets nobody in: SCRAPYD_USERNAME and SCRAPYD_PASSWORD {wrong}")
        try:
            said = answer.json()
        except requests.JSONDecodeError:
            said = None
        if not isinstance(said, dict) or not (said.get("jobid") or said.get("status") == "error"):
            raise DaemonError(f"what answers at {self.url} is no Scrapyd (status {answer.status_code})")
        if said.get("status") == "ok":
            return str(said["jobid"])
        raise DaemonError(f"Scrapyd at {self.url} refuses: {_refusal(str(said.get('message')), job)}")


def _refusal(message: str, job: Job) -> str:
    """One line of Scrapyd's words, and what to do where that is known."""
    if message == f"project '{PROJECT}' not found":
        return f"{message}; deploy it: scrapyd-deploy"
    if message == f"spider '{job.spider}' not found":
        return f"{message}; the version deployed does not have it, deploy this one: scrapyd-deploy"
    if message.startswith("RunnerError: "):  # then come warnings and a traceback
        last = shorten(message.strip().splitlines()[-1], _SHOWN, placeholder=" …")
        return f"the version deployed cannot be loaded there ({last}); are deploy/requirements.txt those installed?"
    return shorten(message, _SHOWN, placeholder=" …")


def _why(error: BaseException) -> str:
    """The system's own words where it has some."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return shorten(f"{type(error).__name__}: {error}", _SHOWN, placeholder=" …")
