"""The pages say what the truth says: read here with plain lxml, by class names and labels this file knows for itself."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from replica.editor import article
from replica.listings import listing, paths
from replica.newspaper import Newspaper
from replica.pages import amp_page, article_page, listing_page
from replica.truth import addresses, entry

if TYPE_CHECKING:
    from collections.abc import Iterable

Page = tuple[dict[str, Any], Any]
NOT_ARTICLES = re.compile(
    r"https://www\.dailysabah\.com/(?:[a-z-]*$|search|arabic|deutsch|columns/[^/]+/archive)|https://(?!www\.dailysabah\.com/)|mailto:|javascript:|https://www\.dailysabah\.com\."
)


@pytest.fixture(scope="module")
def paper() -> Newspaper:
    return Newspaper(21, 700)


@pytest.fixture(scope="module")
def pages(paper: Newspaper) -> list[Page]:
    return [
        (entry(one), parsed(article_page(paper, one)))
        for one in (article(paper, number) for number in range(paper.total))
    ]


def of(pages: Iterable[Page], layout: str) -> list[Page]:
    return [(one, tree) for one, tree in pages if one["record"]["layout"] == layout]


def parsed(page: bytes) -> Any:
    return etree.fromstring(page, etree.HTMLParser(encoding="utf-8"))


def canonical(href: str) -> str | None:
    """What an address written in any of its forms means; None for no article of the site."""
    href = href.strip()
    if href.startswith("/"):
        href = "https://www.dailysabah.com" + href
    href = re.sub(r"^https?://(www\.)?dailysabah\.com(?=/)", "https://www.dailysabah.com", href, flags=re.IGNORECASE)
    href = re.sub(r"[?#].*$", "", href).rstrip("/").removesuffix("/amp")
    return None if NOT_ARTICLES.match(href) else href


def linked(anchors: Iterable[Any]) -> list[str]:
    found = (canonical(anchor.get("href")) for anchor in anchors if anchor.get("href"))
    return list(dict.fromkeys(one for one in found if one))


def words(node: Any) -> str:
    return " ".join(re.sub("[\u00ad]", "", "".join(node.itertext())).split())


def test_what_the_2020_template_prints_at_the_top(pages: list[Page]) -> None:
    for one, tree in of(pages, "2020"):
        record = one["record"]
        assert "logo_holder" in tree.xpath("//h1")[0].get("class")
        assert (
            words(tree.xpath("//div[@class='top_title_widget']/h1[@class='main_page_title']")[0]) == record["headline"]
        )
        spot = tree.xpath(
            "//div[@class='top_title_widget']/*[position() > 1 and not(.='Share' or a[@href='javascript:;'])]"
        )
        assert (words(spot[0]) if spot else None) == record["standfirst"]
        details = tree.xpath("//div[@class='left_mobile_details']")[0]
        line = " ".join(words(span) for span in details.iter("span")) or words(details)
        assert line.endswith(record["published_raw"])
        expected = [
            f"by {record['byline']}" if record["byline"] else "",
            record["dateline"] or "",
            record["published_raw"],
        ]
        assert line.replace(" ", "") == "".join(expected).replace(" ", "") or record["sources"]["byline"] != "css"


def test_last_update_and_keywords_stand_behind_their_labels(pages: list[Page]) -> None:
    for one, tree in of(pages, "2020"):
        record = one["record"]
        share = words(tree.xpath("//li[@class='copied']/../..")[0])
        match = re.search(r"Last Update: (.+? [ap]m(?: GMT\+3)?)$", share)
        assert (match[1] if match else None) == (
            record["modified_raw"] if record["sources"]["modified_at"] == "text" else None
        )
        labels = tree.xpath(
            "//*[not(ancestor-or-self::*[@class='article_body' or contains(@class, 'detail_text')])][text()='KEYWORDS' or text()='Keywords']"
        )
        assert bool(labels) == (record["sources"]["keywords"] == "text")
        for label in labels:
            block = words(label.getparent()).replace("I", "i").replace("İ", "i").lower()
            assert all(keyword in block for keyword in record["keywords"])


def test_every_paragraph_is_in_the_body_and_the_picture_before_it(pages: list[Page]) -> None:
    for one, tree in of(pages, "2020"):
        record = one["record"]
        body = tree.xpath("//div[starts-with(@class, 'article_body')]")[0]
        text = words(body)
        assert all(paragraph in text for paragraph in (record["body"] or "").split("\n\n"))
        shown = [
            image.get("data-src") or image.get("src")
            for image in tree.xpath("//div[@class='top_title_widget']/following::img")
            if not image.xpath("ancestor::*[@class='widget' or @class='related-topics' or @class='article-newsletter']")
        ]
        shown = [url for url in shown if "/uploads/" in url or "GenelBuyuk" in url]
        assert shown == [image["url"] for image in record["images"]]


def test_alts_hold_caption_and_credit(pages: list[Page]) -> None:
    for one, tree in of(pages, "2020"):
        alts = {image.get("data-src") or image.get("src"): image.get("alt") for image in tree.iter("img")}
        for image in one["record"]["images"]:
            alt = unescape(alts[image["url"]])
            caption, credit = image["caption"], image["credit"]
            if not alt and credit:  # printed below the picture instead
                lines = {
                    words(node).rstrip(".") for node in tree.xpath("//div[starts-with(@class, 'article_body')]//*")
                }
                assert f"{caption} ({credit})" in lines
                continue
            assert alt.rstrip(".") == (f"{caption or ''} ({credit})".strip() if credit else (caption or alt)).rstrip(
                "."
            )
            assert caption or credit or alt in ("", "No Image")


def test_old_template(pages: list[Page]) -> None:
    for one, tree in of(pages, "legacy"):
        record = one["record"]
        assert words(tree.xpath("//h1[@id='newsTitle']")[0]) == record["headline"]
        text = words(tree.xpath("//div[@class='txtIn']")[0])
        assert f"Published {record['published_raw']}" in text
        assert (f"Updated {record['modified_raw']}" in text) == (record["sources"]["modified_at"] == "text")
        body = words(tree.xpath("//*[@id='newsDescription']/div[@class='txt']")[0])
        assert all(paragraph in body for paragraph in record["body"].split("\n\n"))
        assert re.search(r"/20\d\d/\d\d/\d\d/", record["url"])


def test_unrecognised_template(pages: list[Page]) -> None:
    assert of(pages, "generic")
    for one, tree in of(pages, "generic"):
        record = one["record"]
        assert [words(p) for p in tree.xpath("//article//p")] == record["body"].split("\n\n")
        metas = {
            meta.get("name") or meta.get("property") or meta.get("itemprop"): meta.get("content")
            for meta in tree.iter("meta")
        }
        assert metas["og:title"] == record["headline"]
        assert metas["og:type"] == "article"
        stated = (
            metas.get("datePublished")
            or metas.get("article:published_time")
            or tree.findtext(".//script[@type='application/ld+json']")
        )
        assert record["published_raw"] in stated
        assert not tree.xpath("//*[contains(@class, 'main_page_title') or contains(@class, 'article_body')]")


def test_links_of_each_box(pages: list[Page]) -> None:
    for one, tree in pages:
        expected = one["links"]
        boxes = [
            label.xpath("ancestor::div[.//div[@class='widget_content']][1]")[0]
            for label in tree.xpath("//*[text()='RECOMMENDED' or text()='Recommended']")
        ]
        in_boxes = {anchor for box in boxes for anchor in box.iter("a")}
        assert (
            linked(anchor for box in boxes for anchor in box.iter("a"))
            == expected["recommended"]
            == one["record"]["related"]
        )
        assert linked(anchor for anchor in tree.xpath("//h3/a") if anchor not in in_boxes) == expected["cards"]
        assert linked(tree.xpath("//ul[@class='numbered_list']/li/a")) == expected["most_read"]
        inside = tree.xpath("//div[starts-with(@class, 'article_body') or @class='txt']//a")
        assert linked(anchor for anchor in inside if anchor not in in_boxes) == expected["body"]
        assert set(expected["dead"]) <= {
            address for box in ("recommended", "cards", "body", "most_read") for address in expected[box]
        }


def test_head_of_every_page(pages: list[Page]) -> None:
    for one, tree in pages:
        url = one["record"]["url"]
        assert [link.get("href") for link in tree.xpath("//head/link[@rel='canonical']")] == [url]
        assert [link.get("href") for link in tree.xpath("//head/link[@rel='amphtml']")] == [url + "/amp"]
        assert tree.xpath("//head/meta[@property='og:image']")
        metas = {meta.get("name") or meta.get("property"): meta.get("content") for meta in tree.iter("meta")}
        assert (metas.get("description") or metas.get("og:description")) == one["record"]["description"]


def test_amp_twins(paper: Newspaper) -> None:
    for number in range(0, paper.total, 7):
        one = article(paper, number)
        expected, source = entry(one)["amp"], amp_page(paper, one)
        tree = parsed(source)
        assert re.search("<html (amp|⚡)", source.decode())
        assert words(tree.find(".//h1")) == expected["headline"]
        assert tree.xpath("//link[@rel='canonical']/@href") == [one.stub.url]
        assert tree.xpath("//figure/amp-img/@src") == [image["url"] for image in expected["images"]]
        text = words(tree.find("body"))
        assert all(paragraph in text for paragraph in (expected["body"] or "").split("\n\n"))
        order = [text.index(expected["headline"]), *(text.index(part) for part in [expected["standfirst"]] if part)]
        assert order == sorted(order)


def test_listings(paper: Newspaper) -> None:
    for path in paths(paper):
        found = listing(paper, path)
        assert found is not None
        tree = parsed(listing_page(paper, found))
        assert linked(tree.xpath("//div[@class='widget_content']/h3/a")) == addresses(card.link for card in found.cards)
        assert all(
            widget.xpath(".//a")[0].find(".//img") is not None for widget in tree.xpath("//div[@class='widget']")
        )
        assert "/search?" in tree.xpath("//*[@class='absolute_right_link']/a/@href")[0]
