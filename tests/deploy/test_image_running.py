"""What the image starts, started here: its command, its configuration and its health check, without a container around them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPBasicAuthHandler, HTTPPasswordMgrWithDefaultRealm, ProxyHandler, build_opener

import pytest

from tests.deploy.dockerfile import BIN, DEPLOY, instructions, run
from tests.running import REPOSITORY, SITE, SmallSite, article

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRETS = {"SCRAPYD_USERNAME": "reader", "SCRAPYD_PASSWORD": "a wörd"}


class Daemon:
    """What the image starts, with the configuration that the image has."""

    def __init__(self, folder: Path, origin: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.env = SECRETS | {
            "HOME": str(folder),
            "PYTHONPATH": str(REPOSITORY),  # where the image has the package installed
            "SCRAPY_SETTINGS_MODULE": "sabah.settings",
            "SCRAPYD_HTTP_PORT": str(self.port),
            "SABAH_OUTPUT_DIR": str(folder / "output"),
            "SABAH_SITE_ORIGIN": origin,
        }
        conf = (DEPLOY / "scrapyd.conf").read_text().replace("/var/lib/sabah", str(folder))
        (folder / "scrapyd.conf").write_text(conf.replace("poll_interval = 5", "poll_interval = 0.1"))
        shutil.copy(DEPLOY / "image.conf", folder / ".scrapyd.conf")
        self.start()

    def start(self) -> None:
        command = [str(BIN / "python"), "-m", *json.loads(instructions("CMD")[0])]
        with (self.folder / "daemon.log").open("a") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=os.environ | self.env, stdout=log, stderr=log)
        until = time.monotonic() + 30
        while (health := self.health()).returncode and self.process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        assert health.returncode == 0, (self.folder / "daemon.log").read_text()

    def health(self, **env: str) -> subprocess.CompletedProcess[str]:
        """The HEALTHCHECK of the Dockerfile."""
        command = json.loads(instructions("HEALTHCHECK")[0].partition(" CMD ")[2])
        place = {"python": str(BIN / "python"), "/opt/sabah/health.py": str(DEPLOY / "health.py")}
        return run(*[place[word] for word in command], **(self.env | env))

    def ask(self, service: str, **form: str) -> dict[str, Any]:
        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, f"http://127.0.0.1:{self.port}", *SECRETS.values())
        web = build_opener(ProxyHandler({}), HTTPBasicAuthHandler(passwords))
        with web.open(
            f"http://127.0.0.1:{self.port}/{service}", urlencode(form).encode() or None, timeout=30
        ) as answer:
            content: dict[str, Any] = json.load(answer)
        return content

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with SmallSite({"/world/2021/09/14/one": article("One")}) as site:
        running = Daemon(tmp_path_factory.mktemp("image"), site.origin)
        yield running
        running.stop()


def test_it_is_healthy_while_scrapyd_answers(daemon: Daemon) -> None:
    healthy = daemon.health()
    assert (healthy.returncode, json.loads(healthy.stdout)["status"]) == (0, "ok")
    refused = daemon.health(SCRAPYD_PASSWORD="another")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.endswith("HTTP Error 401: Unauthorized\n")
    away = daemon.health(SCRAPYD_HTTP_PORT="1")
    assert away.returncode == 1
    assert "refused" in away.stderr


def test_the_project_is_there_without_an_egg(daemon: Daemon) -> None:
    assert daemon.ask("listprojects.json")["projects"] == ["sabah"]
    assert {"addresses", "feeds", "revisit", "section"} <= set(daemon.ask("listspiders.json?project=sabah")["spiders"])
    job = daemon.ask("schedule.json", project="sabah", spider="addresses", url=f"{SITE}/world/2021/09/14/one")["jobid"]
    until = time.monotonic() + 60
    while not any(one["id"] == job for one in daemon.ask("listjobs.json?project=sabah")["finished"]):
        assert time.monotonic() < until
        time.sleep(0.2)
    log = (daemon.folder / "scrapyd" / "logs" / "sabah" / "addresses" / f"{job}.log").read_text()
    stored = [
        line for path in (daemon.folder / "output" / "articles").iterdir() for line in path.read_text().splitlines()
    ]
    assert [json.loads(line)["headline"] for line in stored] == ["One"], log


def test_an_egg_is_not_taken(daemon: Daemon) -> None:
    with pytest.raises(HTTPError, match="404"):
        daemon.ask("addversion.json", project="sabah", version="1", egg="x")


def test_what_a_killed_daemon_leaves_does_not_stop_the_next(daemon: Daemon) -> None:
    daemon.process.kill()
    daemon.process.wait()
    assert not list(daemon.folder.glob("*.pid"))
    daemon.start()
    assert daemon.ask("listjobs.json?project=sabah")["status"] == "ok"
