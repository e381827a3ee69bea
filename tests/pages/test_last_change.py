"""The last change, where the head alone names it: believed with the publication that stands beside it there."""

from __future__ import annotations

import pytest

from tests.pages.template import values

META = '<meta name="datePublished" content="{}"><meta name="dateModified" content="{}">'
NAMED = '<meta property="article:published_time" content="{}"><meta property="article:modified_time" content="{}">'
LINKED = '<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{}", "dateModified": "{}"}}</script>'
DAY = '<div class="left_mobile_details"><span>Sep 14, 2021</span></div>'
RIGHT = ("2021-09-14T10:51:07+03:00", "2021-09-14T11:57:00+03:00")
WRONG = ("2021-09-14T07:51:07+03:00", "2021-09-14T08:57:00+03:00")


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        (RIGHT, RIGHT[1]),
        (("2021-09-14 10:51", "2021-09-14 11:57"), RIGHT[1]),
        (("2021-09-14T07:51:00Z", "2021-09-14T08:57:00Z"), "2021-09-14T08:57:00+00:00"),
        (("2021-09-14T03:51:00-04:00", "2021-09-14T04:57:00-04:00"), "2021-09-14T04:57:00-04:00"),
        (("", RIGHT[1]), RIGHT[1]),
        (("soon", RIGHT[1]), RIGHT[1]),
        (WRONG, None),
        (("2021-09-14T07:51:07", "2021-09-14T08:57:00"), None),
        (("2021-09-14T15:51:00+03:00", "2021-09-14T16:57:00+03:00"), None),
        (("0001-01-01T00:00:00+14:00", "2021-09-14T11:57:00+03:00"), RIGHT[1]),
        (("9999-12-31T23:59:00-12:00", "2021-09-14T11:57:00+03:00"), RIGHT[1]),
        (("2021-09-13T10:51:00+03:00", "2021-09-14T11:57:00+03:00"), None),
        (("2021-09-14T10:51:00Z", "2021-09-14T11:57:00Z"), None),
    ],
)
@pytest.mark.parametrize("head", [META, NAMED, LINKED], ids=["meta", "named", "linked"])
def test_it_is_believed_where_its_publication_is_the_printed_one(
    head: str, pair: tuple[str, str], found: str | None
) -> None:
    read = values(head=head.format(*pair))
    assert (read.get("published_at"), read.get("modified_at")) == ("2021-09-14T10:51:00+03:00", found)


def test_the_first_part_of_the_head_that_is_in_step_is_taken() -> None:
    read = values(head=META.format(*WRONG) + LINKED.format(*RIGHT))
    assert (read["modified_at"], read["sources"]["modified_at"]) == (RIGHT[1], "json-ld")


def test_where_a_day_is_printed_two_parts_of_the_head_vouch_for_each_other() -> None:
    for head, found in (
        (META.format(*RIGHT), None),
        (META.format(*RIGHT) + NAMED.format("2021-09-14 10:51:07", ""), RIGHT[1]),
        (META.format(*WRONG) + NAMED.format("2021-09-14 10:51:07", ""), None),
        (META.format("2021-09-15T10:51:00+03:00", RIGHT[1]) + LINKED.format("2021-09-15T10:51:00+03:00", ""), None),
    ):
        assert values(details=DAY, head=head).get("modified_at") == found


def test_what_the_page_prints_needs_nobody() -> None:
    read = values(head=META.format(*WRONG), below="<div>Last Update: Sep 14, 2021 11:57 am GMT+3</div>")
    assert (read["modified_at"], read["sources"]["modified_at"]) == (RIGHT[1], "text")
