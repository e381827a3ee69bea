"""Every saved page gives exactly the record beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from sabah.items import Article
from tests.evaluate.corpus import derived
from tests.pages.saved import NAMES, expected, reading, saved

SISTER_PAGE = Path(__file__).parents[2] / "../shared/site/sister-page.html"


def record(body: bytes) -> dict[str, Any]:
    plain: dict[str, Any] = attrs.asdict(Article(**reading(body).values))
    return plain


@pytest.mark.parametrize("name", NAMES)
def test_the_page_gives_its_record(name: str) -> None:
    got, wanted = record(saved(name)), expected(name)
    assert got == wanted
    assert list(got) == list(wanted)
    assert list(got["sources"]) == list(wanted["sources"])


@pytest.mark.parametrize("name", NAMES)
def test_the_hashes_in_the_file_are_those_of_its_values(name: str) -> None:
    fields = expected(name)
    assert {name: fields[name] for name in derived(fields)} == derived(fields)


def test_the_seed_article() -> None:
    article = record(saved("seed-article"))
    assert article["dateline"] == "DAMASCUS"
    assert article["published_at"] == "2021-09-14T10:51:00+03:00"
    assert article["published_precision"] == "minute"
    assert article["modified_at"] == "2021-09-14T11:57:00+03:00"
    assert (article["authors"], article["agencies"]) == ([], ["Associated Press"])
    assert article["keywords"] == ["syrian crisis", "syria", "russia", "vladimir putin", "bashar assad"]
    assert [(image["caption"], image["credit"]) for image in article["images"]] == [
        (
            "Russian President Vladimir Putin, right, listens to Syria's Bashar Assad during their meeting in the Kremlin in Moscow, Russia, Sept. 13, 2021.",
            "Kremlin Pool Photo via AP",
        )
    ]
    paragraphs = article["body"].split("\n\n")
    assert len(paragraphs) == 13
    assert paragraphs[0].startswith("Russian President Vladimir Putin and Syria’s Bashar Assad have met in Moscow")
    assert paragraphs[-1].endswith("including 5 million who are refugees outside the country.")
    assert (article["section"], article["subsection"]) == ("world", "syrian-crisis")
    assert article["related"] == [
        "https://www.dailysabah.com/world/syrian-crisis/syrians-in-idlib-camps-in-dire-condition-amid-economic-crisis"
    ]


@pytest.mark.skipif(not SISTER_PAGE.exists(), reason="the sister newspaper's page is not beside this repository")
def test_the_sister_page() -> None:
    article = record(SISTER_PAGE.read_bytes())
    assert article["layout"] == "generic"
    assert article["section"] is None
    assert article["headline"] == "All paid their own way on PM Anwar’s foreign trips, Fahmi clarifies"
    assert article["published_at"] == "2024-11-22T16:55:35+08:00"
    assert article["keywords"] == ["anwar ibrahim", "fahmi fadzil"]
    assert article["article_id"] == "2902050"
    paragraphs = article["body"].split("\n\n")
    assert paragraphs[0].startswith("PUTRAJAYA, Nov 22 — Private companies did not pay")
    assert not any("Versa" in one or "Picture by" in one for one in paragraphs)
