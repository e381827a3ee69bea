"""The whole way at full size: every article within reach of a newspaper of 2,000, and every field of each, against the truth."""

from __future__ import annotations

import importlib
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import orjson
import pytest
from itemloaders.processors import Compose, MapCompose
from scrapy.http import HtmlResponse

from sabah.items import Article
from sabah.loaders import ArticleLoader
from sabah.normalize.bylines import Byline
from sabah.normalize.captions import Caption
from sabah.pages import NotAnArticle, read
from sabah.spiders.arguments import parse_section_arguments
from sabah.storage.lines import to_line
from tests.running import crawl
from tests.truth import OWN, differences, reachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica

ARTICLES, SEED, DEPTH = 2000, 3, 3
_WEST = timezone(timedelta(hours=-3))


@pytest.mark.long
def test_a_crawl_gives_every_article_within_reach_and_every_field_as_it_is(
    replica: Callable[..., Replica], tmp_path: Path
) -> None:
    newspaper = replica(articles=ARTICLES, seed=SEED)
    done = crawl("section", "-a", "sections=all", "-a", f"related={DEPTH}", output=tmp_path, origin=newspaper.origin)
    assert done.code == 0, done.err
    paths = parse_section_arguments({"sections": "all"}).listings
    listed = [link for listing in newspaper.listings if listing["path"] in paths for link in listing["links"]["cards"]]
    truths = [{**truth, "aliases": [*truth["aliases"], *truth["served_as"]]} for truth in newspaper.truth]
    expected = reachable(truths, listed, DEPTH)
    assert len(expected) > ARTICLES * 0.9, "the comparison is worth something"
    assert {record["url"] for record in done.articles} == expected
    assert len(done.articles) == len(expected)
    by_url = {truth["record"]["url"]: truth for truth in truths}
    wrong = {record["url"]: found for record in done.articles if (found := differences(record, by_url[record["url"]]))}
    assert wrong == {}


def test_the_truth_says_every_field_that_the_page_decides(replica: Callable[..., Replica]) -> None:
    fields = {field.name for field in attrs.fields(Article)}
    assert set(replica(articles=200, seed=11).truth[0]["record"]) == fields - OWN


Pages = list[tuple[bytes, dict[str, Any]]]


@pytest.fixture(scope="module")
def pages(replica: Callable[..., Replica]) -> Pages:
    newspaper = replica(articles=200, seed=11)
    return [(newspaper.get(truth["paths"]["page"]), truth) for truth in newspaper.truth]


def _first_wrong(pages: Pages) -> list[str]:
    """What differs on the first page that gives anything but the truth."""
    return next((found for body, truth in pages if (found := _differences_of(body, truth))), [])


def _differences_of(body: bytes, truth: dict[str, Any]) -> list[str]:
    url = truth["record"]["url"]
    try:
        reading = read(HtmlResponse(url, body=body), url)
        return differences(orjson.loads(to_line(Article(**reading.values))), truth)
    except (NotAnArticle, ValueError) as error:
        return [str(error)]


def test_unbroken_readers_give_the_truth(pages: Pages) -> None:
    assert _first_wrong(pages) == []


def _other_zone(parse: Callable[..., Any]) -> Callable[..., Any]:
    """As dateutil reads `GMT+3`: three hours behind Greenwich."""

    def broken(*args: Any, **options: Any) -> Any:
        moment = parse(*args, **options)
        return attrs.evolve(moment, at=moment.at.replace(tzinfo=_WEST))

    return broken


def _to_the_minute(parse: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **options: attrs.evolve(parse(*args, **options), precision="minute")


def _never(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *_args, **_options: None


def _as_is(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda given, *_args: given


MUTATIONS: dict[str, tuple[str, str, Callable[[Callable[..., Any]], Callable[..., Any]]]] = {
    "date": ("sabah.loaders", "parse_date", _other_zone),
    "precision": ("sabah.loaders", "parse_date", _to_the_minute),
    "form of a printed date": ("sabah.pages.byline_and_date", "find_date", _never),
    "city": ("sabah.pages.byline_and_date", "is_city", _never),
    "agency above the text": ("sabah.pages.byline_and_date", "parse_byline", _never),
    "zone of another date": ("sabah.loaders", "in_zone", _as_is),
    "city of a dateline": ("sabah.loaders", "parse_city", _never),
    "form of the last update": ("sabah.pages.labels", "find_date", _never),
    "lower case": ("sabah.normalize.keywords", "lower", lambda _: str.lower),
    "entities of the head": ("sabah.pages.metadata", "unescape", _as_is),
    "entities of captions": ("sabah.normalize.captions", "unescape", _as_is),
    "caption beside a picture": (
        "sabah.pages.captions",
        "parse_caption",
        lambda _: lambda text: Caption(text or None, None),
    ),
    "metadata date": ("sabah.pages.record", "is_date", lambda _: lambda _text: False),
    "keywords": ("sabah.loaders", "parse_keywords", lambda _: lambda values: [value.strip() for value in values]),
    "byline": (
        "sabah.loaders",
        "parse_byline",
        lambda _: lambda text: Byline(printed=text, authors=(text,), agencies=()),
    ),
    "caption": ("sabah.loaders", "first_caption", lambda _: lambda texts: Caption(texts[0] or None, None)),
    "one line of text": ("sabah.pages.blocks", "clean", lambda _: str.strip),
    "text hash": ("sabah.pages.record", "text_hash", lambda make: lambda headline, _: make(headline, None)),
    "revision hash": (
        "sabah.pages.record",
        "revision_hash",
        lambda make: lambda **fields: make(**{**fields, "keywords": []}),
    ),
    "address": ("sabah.pages", "parse_address", lambda parse: lambda url: _without_subsection(parse(url))),
}


def _without_subsection(address: Any) -> Any:
    return attrs.evolve(address, subsection=None) if address else None


HELD = {
    "parse_byline": ("byline_in", MapCompose),
    "parse_city": ("dateline_in", MapCompose),
    "parse_keywords": ("keywords_in", Compose),
}
"""Functions that the loader's processors hold since it was declared: to break one, its processor is replaced."""


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_normaliser_is_seen(name: str, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    module_name, function, mutate = MUTATIONS[name]
    module = importlib.import_module(module_name)
    broken = mutate(getattr(module, function))
    if function in HELD:
        field, processor = HELD[function]
        monkeypatch.setattr(ArticleLoader, field, processor(broken))
    else:
        monkeypatch.setattr(module, function, broken)
    assert _first_wrong(pages)
