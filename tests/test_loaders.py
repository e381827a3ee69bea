"""What ArticleLoader makes of the words of a page: a table a field, printed words in, the record's fields out, the raw words beside the values."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from parsel import Selector
from scrapy.http import HtmlResponse

from sabah.items import SOURCE_FIELDS, Article, Image
from sabah.loaders import ArticleLoader, Picture
from sabah.normalize.dates import DateError, parse_date
from sabah.pages import read
from sabah.pages.record import Hint

PLUS_3 = timezone(timedelta(hours=3))
OPINION = {"opinion": True}


def loaded(field: str, words: object, **context: Any) -> dict[str, Any]:
    """What the loader gives for the words of one field."""
    return ArticleLoader(**context).add_value(field, words).load_item()


@pytest.mark.parametrize(
    ("words", "context", "at", "raw", "precision", "zone_source"),
    [
        # The layout of 2020 prints its zone, or none; Istanbul's was another in the winters before 2016.
        ("Sep 14, 2021 - 10:51 am GMT+3", {}, "2021-09-14T10:51:00+03:00", "Sep 14, 2021 - 10:51 am GMT+3", "minute", "printed"),
        ("Jan 14, 2015 - 10:51 am", {}, "2015-01-14T10:51:00+02:00", "Jan 14, 2015 - 10:51 am", "minute", "assumed"),
        ("Jan 14, 2015 - 10:51 am", {"zone": PLUS_3}, "2015-01-14T10:51:00+03:00", "Jan 14, 2015 - 10:51 am", "minute", "page"),
        ("Jul 14, 2015 - 10:51 am", {"zone": ZoneInfo("Europe/Berlin")}, "2015-07-14T10:51:00+02:00", "Jul 14, 2015 - 10:51 am", "minute", "page"),
        ("Jan 14, 2015 - 10:51 am GMT+2", {"zone": PLUS_3}, "2015-01-14T10:51:00+02:00", "Jan 14, 2015 - 10:51 am GMT+2", "minute", "printed"),
        # Labels, cities and blanks around a date are not the date.
        ("Published  Sep 14, 2021\u00a010:51 am", {}, "2021-09-14T10:51:00+03:00", "Sep 14, 2021 10:51 am", "minute", "assumed"),
        ("ISTANBULJan 12, 2016 - 12:00 am GMT+3", {}, "2016-01-12T00:00:00+03:00", "Jan 12, 2016 - 12:00 am GMT+3", "day", "printed"),
        # 12:05 am is a time in a report, and the slot of the print edition in an opinion piece.
        ("Sep 14, 2021 - 12:05 am GMT+3", {}, "2021-09-14T00:05:00+03:00", "Sep 14, 2021 - 12:05 am GMT+3", "minute", "printed"),
        ("Sep 14, 2021 - 12:05 am GMT+3", OPINION, "2021-09-14T00:05:00+03:00", "Sep 14, 2021 - 12:05 am GMT+3", "day", "printed"),
        ("Sep 14, 2021 - 12:06 am GMT+3", OPINION, "2021-09-14T00:06:00+03:00", "Sep 14, 2021 - 12:06 am GMT+3", "minute", "printed"),
        # The layout of 2014 prints numbers, the day first.
        ("24.03.2016 02:56", {}, "2016-03-24T02:56:00+02:00", "24.03.2016 02:56", "minute", "assumed"),
        ("04.03.2016 02:56", {}, "2016-03-04T02:56:00+02:00", "04.03.2016 02:56", "minute", "assumed"),
        ("04.03.2016 02:56", {"day_first": False}, "2016-04-03T02:56:00+03:00", "04.03.2016 02:56", "minute", "assumed"),
        ("24.03.2016", {"zone": PLUS_3}, "2016-03-24T00:00:00+03:00", "24.03.2016", "day", "page"),
        # The head, a feed and an old address; none of them asks for an order.
        ("2021-09-14T10:51:00+03:00", {"day_first": False}, "2021-09-14T10:51:00+03:00", "2021-09-14T10:51:00+03:00", "minute", "printed"),
        ("Tue, 14 Sep 2021 07:51:00 GMT", {"zone": PLUS_3}, "2021-09-14T07:51:00+00:00", "Tue, 14 Sep 2021 07:51:00 GMT", "minute", "printed"),
        ("2016/01/12/", {"day_first": False}, "2016-01-12T00:00:00+02:00", "2016/01/12", "day", "assumed"),
    ],
)  # fmt: skip
def test_dates(words: str, context: dict[str, Any], at: str, raw: str, precision: str, zone_source: str) -> None:
    assert loaded("published", words, **context) == {
        "published_at": at, "published_raw": raw, "published_precision": precision, "zone_source": zone_source,
    }  # fmt: skip
    assert loaded("modified", words, **context) == {"modified_at": at, "modified_raw": raw}


@pytest.mark.parametrize(
    ("words", "context", "said"),
    [
        ("Feb 30, 2022 - 10:51 am GMT+3", {}, "'Feb 30, 2022 - 10:51 am GMT+3': day is out of range for month"),
        ("24.03.2016 02:56", {"day_first": False}, "'24.03.2016 02:56': month must be in 1..12"),
        ("Sep 14, 2021 - 22:51 pm", {}, "'Sep 14, 2021 - 22:51 pm': no hour 22 on a clock of twelve"),
        ("Wed, Sep 14, 2021", {}, "'Wed, Sep 14, 2021': the day is no Wed"),
        ("yesterday", {}, "'yesterday': no date of a known form"),
    ],
)
def test_a_date_that_cannot_be_is_an_error_about_the_words(words: str, context: dict[str, Any], said: str) -> None:
    """Not one about MapCompose, as itemloaders would raise."""
    with pytest.raises(DateError) as caught:
        loaded("published", words, **context)
    assert str(caught.value) == said


@pytest.mark.parametrize("field", ["published", "modified"])
def test_of_two_dates_the_second_must_be_one_as_well(field: str) -> None:
    loader = ArticleLoader()
    loader.take(field, "css", "Sep 14, 2021 - 10:51 am GMT+3")
    loader.take(field, "text", "Sep 15, 2021 - 9:00 am GMT+3")
    assert loader.load_item()[f"{field}_raw"] == "Sep 14, 2021 - 10:51 am GMT+3"
    assert loader.sources[f"{field}_at"] == "css"
    with pytest.raises(DateError, match="Feb 30"):
        loader.take(field, "text", "Feb 30, 2021 - 9:00 am GMT+3")


def test_the_zone_may_become_known_when_the_dates_are_in() -> None:
    loader = ArticleLoader()
    loader.add_value("published", "Jan 14, 2015 - 10:51 am").add_value("modified", "14.01.2015 11:57")
    assert loader.load_item()["published_at"] == "2015-01-14T10:51:00+02:00"
    loader.context["zone"] = PLUS_3
    item = loader.load_item()
    assert (item["published_at"], item["zone_source"]) == ("2015-01-14T10:51:00+03:00", "page")
    assert (item["modified_at"], item["modified_raw"]) == ("2015-01-14T11:57:00+03:00", "14.01.2015 11:57")


@pytest.mark.parametrize(
    ("words", "byline", "authors", "agencies"),
    [
        ("by Jane Roe", "Jane Roe", ["Jane Roe"], []),
        ("By:  Ada  Lorn\u00a0", "Ada Lorn", ["Ada Lorn"], []),
        ("by Associated Press", "Associated Press", [], ["Associated Press"]),
        ("by AFP - Reuters", "AFP - Reuters", [], ["Agence France-Presse", "Reuters"]),
        ("by Daily Sabah with AA", "Daily Sabah with AA", [], ["Daily Sabah", "Anadolu Agency"]),
        ("Jane Roe, Ph.D. and Ada Lorn (AP)", "Jane Roe, Ph.D. and Ada Lorn (AP)", ["Jane Roe, Ph.D.", "Ada Lorn"], ["Associated Press"]),
    ],
)  # fmt: skip
def test_bylines(words: str, byline: str, authors: list[str], agencies: list[str]) -> None:
    assert loaded("byline", words) == {"byline": byline, "authors": authors, "agencies": agencies}


@pytest.mark.parametrize("words", ["", "by", " By: ", "|", None, []])
def test_no_byline(words: object) -> None:
    assert loaded("byline", words) == {}


@pytest.mark.parametrize(
    ("words", "city"),
    [
        ("DAMASCUS", "DAMASCUS"),
        (" NEW\u00a0YORK ", "NEW YORK"),
        ("ISTANBULJan 12, 2016 - 12:00 am GMT+3", "ISTANBUL"),
        ("İZMİR, Sep 14, 2021 - 10:51 am", "İZMİR"),
        ("Published: Sep 14, 2021 - 10:51 am", None),
    ],
)
def test_datelines(words: str, city: str | None) -> None:
    assert loaded("dateline", words) == ({"dateline": city} if city else {})


@pytest.mark.parametrize(
    ("words", "keywords"),
    [
        (["Syrian crisis", " Syria "], ["syrian crisis", "syria"]),
        ("KEYWORDS Syria, Russia,\u00a0Vladimir Putin", ["syria", "russia", "vladimir putin"]),
        ("İZMİR, Irak, izmir", ["izmir", "irak"]),
        (["KEYWORDS", "Syria • Russia\nBashar Assad"], ["syria", "russia", "bashar assad"]),
        (["", " , "], None),
    ],
)
def test_keywords(words: object, keywords: list[str] | None) -> None:
    assert loaded("keywords", words) == ({"keywords": keywords} if keywords else {})


def test_keywords_of_two_places_are_one_list() -> None:
    loader = ArticleLoader().add_value("keywords", "Syria, Russia").add_value("keywords", ["russia", "Turkey"])
    assert loader.load_item() == {"keywords": ["syria", "russia", "turkey"]}


@pytest.mark.parametrize(
    ("captions", "caption", "credit"),
    [
        (["The harbor at dawn. (AA Photo)"], "The harbor at dawn.", "AA Photo"),
        (["The harbor (Qatar Fund (QFFD) via AP)."], "The harbor", "Qatar Fund (QFFD) via AP"),
        (["Ada Lorn (L) at the harbor (2nd R)"], "Ada Lorn (L) at the harbor (2nd R)", None),
        (["The caf&eacute; &quot;Lorn&quot;  (EPA)"], 'The café "Lorn"', "EPA"),
        (["(AP Photo)"], None, "AP Photo"),
        # What is printed beside a picture counts where its alt says nothing.
        (["", "The harbor (AFP)"], "The harbor", "AFP"),
        (["No Image", "The harbor (AFP)"], "The harbor", "AFP"),
        (["The harbor", "The harbor (AFP)"], "The harbor", None),
        (["(AP Photo)", "The harbor (AFP)"], None, "AP Photo"),
        (["", ""], None, None),
        ([], None, None),
    ],
)
def test_captions(captions: list[str], caption: str | None, credit: str | None) -> None:
    picture = Picture("https://example.com/a.jpg", tuple(captions))
    assert loaded("images", [picture]) == {"images": [Image(url=picture.url, caption=caption, credit=credit)]}


def test_every_picture_in_its_order() -> None:
    pictures = [Picture(f"https://example.com/{name}.jpg", (f"{name} (AP)",)) for name in "ABC"]
    assert [(one.caption, one.credit) for one in loaded("images", pictures)["images"]] == [("A", "AP"), ("B", "AP"), ("C", "AP")]  # fmt: skip


def test_plain_fields() -> None:
    assert loaded("headline", "  A\u00a0\n headline\u200b ") == {"headline": "A headline"}
    assert loaded("description", "Q&amp;A ") == {"description": "Q&A"}
    assert loaded("body", ["One.", "Two."]) == {"body": "One.\n\nTwo."}


def test_sources() -> None:
    loader = ArticleLoader()
    loader.take("byline", "css", "by")
    loader.take("byline", "text", None)
    loader.take("byline", "meta", "Jane Roe")
    loader.take("byline", "json-ld", "Ada Lorn")
    loader.take("standfirst", "css", "A standfirst.")
    assert loader.sources == dict.fromkeys(SOURCE_FIELDS) | {"byline": "meta"}
    assert loader.load_item()["authors"] == ["Jane Roe"]


def test_as_any_item_loader() -> None:
    """The parts of a page of one's own: selectors in, what a record needs out."""
    html = """<h1>Harbor opens</h1> <div class="left_mobile_details"><span>by Jane Roe</span> <span>VELL</span>
        <span>Sep 14, 2021 - 12:05 am</span></div> <p>One.</p><p>Two.</p> <a rel="tag">Harbors</a><a rel="tag">VELL</a>"""
    loader = ArticleLoader(selector=Selector(html), opinion=True, zone=PLUS_3)
    details = loader.nested_css("div.left_mobile_details")
    details.add_css("byline", "span:nth-child(1)::text")
    details.add_css("dateline", "span:nth-child(2)::text")
    details.add_css("published", "span:nth-child(3)::text")
    loader.add_css("headline", "h1::text").add_xpath("body", "//p/text()").add_css("keywords", "a[rel=tag]::text")
    item = loader.load_item()
    assert item == {
        "byline": "Jane Roe",
        "authors": ["Jane Roe"],
        "agencies": [],
        "dateline": "VELL",
        "published_at": "2021-09-14T00:05:00+03:00",
        "published_precision": "day",
        "published_raw": "Sep 14, 2021 - 12:05 am",
        "zone_source": "page",
        "headline": "Harbor opens",
        "body": "One.\n\nTwo.",
        "keywords": ["harbors", "vell"],
    }
    made = Article(
        **item, text_hash="0" * 64, revision_hash="0" * 64, url="https://www.dailysabah.com/opinion/columns/harbor-opens", kind="column", layout="2020",
        sources=loader.sources, reader_version="1",
    )  # fmt: skip
    assert made.published_raw == "Sep 14, 2021 - 12:05 am"


def test_a_nested_loader_notes_its_sources_in_the_one_around_it() -> None:
    loader = ArticleLoader(selector=Selector("<p>by Jane Roe</p>"))
    loader.nested_css("p").take("byline", "css", "by Jane Roe")
    assert loader.sources["byline"] == "css"
    assert loader.load_item()["byline"] == "Jane Roe"


@pytest.mark.parametrize(
    ("path", "precision"),
    [("/opinion/columns/slug", "day"), ("/opinion/op-ed/slug", "day"), ("/world/europe/slug", "minute")],
)
def test_the_words_of_a_feed_are_read_as_those_of_the_page(path: str, precision: str) -> None:
    """Where the page says nothing of its date: Istanbul's 12:05 am is the slot of an opinion piece there too."""
    address = f"https://www.dailysabah.com{path}"
    html = '<html><h1 class="main_page_title">Headline</h1><div class="article_body"><p>Text.</p></div></html>'
    hint = Hint(parse_date("Tue, 14 Sep 2021 00:05:00 +0300"))
    read_values = read(HtmlResponse(address, body=html.encode()), address, hint).values
    assert (read_values["published_at"], read_values["published_precision"]) == ("2021-09-14T00:05:00+03:00", precision)
    assert read_values["published_raw"] == "Tue, 14 Sep 2021 00:05:00 +0300"
    assert read_values["sources"]["published_at"] == "feed"
