"""The clock that tests and simulations set."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest

from sabah import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Replica

START = dt.datetime(2026, 3, 2, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def paper(replica: Callable[..., Replica]) -> Replica:
    return replica(articles=20, clock="2026-03-02T06:00:00+03:00")


def test_the_machine_s_time_without_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SABAH_NOW", raising=False)
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)


def test_a_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SABAH_NOW", "2026-03-02T06:00:00+03:00")
    assert clock.now() == START
    assert clock.timestamp() == "2026-03-02T03:00:00+00:00"


def test_the_newspaper_s_clock_is_asked_once(monkeypatch: pytest.MonkeyPatch, paper: Replica) -> None:
    monkeypatch.setenv("SABAH_NOW", f"{paper.origin}/_clock")
    clock._asked.cache_clear()
    paper.move(at="2026-03-02T03:00:00Z")
    assert clock.now() == START
    paper.move(forward=3600)
    assert clock.now() == START


def test_it_goes_on_at_the_clock_s_rate(monkeypatch: pytest.MonkeyPatch, paper: Replica) -> None:
    monkeypatch.setenv("SABAH_NOW", f"{paper.origin}/_clock")
    clock._asked.cache_clear()
    paper.move(at="2026-03-02T03:00:00Z", rate=1000)
    first, began = clock.now(), time.monotonic()
    time.sleep(0.2)
    passed, real = (clock.now() - first).total_seconds(), time.monotonic() - began
    paper.move(rate=0)
    assert 190 <= passed <= 1000 * real + 1


@pytest.mark.parametrize("given", ["noon", "https://127.0.0.1:8700/_clock", "2026-03-02T06:00:00"])
def test_what_is_no_time_is_said_with_the_variable(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SABAH_NOW", given)
    with pytest.raises(ValueError, match=r"SABAH_NOW=.*write it like"):
        clock.now()


def test_an_address_without_a_clock_is_refused(monkeypatch: pytest.MonkeyPatch, paper: Replica) -> None:
    for address in (f"{paper.origin}/_log", f"{paper.origin}/none", "http://127.0.0.1:9/_clock"):
        monkeypatch.setenv("SABAH_NOW", address)
        with pytest.raises(ValueError, match="gives no time"):
            clock.now()
