"""The fields of an export: their types, and what other vocabularies call them."""

from __future__ import annotations

from typing import Any, Final

import attrs
import pyarrow as pa

from sabah.items import SOURCE_FIELDS, Article, Image, article_schema

TIME: Final = pa.timestamp("ms", tz="UTC")
"""Parquet knows no whole seconds; milliseconds are the coarsest."""

OFFSETS: Final = {"published_at": "published_offset", "modified_at": "modified_offset"}
"""An Arrow time is an instant. What the newspaper prints beside it, `+03:00`, is a column of its own, so that nothing is lost."""

CLUSTER: Final = ("cluster", "cluster_size")
"""Of an export alone: which near-duplicates a record stands among, and how many articles they are."""

CROSSWALK: Final = {  # field: schema.org NewsArticle, zyte-common-items Article, fundus Article
    "url": ("url", "canonicalUrl", "html.responded_url"),
    "article_id": ("identifier", None, None),
    "kind": ("genre", None, None),
    "section": ("articleSection", "breadcrumbs", None),
    "subsection": (None, "breadcrumbs", None),
    "headline": ("headline", "headline", "title"),
    "standfirst": ("abstract", None, "body.summary"),
    "description": ("description", "description", None),
    "byline": ("creditText", "authors[].nameRaw", None),
    "authors": ("author", "authors[].name", "authors"),
    "agencies": ("sourceOrganization", None, None),
    "dateline": ("dateline", None, None),
    "published_at": ("datePublished", "datePublished", "publishing_date"),
    "published_raw": (None, "datePublishedRaw", None),
    "modified_at": ("dateModified", "dateModified", None),
    "modified_raw": (None, "dateModifiedRaw", None),
    "body": ("articleBody", "articleBody", "plaintext"),
    "word_count": ("wordCount", None, None),
    "keywords": ("keywords", None, "topics"),
    "images": ("image", "images", "images"),
    "videos": ("video", "videos", None),
    "related": ("relatedLink", None, None),
    "language": ("inLanguage", "inLanguage", "lang"),
    "fetched_at": (None, "metadata.dateDownloaded", "html.crawl_date"),
}
JSON_LD: Final = {"@context": "https://schema.org", "@type": "NewsArticle"}
"""First in every JSON line under schema.org's names."""

IMAGE_NAMES: Final = {"url": "url", "caption": "caption", "credit": "creditText"}
"""Fields of an image, and what schema.org/ImageObject calls them."""

_TEXTS: Final = pa.list_(pa.string())
_TYPES: Final = {
    "str": pa.string(),
    "str | None": pa.string(),
    "int": pa.int32(),
    "int | None": pa.int32(),
    "list[str]": _TEXTS,
    "list[Image]": pa.list_(pa.struct([(field.name, pa.string()) for field in attrs.fields(Image)])),
    "dict[str, str | None]": pa.struct([(name, pa.string()) for name in SOURCE_FIELDS]),
}


@attrs.frozen
class Field:
    name: str
    type: pa.DataType
    """In Parquet."""

    description: str

    @property
    def is_time(self) -> bool:
        return bool(self.type == TIME)


def _fields() -> list[Field]:
    described: dict[str, Any] = article_schema()["properties"]
    return [
        Field(
            field.name,
            TIME if field.name.endswith("_at") else _TYPES[Article.__annotations__[field.name]],
            described[field.name].get("description", ""),
        )
        for field in attrs.fields(Article)
    ]


FIELDS: Final = _fields()
"""Of the record, in its order."""

NAMES: Final = ("sabah", "schema.org")


def renamed(name: str, names: str) -> str:
    """The field as `names` calls it; by its own name where schema.org has none for it."""
    return name if names == "sabah" else CROSSWALK.get(name, (None,))[0] or name


def named_images(images: list[dict[str, Any]], names: str) -> list[dict[str, Any]]:
    """The images of a record under its own names, with the keys that `names` has for them."""
    if names == "sabah":
        return images
    return [{IMAGE_NAMES[key]: value for key, value in image.items()} for image in images]


def json_types() -> dict[str, pa.DataType]:
    """Types of the record as a JSON line has them: times are texts."""
    return {field.name: pa.string() if field.is_time else field.type for field in FIELDS}


def table_types(names: str) -> dict[str, pa.DataType]:
    """Columns of an Arrow or Parquet table, in order."""
    types: dict[str, pa.DataType] = {}
    for field in FIELDS:
        types[renamed(field.name, names)] = image_type(names) if field.name == "images" else field.type
        if field.name in OFFSETS:
            types[OFFSETS[field.name]] = pa.string()
    return types | cluster_types()


def columns(form: str, names: str) -> dict[str, pa.DataType]:
    """What a format of that form (`json`, `table`, `flat`, `database`) has of each record, in order. A time is one also where the form has it as a text."""
    types = table_types(names)
    if form == "table":
        return types
    types = {name: type_ for name, type_ in types.items() if name not in OFFSETS.values()}
    if form == "json" and names == "schema.org":
        return dict.fromkeys(JSON_LD, pa.string()) | types
    return _flat(types) if form == "flat" else types


def _flat(types: dict[str, pa.DataType]) -> dict[str, pa.DataType]:
    """A struct's parts are columns of their own, a list is a text."""
    found: dict[str, pa.DataType] = {}
    for name, type_ in types.items():
        if pa.types.is_struct(type_):
            found |= {f"{name}.{part.name}": part.type for part in type_}
        else:
            found[name] = pa.string() if pa.types.is_list(type_) else type_
    return found


def cluster_types() -> dict[str, pa.DataType]:
    return dict(zip(CLUSTER, (pa.string(), pa.int32()), strict=True))


def image_type(names: str) -> pa.DataType:
    called = IMAGE_NAMES if names == "schema.org" else {name: name for name in IMAGE_NAMES}
    return pa.list_(pa.struct([(called[field.name], pa.string()) for field in attrs.fields(Image)]))
