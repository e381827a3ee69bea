from __future__ import annotations

import pytest
from scrapy.http import Response

from sabah.middlewares.politeness import retry_after


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Tue, 14 Sep 2021 07:53:00 GMT", 120.0),
        ("Tuesday, 14-Sep-21 07:53:00 GMT", 120.0),
        ("Tue, 14 Sep 2021 10:53:00 +0300", 120.0),
        ("Tue, 14 Sep 2021 07:53:00 -0000", 120.0),
        ("99999999999", 99999999999.0),
        ("0", None),
        ("Tue, 14 Sep 2021 07:50:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Tue, 99 Sep 2021 07:53:00 GMT", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_seconds_and_dates(given: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SABAH_NOW", "2021-09-14T10:51:00+03:00")
    for status in (429, 503):
        assert retry_after(Response("https://h/", status=status, headers={"Retry-After": given})) == seconds


def test_only_of_the_statuses_that_mean_it() -> None:
    assert retry_after(Response("https://h/", status=301, headers={"Retry-After": "5"})) is None
    assert retry_after(Response("https://h/", status=503)) is None
