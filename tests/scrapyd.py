"""A real Scrapyd in a folder of its own, with the configuration the project ships: for tests that run the project as its jobs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from configparser import ConfigParser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from tests.running import REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROJECT: Final = "sabah"
CONFIGURATION: Final = REPOSITORY / "deploy" / "scrapyd.conf"
_SHIPPED: Final = ("sabah", "deploy", "pyproject.toml", "requirements.txt", "scrapy.cfg", "MANIFEST.in")
NOBODY: Final = ("", "")
"""Asks without credentials."""

_PATIENCE: Final = 120.0
_WEB: Final = build_opener(ProxyHandler({}))


def wait_until(done: Callable[[], object], what: str, seconds: float = _PATIENCE, pause: float = 0.02) -> None:
    """Raises AssertionError that names `what` where it does not come true in time."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"{what}: not within {seconds:g} seconds"
        time.sleep(pause)


class Scrapyd:
    """Its configuration is the project's but for the port, the folders and how often it looks for new jobs.

    `conf` in its place is another one's text; `env` is what daemon and jobs have beside this process's environment.
    """

    def __init__(self, folder: Path, *, conf: str | None = None, user: tuple[str, str] = ("reader", "a word"), **env: str) -> None:  # fmt: skip
        self.folder, self.user = folder, user
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port: int = one.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        secrets = {"SCRAPYD_USERNAME": user[0], "SCRAPYD_PASSWORD": user[1]}
        self.env = environment(**secrets, SCRAPYD_URL=self.url, HOME=str(folder), **env)
        folder.mkdir(parents=True, exist_ok=True)
        self.configuration = ConfigParser(interpolation=None)
        self._configure(CONFIGURATION.read_text() if conf is None else conf)
        self.start()

    def _configure(self, conf: str) -> None:
        parser = self.configuration
        parser.read_string(conf)
        own = {f"{name}_dir": str(self.folder / name) for name in ("eggs", "logs", "dbs")}
        parser.read_dict({"scrapyd": {**own, "http_port": str(self.port), "poll_interval": "0.2"}})
        with (self.folder / "scrapyd.conf").open("w") as file:
            parser.write(file)

    def start(self) -> None:
        """Starts it, for the first time or again on the same folder, and waits until it answers."""
        with (self.folder / "daemon.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scrapyd"], cwd=self.folder, env=self.env, stdout=log, stderr=log
            )
        wait_until(self._answers, "Scrapyd answers", 30)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "daemon.log").read_text()
        with suppress(URLError, ConnectionError):
            return bool(self.ask("daemonstatus.json")["status"] == "ok")
        return False

    def kill(self) -> None:
        """As a power cut for the daemon alone: its jobs go on as orphans."""
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL

    def stop(self) -> None:
        """Ends the daemon and every job that is left, each by its process id."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        for pid in self.alive().values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.alive(), "no job is left", 10)

    def ask(self, service: str, form: Mapping[str, str | list[str]] | None = None, *, user: tuple[str, str] | None = None) -> Any:  # fmt: skip
        """The answer of a webservice: GET without a form (a `?` may follow its name), else POST.

        `user` in place of its own. Raises HTTPError, and AssertionError where the answer is no `ok`.
        """
        request = Request(f"{self.url}/{service}", data=urlencode(form, doseq=True).encode() if form else None)
        user = self.user if user is None else user
        if user != NOBODY:
            request.add_header("Authorization", f"Basic {base64.b64encode(':'.join(user).encode()).decode()}")
        with _WEB.open(request, timeout=60) as response:
            answer = json.loads(response.read())
        assert answer["status"] == "ok", answer
        return answer

    def deploy(self, version: str, egg: Path | None = None) -> None:
        """By the repository's own target; the egg is built where none is given, from a copy of the repository."""
        source = self.folder / "repository"
        if not source.exists():
            copy_repository(source)
        command = [sys.executable, "-m", "scrapyd_client.deploy", "remote", "--version", version, *(["--egg", str(egg)] if egg else [])]  # fmt: skip
        done = subprocess.run(command, cwd=source, env=self.env, capture_output=True, text=True, timeout=_PATIENCE)
        assert done.returncode == 0, done.stderr
        assert '"status": "ok"' in done.stdout, done.stdout
        shutil.rmtree(source)

    def schedule(self, spider: str, settings: Mapping[str, object], **arguments: str) -> str:
        """The new job's id."""
        given = [f"{name}={value}" for name, value in settings.items()]
        job: str = self.ask("schedule.json", {"project": PROJECT, "spider": spider, "setting": given, **arguments})[
            "jobid"
        ]
        return job

    def state(self, job: str) -> str | None:
        """`pending`, `running` or `finished`; None of a job that it does not know (an orphan after a restart)."""
        state: str | None = self.ask(f"status.json?job={job}&project={PROJECT}")["currstate"]
        return state

    def wait(self, *jobs: str) -> None:
        """Until all of them have ended."""
        for job in jobs:
            wait_until(lambda job=job: self.state(job) == "finished", f"job {job} ends", pause=0.2)  # type: ignore[misc]

    def cancel(self, job: str) -> str | None:
        """Ends it as Ctrl-C does; what it was before."""
        before: str | None = self.ask("cancel.json", {"project": PROJECT, "job": job})["prevstate"]
        return before

    def log(self, job: str) -> str:
        """What the job has said; empty where it has no log (any more)."""
        found = list((self.folder / "logs").glob(f"{PROJECT}/*/{job}.log"))
        return found[0].read_text() if found else ""

    def alive(self) -> dict[str, int]:
        """Process ids of its jobs that live, by job: orphans too, which no daemon knows."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if f"LOG_FILE={self.folder}" in "\0".join(words):
                    job = next(word for word in words if word.startswith("_job="))
                    found[job.removeprefix("_job=")] = int(process.name)
        return found

    def resident(self) -> int:
        """Bytes of memory that the daemon has."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))

    def descriptors(self) -> int:
        """Files that the daemon has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


def listens(pid: int) -> list[str]:
    """Addresses, as the kernel writes them in hexadecimal, at which a process takes TCP connections."""
    links = []
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            links.append(str(one.readlink()))
    sockets = {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()]
    return [row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in sockets]


def copy_repository(to: Path) -> None:
    """What an egg is made of, as it is now."""
    to.mkdir(parents=True)
    for name in _SHIPPED:
        path = REPOSITORY / name
        if path.is_dir():
            shutil.copytree(path, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, to / name)


def build_egg(folder: Path) -> Path:
    """As `scrapyd-deploy` builds it."""
    copy_repository(folder / "repository")
    command = [sys.executable, "-m", "scrapyd_client.deploy", "--build-egg", str(folder / "sabah.egg")]
    subprocess.run(command, cwd=folder / "repository", check=True, capture_output=True, timeout=_PATIENCE)
    return folder / "sabah.egg"
