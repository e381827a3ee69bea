from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.settings import Settings

from sabah import __version__
from sabah.configuration import ConfigurationError, check, is_live, output_dir, site_origin, user_agent

LIVE = "https://www.dailysabah.com"
REPOSITORY = Path(__file__).parents[1]


def _settings(origin: str = LIVE, contact: str = "desk@example.org", output: str = "output") -> Settings:
    settings = Settings()
    settings.setmodule("sabah.settings")
    settings.update({"SITE_ORIGIN": origin, "CONTACT": contact, "OUTPUT_DIR": output}, priority="cmdline")
    return settings


@pytest.mark.parametrize(
    ("given", "origin", "live"),
    [
        (LIVE, LIVE, True),
        ("https://WWW.dailysabah.com/", LIVE, True),
        ("http://dailysabah.com", "http://dailysabah.com", True),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123", False),
        ("http://[::1]:8123/", "http://[::1]:8123", False),
        ("http://replica", "http://replica", False),
    ],
)
def test_origin(given: str, origin: str, live: bool) -> None:
    assert site_origin(_settings(given)) == origin
    assert is_live(_settings(given)) is live


@pytest.mark.parametrize(
    "given",
    [
        "", "127.0.0.1:8123", "ftp://127.0.0.1", "http://", "http://h/path", "http://h?q", "http://h#f", "http://u:p@h",
        "http://h:0", "http://h:99999", "http://h:x", "http://[::1", "http://a b",
    ],
)  # fmt: skip
def test_no_origin(given: str) -> None:
    with pytest.raises(ConfigurationError, match=r"SITE_ORIGIN=.*http\(s\)://host\[:port\]"):
        check(_settings(given))


@pytest.mark.parametrize("contact", ["desk@example.org", "https://example.org/bot", "http://example.org"])
def test_the_user_agent_says_who_asks(contact: str) -> None:
    assert user_agent(_settings(contact=contact)) == f"sabah/{__version__} (+{contact})"


@pytest.mark.parametrize(
    "contact", ["desk", "desk@example", "ftp://example.org", "a b@example.org", "a@b.org\r\nX: y", "ş@b.org"]
)
def test_no_contact(contact: str) -> None:
    with pytest.raises(ConfigurationError, match="CONTACT="):
        check(_settings("http://127.0.0.1:1", contact))


def test_only_the_live_site_needs_a_contact() -> None:
    assert user_agent(_settings("http://127.0.0.1:1", "")) == f"sabah/{__version__}"
    with pytest.raises(ConfigurationError, match="not asked without a contact"):
        check(_settings(LIVE, ""))


def test_a_relative_output_is_relative_to_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(REPOSITORY / "sabah" / "site")
    assert output_dir(_settings(output="data/x")) == REPOSITORY / "data" / "x"
    assert output_dir(_settings(output="/data/x")) == Path("/data/x")
    monkeypatch.chdir(tmp_path)
    assert output_dir(_settings(output="data")) == tmp_path / "data"
    with pytest.raises(ConfigurationError, match="OUTPUT_DIR is empty"):
        check(_settings(output=" "))


def test_a_clock_that_stands_wrong_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SABAH_NOW", "2021-09-14T10:51:00")
    with pytest.raises(ConfigurationError, match="has no offset"):
        check(_settings())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DOWNLOAD_DELAY", "-1", "is not a number from 0 on"),
        ("DOWNLOAD_DELAY_JITTER", "2", "is not a number from 0 to 1"),
        ("SLOWEST_DELAY", "soon", "is not a number from 0 on"),
        ("LONGEST_WAIT", "inf", "is not a number from 0 on"),
        ("LONGEST_WAIT", "nan", "is not a number from 0 on"),
        ("RETRY_AFTER_TIMES", "1.5", "is not a whole number from 0 on"),
        ("BLOCKS_TO_STOP", "0", "is not a whole number from 1 on"),
    ],
)
def test_manners_are_numbers(name: str, value: str, said: str) -> None:
    settings = _settings()
    settings.set(name, value, priority="cmdline")
    with pytest.raises(ConfigurationError, match=f"{name}='{value}' {said}"):
        check(settings)
