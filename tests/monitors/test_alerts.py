"""The alerts that spidermon brings along, sent to a receiver on this machine. Webhook, e-mail and Discord: test_runs.py."""

from __future__ import annotations

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import brotli  # type: ignore[import-untyped]
import pytest
from scrapy.settings import Settings
from spidermon.contrib.actions.telegram import SimplyTelegramClient  # type: ignore[import-untyped]

from sabah.configuration import ConfigurationError
from sabah.monitors.alerts import Alarm
from sabah.monitors.verdict import CODES, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICT = Verdict({"partial": "some pages failed"}, "1 stored")
SAID = "sabah feeds: partial: some pages failed; 1 stored"


@contextmanager
def _receiver() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    got: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(
                self.headers.get("Content-Encoding") or "", bytes
            )
            body = unpack(body)
            got.append((self.path, body))
            answer = b'{"ok": true, "members": []}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 - the base class looks for it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()


def _alarm(**given: object) -> Alarm:
    settings = Settings(given)
    settings.setmodule("sabah.settings", priority="default")
    return Alarm.from_settings(settings, CODES)


def test_slack() -> None:
    alarm = _alarm(ALERTS="slack", SPIDERMON_SLACK_SENDER_TOKEN="t", SPIDERMON_SLACK_RECIPIENTS="#desk")
    with _receiver() as (origin, got):
        alarm.actions["slack"].manager._client.base_url = f"{origin}/"
        alarm.ring(VERDICT, "run", "feeds", {})
    sent = next(body for path, body in got if path.endswith("chat.postMessage")).decode()
    said = json.loads(sent) if sent.startswith("{") else {name: one[0] for name, one in parse_qs(sent).items()}
    assert (said["channel"], said["text"]) == ("#desk", SAID)


def test_telegram(monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = _alarm(ALERTS="telegram", SPIDERMON_TELEGRAM_SENDER_TOKEN="t", SPIDERMON_TELEGRAM_RECIPIENTS="7")
    with _receiver() as (origin, got):
        api = SimplyTelegramClient.send_message_api.replace("https://api.telegram.org", origin)
        monkeypatch.setattr(SimplyTelegramClient, "send_message_api", api)
        alarm.ring(VERDICT, "run", "feeds", {})
    asked = urlsplit(got[0][0])
    assert asked.path == "/bott/sendMessage"
    assert parse_qs(asked.query) == {"chat_id": ["7"], "parse_mode": ["Markdown"], "text": [SAID]}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # spidermon uses what sentry-sdk 2 deprecates and still has
def test_sentry() -> None:
    with _receiver() as (origin, got):
        alarm = _alarm(ALERTS="sentry", SPIDERMON_SENTRY_DSN=origin.replace("http://", "http://key@") + "/1")
        alarm.ring(VERDICT, "run", "feeds", {})
    assert any(b"partial: some pages failed" in body for _, body in got)


def test_only_for_what_is_wanted() -> None:
    with _receiver() as (origin, got):
        _alarm(ALERTS="webhook", ALERT_WEBHOOK=origin, ALERT_ON="failed, blocked").ring(VERDICT, "run", "feeds", {})
        _alarm().ring(VERDICT, "run", "feeds", {})
        _alarm(ALERTS="webhook", ALERT_WEBHOOK=origin).ring(Verdict({"ok": ""}), "run", "feeds", {})
        assert got == []
        _alarm(ALERTS="webhook", ALERT_WEBHOOK=origin, ALERT_ON="partial").ring(VERDICT, "run", "feeds", {})
    assert json.loads(got[0][1])["crawl_id"] == "run"


def test_settings_that_are_missing_are_named() -> None:
    with pytest.raises(ConfigurationError, match="ALERTS=email: set SPIDERMON_EMAIL_SENDER"):
        _alarm(ALERTS="email")
    with pytest.raises(
        ConfigurationError, match="ALERTS=discord: You must provide a value for SPIDERMON_DISCORD_WEBHOOK_URL"
    ):
        _alarm(ALERTS="discord")


@pytest.mark.parametrize(
    "address", ["http://", "http://127.0.0.1:abc/", "http://a b/", "https://example.org/\u00fc", "ftp://a.b/"]
)
@pytest.mark.parametrize(
    ("name", "setting"), [("webhook", "ALERT_WEBHOOK"), ("discord", "SPIDERMON_DISCORD_WEBHOOK_URL")]
)
def test_addresses_that_are_none(name: str, setting: str, address: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{setting} must be an http"):
        Alarm.from_settings(Settings({"ALERTS": name, setting: address}), CODES)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("SPIDERMON_SMTP_PORT", "abc"), ("SPIDERMON_SMTP_ENFORCE_TLS", "maybe"), ("SPIDERMON_EMAIL_TO", "a@example.org\nBcc: b@example.org"), ("SPIDERMON_EMAIL_TO", "nobody")],
)  # fmt: skip
def test_mail_settings_that_are_none(setting: str, value: str) -> None:
    sound = {
        "ALERTS": "email",
        "SPIDERMON_EMAIL_SENDER": "a@example.org",
        "SPIDERMON_EMAIL_TO": "b@example.org",
        "SPIDERMON_SMTP_HOST": "127.0.0.1",
    }
    Alarm.from_settings(Settings(sound), CODES)
    with pytest.raises(ConfigurationError, match=r"^ALERTS=email: [^\n]+$"):
        Alarm.from_settings(Settings(sound | {setting: value}), CODES)


def test_a_receiver_that_hangs_does_not_hold_a_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sabah.monitors.alerts.PATIENCE", 0.2)
    released = threading.Event()
    monkeypatch.setattr("sabah.monitors.alerts.Webhook.run_action", lambda _: released.wait(20))
    alarm = Alarm.from_settings(Settings({"ALERTS": "webhook", "ALERT_WEBHOOK": "http://127.0.0.1:9/"}), CODES)
    before = set(threading.enumerate())
    alarm.ring(VERDICT, "id", "feeds", {})
    telling = set(threading.enumerate()) - before
    released.set()
    for one in telling:
        one.join()  # what it sets back at its end is not to meet another test
    assert "Alerts were not delivered within 0 s" in caplog.text
