"""Verdicts, exit codes and alerts of whole runs, as a scheduler meets them. (Blocked, interrupted, failed and storage: tests/commands/test_crawl.py and test_durability.py.)"""

from __future__ import annotations

import json
import re
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

import pytest

from sabah.storage.ledger import Ledger
from tests import forked
from tests.running import REPOSITORY, SITE, Crawl, SmallSite, article, crawl, environment, feed, item, listing
from tests.running import command as crawl_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running import Page


def _pages(numbers: range, *changes: tuple[str, str]) -> dict[str, Page]:
    pages: dict[str, Page] = {}
    for number in numbers:
        page = article(f"Headline {number}", body=f"Text {number}.</p><p>More of {number}.")
        for old, new in changes:
            page = page.replace(old, new)
        pages[f"/world/a{number}/news"] = page
    return {"/europe": listing(*(SITE + path for path in pages)), **pages}


def _europe(output: Path, pages: dict[str, Page], *more: str) -> Crawl:
    with SmallSite(pages) as site:
        return crawl("section", "-a", "sections=europe", *more, output=output, origin=site.origin)


def test_a_limit_reached_before_any_listing_was_read_is_no_silence(tmp_path: Path) -> None:
    pages = _pages(range(6))
    assert _europe(tmp_path, pages, "-a", "limit=1").code == 0
    again = _europe(tmp_path, pages, "-a", "limit=1", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    assert (again.code, again.verdict.split(":")[0]) == (0, "ok")


@contextmanager
def _receiver(answer: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _mail_server() -> Iterator[tuple[int, list[str]]]:
    got: list[str] = []

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    got.append(b"".join(lines).decode())
                self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 fine\r\n")
                if line.upper().startswith(b"QUIT"):
                    return

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield server.server_address[1], got
    finally:
        server.shutdown()
        server.server_close()


def test_a_changed_layout_is_said_stored_and_told(tmp_path: Path) -> None:
    output = tmp_path / "output"
    before = _europe(output, _pages(range(40)))
    assert (before.code, before.verdict.split(";")[0]) == (
        0,
        "ok: 40 stored, 0 known, 0 refused, 0 out of scope, 0 outside the dates, 0 gone, 0 failed",
    )
    new = _pages(range(40, 43), ("main_page_title", "title-2027"))
    with _receiver() as (hook, told), _receiver() as (discord, chatted), _mail_server() as (port, mailed):
        alerts = (
            "-s", "ALERTS=webhook,email,discord", "-s", f"ALERT_WEBHOOK={hook}", "-s", f"SPIDERMON_DISCORD_WEBHOOK_URL={discord}", "-s", "SPIDERMON_SMTP_HOST=127.0.0.1",
            "-s", f"SPIDERMON_SMTP_PORT={port}", "-s", "SPIDERMON_EMAIL_SENDER=sabah@example.org", "-s", "SPIDERMON_EMAIL_TO=desk@example.org",
        )  # fmt: skip
        done = _europe(
            output,
            {
                **new,
                "/world/a43/news": 500,
                "/europe": listing(*(SITE + path for path in [*list(new)[1:], "/world/a43/news"])),
            },
            *alerts,
        )
    assert done.code == 11, done.err
    said = r"layout_changed: headline: 'text' \('Headline (4[012])'\) instead of 'css' on 3 of the last 3 pages \(2020, article\), e.g. (\S+/a\1/news)"
    assert re.match(said, done.verdict), done.verdict
    assert told[0]["verdict"] == "layout_changed"
    assert list(told[0]["held"]) == ["layout_changed", "partial"]
    assert told[0]["exit_code"] == 11
    assert chatted[0]["content"].startswith("sabah section: layout_changed: headline: ")
    assert "Subject: sabah: layout_changed (section)" in mailed[0]
    with closing(Ledger.read(output)) as ledger:
        verdict, reason, held = ledger.one("SELECT verdict, reason, held FROM runs ORDER BY id DESC LIMIT 1")
    assert (verdict, list(json.loads(held))) == ("layout_changed", ["layout_changed", "partial"])
    assert reason == json.loads(held)["layout_changed"]
    again = _europe(
        output, _pages(range(44, 47), ("main_page_title", "title-2027")), "--accept", "layout_changed,partial"
    )
    assert (again.code, again.verdict.split(":")[0]) == (0, "layout_changed")


def test_a_dataset_without_history_has_floors(tmp_path: Path) -> None:
    done = _europe(tmp_path, _pages(range(4), ("left_mobile_details", "meta-2027")))
    assert (done.code, done.verdict.split(" ")[:2]) == (11, ["layout_changed:", "published_at:"])
    assert len(done.articles) == 4, "what could be read is stored nevertheless"


def test_pages_without_the_marks_of_an_article(tmp_path: Path) -> None:
    assert _europe(tmp_path, _pages(range(40))).code == 0
    done = _europe(tmp_path, _pages(range(40, 43), ("main_page_title", "x1"), ("article_body", "x2")))
    assert done.code == 11, done.err
    assert "gives no record" in done.verdict
    assert " 3 refused" in done.verdict


def test_a_source_that_delivered_and_one_that_never_did(tmp_path: Path) -> None:
    pages = _pages(range(2))
    pages["/world"] = pages["/europe"]
    both = ("-a", "sections=world/europe,tennis")
    with SmallSite({**pages, "/tennis": listing()}) as site:
        first = crawl("section", *both, output=tmp_path, origin=site.origin)
        assert first.code == 0, first.err
        site.pages["/tennis"] = listing(f"{SITE}/sports/tennis/one")
        site.pages["/sports/tennis/one"] = article("One")
        assert crawl("section", *both, output=tmp_path, origin=site.origin).code == 0
        site.pages["/tennis"] = listing()
        silent = crawl("section", *both, output=tmp_path, origin=site.origin)
        assert silent.code == 13, silent.err
        assert silent.verdict.startswith("source_empty: /tennis gave no article, last did at 20")
        assert crawl("section", *both, "--accept", "source_empty", output=tmp_path, origin=site.origin).code == 0
        site.pages["/world"] = site.pages["/europe"] = listing()
        nothing = crawl("section", *both, output=tmp_path, origin=site.origin)
    assert nothing.verdict.startswith("source_empty: no source gave the address of an article: /europe, /tennis; ")


def test_status_lists_sources_that_never_delivered(tmp_path: Path) -> None:
    with SmallSite({**_pages(range(2)), "/tennis": listing()}) as site:
        crawl("section", "-a", "sections=world/europe,tennis", output=tmp_path, origin=site.origin)
    status = forked.run(
        [*crawl_command()[:-1], "status", "-s", f"OUTPUT_DIR={tmp_path}"], cwd=REPOSITORY, env=environment(), capture_output=True, text=True
    )  # fmt: skip
    assert "Never delivered" in status.stdout, status.stdout + status.stderr
    assert "/tennis" in status.stdout


def test_a_receiver_that_is_down_changes_nothing(tmp_path: Path) -> None:
    alerts = ("-s", "ALERTS=webhook", "-s", "ALERT_WEBHOOK=http://127.0.0.1:9/hook")
    done = _europe(tmp_path, {"/europe": listing()}, *alerts)
    assert done.code == 13
    assert "The alert by webhook was not delivered: ConnectionRefusedError (127.0.0.1)\n" in done.err


def test_settings_of_receivers_by_the_environment_and_by_the_command_line(tmp_path: Path) -> None:
    """A setting whose name is near another of spidermon's was refused, and the environment was not asked."""
    secret = "http://127.0.0.1:9/hook"
    with SmallSite({"/europe": listing()}) as site:
        for options, environment in (
            (("-s", f"SPIDERMON_DISCORD_WEBHOOK_URL={secret}", "-s", "SPIDERMON_SLACK_SENDER_TOKEN=t"), {}),
            ((), {"SPIDERMON_DISCORD_WEBHOOK_URL": secret}),
        ):
            done = crawl(
                "section", "-a", "sections=europe", "-s", "ALERTS=discord", *options, output=tmp_path, origin=site.origin, **environment
            )  # fmt: skip
            assert done.code == 13, done.err
            assert "The alert by discord was not delivered: " in done.err
            assert "/hook" not in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--accept", "failed"), "--accept 'failed': valid are "),
        (("-s", "ALERTS=pigeon"), "ALERTS: unknown 'pigeon'; valid are webhook, "),
        (("-s", "ALERTS=webhook"), "ALERTS=webhook: ALERT_WEBHOOK must be an http(s) address"),
        (("-s", "ALERTS=slack"), "ALERTS=slack: You must provide a value for SPIDERMON_SLACK_SENDER_TOKEN setting."),
        (("-s", "ALERT_ON=ok"), "ALERT_ON: 'ok' is no verdict to be alarmed by"),
    ],
)
def test_what_cannot_be_meant_is_one_line(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = crawl("section", "-a", "sections=europe", *options, output=tmp_path, origin="http://127.0.0.1:9")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith(f"crawl: {said}")


def test_sources_of_another_run_are_not_this_one_s(tmp_path: Path) -> None:
    now = "2021-09-14T12:00:00+00:00"
    pages = _pages(range(3))
    with SmallSite(pages) as site:
        assert crawl("section", "-a", "sections=europe", output=tmp_path, origin=site.origin, SABAH_NOW=now).code == 0
        site.pages["/europe"] = listing()
        site.pages |= _pages(range(5, 8)) | {"/europe": listing()}
        at_once = crawl("section", "-a", "sections=europe", output=tmp_path, origin=site.origin, SABAH_NOW=now)
        urls = "".join(f"{SITE}/world/a{number}/news\n" for number in range(5, 8))
        given = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=urls, SABAH_NOW=now)
    assert (at_once.code, given.code) == (13, 0), given.err
    assert given.verdict.startswith("ok: 3 stored")


def test_dead_addresses_are_no_unwanted_answers(tmp_path: Path) -> None:
    pages = _pages(range(3))
    urls = "".join(f"{SITE}/world/a{number}/news\n" for number in range(9))
    with SmallSite(pages) as site:
        done = crawl("addresses", "-a", "file=-", output=tmp_path, origin=site.origin, stdin=urls)
    assert (done.code, done.verdict.split(":")[0]) == (0, "ok"), done.err
    assert "6 gone" in done.verdict


def test_what_feeds_said_of_pages_is_no_mark_of_their_layout(tmp_path: Path) -> None:
    pages = _pages(range(80))
    paths = [path for path in pages if path != "/europe"]
    site = {**pages, "/europe": listing(*(SITE + path for path in paths))}
    site["/rss/world"] = feed(*(item(SITE + path, teaser=f"Teaser of {path}.") for path in paths[:40]))
    with SmallSite(site) as small:
        first = crawl("feeds", "-a", "feeds=world", output=tmp_path, origin=small.origin)
        then = crawl("section", "-a", "sections=europe", output=tmp_path, origin=small.origin)
    assert (first.code, then.code) == (0, 0), then.verdict
    assert then.verdict.startswith("ok: 40 stored, 40 known")


def test_captures_of_the_archive_are_no_history_of_the_newspaper(tmp_path: Path) -> None:
    """They are of any year, and so of other pages than today's."""
    old = _pages(
        range(40), ("<head>", "<head><meta name='description' content='Then.'><meta name='author' content='A'>")
    )
    lines = "".join(f"{SITE}{path}\t20210914120000\n" for path in old if path != "/europe")
    captured = {f"/web/20210914120000id_/{SITE}{path}": page for path, page in old.items()}
    now = _pages(range(40, 80))
    with SmallSite(captured | now) as site:
        archive = ("-a", "origin=archive", "-s", f"ARCHIVE_ORIGIN={site.origin}")
        first = crawl("addresses", "-a", "file=-", *archive, output=tmp_path, origin=site.origin, stdin=lines)
        then = crawl("section", "-a", "sections=europe", output=tmp_path, origin=site.origin)
        assert (first.code, then.code) == (0, 0), then.verdict
        site.pages |= _pages(range(80, 83), ("main_page_title", "title-2027"))
        changed = crawl("section", "-a", "sections=europe", output=tmp_path, origin=site.origin)
    assert changed.verdict.startswith("layout_changed: headline: "), "the newspaper's own pages are its history"


def test_monitors_that_fail_keep_no_run_from_its_end(tmp_path: Path) -> None:
    pages = _pages(range(3))
    assert _europe(tmp_path, pages).code == 0
    (stored,) = tmp_path.glob("articles/*.jsonl")
    stored.write_bytes(stored.read_bytes().replace(b'"sources":', b'"sourceZ":'))
    done = _europe(tmp_path, pages | _pages(range(3, 5)) | {"/europe": listing(SITE + "/world/a4/news")})
    assert done.code == 10, done.err
    assert done.verdict.startswith("partial: the monitors could not judge the run (KeyError: 'sources'); 1 stored")
    with closing(Ledger.read(tmp_path)) as ledger:
        assert ledger.one("SELECT count(*) FROM runs WHERE ended_at IS NULL") == (0,)
        assert ledger.one("SELECT count(*) FROM addresses WHERE run IS NOT NULL") == (0,)
