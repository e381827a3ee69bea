"""ArticleLoader: words as a page prints them in, the values of a record out.

A field's `_in` says what becomes of the words, its `_out` what of several. What the functions do is in `sabah.normalize`; here it is said which field gets which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import attrs
from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, MapCompose, TakeFirst

from sabah.items import SOURCE_FIELDS, Image
from sabah.normalize.bylines import parse_byline
from sabah.normalize.captions import first_caption
from sabah.normalize.dates import in_zone, parse_city, parse_date
from sabah.normalize.keywords import parse_keywords
from sabah.normalize.text import clean, unescape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from re import Pattern

    from sabah.normalize.bylines import Byline
    from sabah.normalize.dates import Moment

    Context = Mapping[str, Any]

_SOURCE_OF = {"published": "published_at", "modified": "modified_at"}
"""What `sources` calls a field that gives several of the record."""


@attrs.frozen
class Picture:
    """A picture as a page has it."""

    url: str
    captions: tuple[str, ...] = ()
    """The texts that may hold its caption, best first: its `alt`, then what is printed beside it."""


def to_moment(printed: str, loader_context: Context) -> Moment:
    """Read a printed date. Raises DateError."""
    return parse_date(printed, opinion=loader_context["opinion"], day_first=loader_context["day_first"])


def in_page_zone(moment: Moment, loader_context: Context) -> Moment:
    """Put a date that prints no zone into that of its page, where another date of the page prints one."""
    zone = loader_context["zone"]
    return in_zone(moment, zone) if zone else moment


def to_image(picture: Picture) -> Image:
    """Divide the words under a picture into caption and credit."""
    caption = first_caption(picture.captions)
    return Image(url=picture.url, caption=caption.text, credit=caption.credit)


def published_fields(moment: Moment) -> dict[str, str]:
    """Give the instant of publication, how exactly it is known, and the words it is made of."""
    return {
        "published_at": moment.isoformat(),
        "published_precision": moment.precision,
        "published_raw": moment.raw,
        "zone_source": moment.zone_source,
    }


def modified_fields(moment: Moment) -> dict[str, str]:
    """Give the instant of the last update and the words it is made of."""
    return {"modified_at": moment.isoformat(), "modified_raw": moment.raw}


def byline_fields(byline: Byline) -> dict[str, str | list[str]]:
    """Give the byline as printed, and the persons and agencies in it."""
    return {"byline": byline.printed, "authors": list(byline.authors), "agencies": list(byline.agencies)}


class ArticleLoader(ItemLoader):
    """Makes the values of a record of the words that a page prints.

    Words go in by any method of an ItemLoader, or by `take`, which notes where they stood. `load_item` gives a dict of the record's fields that were found. What is
    known of the page helps to understand the words and is given as loader context:

    * `opinion` (False): it is an opinion piece; these print the slot `12:05 am` where they have no time.
    * `day_first` (True): the order of `24.03.2016`.
    * `zone` (None): the tzinfo that another date of the page prints; without one a date that prints no zone is Istanbul's. It may be set after the words went in.

    It makes a dict because one over the record itself would refuse pages that lack a field: the record is made once, from the dict, when everything is there.
    """

    default_item_class = dict
    default_input_processor = MapCompose(clean)
    default_output_processor = TakeFirst()

    article_id_in = description_in = MapCompose(unescape, clean)

    byline_in = MapCompose(parse_byline)
    byline_out = Compose(TakeFirst(), byline_fields)

    dateline_in = MapCompose(parse_city)

    published_in = modified_in = MapCompose(to_moment, opinion=False, day_first=True)
    published_out = Compose(TakeFirst(), in_page_zone, published_fields, zone=None)
    modified_out = Compose(TakeFirst(), in_page_zone, modified_fields, zone=None)

    body_in = Identity()
    body_out = Compose("\n\n".join)

    keywords_in = Compose(parse_keywords)
    keywords_out = Compose(dict.fromkeys, list)

    images_in = MapCompose(to_image)
    images_out = Identity()
    videos_in = related_in = Identity()
    videos_out = related_out = Identity()

    def __init__(self, *given: Any, **context: Any) -> None:
        super().__init__(*given, **context)
        around = self.parent if isinstance(self.parent, ArticleLoader) else None
        self.sources: dict[str, str | None] = around.sources if around else dict.fromkeys(SOURCE_FIELDS)
        """Where each field was read, as the record says it."""

        self.unread: set[str] = around.unread if around else set()
        """Fields that the page prints in a way not known: its head says perhaps something else."""

    def add_value(
        self,
        field_name: str | None,
        value: Any,
        *processors: Callable[..., Any],
        re: str | Pattern[str] | None = None,
        **keywords: Any,
    ) -> Self:
        """Process words and keep what they give. Raises what the processor raised, as DateError.

        itemloaders packs that into two ValueErrors, whose texts name functions and not the page.
        """
        try:
            return super().add_value(field_name, value, *processors, re=re, **keywords)
        except ValueError as error:
            raise _first_cause(error) from error

    def take(self, field: str, source: str | None, words: Any) -> None:
        """Take words for a field that has none yet, and note their source. Empty ones are passed over, so callers try their sources in order.

        A date is read also where one is known: one that cannot be makes the whole page doubtful. Raises DateError.
        """
        known = self.has(field)
        if not words or (known and field not in _SOURCE_OF):
            return
        self.add_value(field, words)
        name = _SOURCE_OF.get(field, field)
        if not known and name in self.sources and self.has(field):
            self.sources[name] = source

    def has(self, field: str) -> bool:
        """Whether words for the field gave a value."""
        return bool(self.get_collected_values(field))

    def load_item(self) -> dict[str, Any]:
        """Give the record's fields that were found; beside a value made of words these words, as `published_raw` beside `published_at`."""
        loaded: dict[str, Any] = super().load_item()
        for field in ("byline", "published", "modified"):
            loaded.update(loaded.pop(field, {}))
        return loaded


def _first_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
