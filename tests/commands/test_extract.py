"""`scrapy extract` as users run it: one object on stdout, or nothing there and one line on stderr."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests import forked
from tests.pages.saved import expected
from tests.running import REPOSITORY, environment

PAGES = REPOSITORY / "tests" / "pages"
SITE = "https://www.dailysabah.com"


@attrs.frozen
class Extract:
    code: int
    out: bytes
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """What was printed; checks that it is one line of JSON."""
        assert self.out.endswith(b"\n")
        assert self.out.count(b"\n") == 1
        fields: dict[str, Any] = json.loads(self.out)
        return fields


def extract(*args: str, stdin: bytes = b"") -> Extract:
    done = forked.run(
        [sys.executable, "-W", "error", "-m", "scrapy", "extract", *args],
        cwd=REPOSITORY,
        env=environment(),
        input=stdin,
        capture_output=True,
        timeout=60,
    )
    return Extract(done.returncode, done.stdout, done.stderr.decode())


def page(name: str) -> str:
    return str(PAGES / f"{name}.html")


def test_the_record_of_a_file() -> None:
    done = extract(page("seed-article"))
    assert (done.code, done.err) == (0, "")
    assert list(done.record.items()) == list(expected("seed-article").items())


def test_the_record_of_standard_input() -> None:
    done = extract("-", stdin=Path(page("generic")).read_bytes())
    assert (done.code, done.err) == (0, "")
    assert done.record == expected("generic")


def test_an_address_in_place_of_the_canonical_link() -> None:
    address = f"{SITE}/opinion/op-ed/another-address"
    done = extract(page("bare-minimum"), "--url", f"{address}/amp?utm_source=x")
    assert done.code == 0
    assert (done.record["url"], done.record["kind"]) == (address, "op-ed")


def test_a_page_without_canonical_link_needs_an_address() -> None:
    body = Path(page("bare-minimum")).read_bytes().replace(b'rel="canonical"', b'rel="other"')
    refused = extract("-", stdin=body)
    assert (refused.code, refused.out) == (1, b"")
    assert "address" in refused.err
    assert extract("-", "--url", f"{SITE}/politics/slug/news", stdin=body).code == 0


def test_an_amp_page_warns_of_the_date_it_does_not_print() -> None:
    done = extract(page("amp-with-spot"))
    assert done.code == 0
    assert done.record == expected("amp-with-spot")
    assert done.record["published_at"] is None
    assert "warning" in done.err
    assert "no date" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [("not-found", "address"), ("listing", "listing"), ("impossible-date", "Feb 30, 2022")],
)
def test_a_page_that_is_no_article(name: str, said: str) -> None:
    done = extract(page(name))
    assert (done.code, done.out) == (1, b"")
    assert said in done.err
    assert name in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("mark", "said"), [(b'<div class="article_body">', "before its body"), (b"The visit was", "inside its body")]
)
def test_a_page_that_was_cut_off(mark: bytes, said: str) -> None:
    whole = Path(page("seed-article")).read_bytes()
    done = extract("-", stdin=whole[: whole.index(mark)])
    assert (done.code, done.out) == (1, b"")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_an_empty_page() -> None:
    done = extract("-")
    assert (done.code, done.out) == (1, b"")
    assert "empty" in done.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "FILE"),
        ([page("seed-article"), page("generic")], "one FILE"),
        ([str(PAGES / "no-such-file.html")], "no-such-file.html"),
        ([str(PAGES)], "irectory"),
        ([page("seed-article"), "--url", "dailysabah.com/world"], "--url"),
        ([page("seed-article"), "--url"], "--url"),
        ([page("seed-article"), "--no-such-option"], "unknown option"),
    ],
)
def test_usage_errors(args: list[str], said: str) -> None:
    done = extract(*args)
    assert (done.code, done.out) == (2, b"")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("address", "said"), [(f"{SITE}/world", "listing"), ("https://example.com", "address")])
def test_an_address_that_is_not_of_an_article(address: str, said: str) -> None:
    done = extract(page("seed-article"), "--url", address)
    assert (done.code, done.out) == (1, b"")
    assert said in done.err
    assert done.err.count("\n") == 1
