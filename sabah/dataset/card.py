"""Describe an export: README.md for dataset hubs, Croissant, and the manifest with the sum of every file."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import attrs
import jinja2
import orjson
import pyarrow as pa

from sabah import __version__
from sabah.dataset import fields
from sabah.items import SCHEMA_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.batches import Shape
    from sabah.dataset.filters import Filters
    from sabah.dataset.formats import Format
    from sabah.dataset.selection import Chosen

_SIZES: Final = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"), (10**12, "n>10M"),
)  # fmt: skip
_PREFERRED: Final = ("hf", "parquet", "jsonl", "jsonl.zst", "csv")
"""Formats that `datasets` loads; of several in one export the first of these."""


def card(export: Export) -> str:
    """Markdown. What is in it comes from the ledger's counts and the command line, never from an article's text."""
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)  # noqa: S701 - Markdown; what users typed passes `_code`
    environment.filters["code"] = _code
    template = environment.from_string(files("sabah.dataset").joinpath("card.md").read_text("utf-8"))
    described = [(name, *_described(name, export)) for name in fields.table_types(export.shape.names)]
    return template.render(
        export=export, chosen=export.chosen, version=__version__, schema=SCHEMA_VERSION, described=described,
        filters=json.dumps(export.filters.as_json(), ensure_ascii=False),
    )  # fmt: skip


def front_matter(export: Export) -> str:
    """YAML, each value in its JSON form, which YAML includes."""
    configs, infos = [], []
    # All configurations of a folder share one loader, so that one format can be loaded by it.
    by_name = {format_.name: format_ for format_ in export.formats}
    for format_ in [by_name[name] for name in _PREFERRED if name in by_name][:1]:
        own = export.of(format_)
        size = sum(file.bytes for file in own)
        configs.append(
            {"config_name": "default", "data_files": [{"split": "train", "path": [file.path for file in own]}]}
        )
        infos.append(
            {
                "config_name": "default",
                "features": features(format_, export),
                "splits": [{"name": "train", "num_bytes": size, "num_examples": sum(file.rows for file in own)}],
                "download_size": size,
                "dataset_size": size,
            }
        )
    block: dict[str, Any] = {
        "pretty_name": f"Daily Sabah (English): {export.name}",
        "language": ["en"],
        "license": "other",
        "license_name": "no-licence-to-republish",
        "license_link": "https://www.dailysabah.com/",
        "size_categories": [next(name for most, name in _SIZES if export.chosen.rows < most)],
        "source_datasets": ["original"],
        "annotations_creators": ["no-annotation"],
        "language_creators": ["found"],
        "task_categories": ["text-classification", "text-generation"],
        "tags": ["news", "turkey", "time-stamped"],
        "configs": configs,
        "dataset_info": infos,
    }
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in block.items() if value)
    return "---\n" + "\n".join(lines) + "\n---\n"


def features(format_: Format, export: Export) -> list[dict[str, Any]]:
    """The fields of a format as `datasets` describes them."""
    types = fields.columns(format_.form, export.shape.names)
    if format_.form != "table":
        types = {name: pa.string() if type_ == fields.TIME else type_ for name, type_ in types.items()}
    return [{"name": name, **_feature(type_)} for name, type_ in types.items()]


def _feature(type_: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(type_):
        inner = _feature(type_.value_type)
        return {"list": inner.get("struct") or inner["dtype"]}
    if pa.types.is_struct(type_):
        return {"struct": [{"name": part.name, **_feature(part.type)} for part in type_]}
    return {"dtype": str(type_)}


def _described(name: str, export: Export) -> tuple[str, str]:
    types = fields.table_types(export.shape.names)
    printed = re.sub(r"list<(?:element|item): ", "list<", str(types[name]))
    return printed, description(name, export.shape.names)


def description(name: str, names: str) -> str:
    """What a column means, in a sentence or two."""
    for field in fields.FIELDS:
        if fields.renamed(field.name, names) == name:
            return " ".join(field.description.split())
    return _OWN[name]


_OWN: Final = {
    "@context": "The vocabulary that the names are of.",
    "@type": "What the record is in it.",
    "published_offset": "The offset of the publication date as the newspaper prints it: `+03:00`.",
    "modified_offset": "The offset of the last update as the newspaper prints it.",
    "cluster": "Articles with nearly the same body share it; from the address of the one published first.",
    "cluster_size": "How many articles of the export do; 1: no other.",
}


def _code(text: str) -> str:
    """As a Markdown code span that its content cannot end: for what users typed."""
    shown = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
    ticks = "`"
    while ticks in shown:
        ticks += "`"
    return f"{ticks} {shown} {ticks}" if "`" in shown else f"`{shown}`"


@attrs.frozen(kw_only=True)
class File:
    """A data file of the export."""

    path: str
    format: str
    rows: int
    bytes: int
    sha256: str


@attrs.frozen(kw_only=True)
class Export:
    """Everything that describes an export."""

    name: str
    filters: Filters
    shape: Shape
    formats: tuple[Format, ...]
    chosen: Chosen
    readers: dict[str, int]
    """Rows by the version of sabah that read the page."""

    files: list[File]
    threshold: float
    """From which on two texts are near-duplicates."""

    def of(self, format_: Format) -> list[File]:
        return [file for file in self.files if file.format == format_.name]


def manifest(export: Export) -> dict[str, Any]:
    chosen = export.chosen
    return {
        "name": export.name,
        "schema_version": SCHEMA_VERSION,
        "sabah_version": __version__,
        "names": export.shape.names,
        "filters": export.filters.as_json(),
        "near_duplicates": {"threshold": export.threshold},
        "counts": {
            "rows": chosen.rows,
            "articles": chosen.articles,
            "duplicates": None if export.shape.keep_duplicates else chosen.duplicates,
            "duplicates_left_out": chosen.dropped,
            "withdrawn_left_out": chosen.withdrawn,
            "moved_left_out": chosen.moved,
            "by": chosen.by,
        },
        "published": {"first": chosen.first, "last": chosen.last},
        "stored_until": chosen.as_of,
        "runs": chosen.runs,
        "reader_versions": export.readers,
        "files": [attrs.asdict(file) for file in export.files],
    }


def write_json(path: Path, value: Any) -> None:
    """Two blanks an indent, UTF-8. Raises OSError."""
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


_CR: Final = "http://mlcommons.org/croissant/"
_CROISSANT_OWN: Final = (
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
    **{name: f"cr:{name}" for name in _CROISSANT_OWN},
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
