"""Where `scrapyd-deploy` deploys to, by scrapy.cfg."""

from __future__ import annotations

import pytest
from scrapyd_client.utils import _get_targets

from tests.deploy.dockerfile import BIN, run
from tests.running import REPOSITORY

OWN = {"url": "http://127.0.0.1:6800/", "project": "sabah", "username": "$SCRAPYD_USERNAME", "password": "$SCRAPYD_PASSWORD"}  # fmt: skip


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY / "sabah")
    # The last one is set by Scrapy itself wherever a test has asked for the settings of the project.
    for name in ("SCRAPYD_URL", "SCRAPYD_USERNAME", "SCRAPYD_PASSWORD", "SCRAPY_SETTINGS_MODULE"):
        monkeypatch.delenv(name, raising=False)


def test_this_machine_is_the_default() -> None:
    assert _get_targets() == {"default": OWN, "remote": {**OWN, "url": "$SCRAPYD_URL"}}


def test_places_and_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"username": "reader", "password": "50% of $HOME"}
    for name, value in secrets.items():
        monkeypatch.setenv(f"SCRAPYD_{name.upper()}", value)
    monkeypatch.setenv("SCRAPYD_URL", "https://crawler.example.org/")
    assert _get_targets() == {
        "default": OWN | secrets,
        "remote": OWN | secrets | {"url": "https://crawler.example.org/"},
    }


def test_a_remote_one_that_is_not_named_is_an_error() -> None:
    done = run(BIN / "scrapyd-deploy", "remote", "--egg", REPOSITORY / "scrapy.cfg")
    assert done.returncode == 1
    assert done.stderr.startswith("Using egg")
    assert "Deploy failed: Invalid URL" in done.stderr
