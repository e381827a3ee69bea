"""Who is told of a run that did not go well: spidermon's own actions and a plain webhook. Nothing is sent unless ALERTS names it."""

from __future__ import annotations

import json
import logging
import re
import smtplib
import ssl
import threading
from contextlib import contextmanager
from email.message import EmailMessage
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from scrapy.utils.misc import load_object
from spidermon import Action, Monitor, MonitorRunner, MonitorSuite  # type: ignore[import-untyped]
from spidermon.exceptions import NotConfigured, SkipAction  # type: ignore[import-untyped]

from sabah.configuration import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scrapy.settings import BaseSettings

    from sabah.monitors.verdict import Verdict

LIBRARIES: Final = ("spidermon", "urllib3", "requests", "slack_sdk", "sentry_sdk", "sentry_sdk.errors")
"""Whose own lines name addresses with all that is in them."""


class Overheard(logging.Handler):
    """Keeps whether a library has complained, and none of its words."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.complained = False

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - that there is one is what counts
        self.complained = True


@contextmanager
def unheard() -> Iterator[Overheard]:
    """Keeps what the libraries log from every log while it lasts."""
    overheard, loggers = Overheard(), [logging.getLogger(name) for name in LIBRARIES]
    before = [one.propagate for one in loggers]
    for one in loggers:
        one.propagate = False
        one.addHandler(overheard)
    try:
        yield overheard
    finally:
        for one, propagated in zip(loggers, before, strict=True):
            one.removeHandler(overheard)
            one.propagate = propagated


def kind(error: BaseException) -> str:
    """The kind of an error, with the number by which a server refused, where there is one."""
    if isinstance(error, URLError) and not isinstance(error, HTTPError) and isinstance(error.reason, Exception):
        error = error.reason
    answered = getattr(error, "response", None)
    for number in (
        getattr(error, "code", None),
        getattr(error, "smtp_code", None),
        getattr(answered, "status_code", None),
    ):
        if isinstance(number, int):
            return f"{type(error).__name__} {number}"
    return type(error).__name__


def host_of(address: Any) -> str:
    """The host in an address, alone."""
    try:
        return urlsplit(str(address or "")).hostname or "no host"
    except ValueError:
        return "no host"


logger = logging.getLogger(__name__)

ACTIONS: Final = {
    "webhook": "sabah.monitors.alerts.Webhook",
    "email": "sabah.monitors.alerts.Email",
    "slack": "spidermon.contrib.actions.slack.SendSlackMessage",
    "telegram": "spidermon.contrib.actions.telegram.SendTelegramMessage",
    "discord": "spidermon.contrib.actions.discord.SendDiscordMessage",
    "sentry": "spidermon.contrib.actions.sentry.SendSentryMessage",
}
_ADDRESSES: Final = {"discord": ("SPIDERMON_DISCORD_WEBHOOK_URL",), "sentry": ("SPIDERMON_SENTRY_DSN",)}
_HOSTS: Final[dict[str, Callable[[Any], str]]] = {
    "webhook": lambda action: host_of(action.address),
    "email": lambda action: str(action.host),
    "slack": lambda action: host_of(action.manager._client.base_url),
    "telegram": lambda action: host_of(action.manager._client.send_message_api),
    "discord": lambda action: host_of(action.manager.webhook_url),
    "sentry": lambda action: host_of(action.sentry_dsn),
}
"""Who was told, without the rest of the address."""

PATIENCE: Final = 30.0
"""Seconds for which a receiver may keep a run from ending."""


def is_web_address(text: str) -> bool:
    """Whether something can be sent there: http or https, a host, a port that is one, ASCII without blanks."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and port != 0
        and text.isascii()
        and not re.search(r"\s", text)
    )


class Webhook(Action):  # type: ignore[misc]  # spidermon is not typed
    """POST of one JSON object to ALERT_WEBHOOK."""

    def __init__(self, address: str) -> None:
        super().__init__()
        if not is_web_address(address):
            raise NotConfigured("ALERT_WEBHOOK must be an http(s) address")
        self.address = address

    @classmethod
    def from_crawler_kwargs(cls, crawler: Any) -> dict[str, Any]:
        return {"address": crawler.settings["ALERT_WEBHOOK"] or ""}

    def run_action(self) -> None:
        body = json.dumps(self.data.alert, ensure_ascii=False).encode()
        request = Request(self.address, body, {"Content-Type": "application/json"})  # noqa: S310 - its scheme is checked above
        try:
            with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                answer.read()
        except HTTPError as error:
            error.close()  # it is the answer too
            raise


class Email(Action):  # type: ignore[misc]  # spidermon is not typed
    """A plain message by SMTP, with spidermon's settings.

    spidermon's own SMTP action hands over to Scrapy's MailSender, which is deprecated and sends after the run has ended, if at all.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__()
        self.sender, self.to = settings["SPIDERMON_EMAIL_SENDER"], settings.getlist("SPIDERMON_EMAIL_TO")
        self.host, self.port = settings["SPIDERMON_SMTP_HOST"], settings.getint("SPIDERMON_SMTP_PORT", 25)
        self.user, self.password = settings["SPIDERMON_SMTP_USER"], settings["SPIDERMON_SMTP_PASSWORD"]
        self.tls, self.ssl = (
            settings.getbool("SPIDERMON_SMTP_ENFORCE_TLS"),
            settings.getbool("SPIDERMON_SMTP_ENFORCE_SSL"),
        )
        if not (self.sender and self.to and self.host):
            raise NotConfigured("set SPIDERMON_EMAIL_SENDER, SPIDERMON_EMAIL_TO and SPIDERMON_SMTP_HOST")
        if self.tls and self.ssl:
            raise NotConfigured(
                "set one of SPIDERMON_SMTP_ENFORCE_TLS (STARTTLS) and SPIDERMON_SMTP_ENFORCE_SSL (TLS from the first byte)"
            )
        if (self.user or self.password) and not (self.tls or self.ssl):
            raise NotConfigured(
                "SPIDERMON_SMTP_USER and _PASSWORD are not sent unencrypted: set SPIDERMON_SMTP_ENFORCE_TLS or SPIDERMON_SMTP_ENFORCE_SSL"
            )
        if any("@" not in one or re.search(r"[\r\n]", one) for one in (self.sender, *self.to)):
            raise NotConfigured("SPIDERMON_EMAIL_SENDER and SPIDERMON_EMAIL_TO must be e-mail addresses")

    @classmethod
    def from_crawler_kwargs(cls, crawler: Any) -> dict[str, Any]:
        return {"settings": crawler.settings}

    def run_action(self) -> None:
        context = (
            ssl.create_default_context()
        )  # asks for a certificate of that host by somebody known; SSL_CERT_FILE names others
        message = EmailMessage()
        message["Subject"] = f"sabah: {self.data.alert['verdict']} ({self.data.alert['spider']})"
        message["From"], message["To"] = self.sender, ", ".join(self.to)
        message.set_content(self.data.message)
        connect = partial(smtplib.SMTP_SSL, context=context) if self.ssl else smtplib.SMTP
        with connect(self.host, self.port, timeout=PATIENCE) as server:
            if self.tls:
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password or "")
            server.send_message(message)


class VerdictMonitor(Monitor):  # type: ignore[misc]  # spidermon is not typed
    """Fails with the run's verdict, so that actions for failed monitors are taken."""

    def test_verdict(self) -> None:
        raise self.failureException(self.data.message)


class Alerts(MonitorSuite):  # type: ignore[misc]  # spidermon is not typed
    monitors: ClassVar = [VerdictMonitor]


class Alarm:
    """The actions that the settings name."""

    def __init__(self, actions: Mapping[str, Any], on: frozenset[str]) -> None:
        self.actions, self.on = actions, on

    @classmethod
    def from_settings(cls, settings: BaseSettings, codes: Mapping[str, int]) -> Self:
        """Raises ConfigurationError for an unknown name, for a setting that is missing and for a package that is not installed."""
        wrong = {name for name, code in codes.items() if code}
        on = frozenset(_names(settings, "ALERT_ON")) or frozenset(wrong)
        if unknown := on - wrong:
            raise ConfigurationError(
                f"ALERT_ON: {min(unknown)!r} is no verdict to be alarmed by; valid are {', '.join(sorted(wrong))}"
            )
        actions = {}
        for name in _names(settings, "ALERTS"):
            for setting in _ADDRESSES.get(name, ()):
                given = str(settings[setting] or "")
                if given and not is_web_address(given):
                    raise ConfigurationError(f"ALERTS={name}: {setting} must be an http(s) address")
            if name not in ACTIONS:
                raise ConfigurationError(f"ALERTS: unknown {name!r}; valid are {', '.join(ACTIONS)}")
            try:
                actions[name] = load_object(ACTIONS[name]).from_crawler(SimpleNamespace(settings=settings))
            except NotConfigured as error:
                raise ConfigurationError(f"ALERTS={name}: {error}") from error
            except ValueError as error:
                raise ConfigurationError(f"ALERTS={name}: a setting has the wrong form ({kind(error)})") from error
            except ImportError as error:
                raise ConfigurationError(
                    f"ALERTS={name}: {error.name} is not installed: pip install -r requirements-alerts.txt"
                ) from error
        return cls(actions, on)

    def ring(self, verdict: Verdict, crawl_id: str, spider: str, stats: Mapping[str, Any]) -> None:
        """Tells those who want to know. What fails is logged and changes nothing."""
        if not self.actions or self.on.isdisjoint(verdict.held):
            return
        alert = {
            "verdict": verdict.name, "reason": verdict.reason, "held": dict(verdict.held), "exit_code": verdict.code, "counts": verdict.counts, "spider": spider,
            "crawl_id": crawl_id,
        }  # fmt: skip
        facts = {
            "alert": alert, "message": f"sabah {spider}: {verdict}", "stats": dict(stats), "spider": SimpleNamespace(name=spider),
            "sc_spider_name": spider, "job": None,
        }  # fmt: skip
        telling = threading.Thread(target=self._tell, kwargs=facts, daemon=True)
        telling.start()
        telling.join(PATIENCE)
        if telling.is_alive():
            logger.error("Alerts were not delivered within %.0f s", PATIENCE)

    def _tell(self, **facts: Any) -> None:
        for name, action in self.actions.items():
            with unheard() as overheard:
                error = _taken(action, facts)
            if error is not None or overheard.complained:
                why = kind(error) if error is not None else "refused"
                logger.error("The alert by %s was not delivered: %s (%s)", name, why, _HOSTS[name](action))


def _taken(action: Any, facts: Mapping[str, Any]) -> Exception | None:
    """Takes one action as spidermon does; the error by which it failed, which nobody has seen yet."""
    failed: list[Exception] = []
    run = action.run_action

    def run_action() -> None:
        try:
            run()
        except SkipAction:
            raise
        except Exception as error:
            failed.append(error)
            raise

    action.run_action = run_action
    try:
        MonitorRunner().run(Alerts(monitors_failed_actions=[action]), **facts)
    except Exception as error:  # noqa: BLE001 - it is said, and the run ends as it would have
        failed.append(error)
    finally:
        action.run_action = run
    return failed[0] if failed else None


def _names(settings: BaseSettings, name: str) -> list[str]:
    return [one for given in settings.getlist(name) if (one := str(given).strip())]
