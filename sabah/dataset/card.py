"""`README.md`: the dataset card, with the block of metadata that dataset hubs read."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import jinja2
import pyarrow as pa

from sabah import __version__
from sabah.dataset import fields
from sabah.items import SCHEMA_VERSION

if TYPE_CHECKING:
    from sabah.dataset.formats import Format
    from sabah.dataset.manifest import Export

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
