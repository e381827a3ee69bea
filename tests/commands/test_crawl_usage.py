"""What `scrapy crawl` refuses before it asks anyone for anything."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from sabah.storage.ledger import Ledger
from tests import forked
from tests.running import REPOSITORY, SITE, SmallSite, article, command, crawl, environment, listing

if TYPE_CHECKING:
    from pathlib import Path

CONTACT = ("-s", "CONTACT=desk@example.org")
WORLD = ("section", "-a", "sections=world")

REFUSED = [
    ((), "name a spider: addresses, feeds, revisit, section"),
    (("sectoin",), "unknown spider 'sectoin' (did you mean 'section'?); valid are addresses, feeds, revisit, section"),
    (("section", "world"), "left over: world; arguments of a spider are given as -a NAME=VALUE"),
    (("section",), "sections is missing"),
    (("section", "-a", "sections=wrld"), "unknown section 'wrld' (did you mean 'world'?); valid are all, politics, "),
    ((*WORLD, "-a", "relatd=2"), "unknown argument 'relatd' (did you mean 'related'?); valid are sections, related, "),
    ((*WORLD, "-a", "related"), "Invalid -a value, use -a NAME=VALUE"),
    ((*WORLD, "-a"), "argument -a: expected one argument"),
    ((*WORLD, "-a", "since=yesterday"), "since='yesterday': must be a date like 2021-09-14"),
    ((*WORLD, "-a", "limit=many"), "limit='many': must be a whole number from 1"),
    ((*WORLD, "-a", "scope=world"), "scope='world': must be site or section"),
    ((*WORLD, "--limit", "3"), "unknown option '--limit'; valid are "),
    (("--relatd=3", *WORLD), "unknown option '--relatd'; valid are "),
    (
        ("addresses", "-a", "file=/nowhere/urls.txt"),
        "file='/nowhere/urls.txt': cannot be read (No such file or directory)",
    ),
    (("addresses", "-a", f"url={SITE}/world"), f"url='{SITE}/world': must be the address of an article"),
    ((*WORLD, "-s", "CONTACT=nobody"), "CONTACT='nobody' is neither an e-mail address nor an http(s) address"),
    ((*WORLD, "-s", "SITE_ORIGIN=localhost:8000"), "SITE_ORIGIN='localhost:8000' is no origin"),
    ((*WORLD, "-s", "OUTPUT_DIR="), "OUTPUT_DIR is empty"),
    ((*WORLD, "-s", "DOWNLOAD_DELAY=fast"), "DOWNLOAD_DELAY='fast': must be a number from 0"),
    ((*WORLD, "-s", "DOWNLOAD_DELAY=-1"), "DOWNLOAD_DELAY='-1': must be a number from 0"),
    (
        (*WORLD, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=0"),
        "CONCURRENT_REQUESTS_PER_DOMAIN='0': must be a whole number from 1",
    ),
    ((*WORLD, "-s", "RETRY_TIMES=1.5"), "RETRY_TIMES='1.5': must be a whole number from 0"),
    ((*WORLD, "-s", "ROBOTSTXT_OBEY=maybe"), "ROBOTSTXT_OBEY='maybe': must be True or False"),
    ((*WORLD, "-s", "DOWNLAOD_DELAY=0"), "unknown setting 'DOWNLAOD_DELAY' (did you mean 'DOWNLOAD_DELAY'?)"),
    ((*WORLD, "-s", "DOWNLOAD_DELAY"), "Invalid -s value, use -s NAME=VALUE"),
    ((*WORLD, "-L", "LOUD"), "LOG_LEVEL='LOUD': must be DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    ((*WORLD, "--logfile", "/nowhere/log"), "LOG_FILE='/nowhere/log': its folder does not exist"),
    ((*WORLD, "--pidfile", "/nowhere/pid"), "[Errno 2] No such file or directory: '/nowhere/pid'"),
    ((*WORLD, "-o", "out.unknown"), "Unrecognized output format 'unknown'"),
]


@pytest.mark.parametrize(("args", "said"), REFUSED)
def test_one_line_and_exit_2(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", "crawl", *CONTACT, *args], settings=get_project_settings())
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    assert printed.err.startswith(f"crawl: {said}")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("args", [("section", "-a", "sections=wrld"), (*WORLD, "-a", "limit=0"), (*WORLD, "--limit=3")])
def test_nothing_is_asked_of_anyone(args: tuple[str, ...], tmp_path: Path) -> None:
    output = tmp_path / "output"
    with SmallSite({"/world": listing(), "/world/one/news": article("One")}) as site:
        done = crawl(*args, output=output, origin=site.origin)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert site.asked == []
    assert not output.exists()


def test_the_live_site_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    done = crawl(*WORLD, output=tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("crawl: the live site is not asked without a contact: set CONTACT")


def test_a_wrong_clock_is_a_usage_error(tmp_path: Path) -> None:
    done = crawl(*WORLD, output=tmp_path, origin="http://127.0.0.1:9", SABAH_NOW="noon")
    assert (done.code, done.err.count("\n")) == (2, 1)


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with SmallSite({}) as site:
        done = crawl(*WORLD, output=tmp_path / "file" / "output", origin=site.origin)
    assert (done.code, done.out, done.err.count("\n")) == (15, "", 1)
    assert "is no folder" in done.err
    assert site.asked == []


@pytest.mark.parametrize(
    ("ledger", "said"), [(b"no ledger " * 1000, "the ledger is damaged"), (None, "is from a newer sabah")]
)
def test_a_ledger_that_cannot_be_used_is_one_line(ledger: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    if ledger is None:
        with closing(Ledger.open(tmp_path)) as made:
            made.run("PRAGMA user_version = 999")
    else:
        path.write_bytes(ledger)
    with SmallSite({}) as site:
        done = crawl(*WORLD, output=tmp_path, origin=site.origin)
    assert (done.code, done.out, done.err.count("\n")) == (15, "", 1)
    assert said in done.err
    assert site.asked == []


def test_help_names_the_exit_codes() -> None:
    done = forked.run(command("--help"), cwd=REPOSITORY, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0
    assert "Exit codes" in done.stdout
