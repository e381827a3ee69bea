"""The truth's own arithmetic, against values worked out by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
from itertools import pairwise
from typing import Any

import attrs
import pytest

from replica.dice import Dice, seeded
from replica.editor import article
from replica.model import Block, Meta, Run
from replica.newspaper import Newspaper
from replica.prose import slug
from replica.timeline import day_of, printed
from replica.truth import record

moment = dt.datetime.fromisoformat


def plain(layout: str = "2020", at: str = "2021-09-14 10:51", **changes: Any) -> dict[str, Any]:
    """The record of an article with one short paragraph and nothing else but what is given."""
    paper = Newspaper(1, 50)
    one = article(paper, 40)
    stub = attrs.evolve(
        one.stub, layout=layout, at=moment(at), headline="Ministers ﬁnd “½” an AGREEMENT", kind="article"
    )
    bare = attrs.evolve(
        one, stub=stub, standfirst=None, byline=None, city=None, modified=None, modified_raw=None, keywords=(), hero=None, pictures=(), videos=(),
        recommended=((), ()), meta=Meta(), blocks=(Block("p", (Run("One "), Run("two", "b"), Run(" three."))), Block("h3", (Run("Four"),))),
    )  # fmt: skip
    return record(attrs.evolve(bare, **changes))


def test_hashes() -> None:
    found = plain(published_raw="Sep 14, 2021 - 10:51 am GMT+3")
    assert found["body"] == "One two three.\n\nFour"
    assert found["word_count"] == 4
    text = "ministers find “1⁄2” an agreement\none two three. four"
    assert found["text_hash"] == hashlib.sha256(text.encode()).hexdigest()
    line = '["Ministers ﬁnd “½” an AGREEMENT",null,null,null,"Sep 14, 2021 - 10:51 am GMT+3","One two three.\\n\\nFour",[],[]]'
    assert found["revision_hash"] == hashlib.sha256(line.encode()).hexdigest()


def test_zones() -> None:
    winter, summer, later = "2016-01-12 02:56", "2016-07-12 02:56", "2018-01-12 02:56"
    assert plain("legacy", winter, published_raw="12.01.2016 02:56")["published_at"] == "2016-01-12T02:56:00+02:00"
    assert plain("legacy", summer, published_raw="12.07.2016 02:56")["published_at"] == "2016-07-12T02:56:00+03:00"
    assert plain("legacy", later, published_raw="12.01.2018 02:56")["published_at"] == "2018-01-12T02:56:00+03:00"
    assert (
        plain("2020", winter, published_raw="Jan 12, 2016 - 2:56 am GMT+3")["published_at"]
        == "2016-01-12T02:56:00+03:00"
    )


def test_order_of_sources() -> None:
    meta = Meta(
        keywords=("IRAN", "İran", "U.N."), modified="2021-09-14 12:00:07", published="2021-09-14T08:00:00+03:00"
    )
    found = plain(published_raw="Sep 14, 2021 - 10:51 am GMT+3", meta=meta)
    assert (found["modified_at"], found["modified_raw"]) == (None, None), "its publication is not the printed one"
    meta = attrs.evolve(meta, published="2021-09-14T10:51:07+03:00")
    found = plain(published_raw="Sep 14, 2021 - 10:51 am GMT+3", meta=meta)
    assert (found["keywords"], found["published_at"]) == (["iran", "u.n."], "2021-09-14T10:51:00+03:00")
    assert (found["modified_at"], found["modified_raw"]) == ("2021-09-14T12:00:07+03:00", "2021-09-14 12:00:07")
    found = plain(
        published_raw="Sep 14, 2021 - 10:51 am GMT+3",
        meta=meta,
        keywords=("Syria",),
        modified=moment("2021-09-14 11:57"),
        modified_raw="Sep 14, 2021 11:57 am",
    )
    assert (found["keywords"], found["modified_at"]) == (["syria"], "2021-09-14T11:57:00+03:00")
    found = plain("generic", published_raw=None, meta=attrs.evolve(meta, published="2021-09-14T08:00:00+03:00"))
    assert (found["published_at"], found["zone_source"]) == ("2021-09-14T08:00:00+03:00", "printed")
    found = plain("generic", published_raw=None, meta=Meta(published_time="2021-09-14 08:00:00"))
    assert (found["published_at"], found["zone_source"]) == ("2021-09-14T08:00:00+03:00", "assumed")


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (moment("2022-02-08 15:47"), "Feb 08, 2022 3:47 pm"),
        (moment("2016-01-12 00:00"), "Jan 12, 2016 12:00 am"),
        (moment("2016-01-12 12:05"), "Jan 12, 2016 12:05 pm"),
    ],
)
def test_printed_dates(at: dt.datetime, text: str) -> None:
    assert printed(at) == text


def test_slugs() -> None:
    assert slug('Şanlıurfa’s "İş" & O\'Farrow: 77% in 2.5 days') == "sanliurfas-is-ofarrow-77-in-2-5-days"


def test_days_never_fall() -> None:
    for total in (1, 7, 5000):
        days = [day_of(number, total) for number in range(total)]
        assert all(one <= other for one, other in pairwise(days))
        assert dt.date(2014, 2, 1) < days[0] <= days[-1] < dt.date(2026, 11, 1)


def test_dice_are_the_same_everywhere() -> None:
    dice = Dice(seeded(1), 2, 3)
    assert [dice.below(1000) for _ in range(5)] == [158, 398, 50, 869, 178]


@pytest.mark.parametrize("total", [1, 2, 3, 20])
def test_small_newspapers(total: int) -> None:
    paper = Newspaper(9, total)
    for number in range(total):
        assert paper.find(paper.stub(number).path) == number
        assert record(article(paper, number))["headline"]
