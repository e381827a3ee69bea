"""Everything the newspaper is known to do must happen in 2,000 articles, and not too rarely to matter."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from replica.editor import article
from replica.listings import listing, paths
from replica.newspaper import Newspaper
from replica.pages import article_page
from replica.truth import addresses, entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from replica.model import Article

TOTAL = 2000


@attrs.frozen
class Case:
    one: Article
    expected: dict[str, Any]
    page: str

    @property
    def r(self) -> dict[str, Any]:
        """The expected record."""
        record: dict[str, Any] = self.expected["record"]
        return record


Everything = list[Case]


@pytest.fixture(scope="module")
def everything() -> Everything:
    paper = Newspaper(1, TOTAL)
    made = (article(paper, number) for number in range(TOTAL))
    return [Case(one, entry(one), article_page(paper, one).decode()) for one in made]


IN_THE_PAGE = {
    "byline in h2": r"<span><h2>by ",
    "image_holder with a trailing blank": r'class="image_holder "',
    "comment before the ratio": r"<!-- 2 --><div class=\"layout-ratio ratio800x531\">",
    "lazy hero": r"ratio800x531\"><img src=\"[^\"]*no-image800x531.jpg\" class=\"lazy\" data-src",
    "hero placeholder": r"ratio800x531\"><img src=\"[^\"]*no-image800x531.jpg\" alt=\"No Image\"",
    "picture without caption": r'data-src="[^"]*" alt="No Image"',
    "double-escaped alt": r'alt="[^"]*&amp;#039;',
    "resizer host": r"iadsb\.tmgrup\.com\.tr/[0-9a-f]{6}/",
    "GenelBuyuk": r"GenelBuyuk",
    "placeholder topics": r"DEUTSCHE-BANK",
    "newsletter in the body": r'article_body[^§]*class="article-newsletter"[^§]*class="share_holder"',
    "cookie notice, English": r"Personal Data No\. 6698 \(KVKK\)",
    "cookie notice, Turkish": r"6698 sayılı",
    "bare text with breaks": r"<br>\n<br />",
    "sub-headings": r"article_body[^§]*<h[234]>",
    "list in the body": r"article_body[^§]*<ul><li>[^<]",
    "figcaption": r"<figcaption",
    "soft hyphen": r"&shy;|\u00ad",
    "no-break space": r"&nbsp;|\u00a0said",
    "keywords in a list": r"(?i)>keywords</\w+>\n<ul>",
    "keywords in links": r"(?i)>keywords</\w+>\n<div> <a",
    "keywords in spans": r"(?i)>keywords</\w+>\n<div><span",
    "keywords with commas": r"(?i)>keywords</\w+>\n<p>",
    "keywords beside their label": r"(?i)>keywords</\w+>\n<a",
    "keywords without class": r"<div><(h3|div|span|strong)>KEYWORDS",
    "keywords in boxes": r"(?i)>keywords</\w+>\n<div><div>",
    "keywords in paragraphs": r"(?i)>keywords</\w+>\n<p>[^<]*</p><p>",
    "keywords in a description list": r"(?i)>keywords</\w+>\n<dl><dt></dt><dd>",
    "keywords in buttons": r"(?i)>keywords</\w+>\n<div><button>",
    "keywords behind icons": r"(?i)>keywords</\w+>\n<div><a [^>]*><img",
    "heading inside a link": r'<a href="[^"]*" title="[^"]*"><h3>',
    "link inside another heading": r'<h4><a href="[^"]*" title',
    "other heading inside a link": r'<a href="[^"]*" title="[^"]*"><h4>',
    "notice glued with a blank": r"[.”] (This website sets|6698 sayılı)",
    "notice glued without a blank": r"[.”](This website sets|6698 sayılı)",
    "notice behind a line break": r"<p>[^<]*<br>(This website sets|6698 sayılı)",
    "notice in a span": r"<span>(This website sets|6698 sayılı)",
    "caption of a picture without alt": r'in_image[^§]{0,900} alt=""[^>]*><(figcaption|div|span|p|em)[^>]*>[^<]+\(',
    "top date without offset": r"<span>[A-Z][a-z]{2} \d\d, \d{4} - \d+:\d\d [ap]m</span>",
    "last update with offset": r"Last Update: (<b>)?[A-Z][a-z]{2} \d\d, \d{4} \d+:\d\d [ap]m GMT\+3",
    "details without spans": r'left_mobile_details">\n(by )?[A-Z]',
    "details in one more box": r'left_mobile_details">\n<div>',
    "share button behind the headline": r'</h1>\n<div class="share_button">Share</div>\n<',
    "share bar behind the headline": r'</h1>\n<div class="share_bar"><a',
    "gallery in a list": r'<ul class="slides"><li><a href="javascript:;"><img',
    "gallery in boxes": r'<(div|section) class="slides"><div><a href="javascript:;"><img',
    "label RECOMMENDED in h3": r"<h3[^>]*>RECOMMENDED",
    "label RECOMMENDED in h4": r"<h4[^>]*>RECOMMENDED",
    "label RECOMMENDED in div": r"<div[^>]*>RECOMMENDED",
    "label RECOMMENDED in span": r"<span[^>]*>RECOMMENDED",
    "last update in li": r"<li[^>]*>Last Update",
    "last update in span": r"<span[^>]*>Last Update",
    "last update in div": r"<div[^>]*>Last Update",
    "boxes inside the body": r"class=\"article_body[^>]*>\n<div[^>]*>\n(<div class=\"header\">)?<\w+[^>]*>RECOMMENDED",
    "gallery card": r">PHOTOGALLERY<",
    "meta dates": r'name="datePublished" content="[^"]+\+03:00"',
    "meta dates without offset": r'name="datePublished" content="[^"+]+"',
    "twins": r'itemprop="datePublished"',
    "identifier": r'itemprop="identifier"',
    "published_time without offset": r'article:published_time" content="\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"',
    "news_keywords": r'name="news_keywords"',
    "keywords of the whole site": r'content="news, ?turkey news',
    "WebPage JSON-LD": r'"@type": "WebPage"',
    "BreadcrumbList JSON-LD": r'"@type": "BreadcrumbList"',
    "player in an iframe": r"<iframe src=\"https://www\.(youtube|dailysabah)\.com/(embed|player)",
    "lazy player": r"<iframe[^>]* data-src",
    "video file": r"<source src=",
    "relative link": r'<h3><a href="/',
    "apex link": r'<h3><a href="https://dailysabah\.com',
    "http link": r'<h3><a href="http://www',
    "tracking link": r'<h3><a href="[^"]*utm_source',
    "amp link": r'<h3><a href="[^"]*/amp"',
    "footer of another year": r"Yayıncılık 2021",
    "analytics images": r"analytics\.twitter\.com",
    "copy_text": r'input class="copy_text"',
}

IN_THE_RECORD: dict[str, Callable[[Case], object]] = {
    "legacy": lambda case: case.r["layout"] == "legacy",
    "generic": lambda case: case.r["layout"] == "generic",
    "old address, new template": lambda case: case.r["layout"] == "2020" and re.search(r"/20\d\d/\d\d/\d\d/", case.r["url"]),
    "column": lambda case: case.r["kind"] == "column",
    "old column, author with _": lambda case: re.search(r"/columns/\w+_\w+/20", case.r["url"]),
    "op-ed": lambda case: case.r["kind"] == "op-ed",
    "editorial": lambda case: case.r["kind"] == "editorial",
    "reader's corner": lambda case: case.r["kind"] == "readers-corner",
    "video": lambda case: case.r["kind"] == "video",
    "video without text": lambda case: case.r["kind"] == "video" and case.r["body"] is None,
    "gallery": lambda case: case.r["kind"] == "gallery" and len(case.r["images"]) > 4,
    "old gallery": lambda case: case.r["kind"] == "gallery" and not case.r["url"].endswith("/images"),
    "turkiye": lambda case: "/turkiye/" in case.r["url"] and case.r["section"] == "turkey",
    "turkey": lambda case: "/turkey/" in case.r["url"],
    "section unknown": lambda case: case.r["section"] is None and case.r["subsection"] is None,
    "sub-section of two sections": lambda case: case.r["section"] is None and case.r["subsection"] is not None,
    "sub-section not in the menu": lambda case: case.r["subsection"] in ("antarctica", "shipping", "crafts", "wrestling"),
    "arts-culture": lambda case: "/arts-culture/" in case.r["url"] and case.r["section"] == "arts",
    "slot of midnight": lambda case: "T00:00" in case.r["published_at"] and case.r["published_precision"] == "day",
    "midnight that is none": lambda case: "T00:00:00" in case.r["published_at"] and case.r["published_precision"] == "minute",
    "slot of 12:05": lambda case: "T00:05" in case.r["published_at"] and case.r["published_precision"] == "day",
    "12:05 that is none": lambda case: "T00:05" in case.r["published_at"] and case.r["published_precision"] == "minute",
    "noon": lambda case: "12:0" in (case.r["published_raw"] or "") and "T12:0" in case.r["published_at"],
    "zone of another date of the page": lambda case: case.r["zone_source"] == "page" and case.r["layout"] == "2020",
    "zone of the metadata": lambda case: case.r["zone_source"] == "page" and "GMT" not in (case.r["modified_raw"] or ""),
    "top date without offset, zone assumed": lambda case: case.r["zone_source"] == "assumed" and case.r["layout"] == "2020",
    "alt shorter than its caption": lambda case: any(one.printed and one.alt and one.alt in one.printed for _, one in case.one.pictures),
    "caption printed for no alt": lambda case: any(one.printed and not one.alt and one.caption for _, one in case.one.pictures),
    "winter before 2016, assumed": lambda case: case.r["zone_source"] == "assumed" and case.r["published_at"].endswith("+02:00"),
    "winter before 2016, printed": lambda case: case.r["zone_source"] == "printed" and case.r["published_at"] < "2016-03" and case.r["published_at"][5:7] == "01",
    "AM": lambda case: "AM GMT" in (case.r["published_raw"] or "") or "PM GMT" in (case.r["published_raw"] or ""),
    "no byline": lambda case: case.r["byline"] is None,
    "byline from metadata": lambda case: case.r["sources"]["byline"] == "meta",
    "city": lambda case: case.r["dateline"] is not None,
    "two persons": lambda case: len(case.r["authors"]) == 2,
    "person and agency": lambda case: case.r["authors"] and case.r["agencies"],
    "two agencies": lambda case: len(case.r["agencies"]) == 2,
    "nested credit": lambda case: any("(FQD)" in (image["credit"] or "") for image in case.r["images"]),
    "brackets that are no credit": lambda case: any((image["caption"] or "").endswith(")") for image in case.r["images"]),
    "credit alone": lambda case: any(image["credit"] and not image["caption"] for image in case.r["images"]),
    "no picture": lambda case: not case.r["images"],
    "no keywords": lambda case: not case.r["keywords"],
    "keywords from metadata": lambda case: case.r["sources"]["keywords"] == "meta",
    "keywords from JSON-LD": lambda case: case.r["sources"]["keywords"] == "json-ld",
    "modified from metadata": lambda case: case.r["sources"]["modified_at"] == "meta",
    "modified from JSON-LD": lambda case: case.r["sources"]["modified_at"] == "json-ld",
    "dotted capital I": lambda case: any("İ" in keyword for keyword in case.one.keywords),
    "repeated keyword": lambda case: len(case.one.keywords) > len(case.r["keywords"]) > 0,
    "quotes in the headline": lambda case: '"' in case.r["headline"],
    "ampersand in the headline": lambda case: "&" in case.r["headline"],
    "no description": lambda case: case.r["description"] is None,
    "one or two paragraphs": lambda case: case.r["kind"] == "article" and case.r["body"].count("\n\n") < 2,
    "very long": lambda case: case.r["word_count"] > 1500,
    "Last Update in the text": lambda case: "Last Update: " in (case.r["body"] or ""),
    "KEYWORDS in the text": lambda case: "KEYWORDS" in (case.r["body"] or ""),
    "a date in the text": lambda case: "pm GMT+3 and" in (case.r["body"] or ""),
    "paragraph that begins with by": lambda case: "\n\nby the time" in (case.r["body"] or ""),
    "about the law": lambda case: "Law No. 6698" in (case.r["body"] or "") and "cookie notice" in case.r["body"],
    "repeated slug": lambda case: re.search(r"-1\d{5}(/news)?$", case.r["url"]),
    "near-twin": lambda case: case.one.stub.near,
    "wrong date in the head": lambda case: case.r["sources"]["published_at"] == "css" and case.one.meta.published and case.one.meta.published[:16] != case.r["published_at"][:16],
    "invalid JSON-LD": lambda case: case.one.meta.json_ld and case.one.meta.json_ld.form == "invalid",
    "no metadata at all": lambda case: case.one.meta.description is None and not case.one.meta.keywords and case.one.meta.published is None and case.one.meta.json_ld is None,
    "one box": lambda case: bool(case.one.recommended[0]) != bool(case.one.recommended[1]),
    "no box": lambda case: case.r["layout"] == "2020" and not case.r["related"],
    "the same box twice": lambda case: case.one.recommended[0] and case.one.recommended[0] == case.one.recommended[1],
}  # fmt: skip

IN_THE_ENTRY = {"same text": "same_text_as", "second address, 301": "aliases", "second address, 200": "served_as"}


@pytest.mark.parametrize("name", IN_THE_PAGE)
def test_in_the_page(everything: Everything, name: str) -> None:
    form = re.compile(IN_THE_PAGE[name])
    shown = (case for case in everything if form.search(case.page))
    assert len(list(islice(shown, 3))) == 3


@pytest.mark.parametrize("name", IN_THE_RECORD)
def test_in_the_record(everything: Everything, name: str) -> None:
    holds = IN_THE_RECORD[name]
    assert any(holds(case) for case in everything)


@pytest.mark.parametrize("name", IN_THE_ENTRY)
def test_in_the_truth(everything: Everything, name: str) -> None:
    assert any(case.expected[IN_THE_ENTRY[name]] for case in everything)


def test_addresses_are_unique_and_most_text_is(everything: Everything) -> None:
    records = {case.r["url"]: case.expected for case in everything}
    assert len(records) == TOTAL
    same = {url: expected["same_text_as"] for url, expected in records.items() if expected["same_text_as"]}
    assert all(
        records[url]["record"]["text_hash"] == records[other]["record"]["text_hash"] for url, other in same.items()
    )
    hashes = Counter(expected["record"]["text_hash"] for url, expected in records.items() if url not in same)
    assert max(hashes.values()) == 1


def test_weight(everything: Everything) -> None:
    sizes = sorted(len(case.page.encode()) for case in everything)
    assert 110_000 < sizes[TOTAL // 2] < 130_000


def test_related_links_lead_where_listings_do_not_and_not_everywhere(everything: Everything) -> None:
    paper = Newspaper(1, TOTAL)
    entries = {case.r["url"]: case.expected for case in everything}
    named = {alias: url for url, expected in entries.items() for alias in expected["aliases"] + expected["served_as"]}
    found = (listing(paper, path) for path in paths(paper))
    front = set(chain.from_iterable(addresses(card.link for card in one.cards) for one in found if one))
    reached: list[int] = []
    seen: set[str] = set()
    for _ in range(6):
        front = {url for url in (named.get(address, address) for address in front) if url in entries} - seen
        seen |= front
        reached.append(len(seen))
        links = (entries[url]["links"] for url in front)
        front = {address for one in links for box in ("recommended", "cards", "body") for address in one[box]}
    assert reached[0] < TOTAL * 0.5 < reached[2]
    assert TOTAL * 0.9 < reached[5] < TOTAL
