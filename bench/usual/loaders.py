"""Processors of the fields."""

from __future__ import annotations

import dateparser  # type: ignore[import-untyped]  # has no types, and its stubs are not worth a requirement
from itemloaders.processors import Compose, Identity, Join, MapCompose, TakeFirst
from scrapy.loader import ItemLoader
from w3lib.html import remove_tags, replace_entities


def squeeze(text: str) -> str | None:
    return " ".join(text.split()) or None


def parse_date(text: str) -> str | None:
    moment = dateparser.parse(text, languages=["en"])
    return moment.isoformat() if moment else None


class ArticleLoader(ItemLoader):
    default_input_processor = MapCompose(remove_tags, squeeze)
    default_output_processor = TakeFirst()

    published_at_in = MapCompose(squeeze, parse_date)
    modified_at_in = MapCompose(squeeze, parse_date)
    body_in = MapCompose(remove_tags, replace_entities, squeeze)
    body_out = Join("\n\n")
    word_count_in = Identity()
    keywords_in = MapCompose(squeeze, str.lower)
    keywords_out = Identity()
    images_in = Identity()
    images_out = Identity()
    videos_out = Identity()
    related_in = Identity()
    related_out = Compose(dict.fromkeys, list)
    status_in = Identity()
