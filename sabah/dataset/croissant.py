"""`croissant.json`: the files and fields of an export in MLCommons' Croissant 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from sabah.dataset import fields
from sabah.dataset.card import description
from sabah.items import SCHEMA_VERSION

if TYPE_CHECKING:
    from sabah.dataset.formats import Format
    from sabah.dataset.manifest import Export

_CR: Final = "http://mlcommons.org/croissant/"
_OWN: Final = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes",
    "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace",
    "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": _CR,
    "rai": f"{_CR}RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _OWN},
}
READABLE: Final = frozenset({"jsonl", "csv", "parquet", "hf"})
"""Formats whose records Croissant's own library reads; the others are described as files."""


def croissant(export: Export) -> dict[str, Any]:
    """JSON-LD; its `datePublished` is when the latest record was stored, and absent where there is none."""
    readable = [one for one in export.formats if one.name in READABLE]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": f"{_CR}1.0",
        "name": export.name,
        "description": f"{export.chosen.rows:,} records of the English edition of the newspaper Daily Sabah, with dates, sources and provenance.",
        "url": "https://www.dailysabah.com/",
        "license": "No licence to republish: the articles belong to the newspaper and its agencies.",
        "citeAs": f"Daily Sabah (English), collected with sabah: {export.name}",
        "inLanguage": "en",
        "version": f"{SCHEMA_VERSION}.0.0",
        **({"datePublished": export.chosen.as_of[:10]} if export.chosen.as_of else {}),
        "distribution": [part for format_ in export.formats for part in _distribution(format_, export)],
        "recordSet": [_record_set(format_, export, single=len(readable) == 1) for format_ in readable],
    }


def _distribution(format_: Format, export: Export) -> list[dict[str, Any]]:
    files = export.of(format_)
    objects: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject", "@id": file.path, "name": file.path, "contentUrl": file.path, "contentSize": f"{file.bytes} B",
            "encodingFormat": format_.media_type, "sha256": file.sha256,
        }
        for file in files
    ]  # fmt: skip
    if len(files) < 2:
        return objects
    shards = {
        "@type": "cr:FileSet", "@id": f"{format_.name}-files", "name": f"{format_.name}-files", "encodingFormat": format_.media_type,
        "includes": f"{format_.stem}-*.{format_.extension}",
    }  # fmt: skip
    return [*objects, shards]


def _record_set(format_: Format, export: Export, *, single: bool) -> dict[str, Any]:
    name = "articles" if single else f"articles-{format_.name}"
    files, shape = export.of(format_), export.shape
    source = (
        {"fileObject": {"@id": files[0].path}} if len(files) == 1 else {"fileSet": {"@id": f"{format_.name}-files"}}
    )
    types = fields.columns(format_.form, shape.names)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [_field(name, column, type_, source, shape.names) for column, type_ in types.items()],
    }


def _field(record_set: str, column: str, type_: pa.DataType, source: dict[str, Any], names: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column}",
        "name": column,
        "description": description(column.partition(".")[0], names),
    }
    from_column = {**source, "extract": {"column": column}}
    inner = type_.value_type if pa.types.is_list(type_) else type_
    if pa.types.is_struct(inner):
        field["subField"] = [
            {
                "@type": "cr:Field",
                "@id": f"{record_set}/{column}/{part.name}",
                "name": part.name,
                "dataType": "sc:Text",
                "source": {**from_column, "transform": {"jsonPath": part.name}},
            }
            for part in inner
        ]
    else:
        field |= {"dataType": _data_type(inner), "source": from_column}
    return field | ({"repeated": True} if pa.types.is_list(type_) else {})


def _data_type(type_: pa.DataType) -> str:
    if pa.types.is_integer(type_):
        return "sc:Integer"
    return "sc:DateTime" if type_ == fields.TIME else "sc:Text"
