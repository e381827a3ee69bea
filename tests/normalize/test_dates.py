from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from sabah.normalize.dates import DateError, find_date, parse_date, split_dateline


@pytest.mark.parametrize(
    ("text", "instant", "precision", "zone_source"),
    [
        # top of the article
        ("Sep 14, 2021 - 10:51 am GMT+3", "2021-09-14T10:51:00+03:00", "minute", "printed"),
        ("Feb 08, 2022 - 3:47 pm GMT+3", "2022-02-08T15:47:00+03:00", "minute", "printed"),
        ("Feb 8, 2022 - 03:47 PM GMT+3", "2022-02-08T15:47:00+03:00", "minute", "printed"),
        ("FEB 08, 2022 - 3:47PM gmt+3", "2022-02-08T15:47:00+03:00", "minute", "printed"),
        ("feb 08, 2022 – 3:47 p.m. GMT+03:00", "2022-02-08T15:47:00+03:00", "minute", "printed"),
        ("Feb 08, 2022 - 3:47 Pm. GMT +0300", "2022-02-08T15:47:00+03:00", "minute", "printed"),
        (
            "\u00a0Feb\u00a008,\u00a02022\u00a0-\u00a03:47\u00a0pm\u00a0GMT+3\n",
            "2022-02-08T15:47:00+03:00",
            "minute",
            "printed",
        ),
        ("Tuesday, Feb 08, 2022 - 3:47 pm GMT+3", "2022-02-08T15:47:00+03:00", "minute", "printed"),
        ("Feb 08, 2022 - 12:47 am GMT+3", "2022-02-08T00:47:00+03:00", "minute", "printed"),
        ("Feb 08, 2022 - 12:00 pm GMT+3", "2022-02-08T12:00:00+03:00", "minute", "printed"),
        ("Feb 08, 2022 - 3:47 pm GMT", "2022-02-08T15:47:00+00:00", "minute", "printed"),
        ("Feb 08, 2022 - 3:47 pm GMT-4:30", "2022-02-08T15:47:00-04:30", "minute", "printed"),
        ("Feb 08, 2022 - 3:47 pm GMT−5", "2022-02-08T15:47:00-05:00", "minute", "printed"),
        # the printed offset stands, although Turkey was on GMT+2 that winter
        ("ISTANBULJan 12, 2016 - 12:00 am GMT+3", "2016-01-12T00:00:00+03:00", "day", "printed"),
        # second byline and share block
        ("Sep 14, 2021 10:51 am", "2021-09-14T10:51:00+03:00", "minute", "assumed"),
        ("Last Update: Sep 14, 2021 11:57 am", "2021-09-14T11:57:00+03:00", "minute", "assumed"),
        ("LAST UPDATE:SEP 14, 2021 11:57 AM", "2021-09-14T11:57:00+03:00", "minute", "assumed"),
        ("Last UpdateSep 14, 2021 11:57 am", "2021-09-14T11:57:00+03:00", "minute", "assumed"),
        ("Jan 12, 2016 10:51 am", "2016-01-12T10:51:00+02:00", "minute", "assumed"),
        ("Jul 12, 2016 10:51 am", "2016-07-12T10:51:00+03:00", "minute", "assumed"),
        ("Mar 27, 2016 3:30 am", "2016-03-27T03:30:00+02:00", "minute", "assumed"),  # in the hour that did not exist
        ("Nov 08, 2015 3:30 am", "2015-11-08T03:30:00+03:00", "minute", "assumed"),  # the first of two
        # search listing
        ("Mar 15, 2021", "2021-03-15T00:00:00+03:00", "day", "assumed"),
        # older template
        ("Published 19.03.2019 00:03", "2019-03-19T00:03:00+03:00", "minute", "assumed"),
        ("Updated 24.03.2016 02:59", "2016-03-24T02:59:00+02:00", "minute", "assumed"),
        ("Published: 24.03.2016", "2016-03-24T00:00:00+02:00", "day", "assumed"),
        ("5.3.2016 2:59", "2016-03-05T02:59:00+02:00", "minute", "assumed"),
        # old address
        ("/2016/01/12/", "2016-01-12T00:00:00+02:00", "day", "assumed"),
        ("2016/1/12", "2016-01-12T00:00:00+02:00", "day", "assumed"),
        # metadata
        ("2024-11-22T16:55:35+08:00", "2024-11-22T16:55:35+08:00", "minute", "printed"),
        ("2024-11-22T16:55:35.125Z", "2024-11-22T16:55:35+00:00", "minute", "printed"),
        ("2024-11-22T16:55+0800", "2024-11-22T16:55:00+08:00", "minute", "printed"),
        ("2024-11-22 16:55:35", "2024-11-22T16:55:35+03:00", "minute", "assumed"),
        ("2024-11-22 16:55:35 -03", "2024-11-22T16:55:35-03:00", "minute", "printed"),
        ("2024-11-22", "2024-11-22T00:00:00+03:00", "day", "assumed"),
        # feeds
        ("Tue, 14 Sep 2021 10:51:00 +0300", "2021-09-14T10:51:00+03:00", "minute", "printed"),
        ("14 Sep 2021 10:51 GMT", "2021-09-14T10:51:00+00:00", "minute", "printed"),
    ],
)
def test_every_printed_form(text: str, instant: str, precision: str, zone_source: str) -> None:
    moment = parse_date(text)
    assert (moment.isoformat(), moment.precision, moment.zone_source) == (instant, precision, zone_source)
    assert isinstance(moment.at.tzinfo, timezone)


@pytest.mark.parametrize(
    ("text", "city", "raw"),
    [
        ("ISTANBULJan 12, 2016 - 12:00 am GMT+3", "ISTANBUL", "Jan 12, 2016 - 12:00 am GMT+3"),
        ("DAMASCUS Sep 14, 2021 - 10:51 am GMT+3", "DAMASCUS", "Sep 14, 2021 - 10:51 am GMT+3"),
        ("DAMASCUS – Sep 14, 2021 -\u00a010:51 am GMT+3", "DAMASCUS", "Sep 14, 2021 - 10:51 am GMT+3"),
        ("WASHINGTON, D.C.Sep 14, 2021 10:51 am", "WASHINGTON, D.C.", "Sep 14, 2021 10:51 am"),
        ("ANKARA/ISTANBUL | Sep 14, 2021 10:51 am", "ANKARA/ISTANBUL", "Sep 14, 2021 10:51 am"),
        ("ŞANLIURFASep 14, 2021 10:51 am", "ŞANLIURFA", "Sep 14, 2021 10:51 am"),
        ("N'DJAMENA SEP 14, 2021 10:51 AM", "N'DJAMENA", "SEP 14, 2021 10:51 AM"),
        ("ANKARASEP 14, 2021 10:51 AM", "ANKARA", "SEP 14, 2021 10:51 AM"),
        ("Marmaris May 1, 2021", "Marmaris", "May 1, 2021"),
        ("DECDec 1, 2021", "DEC", "Dec 1, 2021"),
        ("ISTANBUL Last Update: Sep 14, 2021 11:57 am", "ISTANBUL", "Sep 14, 2021 11:57 am"),
        ("Published ISTANBUL 24.03.2016 02:56", "ISTANBUL", "24.03.2016 02:56"),
        ("Last Update: Sep 14, 2021 11:57 am", None, "Sep 14, 2021 11:57 am"),
        ("Published 24.03.2016 02:56", None, "24.03.2016 02:56"),
        ("Published on: 24.03.2016 02:56", None, "24.03.2016 02:56"),
        ("- Sep 14, 2021 11:57 am", None, "Sep 14, 2021 11:57 am"),
        ("Tue, Sep 14, 2021 11:57 am", None, "Tue, Sep 14, 2021 11:57 am"),
        ("/2016/01/12/", None, "2016/01/12"),
        ("2024-11-22T16:55:35+08:00", None, "2024-11-22T16:55:35+08:00"),
    ],
)
def test_city_and_raw(text: str, city: str | None, raw: str) -> None:
    found, moment = split_dateline(text)
    assert (found, moment.raw) == (city, raw)
    assert parse_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DAMASCUS",
        "Feb 30, 2021 - 10:51 am GMT+3",
        "Feb 29, 2021",
        "Sep 31, 2021 10:51 am",
        "Sep 00, 2021 10:51 am",
        "Sep 14, 0000 10:51 am",
        "Sep 14, 2021 - 13:70 pm GMT+3",
        "Sep 14, 2021 - 13:10 pm GMT+3",
        "Sep 14, 2021 - 0:10 am GMT+3",
        "Sep 14, 2021 - 10:60 am GMT+3",
        "Sep 14, 2021 - 10:51 GMT+3",  # morning or evening?
        "Sep 14, 2021 - 10:51 am GMT+99",
        "Sep 14, 2021 - 10:51 am GMT+15",
        "Sep 14, 2021 - 10:51 am GMT+3:75",
        "Sep 14, 2021 - 10:51 am GMT+x",
        "Sep 14, 2021 - 10:51 xm",
        "Sep 14, 2021 - 10:511 am",
        "Sep 14, 20211 10:51 am",
        "Sep 14, 21",
        "Foo 14, 2021 10:51 am",
        "Trojan 12, 2016 10:51 am",
        "by ASSOCIATED PRESS Sep 14, 2021 10:51 am",
        "By Daily Sabah Sep 14, 2021 10:51 am",
        "it began on Sep 14, 2021",
        "© 2021 Sep 14, 2021",
        "Sep 14, 2021 10:51 am and later",
        "Sep 14, 2021 Sep 15, 2021",
        "24.13.2016 02:56",
        "32.03.2016 02:56",
        "24.03.2016 25:00",
        "24.03.2016 24:00",
        "1.24.03.2016",
        "2024-13-01",
        "2024-02-30T10:00:00Z",
        "2024-11-22T25:00:00+03:00",
        "2024-11-22T10:00:61+03:00",
        "2024-11-22T10:00:00+99:00",
        "2016/13/12",
        "/2016/00/12/",
        "Mon, 14 Sep 2021 10:51:00 +0300",  # it was a Tuesday
        "Wed, 31 Feb 2021 10:51:00 +0300",
        "Tue, 14 Sep 2021 10:51:00 +9900",
        "٠١.٠٢.٢٠١٦",
    ],
)
def test_what_is_no_date_is_an_error_that_names_the_text(text: str) -> None:
    with pytest.raises(DateError) as caught:
        parse_date(text)
    assert repr(text) in str(caught.value)


def test_the_error_of_a_long_text_is_short() -> None:
    with pytest.raises(DateError, match=r"^'(xy){100}…'") as caught:
        parse_date("xy" * 10_000 + "Sep 14, 2021")
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "opinion", "precision"),
    [
        ("Jan 12, 2016 - 12:00 am GMT+3", False, "day"),
        ("Mar 31, 2020 - 12:00 am GMT+3", False, "day"),
        ("Apr 01, 2020 - 12:00 am GMT+3", False, "minute"),
        ("31.03.2020 00:00", False, "day"),
        ("01.04.2020 00:00", False, "minute"),
        ("2016-01-12T00:00:00+02:00", False, "day"),
        ("2016-01-12T00:00:01+02:00", False, "minute"),
        ("Jan 12, 2016 - 12:05 am GMT+3", True, "day"),
        ("Jan 12, 2022 - 12:05 am GMT+3", True, "day"),
        ("Jan 12, 2022 - 12:05 am GMT+3", False, "minute"),
        ("Jan 12, 2022 - 12:05 pm GMT+3", True, "minute"),
        ("Jan 12, 2022 - 12:00 am GMT+3", True, "minute"),
        ("Jan 12, 2016 - 12:00 pm GMT+3", False, "minute"),
    ],
)
def test_slots_of_the_print_edition_are_no_times(text: str, opinion: bool, precision: str) -> None:
    assert parse_date(text, opinion=opinion).precision == precision


def test_the_zone_of_the_page_serves_dates_that_print_none() -> None:
    page_zone = timezone(timedelta(hours=3))
    moment = parse_date("Jan 12, 2016 10:51 am", page_zone=page_zone)
    assert (moment.isoformat(), moment.zone_source) == ("2016-01-12T10:51:00+03:00", "page")
    assert parse_date("Jan 12, 2016 10:51 am", page_zone=UTC).isoformat() == "2016-01-12T10:51:00+00:00"
    summer = parse_date("Jul 12, 2016 10:51 am", page_zone=ZoneInfo("Europe/Berlin"))
    assert (summer.isoformat(), summer.at.tzinfo) == ("2016-07-12T10:51:00+02:00", timezone(timedelta(hours=2)))
    printed = parse_date("Jan 12, 2016 - 10:51 am GMT+2", page_zone=page_zone)
    assert (printed.isoformat(), printed.zone_source) == ("2016-01-12T10:51:00+02:00", "printed")


def test_local_mean_time_is_cut_to_the_minute() -> None:
    assert parse_date("Mar 15, 1905").at == datetime(1905, 3, 15, tzinfo=timezone(timedelta(hours=1, minutes=56)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("by ASSOCIATED PRESS Sep 14, 2021 10:51 am RECOMMENDED", "Sep 14, 2021 10:51 am"),
        ("DAMASCUS Sep 14, 2021\u00a0- 10:51 am GMT+3 A caption, Sept. 13, 2021.", "Sep 14, 2021 - 10:51 am GMT+3"),
        ("in Moscow, Sept. 13, 2021. ISTANBULJan 12, 2016 - 12:00 am GMT+3", "Jan 12, 2016 - 12:00 am GMT+3"),
        ("Published 24.03.2016 02:56 Updated 24.03.2016 02:59", "24.03.2016 02:56"),
        ("shortlink copied Last Update: Sep 14, 2021 11:57 am RELATED TOPICS", "Sep 14, 2021 11:57 am"),
        ("Feb 30, 2021 - 25:00 pm GMT+99 is a form", "Feb 30, 2021 - 25:00 pm GMT+99"),
        ("https://www.dailysabah.com/turkey/2016/01/12/slug", "2016/01/12"),
        ("in London, April 1, 2022, or Dec. 3, 2021", None),
        ("June 14, 2021 - 10:51 am GMT+3", "June 14, 2021 - 10:51 am GMT+3"),
        ("Trojan 12, 2016", None),
        ("version 1.24.03.2016", None),
        ("© 2021", None),
        ("", None),
    ],
)
def test_find_date(text: str, found: str | None) -> None:
    assert find_date(text) == found
