"""ArticleLoader: strings from a page in, typed values out. Declares processors and holds no logic."""

from __future__ import annotations

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, MapCompose, TakeFirst

from sabah.normalize.bylines import parse_byline
from sabah.normalize.keywords import parse_keywords
from sabah.normalize.text import clean, unescape

_metadata = MapCompose(unescape, clean)


class ArticleLoader(ItemLoader):
    """Collects the values of one page into a dict.

    A loader over the record itself would refuse pages that lack a field, and its empty values are dropped,
    so the record is built once, from the dict, when everything is there.
    """

    default_item_class = dict
    default_input_processor = MapCompose(clean)
    default_output_processor = TakeFirst()

    article_id_in = _metadata
    description_in = _metadata

    byline_in = MapCompose(parse_byline)

    published_in = Identity()
    modified_in = Identity()

    body_in = Identity()
    body_out = Compose("\n\n".join)

    keywords_in = Compose(parse_keywords)
    keywords_out = Identity()

    images_in = Identity()
    images_out = Identity()
    videos_in = Identity()
    videos_out = Identity()
    related_in = Identity()
    related_out = Identity()
