"""What the log says of alerts that fail, and whom passwords are told: receivers on this machine, certificates made here."""

from __future__ import annotations

import base64
import logging
import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings
from spidermon.contrib.actions.telegram import SimplyTelegramClient  # type: ignore[import-untyped]

from sabah.configuration import ConfigurationError
from sabah.monitors.alerts import Alarm
from sabah.monitors.verdict import CODES, Verdict
from tests.certificates import certificate, server_context
from tests.running import crawl

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "s3cr3t-t0ken"
VERDICT = Verdict({"partial": "some pages failed"}, "1 stored")


def _alarm(**given: object) -> Alarm:
    settings = Settings(given)
    settings.setmodule("sabah.settings", priority="default")
    return Alarm.from_settings(settings, CODES)


@contextmanager
def _refusing(status: int, body: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = body.replace("PATH", self.path).encode()
            self.send_response(status, f"no {self.path}")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815 - the base class looks for it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _nobody() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


def _said(alarm: Alarm, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What is logged at any level, of which nothing may hold the secret."""
    with caplog.at_level(logging.DEBUG):
        alarm.ring(VERDICT, "run", "feeds", {})
    shown = capfd.readouterr()
    everything = caplog.text + "".join(map(repr, caplog.records)) + shown.out + shown.err
    assert SECRET not in everything
    assert base64.b64encode(f"\0user\0{SECRET}".encode()).decode() not in everything
    assert "Traceback" not in everything
    return [one.getMessage() for one in caplog.records if one.name == "sabah.monitors.alerts"]


@pytest.mark.parametrize("status", [404, 429, 500])
def test_discord(status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with _refusing(status, '{"message": "no PATH"}') as origin:
        alarm = _alarm(ALERTS="discord", SPIDERMON_DISCORD_WEBHOOK_URL=f"{origin}/api/webhooks/7/{SECRET}")
        assert _said(alarm, caplog, capfd) == [f"The alert by discord was not delivered: HTTPError {status} (127.0.0.1)"]  # fmt: skip


@pytest.mark.parametrize("tail", [f"/hook/{SECRET}", f"/?token={SECRET}", f"/#{SECRET}"])
def test_webhook(tail: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with _refusing(503, "PATH") as origin:
        alarm = _alarm(ALERTS="webhook", ALERT_WEBHOOK=origin + tail)
        assert _said(alarm, caplog, capfd) == ["The alert by webhook was not delivered: HTTPError 503 (127.0.0.1)"]


@pytest.mark.parametrize(
    ("name", "setting", "tail", "error"),
    [
        ("discord", "SPIDERMON_DISCORD_WEBHOOK_URL", f"/{SECRET}", "ConnectionError"),
        ("webhook", "ALERT_WEBHOOK", f"/{SECRET}", "ConnectionRefusedError"),
    ],
)
def test_nobody_there(
    name: str, setting: str, tail: str, error: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    alarm = _alarm(ALERTS=name, **{setting: _nobody() + tail})
    assert _said(alarm, caplog, capfd) == [f"The alert by {name} was not delivered: {error} (127.0.0.1)"]


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [(401, '{"ok": false, "description": "no PATH"}', "refused"), (502, "no PATH", "JSONDecodeError")],
)
def test_telegram(
    status: int,
    answer: str,
    error: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """spidermon logs what the receiver has answered, and says nothing else of a refusal."""
    alarm = _alarm(ALERTS="telegram", SPIDERMON_TELEGRAM_SENDER_TOKEN=SECRET, SPIDERMON_TELEGRAM_RECIPIENTS="7")
    with _refusing(status, answer) as origin:
        api = SimplyTelegramClient.send_message_api.replace("https://api.telegram.org", origin)
        monkeypatch.setattr(SimplyTelegramClient, "send_message_api", api)
        assert _said(alarm, caplog, capfd) == [f"The alert by telegram was not delivered: {error} (127.0.0.1)"]


def test_slack(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    alarm = _alarm(ALERTS="slack", SPIDERMON_SLACK_SENDER_TOKEN=SECRET, SPIDERMON_SLACK_RECIPIENTS="#desk")
    with _refusing(200, f'{{"ok": false, "error": "invalid_auth {SECRET}"}}') as origin:
        alarm.actions["slack"].manager._client.base_url = f"{origin}/"
        (said,) = _said(alarm, caplog, capfd)
    assert said == "The alert by slack was not delivered: SlackApiError 200 (127.0.0.1)"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # spidermon uses what sentry-sdk 2 deprecates and still has
@pytest.mark.parametrize("dsn", [f"http://{SECRET}@127.0.0.1/", f"http://{SECRET}:pw@127.0.0.1:9/no-number"])
def test_sentry(dsn: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    (said,) = _said(_alarm(ALERTS="sentry", SPIDERMON_SENTRY_DSN=dsn), caplog, capfd)
    assert said == "The alert by sentry was not delivered: BadDsn (127.0.0.1)"


def test_the_others_are_told_nevertheless(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with _refusing(404, "") as bad, _refusing(200, "") as good:
        alarm = _alarm(
            ALERTS="discord,webhook", SPIDERMON_DISCORD_WEBHOOK_URL=f"{bad}/{SECRET}", ALERT_WEBHOOK=f"{good}/{SECRET}"
        )
        assert _said(alarm, caplog, capfd) == ["The alert by discord was not delivered: HTTPError 404 (127.0.0.1)"]
    assert logging.getLogger("urllib3").propagate


class _Mail:
    """A mail server: with STARTTLS, or TLS from the first byte; `got` is what came unencrypted and encrypted."""

    def __init__(self, context: ssl.SSLContext | None, *, at_once: bool = False, login: int = 235) -> None:
        self.plain, self.encrypted = b"", b""
        mail = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                if at_once:
                    self._encrypted(b"220 here\r\n")
                else:
                    self.wfile.write(b"220 here\r\n")
                    self._talk(self.rfile, self.wfile, safe=False)

            def _encrypted(self, greeting: bytes) -> None:
                assert context is not None
                with (
                    suppress(OSError),  # of a client that does not trust it
                    context.wrap_socket(self.request, server_side=True) as connection,
                    connection.makefile("rb") as rfile,
                    connection.makefile("wb", 0) as wfile,
                ):
                    wfile.write(greeting)
                    self._talk(rfile, wfile, safe=True)

            def _talk(self, rfile: Any, wfile: Any, *, safe: bool) -> None:
                data = False
                while line := rfile.readline():
                    mail.encrypted += line * safe
                    mail.plain += line * (not safe)
                    word = line[:4].upper()
                    if data:
                        data = line != b".\r\n"
                        wfile.write(b"250 taken\r\n" * (not data))
                    elif word == b"EHLO":
                        offered = b"250-STARTTLS\r\n" * (context is not None and not safe)
                        wfile.write(b"250-here\r\n" + offered + b"250 AUTH PLAIN LOGIN\r\n")
                    elif word == b"STAR":
                        wfile.write(b"220 go on\r\n")
                        self._encrypted(b"")
                        return
                    elif word == b"AUTH":
                        wfile.write(b"%d %b\r\n" % (login, line.strip()))
                    elif word == b"DATA":
                        data = True
                        wfile.write(b"354 go on\r\n")
                    else:
                        wfile.write(b"250 well\r\n" if word != b"QUIT" else b"221 bye\r\n")

        self.server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self) -> _Mail:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def _mail(port: int, **more: object) -> dict[str, object]:
    return {
        "ALERTS": "email", "SPIDERMON_EMAIL_SENDER": "a@example.org", "SPIDERMON_EMAIL_TO": "b@example.org", "SPIDERMON_SMTP_HOST": "127.0.0.1",
        "SPIDERMON_SMTP_PORT": port, "SPIDERMON_SMTP_USER": "user", "SPIDERMON_SMTP_PASSWORD": SECRET, **more,
    }  # fmt: skip


TLS, SSL = "SPIDERMON_SMTP_ENFORCE_TLS", "SPIDERMON_SMTP_ENFORCE_SSL"


@pytest.mark.parametrize("way", [TLS, SSL])
@pytest.mark.parametrize(("host", "days"), [("127.0.0.1", 1), ("127.0.0.1", -1), ("mail.example.org", 1)])
@pytest.mark.parametrize("trusted", [False, True])
def test_a_mail_server_shows_a_certificate(
    way: str,
    host: str,
    days: int,
    trusted: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A self-signed server, an expired one and one of another host get neither user nor password; one that is trusted does."""
    path = certificate(tmp_path, host, days=days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with _Mail(server_context(path), at_once=way == SSL) as server:
        said = _said(_alarm(**_mail(server.port, **{way: True})), caplog, capfd)
    if trusted and (host, days) == ("127.0.0.1", 1):
        assert said == []
        assert base64.b64encode(f"\0user\0{SECRET}".encode()) in server.encrypted
        assert b"Subject: sabah: partial (feeds)" in server.encrypted
    else:
        assert said == ["The alert by email was not delivered: SSLCertVerificationError (127.0.0.1)"]
        assert b"AUTH" not in server.plain + server.encrypted
    assert b"AUTH" not in server.plain


def test_a_mail_server_without_tls_gets_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever stands between may take STARTTLS out of the answer."""
    with _Mail(None) as server:
        said = _said(_alarm(**_mail(server.port, **{TLS: True})), caplog, capfd)
    assert said == ["The alert by email was not delivered: SMTPNotSupportedError (127.0.0.1)"]
    assert b"AUTH" not in server.plain


def test_a_login_that_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """This server repeats in its refusal what it was sent."""
    path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with _Mail(server_context(path), login=535) as server:
        said = _said(_alarm(**_mail(server.port, **{TLS: True})), caplog, capfd)
    assert said == ["The alert by email was not delivered: SMTPAuthenticationError 535 (127.0.0.1)"]


@pytest.mark.parametrize("given", [{}, {TLS: False}, {SSL: False}, {"SPIDERMON_SMTP_USER": "", TLS: False}])
def test_a_user_name_without_tls_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=r"^ALERTS=email: SPIDERMON_SMTP_USER and _PASSWORD are not sent unencrypted: [^\n]+$") as refused:  # fmt: skip
        _alarm(**_mail(25, **given))
    assert SECRET not in str(refused.value)


def test_it_is_refused_before_the_run(tmp_path: Path) -> None:
    settings = [part for name, value in _mail(25).items() for part in ("-s", f"{name}={value}")]
    done = crawl("revisit", output=tmp_path, origin="http://127.0.0.1:9", settings=settings)
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert done.err.startswith("crawl: ALERTS=email: SPIDERMON_SMTP_USER and _PASSWORD are not sent unencrypted: set ")
    assert SECRET not in done.err


def test_both_kinds_of_tls_are_one_too_many() -> None:
    with pytest.raises(ConfigurationError, match="ALERTS=email: set one of"):
        _alarm(**_mail(25, **{TLS: True, SSL: True}))


def test_values_that_are_none_are_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as refused:
        _alarm(**_mail(25, **{TLS: True, "SPIDERMON_SMTP_PORT": SECRET}))
    assert SECRET not in str(refused.value)
