"""The record: what the dataset says of one article, and of one page that gave none.

Field names follow schema.org/NewsArticle where it has one. The docstring after each field is its description in the published JSON Schema.
"""

from __future__ import annotations

import copy
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import attrs
from itemadapter import ItemAdapter

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def refuse(attribute: attrs.Attribute[Any], value: object, valid: str) -> None:
    raise ValueError(f"{attribute.name}={value!r}: must be {valid}")


def text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        refuse(attribute, value, "a text that is not empty")


def count(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        refuse(attribute, value, "a whole number from 0")


def texts(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        refuse(attribute, value, "a list of texts")


def words(*valid: str) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """Some of `valid`, each at most once."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, list) or not set(map(str, value)) <= set(valid) or len(set(value)) < len(value):
            refuse(attribute, value, "a list of some of these, each once: " + ", ".join(valid))

    return check


def matches(pattern: re.Pattern[str], valid: str) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str) or not pattern.match(value):
            refuse(attribute, value, valid)

    return check


def one_of(*valid: str) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in valid:
            refuse(attribute, value, "one of " + ", ".join(valid))

    return check


def choice(*valid: str, **settings: Any) -> Any:
    """A field that holds one of `valid`, and says so in the JSON Schema; with `default=None` also null."""
    optional = "default" in settings and settings["default"] is None
    check = one_of(*valid)
    return attrs.field(
        validator=maybe(check) if optional else check,
        metadata={"json_schema_extra": {"enum": [*valid, None] if optional else list(valid)}},
        **settings,
    )


timestamp = matches(_TIMESTAMP, "ISO 8601 with seconds and offset, like 2021-09-14T10:51:00+03:00")
digest = matches(_DIGEST, "a SHA-256 in 64 hexadecimal digits")
address = matches(re.compile(r"https?://[^\s/]+/"), "an absolute http(s) address")
maybe = attrs.validators.optional


KINDS: Final = ("article", "column", "op-ed", "editorial", "readers-corner", "video", "gallery")
LAYOUTS: Final = ("2020", "legacy", "amp", "generic")
PRECISIONS: Final = ("minute", "day")
ZONE_SOURCES: Final = ("printed", "page", "assumed")
ORIGINS: Final = ("live", "replica", "archive")
SOURCE_FIELDS: Final = (
    "headline", "byline", "dateline", "published_at", "modified_at", "body", "keywords", "images", "related",
)  # fmt: skip
SOURCES: Final = ("css", "text", "meta", "json-ld", "address", "feed")
MARKS: Final = {
    "text_outside_its_box": "text of the article stood outside the boxes that its layout has for text; it is in `body`",
    "text_may_be_short": "part of the page could not be told from furniture and was left out of `body`",
    "answer_cut": "the answer or the capture ended before its page did, and was taken as it is",
    "date_not_printed": "the page prints no date that could be read; `published_at` is from metadata, a feed or the address",
    "dates_disagree": "what the page prints and what its metadata say are different instants",
    "headline_disagrees": "the printed headline and that of the metadata are not the same",
    "canonical_disagrees": "the page names another article of the newspaper as its own address, which its text does not bear out",
    "encoding_mended": "bytes that the page's declared encoding does not have were read by another",
}
"""Doubts of the reader, the words of `Article.marks`. Words may be added; none is ever given another meaning."""

SCHEMA_VERSION: Final = 2
READABLE_VERSIONS: Final = (1, 2)
"""Versions of stored lines that are read. A line of version 1 lacks the fields of `ADDED`."""

ADDED: Final = ("moved_to", "canonical_elsewhere", "marks")
"""Fields that version 2 added, in the order of the record, where they are last."""

KINDS_WITHOUT_TEXT: Final = frozenset({"video", "gallery"})
"""Kinds whose record may have no body."""

T = TypeVar("T", "Article", "Image")


@attrs.define(kw_only=True)
class Image:
    url: str = attrs.field(validator=text)
    """Address as the page gives it; of a lazy image the one it loads later."""

    caption: str | None = attrs.field(default=None, validator=maybe(text))
    """Text under the image, without the credit."""

    credit: str | None = attrs.field(default=None, validator=maybe(text))
    """What stands in the caption's final brackets, without them: `Kremlin Pool Photo via AP`."""


def _images(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(one, Image) for one in value):
        refuse(attribute, value, "a list of Image")


def _sources(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, dict) or tuple(value) != SOURCE_FIELDS:
        refuse(attribute, value, "a mapping with the keys " + ", ".join(SOURCE_FIELDS))
    elif not all(one is None or one in SOURCES for one in value.values()):
        refuse(attribute, value, "a mapping to null or one of " + ", ".join(SOURCES))


@attrs.define(kw_only=True)
class Article:
    """One revision of one article, as read from one page. Every assignment to a field is checked; a list that is changed in place is not."""

    __json_schema_extra__: ClassVar[dict[str, Any]] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Article",
    }

    url: str = attrs.field(validator=address)
    """Canonical address: https, www, no /amp, no query or fragment. With `revision` and `reading` the record's key."""

    article_id: str | None = attrs.field(default=None, validator=maybe(text))
    """The CMS's number of the article, where the page's metadata gives it."""

    kind: str = choice(*KINDS)
    """`article`, `column`, `op-ed`, `editorial`, `readers-corner`, `video` or `gallery`; from the address."""

    section: str | None = attrs.field(default=None, validator=maybe(text))
    """Slug in today's section tree, old and alias names resolved; null for a page of another newspaper."""

    subsection: str | None = attrs.field(default=None, validator=maybe(text))
    """Slug in today's section tree; null where the article stands in the section itself."""

    headline: str = attrs.field(validator=text)
    """One line, trimmed."""

    standfirst: str | None = attrs.field(default=None, validator=maybe(text))
    """The spot under the headline, where the article has one."""

    description: str | None = attrs.field(default=None, validator=maybe(text))
    """Teaser from the page's metadata or from the feed."""

    byline: str | None = attrs.field(default=None, validator=maybe(text))
    """As printed, without "by"."""

    authors: list[str] = attrs.field(factory=list, validator=texts)
    """Persons named in the byline, as printed, in its order."""

    agencies: list[str] = attrs.field(factory=list, validator=texts)
    """Agencies and newspapers named in the byline, one spelling each: `Associated Press`, `Anadolu Agency`, `Daily Sabah`."""

    dateline: str | None = attrs.field(default=None, validator=maybe(text))
    """City as printed: `DAMASCUS`."""

    published_at: str | None = attrs.field(default=None, validator=maybe(timestamp))
    """ISO 8601 with seconds and offset: `2021-09-14T10:51:00+03:00`. Never null in a stored record."""

    published_precision: str | None = choice(*PRECISIONS, default=None)
    """`minute`, or `day` where the printed time is a slot of the print edition or no time is printed."""

    published_raw: str | None = attrs.field(default=None, validator=maybe(text))
    """The date as printed: `Sep 14, 2021 - 10:51 am GMT+3`."""

    modified_at: str | None = attrs.field(default=None, validator=maybe(timestamp))
    """ISO 8601 with seconds and offset, from Last Update; or from metadata whose publication, beside it, is the printed one."""

    modified_raw: str | None = attrs.field(default=None, validator=maybe(text))
    """The date of the last update as printed."""

    zone_source: str | None = choice(*ZONE_SOURCES, default=None)
    """How the offset of `published_at` is known: `printed` with it, `page` (another date of the page prints it), or `assumed` (Europe/Istanbul on that date)."""

    body: str | None = attrs.field(default=None, validator=maybe(text))
    """Paragraphs and sub-headings joined by a blank line; no captions, cards or notices. Null only for `video` and `gallery`."""

    word_count: int = attrs.field(default=0, validator=count)
    """Words of the body, divided at blanks; 0 without a body."""

    keywords: list[str] = attrs.field(factory=list, validator=texts)
    """Trimmed, lower case (`I` and `İ` give `i`), no repeats, in page order."""

    images: list[Image] = attrs.field(factory=list, validator=_images)
    """Hero first, then those inside the body."""

    videos: list[str] = attrs.field(factory=list, validator=texts)
    """Addresses of embedded players, in page order."""

    related: list[str] = attrs.field(factory=list, validator=texts)
    """Canonical addresses in the RECOMMENDED boxes, merged, in page order."""

    language: str = choice("en", default="en")
    """`en`: the English edition."""

    layout: str = choice(*LAYOUTS)
    """Which layout of the page was read: `2020`, `legacy`, `amp`, or `generic` (not recognised; from metadata and a general extractor)."""

    sources: dict[str, str | None] = attrs.field(validator=_sources)
    """Where each field was read: `css`, `text` (a printed label or the structure), `meta`, `json-ld`, `address`, `feed`; null where it is absent."""

    text_hash: str = attrs.field(validator=digest)
    """SHA-256 of headline and body, normalised: equal for the same text."""

    revision_hash: str = attrs.field(validator=digest)
    """SHA-256 of headline, standfirst, byline, dateline, published_raw, body, keywords, captions and credits: equal for the same revision."""

    revision: int = attrs.field(default=1, validator=count)
    """Counts the newspaper's changes to the article, from 1."""

    reading: int = attrs.field(default=1, validator=count)
    """Counts this project's readings of one snapshot, from 1."""

    duplicate_of: str | None = attrs.field(default=None, validator=maybe(address))
    """Address first stored with the same `text_hash`."""

    found_on: str | None = attrs.field(default=None, validator=maybe(address))
    """Canonical address of the listing, feed or article that named this one."""

    first_seen_at: str | None = attrs.field(default=None, validator=maybe(timestamp))
    """When the address was first heard of: ISO 8601, UTC."""

    fetched_at: str | None = attrs.field(default=None, validator=maybe(timestamp))
    """When the page was fetched: ISO 8601, UTC."""

    status: int | None = attrs.field(default=None, validator=maybe(count))
    """HTTP status of the page."""

    origin: str | None = choice(*ORIGINS, default=None)
    """Where the bytes came from: `live`, `replica` or `archive`."""

    crawl_id: str | None = attrs.field(default=None, validator=maybe(text))
    """The run that stored the record."""

    snapshot: str | None = attrs.field(default=None, validator=maybe(text))
    """The raw page: `file.warc.gz:offset`."""

    reader_version: str = attrs.field(validator=text)
    """Version of sabah that read the page."""

    schema_version: int = attrs.field(
        default=SCHEMA_VERSION,
        validator=attrs.validators.in_((SCHEMA_VERSION,)),
        metadata={"json_schema_extra": {"enum": list(READABLE_VERSIONS)}},
    )
    """Version of this schema: 2. A line of version 1 lacks `moved_to`, `canonical_elsewhere` and `marks`."""

    withdrawn_at: str | None = attrs.field(default=None, validator=maybe(timestamp))
    """When the newspaper was seen to have withdrawn the article; such a line repeats the last revision."""

    captured_at: str | None = attrs.field(default=None, validator=maybe(timestamp))
    """When the web archive captured the page, where `origin` is `archive`: ISO 8601, UTC."""

    moved_to: str | None = attrs.field(default=None, validator=maybe(address))
    """Canonical address at which a withdrawn article stands now, where the newspaper moved it; null in every other line."""

    canonical_elsewhere: str | None = attrs.field(default=None, validator=maybe(text))
    """The page's canonical link as it says it, where that names another site; null where it names the newspaper or nothing."""

    marks: list[str] = attrs.field(
        factory=list,
        validator=words(*MARKS),
        metadata={"json_schema_extra": {"items": {"type": "string", "enum": list(MARKS)}}},
    )
    """Doubts of the reader about this record, in fixed words, each once: `text_outside_its_box` and others; mostly empty."""


# A line lacks no key of its version.
Article.__json_schema_extra__ |= {
    "required": [field.name for field in attrs.fields(Article) if field.name not in ADDED],
    "if": {"properties": {"schema_version": {"const": SCHEMA_VERSION}}},
    "then": {"required": list(ADDED)},
}


def article_schema() -> dict[str, Any]:
    """The JSON Schema of a line of the dataset; published as `sabah/article.schema.json`."""
    return ItemAdapter.get_json_schema(Article)


def copied(record: T) -> T:
    """A copy that shares nothing with the record which anyone could change in place; nothing is checked."""
    made = object.__new__(type(record))
    for field in attrs.fields(type(record)):
        value = getattr(record, field.name)
        if isinstance(value, list):
            value = [copied(one) if isinstance(one, Image) else copy.copy(one) for one in value]
        elif isinstance(value, dict):
            value = dict(value)
        # Past the validators: they take ten times as long as the rest.
        object.__setattr__(made, field.name, value)
    return made


def what_is_missing(article: Article) -> str | None:
    """What keeps a record from being stored; None when nothing does."""
    if article.published_at is None:
        return "no date"
    if article.body is None and article.kind not in KINDS_WITHOUT_TEXT:
        return "no body"
    return None


FINAL: Final = (
    re.compile(r"\S+ is the address of an? [\w -]+ page"),
    re.compile(r"'[^']*' is no absolute http\(s\) address of a page"),
)
"""Reasons that another look at the same address cannot change, because the address alone decides them. Whatever a page, an answer or a redirect says can change, and has."""


def is_final(reason: str) -> bool:
    """Whether a page that was refused for this reason is refused for good at once."""
    return any(one.fullmatch(reason) for one in FINAL)


def as_of(record: Article) -> str | None:
    """Of when the article is that a record shows: what orders the history of an article, whatever the numbers of its revisions."""
    return record.withdrawn_at or record.captured_at or record.fetched_at


@attrs.frozen(kw_only=True)
class Refusal:
    """A page that was asked for as an article and gave no record; one line of `rejected.jsonl`."""

    url: str
    """Canonical address asked for."""

    reason: str
    """What was missing or wrong, in one sentence."""

    status: int | None = None
    """HTTP status of the page."""

    found_on: str | None = None
    """What named the address."""

    fetched_at: str | None = None
    """ISO 8601, UTC."""

    crawl_id: str | None = None
    """The run that asked."""

    snapshot: str | None = None
    """The raw page: `file.warc.gz:offset`."""


FILE = "article.schema.json"


def published() -> str:
    """The schema as it is in the package, a JSON text."""
    return files("sabah").joinpath(FILE).read_text("utf-8")


def current() -> str:
    """The schema as it follows from the record's class, in the form in which it is published."""
    return json.dumps(article_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(current(), "utf-8")
