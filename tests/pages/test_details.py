"""Byline, city and date in whatever markup; what cannot be read costs no more than itself."""

from __future__ import annotations

import pytest

from tests.pages.template import values

DATE = "Sep 14, 2021 - 10:51 am GMT+3"
AT = "2021-09-14T10:51:00+03:00"


@pytest.mark.parametrize(
    ("inner", "byline", "city"),
    [
        (f"by Daily Sabah ISTANBUL {DATE}", "Daily Sabah", "ISTANBUL"),
        (f"by ANADOLU AGENCY NEW YORK {DATE}", "ANADOLU AGENCY", "NEW YORK"),
        (f"by Anadolu Agency (AA) {DATE}", "Anadolu Agency (AA)", None),
        (f"by Jane Roe with AA ISTANBUL - {DATE}", "Jane Roe with AA", "ISTANBUL"),
        (f"by Daily Sabah with AA {DATE}", "Daily Sabah with AA", None),
        (f"by Melih Altınok NEW YORK {DATE}", "Melih Altınok", "NEW YORK"),
        (f"by Melih Altınok {DATE}", "Melih Altınok", None),
        (f"ISTANBUL{DATE}", None, "ISTANBUL"),
        (f"<div><span>by AP</span><span>DAMASCUS</span><span>{DATE}</span></div>", "AP", "DAMASCUS"),
        (f"<div><div>by AP</div><div>DAMASCUS</div></div><time>{DATE}</time>", "AP", "DAMASCUS"),
        (f"<span>by <a href='#'>Ali Veli</a></span><span>{DATE}</span>", "Ali Veli", None),
        (f"<span>by</span><span>Ali Veli</span><span>{DATE}</span>", "Ali Veli", None),
        (f"by Ali Veli<br>ANKARA<br>{DATE}", "Ali Veli", "ANKARA"),
        (f"by Ali Veli – {DATE}", "Ali Veli", None),
        (f"by Ali Veli | · , {DATE}", "Ali Veli", None),
        (f"<span>by AP</span><span>— ANKARA / — {DATE}</span>", "AP", "ANKARA"),
        (f"<span>by AP</span><span>istanbul {DATE}</span>", "AP", None),
        (f"<span>by AP</span><span>istanbul</span><span>{DATE}</span>", "AP", None),
        (f"<span>by AP</span><span>3 min read</span><span>{DATE}</span>", "AP", None),
        (f"<span>by AP</span><span>ANKARA</span><span>{DATE}</span><span>3 min read</span>", "AP", "ANKARA"),
        (f"<span>DAILY SABAH</span><span>{DATE}</span>", "DAILY SABAH", None),
        (f"<span>REUTERS</span><span>LONDON</span><span>{DATE}</span>", "REUTERS", "LONDON"),
        (f"<span>LONDON</span><span>{DATE}</span>", None, "LONDON"),
        (f"<span>Melih Altınok</span><span>{DATE}</span>", "Melih Altınok", None),
        (f"<span>by AP</span><span>Published {DATE}</span>", "AP", None),
        ("<span>by AP</span><span>September 14, 2021 - 10:51 am GMT+3</span>", "AP", None),
    ],
)
def test_details(inner: str, byline: str | None, city: str | None) -> None:
    read = values(details=f'<div class="left_mobile_details">{inner}</div>')
    assert (read["byline"], read.get("dateline"), read["published_at"]) == (byline, city, AT)
    assert read["sources"]["published_at"] == "css"


@pytest.mark.parametrize(
    "second",
    [
        "<div class='m'><span>by Ada Lorn</span> <span>Sep 14, 2021 10:51 am</span></div>",
        "<p>by Ada Lorn Sep 14, 2021 10:51 am</p>",
        "<div><div>A caption of the hero.</div><div>by Ada Lorn</div><div>Sep 14, 2021 10:51 am</div></div>",
    ],
)
@pytest.mark.parametrize("details", ["", '<div class="left_mobile_details"><span>3 min read</span></div>'])
def test_the_second_byline(second: str, details: str) -> None:
    read = values(details=details, above=second)
    assert (read["byline"], read["published_at"], read["zone_source"]) == ("Ada Lorn", AT, "assumed")
    assert (read["sources"]["byline"], read["sources"]["published_at"]) == ("text", "text")


def test_the_second_byline_at_the_beginning_of_the_body() -> None:
    read = values("<div><span>by Ada Lorn</span> <span>Sep 14, 2021 10:51 am</span></div><p>One.</p>", details="")
    assert (read["byline"], read["published_at"], read["body"]) == ("Ada Lorn", AT, "One.")


def test_a_date_further_down_is_no_second_byline() -> None:
    body = "<p>One.</p><p>Two.</p><p>Three.</p><p>Four.</p><p>Five.</p><p>Six.</p><p>Seven.</p><p>Sep 14, 2021 10:51 am</p>"
    assert "published_at" not in values(body, details="") or values(body, details="")["published_at"] is None


@pytest.mark.parametrize(
    "title",
    [
        "<div>Share</div><h2>A spot about it</h2>",
        "<div><a href='#'>Facebook</a><a href='#'>Twitter</a></div><p>A spot about it</p>",
        "<div><span>Facebook</span><span>Twitter</span></div><p>A spot about it</p>",
        "<button>Share this article</button><p>A spot about it</p>",
    ],
)
def test_a_share_bar_is_no_standfirst(title: str) -> None:
    assert values(title=title)["standfirst"] == "A spot about it"
    assert values(title=title.partition("<h2>")[0].partition("<p>")[0]).get("standfirst") is None


def test_a_spot_may_speak_of_a_day() -> None:
    assert (
        values(title="<p>Talks since Jan 12, 2016 without end</p>")["standfirst"]
        == "Talks since Jan 12, 2016 without end"
    )


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ('{"url": "https://www.dailysabah.com/columns/ali-veli"}', []),
        ('"https://www.dailysabah.com/columns/ali-veli"', []),
        ('[{"@type": "Person", "url": "https://x.org"}, {"name": "Ali Veli"}]', ["Ali Veli"]),
    ],
)
def test_the_address_of_an_author_is_no_person(author: str, authors: list[str]) -> None:
    head = f'<script type="application/ld+json">{{"@type": "NewsArticle", "author": {author}}}</script>'
    read = values(details='<div class="left_mobile_details">' + DATE + "</div>", head=head)
    assert read["authors"] == authors


@pytest.mark.parametrize("city", ["", "<p>ANKARA</p>"])
def test_details_that_stand_in_the_body_are_no_text(city: str) -> None:
    moved = f'<div class="x"><p>by Ada Lorn with AA</p>{city}<p>{DATE}</p></div>'
    assert values(f"<p>One.</p>{moved}<p>Two.</p>")["body"] == "One.\n\nTwo."


def test_a_time_of_day_in_running_text_stays() -> None:
    body = f"<p>by noon it was over</p><p>It ended on {DATE}, she said.</p>"
    assert values(body)["body"] == f"by noon it was over\n\nIt ended on {DATE}, she said."
